"""`manage.py tree check|graph|paths|publish|export`: the question tree, checked, drawn, walked, published, exported."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from diagnostic import content, graph, recorded, references, validator
from diagnostic.compiler import compile_document
from diagnostic.editing import services, stored
from diagnostic.editing.examine import examine
from diagnostic.editing.exceptions import EditingRefused
from diagnostic.exceptions import ContentError, Problem
from diagnostic.models import TreeVersion
from diagnostic.prevention import checks as prevention
from diagnostic.prevention import texts


class Command(BaseCommand):
    help = "Vérifie, dessine, parcourt ou exporte l'arbre de diagnostic."
    # The command names the faults of the content itself; the system check would stop it before.
    requires_system_checks = []

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        checking = actions.add_parser("check", help="Problèmes du contenu ; dernière ligne : les chiffres.")
        checking.add_argument("--warnings", action="store_true", help="Dit aussi les phrases longues et l'invérifié.")
        drawing = actions.add_parser("graph", help="L'arbre en texte DOT ou Mermaid.")
        drawing.add_argument("--version", type=int, dest="number", help="Numéro de version, au lieu de la publiée.")
        drawing.add_argument("--format", choices=["dot", "mermaid"], default="dot")
        walking = actions.add_parser("paths", help="Rejoue les parcours enregistrés.")
        walking.add_argument("--words", action="store_true", help="Dit aussi les mots qui ont changé.")
        actions.add_parser("export", help="Tout le contenu publié, en JSON.")
        publishing = actions.add_parser("publish", help="Publie un export, ou une version antérieure.")
        publishing.add_argument("file", nargs="?", type=Path, help="Fichier JSON (manage.py tree export).")
        publishing.add_argument("--version", type=int, dest="number", help="Numéro d'une version déjà publiée.")
        publishing.add_argument("--files", action="store_true", help="Le contenu livré avec le logiciel.")
        publishing.add_argument("--keep-journeys", action="store_true", help="Les parcours en cours se terminent.")

    def handle(self, *args, action, **options):
        try:
            getattr(self, f"run_{action}")(**options)
        except ContentError as error:
            for problem in error.problems:
                self.stdout.write(str(problem))
            if action == "publish":
                raise CommandError(str(error)) from error
            if action == "check":
                self.stdout.write("threats=0 reachable=0 dead_ends=0 loops=0 longest=0")
            raise CommandError(f"{len(error.problems)} problème(s) dans le contenu.") from error

    def run_check(self, **options):
        document = content.read()
        catalogue, sheets = compile_document(document), texts.read()
        report = validator.validate(catalogue)
        found = [*report.problems, *references.problems(catalogue), *prevention.problems(catalogue, sheets)]
        if options.get("warnings"):
            warnings = [Problem(each.file, each.key, each.message) for each in examine(document).warnings]
            for each in (*warnings, *prevention.long_sentences(sheets)):
                self.stdout.write(f"avertissement : {each}")
        for problem in found:
            self.stdout.write(str(problem))
        self.stdout.write(report.line())
        if found:
            raise CommandError(f"{len(found)} problème(s) dans le contenu.")

    def run_graph(self, **options):
        drawn = {"dot": graph.dot, "mermaid": graph.mermaid}[options["format"]]
        number = options.get("number")
        catalogue = content.published()
        if number is not None:
            row = TreeVersion.objects.filter(number=number).first()
            if row is None:
                raise CommandError(f"Il n'y a pas de version {number}.")
            catalogue = compile_document(services.document_of(row))
        self.stdout.write(drawn(catalogue))

    def run_paths(self, **options):
        catalogue = compile_document(content.read())
        journeys = recorded.read()
        failed = 0
        for journey in journeys:
            found = list(recorded.faults(catalogue, journey))
            failed += bool(found)
            for fault in found:
                self.stdout.write(f"{journey.file}: {journey.id}: {fault}")
            for words in recorded.rewordings(catalogue, journey) if options["words"] else ():
                self.stdout.write(f"{journey.file}: {journey.id}: {words}")
        self.stdout.write(f"journeys={len(journeys)} failed={failed}")
        if failed:
            raise CommandError(f"{failed} parcours ne mènent plus au même endroit.")

    def run_export(self, **options):
        self.stdout.write(json.dumps(stored.exported(self._published()), ensure_ascii=False, indent=1))

    def _published(self) -> content.Document:
        """Without a database, the files are what is published."""
        try:
            return services.published_document()
        except DatabaseError:
            return content.read()

    def run_publish(self, *, file, number, files, keep_journeys, **options):
        if sum((file is not None, number is not None, files)) != 1:
            raise CommandError("Donner un fichier, ou --version NUMÉRO, ou --files.")
        try:
            if number is not None:
                version = services.republish(number=number, withdraw=not keep_journeys)
            else:
                document = content.read() if files else stored.imported(file.read_text())
                version = services.publish_document(document=document, note=file.name if file else "")
        except TreeVersion.DoesNotExist as error:
            raise CommandError(f"Il n'y a pas de version {number}.") from error
        except (EditingRefused, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        at = version.published_at.isoformat()
        self.stdout.write(f"version={version.number} label={version.label} hash={version.hash} at={at}")
