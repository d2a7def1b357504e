from django.core.management.base import BaseCommand, CommandError

from guichet.doctor import findings


class Command(BaseCommand):
    help = "Say whether each part answers and what is missing."

    def handle(self, *args, **options):
        found = list(findings())
        for finding in found:
            self.stdout.write(f"{'oui' if finding.good else 'NON'}  {finding.part:<16} {finding.says}")
        bad = sum(not finding.good for finding in found)
        self.stdout.write(f"parts={len(found)} bad={bad}")
        if bad:
            raise CommandError("Quelque chose manque.")
