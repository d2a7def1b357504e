"""`manage.py tree check|graph|paths|export`: the question tree, checked, drawn, walked and exported."""

import json

from django.core.management.base import BaseCommand, CommandError

from diagnostic import content, graph, recorded, validator
from diagnostic.compiler import compile_document
from diagnostic.exceptions import ContentError


class Command(BaseCommand):
    help = "Vérifie, dessine, parcourt ou exporte l'arbre de diagnostic."
    # The command names the faults of the content itself; the system check would stop it before.
    requires_system_checks = []

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("check", help="Problèmes du contenu ; dernière ligne : les chiffres.")
        drawing = actions.add_parser("graph", help="L'arbre en texte DOT ou Mermaid.")
        drawing.add_argument("--format", choices=["dot", "mermaid"], default="dot")
        walking = actions.add_parser("paths", help="Rejoue les parcours enregistrés.")
        walking.add_argument("--words", action="store_true", help="Dit aussi les mots qui ont changé.")
        actions.add_parser("export", help="Tout le contenu, en JSON.")

    def handle(self, *args, action, **options):
        try:
            getattr(self, f"run_{action}")(**options)
        except ContentError as error:
            for problem in error.problems:
                self.stdout.write(str(problem))
            if action == "check":
                self.stdout.write("threats=0 reachable=0 dead_ends=0 loops=0 longest=0")
            raise CommandError(f"{len(error.problems)} problème(s) dans le contenu.") from error

    def run_check(self, **options):
        report = validator.validate(compile_document(content.read()))
        for problem in report.problems:
            self.stdout.write(str(problem))
        self.stdout.write(report.line())
        if report.problems:
            raise CommandError(f"{len(report.problems)} problème(s) dans l'arbre.")

    def run_graph(self, **options):
        drawn = {"dot": graph.dot, "mermaid": graph.mermaid}[options["format"]]
        self.stdout.write(drawn(compile_document(content.read())))

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
        document = content.read()
        self.stdout.write(json.dumps({"version": document.version, **document.data}, ensure_ascii=False, indent=1))
