import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from guichet.directory import loading, made_up
from guichet.directory.models import Provider

SHOWN = 40


class Command(BaseCommand):
    help = "Charge des prestataires depuis un CSV, ou en invente pour la démonstration (--invent 1600)."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, nargs="?", help="fichier CSV, colonnes séparées par des points-virgules")
        parser.add_argument("--dry-run", action="store_true", help="dire ce qui serait ajouté, sans rien écrire")
        parser.add_argument(
            "--listed", default="", metavar="RAISON", help="vérifiés avant : référencés pour cette raison"
        )
        parser.add_argument("--actor", default="", metavar="NUMERO", help="numéro de service de l’agent qui charge")
        parser.add_argument(
            "--invent", type=int, default=0, metavar="N", help="N prestataires inventés (démonstration)"
        )
        parser.add_argument("--seed", type=int, default=1, help="graine des prestataires inventés")

    def handle(self, *args, file, dry_run, listed, actor, invent, seed, **options):
        if bool(file) == bool(invent):
            raise CommandError("Donnez un fichier, ou --invent N.")
        if invent:
            self._invent(invent, seed)
            return
        if listed and not actor:
            raise CommandError("Dites qui les a vérifiés : --actor, le numéro de service de l’agent.")
        try:
            content = file.read_bytes()
            done = loading.load(
                content,
                actor=f"agent:{actor}" if actor else "système",
                listed=bool(listed),
                reason=listed,
                dry_run=dry_run,
            )
        except (OSError, loading.NotReadable) as error:
            raise CommandError(str(error)) from error
        if done.faults:
            for fault in done.faults[:SHOWN]:
                self.stderr.write(fault)
            raise CommandError(f"{len(done.faults)} erreurs : rien n’a été écrit.")
        if dry_run:
            self.stdout.write("Essai : rien n’a été écrit.")
        sha256 = hashlib.sha256(content).hexdigest()
        self.stdout.write(f"added={len(done.added)} known={done.known} sha256={sha256}")

    def _invent(self, count: int, seed: int) -> None:
        if not settings.DEMO:
            raise CommandError("GUICHET_DEMO n’est pas actif : pas de prestataires inventés ici.")
        added = made_up.make(count, seed=seed)
        invented = Provider.objects.filter(invented=True).count()
        self.stdout.write(f"added={added} invented={invented} seed={seed}")
