"""People and places for the tests of the tchat: desks, agents, communes, a victim with a dossier, a conversation."""

import functools
import secrets
import uuid
from datetime import timedelta

from django.utils import timezone

from diagnostic import content
from diagnostic.journey import Journey
from diagnostic.recorded import read
from guichet.accounts.enums import Role
from guichet.accounts.models import Agent
from guichet.territory.enums import Topic
from guichet.territory.models import Commune, Competence, Edition, Service
from tchat.models import Conversation, Desk
from tchat.services import conversations, presence
from tchat.services.messages import VICTIM, send_message
from victims.models import Dossier
from victims.services import access
from victims.services.dossiers import open_dossier

PASSWORD = "un-mot-de-passe-de-test"


def desks() -> dict[str, Desk]:
    """Those that the house itself makes sure of."""
    return Desk.objects.in_bulk()


def agent(username: str, *at: str, institution: str = "PN", role: str = Role.AGENT, service=None) -> Agent:
    number = str(5000 + Agent.objects.count())
    person = Agent.objects.create_user(
        username, password=PASSWORD, service_number=number, role=role, institution=institution, service=service
    )
    person.desks.set([desks()[slug] for slug in at])
    return person


def commune(code: str = "59043", name: str = "Bailleul", *forces: str) -> Commune:
    """A commune with the forces given (police when none is)."""
    place, _ = Commune.objects.get_or_create(
        code=code, defaults={"name": name, "folded": name.lower(), "departement": code[:2]}
    )
    edition, _ = Edition.objects.get_or_create(
        topic=Topic.COMPETENCES, name="août 2026", defaults={"sha256": "0" * 64, "loaded_at": timezone.now()}
    )
    for force in forces or ("PN",):
        service, _ = Service.objects.get_or_create(
            institution=force, name=f"{name} {force}", folded=f"{name} {force}".lower(), departement=code[:2]
        )
        Competence.objects.get_or_create(
            commune=place, institution=force, defaults={"service": service, "edition": edition}
        )
    return place


RECORDED = functools.cache(read)


def journey(name: str = "sextorsion-particulier") -> Journey:
    """A recorded journey, by its name."""
    chosen = next(each for each in RECORDED() if each.id == name)
    return Journey(answers=dict(chosen.answers), version=content.published().version)


def dossier(place: Commune | None = None, *, told: str = "sextorsion-particulier", abroad: bool = False) -> Dossier:
    return open_dossier(journey=journey(told), opening=secrets.token_urlsafe(24), commune=place, abroad=abroad)


def cookie_of(owner: Dossier) -> str:
    return access.grant_access(dossier=owner)


def waiting(place: Commune | None = None, *, minutes_ago: int = 0, owner: Dossier | None = None) -> Conversation:
    """In the queue since then, and in front of the page now."""
    desks()
    asked = timezone.now() - timedelta(minutes=minutes_ago)
    found = conversations.open_conversation(dossier=owner or dossier(place), now=asked)
    found.victim_seen_at = timezone.now()
    found.save(update_fields=["victim_seen_at"])
    return found


def on_duty(*agents: Agent) -> None:
    """Each in front of the console, from now on."""
    presence.touch({each.pk for each in agents}, lease=presence.PAGE_LEASE)


def talking(by: Agent, place: Commune | None = None) -> Conversation:
    """A conversation that this agent has taken."""
    return conversations.claim(agent=by, conversation_id=waiting(place).pk)


def said(conversation: Conversation, text: str, sender=VICTIM):
    return send_message(conversation_id=conversation.pk, sender=sender, client_id=uuid.uuid4(), text=text)
