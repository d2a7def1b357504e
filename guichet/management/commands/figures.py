"""Publish the observatory's figures, or look a second time at everything published."""

from django.core.management.base import BaseCommand, CommandError

from guichet.figures_tables import TABLES
from guichet.observatory import publishing


class Command(BaseCommand):
    help = "Chiffres de l'observatoire : « publish » publie ce qui est fini, « check » recalcule tout et compare."

    def add_arguments(self, parser) -> None:
        parser.add_argument("action", choices=["publish", "check"])

    def handle(self, *args, action: str, **options) -> None:
        if action == "publish":
            done = publishing.publish(TABLES)
            self.stdout.write(f"new={done['new']} revised={done['revised']}")
            return
        found = publishing.check(TABLES)
        for problem in found.problems:
            self.stdout.write(problem)
        words = f"tables={len(TABLES)} publications={found.publications} figures={found.figures}"
        self.stdout.write(f"{words} differences={len(found.problems)}")
        if found.problems:
            raise CommandError("Des chiffres publiés ne se retrouvent pas.")
