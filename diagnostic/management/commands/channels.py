"""`manage.py channels`: what is said of each service, how old its source is, and what nobody has checked yet."""

from datetime import date

from django.core.management.base import BaseCommand
from django.utils import timezone

from diagnostic import content
from diagnostic.catalogue import Channel
from diagnostic.deadlines import months_before

MONTHS = 6


class Command(BaseCommand):
    help = "Les interlocuteurs à revoir : source de plus de six mois, ou encore à vérifier."

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="Liste aussi ceux qui sont à jour.")

    def handle(self, *args, **options):
        limit = months_before(timezone.localdate(), MONTHS)
        channels = content.published().channels.values()
        stale = [channel for channel in channels if is_stale(channel, limit)]
        to_verify = [channel for channel in channels if channel.to_verify]
        for channel in channels:
            marks = [f"source du {channel.checked}" if channel.checked else "jamais vérifié"]
            marks += ["plus de six mois"] if channel.checked and channel in stale else []
            marks += ["à vérifier"] if channel in to_verify else []
            if options["all"] or channel in stale or channel in to_verify:
                self.stdout.write(f"{channel.id}: {channel.name} ({', '.join(marks)}) [{channel.source}]")
        self.stdout.write(f"channels={len(channels)} stale={len(stale)} to_verify={len(to_verify)}")


def is_stale(channel: Channel, limit: date) -> bool:
    """Never checked, or checked before the limit: a month without its day counts from its first."""
    if not channel.checked:
        return True
    parts = [int(part) for part in channel.checked.split("-")]
    return date(*parts, *([1] * (3 - len(parts)))) < limit
