import zipfile

from django.core.management.base import BaseCommand, CommandError

from guichet.audit.models import Line
from victims import verifier
from victims.models import Dossier
from victims.services import late_stamps, seals
from victims.services.bundle import EXPORTED


class Command(BaseCommand):
    help = "Say whether a bundle is intact and was made here, or exactly what was changed in it."

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *args, file, **options):
        report = verifier.verify(file)
        if report.key and report.key not in seals.public_keys():
            report.problems.append(f"{verifier.SIGNATURE} : signé par une autre clé que celle du guichet.")
        if report.manifest and not self._known(report):
            report.problems.append("Le journal du guichet ne connaît pas ce manifeste.")
        if report.intact:
            report.problems += self._wrong_dates(file, report.manifest["files"])
        report.notes = [] if report.intact else report.notes
        for line in verifier.lines_of(report):
            self.stdout.write(line)
        if not report.intact:
            raise CommandError("Le dossier emporté n'est pas intact.")

    def _wrong_dates(self, file, files) -> list[str]:
        """The signature of each date of a third party, which the stand-alone verifier does not look at."""
        digests, wrong = {each["path"]: each["sha256"] for each in files}, []
        with zipfile.ZipFile(file) as archive:
            for each in files:
                if each["role"] != verifier.STAMP:
                    continue
                try:
                    late_stamps.check(archive.read(each["path"]), digests[each["of"]])
                except late_stamps.NotADate:
                    wrong.append(f"{each['path']} : la signature de cette date ne tient pas.")
        return wrong

    def _known(self, report) -> bool:
        dossier = Dossier.objects.filter(reference=report.manifest.get("dossier", "")).first()
        if dossier is None:
            return False
        lines = Line.objects.filter(chain=dossier.chain, verb=EXPORTED).values_list("detail", flat=True)
        return any(detail.get("manifeste") == report.manifest_sha256 for detail in lines)
