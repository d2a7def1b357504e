"""Complaints ready to be filed: python -m tests.faults.filing make N -> who files, what they typed
What two days later is left that nobody names: python -m tests.faults.filing sweep -> how many files went
"""

import json
import sys
import uuid
from datetime import timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402 (after setup)

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]

from django.utils import timezone  # noqa: E402

from guichet.accounts.models import Agent  # noqa: E402
from tchat.services.conversations import claim, open_conversation  # noqa: E402
from tchat.services.messages import VICTIM, send_message  # noqa: E402
from tests.victims import factory  # noqa: E402
from victims.services import access, deposits, mailing  # noqa: E402
from victims.services.retention import delete_orphans  # noqa: E402


def make(agent: Agent) -> dict:
    """With an open conversation, a file, and an address: Redis is then asked for a mail once it is filed."""
    dossier = factory.dossier(factory.SEXTORTION)
    talk = open_conversation(dossier=dossier)
    claim(agent=agent, conversation_id=talk.pk, again=True)
    send_message(conversation_id=talk.pk, sender=VICTIM, client_id=uuid.uuid4(), text="Bonjour")
    deposits.keep_file(dossier=dossier, name="notes.txt", content=f"trois lignes de notes {dossier.pk}".encode())
    mailing.keep_address(dossier=dossier, address="chloe@exemple.fr")
    mailing.confirm(mailing.token_of(dossier, "chloe@exemple.fr"))
    story = f"On me menace depuis mardi, {uuid.uuid4().hex}."
    complaint = factory.ready_complaint(dossier, {**factory.TYPED, "facts": {**factory.FACTS, "story": story}})
    return {
        "cookie": access.COOKIE,
        "key": access.grant_access(dossier=dossier),
        "dossier": str(dossier.pk),
        "complaint": str(complaint.pk),
        "story": story,
    }


def make_many(count: int) -> list[dict]:
    policier = Agent.objects.get(username="policier")
    return [make(policier) for _ in range(count)]


if __name__ == "__main__":
    asked, *more = sys.argv[1:]
    if asked == "make":
        print(json.dumps(make_many(int(more[0]))))
    else:
        print(json.dumps(delete_orphans(now=timezone.now() + timedelta(days=2))))
