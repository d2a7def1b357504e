"""Dossiers full of words found nowhere else, and who can still read them.

python -m tests.stack.erased make            -> three dossiers: their words and files, the victim's key
python -m tests.stack.erased read REFERENCE… -> what opens of each: « conversation », « plainte », « pièce »
"""

import json
import logging
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402 (after setup)

from guichet.accounts.models import Agent  # noqa: E402
from guichet.lib.crypto import CannotOpen  # noqa: E402
from tchat.models import Conversation  # noqa: E402
from tchat.services.messages import lines_of  # noqa: E402
from tests.stack import planted  # noqa: E402
from tests.victims import factory  # noqa: E402
from victims.models import Complaint, Dossier, UploadPart  # noqa: E402
from victims.services import access, complaints, evidence, previews  # noqa: E402


def told(dossier: Dossier, words: planted.Words) -> dict:
    parts = UploadPart.objects.filter(upload__dossier=dossier).values_list("stored_at", flat=True)
    return {
        "reference": dossier.reference,
        "dossier": str(dossier.pk),
        "words": words.all,
        "cookie": access.COOKIE,
        "key": access.grant_access(dossier=dossier),
        "files": [*previews.files_of(dossier.pieces.all()), *parts],
    }


def make() -> dict:
    """`erased` by its victim, `filed` and kept until its term, `other` of somebody else."""
    agent, admin = Agent.objects.get(username="policier"), Agent.objects.get(username="admin")
    affair = "https://www.faux-placement.example/\nhttps://www.faux-depannage.example/"
    everything, proven, kept = planted.Words(affair), planted.Words(affair), planted.Words()
    mine, filed, other = (factory.dossier(each) for each in (factory.COMPANY, factory.SEXTORTION, factory.SEXTORTION))
    agent.service = factory.service()
    agent.save(update_fields=["service"])
    planted.filed(filed, agent, proven)
    planted.everywhere(mine, agent, admin, everything)
    planted.filed(other, agent, kept)
    planted.linked(filed, agent, proven)
    return {
        "erased": told(mine, everything),
        "filed": told(filed, proven),
        "other": told(other, kept),
        "empty": planted.never_filled(),
    }


def read(reference: str) -> list[str]:
    dossier = Dossier.objects.get(reference=reference)
    talk = Conversation.objects.filter(dossier=dossier).first()
    opened = []
    for name, look in {
        "conversation": lambda: lines_of(wanted=[(talk, 0)])[talk.pk],
        "plainte": lambda: complaints.read_form(Complaint.objects.get(dossier=dossier)),
        "pièce": lambda: evidence.content_of(dossier.pieces.first()),
    }.items():
        try:
            if look():
                opened.append(name)
        except (CannotOpen, OSError):
            continue
    return opened


if __name__ == "__main__":
    logging.basicConfig(filename=settings.VAR_DIR / "made.log", level=logging.DEBUG, force=True)
    print(json.dumps(make() if sys.argv[1] == "make" else [read(each) for each in sys.argv[2:]]))
