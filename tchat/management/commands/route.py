from django.core.management.base import BaseCommand
from django.utils import timezone

from tchat.dispatch import route
from tchat.services import rulebooks


class Command(BaseCommand):
    help = "Say which desk answers for a commune, a threat and a severity, and why."

    def add_arguments(self, parser):
        parser.add_argument("--commune", default="", help="INSEE code; empty: unknown")
        parser.add_argument("--abroad", action="store_true")
        parser.add_argument("--threat", default="situation-indeterminee")
        parser.add_argument("--severity", type=int, choices=range(1, 5), default=3)
        parser.add_argument("--fact", action="append", default=[], help="a fact that is true (repeatable)")

    def handle(self, *args, **options):
        routing = route(
            commune=options["commune"],
            abroad=options["abroad"],
            threat=options["threat"],
            severity=options["severity"],
            facts=frozenset(options["fact"]),
            when=timezone.now(),
            rules=rulebooks.in_force(),
        )
        for reason in routing.reasons:
            self.stdout.write(f"- {reason}")
        service = routing.service_label.replace(" ", "_") or "-"
        self.stdout.write(
            f"desk={routing.desk} institution={routing.institution or '-'} service={service} source={routing.source}"
        )
