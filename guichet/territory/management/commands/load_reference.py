"""Load the communes, the services and the competence that come with the project."""

import time

from django.core.management.base import BaseCommand
from django.utils import timezone

from guichet.territory.loading.reference import load_reference


class Command(BaseCommand):
    help = "Charge les communes, les services et la compétence fournis avec le projet (sans effet si c’est déjà fait)."

    def handle(self, *args, **options):
        start = time.monotonic()
        reports = load_reference(day=timezone.localdate(), progress=self.stdout.write)
        if not reports:
            self.stdout.write("Données de référence : déjà à jour.")
            return
        figures = " ".join(
            f"{report.topic}_{name}={count}" for report in reports for name, count in report.counts.items() if count
        )
        self.stdout.write(f"{figures} seconds={time.monotonic() - start:.1f}")
