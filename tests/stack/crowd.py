"""Many who wait and many who talk, in a prepared guichet; prints who opens what.

python -m tests.stack.crowd WAITING TALKING
"""

import json
import sys

import django

django.setup()

from datetime import timedelta  # noqa: E402 (after setup)

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from guichet.accounts.models import Agent  # noqa: E402
from tchat.enums import State  # noqa: E402
from tchat.models import Conversation, Desk  # noqa: E402
from tests.bench import seed  # noqa: E402
from victims.services import access  # noqa: E402


def main() -> None:
    waiting, talking = map(int, sys.argv[1:])
    agent, desk = Agent.objects.get(username="policier"), Desk.objects.get(slug="police")
    talks = [seed.conversation(agent, desk) for _ in range(waiting + talking)]
    asked = timezone.now() - timedelta(minutes=4)
    for number, talk in enumerate(talks[:waiting]):
        moment = asked + timedelta(milliseconds=100 * number)
        Conversation.objects.filter(pk=talk["id"]).update(
            state=State.WAITING, agent=None, taken_at=None, rank_at=moment, created_at=moment, desk_since=moment
        )
    cookies = {"victim": access.COOKIE, "agent": settings.SESSION_COOKIE_NAME}
    found = {"session": seed.agent_session(agent), "cookies": cookies}
    print(json.dumps({**found, "waiting": talks[:waiting], "talking": talks[waiting:]}))


if __name__ == "__main__":
    main()
