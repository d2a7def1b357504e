"""The people of the demonstration. Their passwords are known to all: refused outside demo mode."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from guichet.accounts.enums import Role
from guichet.accounts.models import Agent
from guichet.lib.text import fold
from guichet.territory.enums import Institution
from guichet.territory.models import Commune, Unit
from guichet.territory.services import competence_of
from tchat.models import Desk
from victims.models import Slot
from victims.services import receptions

CAPACITY = 8  # conversations that an agent of the demonstration holds at once


class NotADemo(Exception):
    """Demo people were asked for on a guichet that is not a demonstration."""


@dataclass(frozen=True)
class Person:
    username: str
    password: str
    number: str
    role: Role
    institution: str = ""
    commune: str = ""
    desks: tuple[str, ...] = ()
    admin: bool = False
    editor: bool = False


PEOPLE = (
    Person("policier", "policier-demo-59", "4821", Role.AGENT, Institution.PN, "59043", ("police", "commun")),
    Person("gendarme", "gendarme-demo-59", "7310", Role.AGENT, Institution.GN, "59001", ("gendarmerie", "commun")),
    Person("specialiste", "specialiste-demo-59", "5204", Role.AGENT, Institution.PN, "", ("specialise", "commun")),
    Person(
        "superviseur",
        "superviseur-demo-59",
        "1100",
        Role.SUPERVISOR,
        Institution.PN,
        "",
        ("police", "gendarmerie", "specialise", "commun"),
    ),
    Person("redactrice", "redactrice-demo-59", "2001", Role.EDITOR, editor=True),
    # A draft is published by another person than its author.
    Person("relecteur", "relecteur-demo-59", "2002", Role.EDITOR, editor=True),
    Person("admin", "admin-demo-59", "0001", Role.ADMINISTRATOR, admin=True),
)


HOURS = "Lundi au vendredi : 9h00-12h00 14h00-17h00\nSamedi : 9h00-12h00\nDimanche : fermé"


def create_people() -> list[Person]:
    """Create or refresh the demo people; the same call twice changes nothing."""
    if not settings.DEMO:
        raise NotADemo
    for person in PEOPLE:
        _open_hours(_create(person), person)
    Desk.objects.filter(capacity=None).update(capacity=CAPACITY)
    return list(PEOPLE)


def _create(person: Person) -> Agent:
    service = competence_of(person.commune).service if person.commune else None
    agent, _ = Agent.objects.update_or_create(
        username=person.username,
        defaults={
            "service_number": person.number,
            "role": person.role,
            "institution": person.institution,
            "service": service,
            "is_staff": person.admin or person.editor,
            "is_superuser": person.admin,
            "is_active": True,
        },
    )
    if not agent.check_password(person.password):
        agent.set_password(person.password)
        agent.save(update_fields=["password"])
    agent.desks.set(Desk.objects.filter(slug__in=person.desks))
    return agent


def _open_hours(agent: Agent, person: Person) -> None:
    """A place that receives, with hours for four weeks, so that a victim of the demonstration finds one."""
    place = Commune.objects.filter(pk=person.commune).first() if agent.service_id else None
    now = timezone.localtime()
    if place is None or Slot.objects.free(after=now).filter(unit__service=agent.service_id).exists():
        return
    name = f"Accueil de démonstration, {place.name}"
    unit, _ = Unit.objects.get_or_create(
        institution=person.institution,
        folded=fold(name),
        postcode="",
        official_id="",
        defaults={
            "name": name,
            "service": agent.service,
            "commune": place,
            "departement": place.departement,
            "address": f"Adresse de démonstration, {place.name}",
            "lat": place.lat,
            "lng": place.lng,
        },
    )
    receptions.receive(agent=agent, unit=unit, active=True, minutes=45, own_hours=HOURS)
