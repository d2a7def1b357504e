from django.core.management.base import BaseCommand, CommandError

from guichet.audit.models import Chain, Line
from guichet.audit.services import verify_all


class Command(BaseCommand):
    help = "Verify every chain of the audit journal; the last line gives the figures."

    def handle(self, *args, **options):
        problems = list(verify_all())
        for problem in problems:
            self.stderr.write(problem)
        self.stdout.write(f"chains={Chain.objects.count()} lines={Line.objects.count()} broken={len(problems)}")
        if problems:
            raise CommandError("Le journal a été altéré.")
