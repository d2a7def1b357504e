from django.core.management.base import BaseCommand, CommandError

from diagnostic.prevention import subscriptions
from guichet.accounts import services as accounts
from victims.services.keys import rotate_keys, rotate_marks, rotate_series


class Command(BaseCommand):
    help = (
        "Wrap every key again with the first of GUICHET_KEKS, and mark the traces again with the first of "
        "GUICHET_TRACE_KEYS. Then the old ones can be withdrawn."
    )

    def handle(self, *args, **options):
        done, unreadable = rotate_keys()
        series, marks = rotate_series(), rotate_marks()
        subscribers, closed = subscriptions.rotate()
        factors, sealed = accounts.rotate()
        self.stdout.write(
            f"rewrapped={done} unreadable={unreadable} series={series} "
            f"remarked={marks['dossiers']} left={marks['left']} "
            f"subscriptions={subscribers} subscriptions_unreadable={closed} "
            f"factors={factors} factors_unreadable={sealed}"
        )
        if marks["left"]:
            self.stderr.write("Some traces are known under the old key only: keep it in GUICHET_TRACE_KEYS.")
        if unreadable or closed or sealed:
            raise CommandError("Some keys do not open: keep the old KEK in GUICHET_KEKS.")
