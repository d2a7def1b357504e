from django.core.management.base import BaseCommand

from victims.services.retention import purge


class Command(BaseCommand):
    help = "Delete what the retention schedule (victims/content/retention.yaml) no longer lets us keep."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="count, delete nothing")

    def handle(self, *args, **options):
        done = purge(dry=options["dry_run"])
        words = "would delete" if options["dry_run"] else "deleted"
        self.stdout.write(words + " " + " ".join(f"{kind}={n}" for kind, n in sorted(done.items())))
