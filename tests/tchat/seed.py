"""For each line it reads: a conversation in progress and one that waits, in a prepared guichet; prints who opens what.

« alone »: the agent is there and holds nothing else, whatever the tests before left.
"""

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402 (after setup)
from django.test import Client  # noqa: E402

from guichet.accounts.models import Agent  # noqa: E402
from guichet.territory.models import Commune  # noqa: E402
from tchat.enums import Outcome  # noqa: E402
from tchat.models import Conversation  # noqa: E402
from tchat.services import conversations, presence  # noqa: E402
from tests.tchat import people  # noqa: E402
from victims.services import access  # noqa: E402


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(seeded(alone=line.strip() == "alone")), flush=True)


def seeded(*, alone: bool) -> dict:
    agent, place = Agent.objects.get(username="policier"), Commune.objects.get(code="59043")
    if alone:
        presence.page_seen(agent)  # else the conversation goes back to the queue before the agent's page is open
        for held in Conversation.objects.active().filter(agent=agent):
            conversations.close_conversation(agent=agent, conversation_id=held.pk, outcome=Outcome.ADVICE)
    talk, waiting = people.talking(agent, place), people.waiting(place)
    client = Client()
    client.force_login(agent)
    return {
        "agent": [settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value],
        "talk": {"id": str(talk.pk), "victim": [access.COOKIE, people.cookie_of(talk.dossier)]},
        "waiting": {"id": str(waiting.pk), "victim": [access.COOKIE, people.cookie_of(waiting.dossier)]},
    }


if __name__ == "__main__":
    main()
