from django.core.management.base import BaseCommand, CommandError

from guichet.accounts import services
from guichet.accounts.enums import ResetReason
from guichet.accounts.models import Agent


class Command(BaseCommand):
    help = "Take the second factor of an account away, for who has neither telephone nor recovery code any more."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, choices=ResetReason.values)

    def handle(self, *args, username: str, reason: str, **options) -> None:
        agent = Agent.objects.filter(username=username).first()
        if agent is None:
            raise CommandError(f"Aucun compte « {username} ».")
        try:
            services.reset(agent=agent, reason=ResetReason(reason), by=None)
        except services.NotAllowed as refusal:
            raise CommandError(f"Le compte « {username} » n'a pas de second facteur.") from refusal
        self.stdout.write(f"Second facteur retiré à {agent}. Ses sessions sont fermées.")
