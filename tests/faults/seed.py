"""The people of a run: conversations in progress, an agent who will vanish with what is held, people who wait.

python -m tests.faults.seed TALKS HELD WAITING
"""

import json
import sys
from datetime import timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402 (after setup)
from django.utils import timezone  # noqa: E402

from guichet.accounts.enums import Role  # noqa: E402
from guichet.accounts.models import Agent  # noqa: E402
from tchat.enums import State  # noqa: E402
from tchat.models import Conversation, Desk  # noqa: E402
from tchat.services import presence  # noqa: E402
from tests.bench.seed import agent_session, conversation  # noqa: E402
from victims.services import access  # noqa: E402


def waiting(count: int, agent: Agent, desk: Desk) -> list[str]:
    """Asked a minute ago."""
    asked = timezone.now() - timedelta(minutes=1)
    keys = [conversation(agent, desk)["id"] for _ in range(count)]
    Conversation.objects.filter(pk__in=keys).update(
        state=State.WAITING, agent=None, taken_at=None, rank_at=asked, created_at=asked, desk_since=asked
    )
    return keys


def on_duty_everywhere() -> None:
    """No desk is deserted during a run, and one that overflows has where to."""
    colleague = Agent.objects.create_user("de-garde", service_number="5999", role=Role.AGENT, institution="PN")
    colleague.desks.set(Desk.objects.real())
    presence.touch({colleague.pk}, lease=timedelta(days=1))


def main() -> None:
    on_duty_everywhere()
    talks, held, due = map(int, sys.argv[1:])
    agent, other = Agent.objects.get(username="policier"), Agent.objects.get(username="gendarme")
    police, gendarmerie, special = (Desk.objects.get(slug=slug) for slug in ("police", "gendarmerie", "specialise"))
    found = {
        "cookies": {"victim": access.COOKIE, "agent": settings.SESSION_COOKIE_NAME},
        "session": agent_session(agent),
        "talks": [conversation(agent, police) for _ in range(talks)],
        "flooded": conversation(agent, police),
        "vanishing": agent_session(other),
        "held": [conversation(other, gendarmerie) for _ in range(held)],
        "behind": waiting(3 if held else 0, other, gendarmerie),
        "due": waiting(due, agent, special),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
