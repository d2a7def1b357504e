"""One conversation in progress and one that waits, in a prepared guichet; prints who opens what."""

import json

import django

django.setup()

from django.conf import settings  # noqa: E402 (after setup)
from django.test import Client  # noqa: E402

from guichet.accounts.models import Agent  # noqa: E402
from guichet.territory.models import Commune  # noqa: E402
from tchat.services import presence  # noqa: E402
from tests.tchat import people  # noqa: E402
from victims.services import access  # noqa: E402


def main() -> None:
    agent, place = Agent.objects.get(username="policier"), Commune.objects.get(code="59043")
    presence.page_seen(agent)  # else what another test's agent held goes back to the queue
    talk, waiting = people.talking(agent, place), people.waiting(place)
    client = Client()
    client.force_login(agent)
    print(
        json.dumps(
            {
                "agent": [settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value],
                "talk": {"id": str(talk.pk), "victim": [access.COOKIE, people.cookie_of(talk.dossier)]},
                "waiting": {"id": str(waiting.pk), "victim": [access.COOKIE, people.cookie_of(waiting.dossier)]},
            }
        )
    )


if __name__ == "__main__":
    main()
