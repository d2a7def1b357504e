"""Propose a meeting from the conversation; the victim takes one hour or none. One answer, whatever is clicked twice."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from guichet.audit import services as audit
from guichet.lib import crypto
from guichet.lib.text import clean_text
from tchat import events, rules
from tchat.console_exceptions import ConsoleRefusal
from tchat.enums import AppointmentState, State
from tchat.exceptions import Refusal
from tchat.models import Appointment, Conversation
from tchat.services import messages
from tchat.services.conversations import locked
from victims.models import Dossier
from victims.services.dossiers import VICTIM

MOST = 3
DAMAGED = "Ces mots ne peuvent plus être lus."


@dataclass(frozen=True, slots=True)
class Shown:
    """An appointment, opened. `slots`: (value, moment, whether it is still to come)."""

    appointment: Appointment
    slots: list[tuple[str, datetime, bool]]
    reason: str


@transaction.atomic
def propose(
    *, agent, conversation_id, place: str, slots: list[datetime], reason: str = "", address: str, now=None
) -> Appointment:
    """An earlier proposal without an answer is withdrawn. `address` is the page where the victim chooses. Raises
    Refusal (closed, not-yours, bad-slots)."""
    now = now or timezone.now()
    conversation = locked(conversation_id)
    if conversation.state == State.CLOSED:
        raise Refusal("closed")
    if not rules.can_follow(agent, conversation):
        raise Refusal("not-yours")
    slots = sorted(set(slots))
    if not 1 <= len(slots) <= MOST or slots[0] <= now:
        raise ConsoleRefusal("bad-slots")
    conversation.appointments.proposed().update(state=AppointmentState.WITHDRAWN)
    appointment = Appointment(
        conversation=conversation,
        agent=agent,
        place=clean_text(place).strip(),
        slots=[slot.astimezone(UTC).isoformat() for slot in slots],
        proposed_at=now,
    )
    reason = clean_text(reason).strip()
    if reason:
        appointment.sealed_reason = crypto.seal(conversation.dossier.key, reason, bound=appointment.bound)
    appointment.save(force_insert=True)
    _tell(conversation, f"Un rendez-vous vous est proposé. Choisissez votre heure sur cette page : {address}", now)
    _record(agent.audit_name, "rendez-vous proposé", appointment)
    return appointment


@transaction.atomic
def choose(*, dossier: Dossier, appointment_id, slot: str, now: datetime | None = None) -> Appointment:
    """Compare and set. Raises Refusal (no-appointment, slot-gone)."""
    now = now or timezone.now()
    appointment = _of(dossier, appointment_id)
    if slot not in appointment.slots or datetime.fromisoformat(slot) <= now:
        raise ConsoleRefusal("slot-gone")
    moment = datetime.fromisoformat(slot)
    _answer(appointment, now, state=AppointmentState.CHOSEN, chosen=moment)
    _tell(appointment.conversation, f"Rendez-vous choisi : {moment_words(moment)}, {appointment.place}.", now)
    _record(VICTIM, "rendez-vous choisi", appointment)
    return appointment


@transaction.atomic
def decline(*, dossier: Dossier, appointment_id, now: datetime | None = None) -> Appointment:
    """No hour suits. Raises Refusal (no-appointment)."""
    now = now or timezone.now()
    appointment = _of(dossier, appointment_id)
    _answer(appointment, now, state=AppointmentState.DECLINED)
    _tell(appointment.conversation, "Aucune des heures proposées ne convient. L'agent peut en proposer d'autres.", now)
    _record(VICTIM, "rendez-vous refusé", appointment)
    return appointment


def last_of(conversation: Conversation) -> Shown | None:
    """The one that counts: the latest. One statement."""
    found = conversation.appointments.first()
    return _opened(found, conversation.dossier) if found else None


def last_for(dossier: Dossier) -> Shown | None:
    """The same for the victim, over every conversation of the dossier, without those that were withdrawn."""
    found = (
        Appointment.objects.filter(conversation__dossier=dossier)
        .exclude(state=AppointmentState.WITHDRAWN)
        .select_related("agent")
        .first()
    )
    return _opened(found, dossier) if found else None


def moment_words(moment: datetime) -> str:
    """« mardi 1 décembre à 14 h 30 », by the clock of Paris."""
    return date_format(timezone.localtime(moment), "l j F à H \\h i")


def _of(dossier: Dossier, appointment_id) -> Appointment:
    found = Appointment.objects.proposed().filter(pk=appointment_id, conversation__dossier=dossier).first()
    if found is None:
        raise ConsoleRefusal("no-appointment")
    found.conversation = locked(found.conversation_id)
    return found


def _answer(appointment: Appointment, now: datetime, **values) -> None:
    values |= {"answered_at": now}
    if Appointment.objects.proposed().filter(pk=appointment.pk).update(**values) != 1:
        raise ConsoleRefusal("no-appointment")
    for name, value in values.items():
        setattr(appointment, name, value)


def _tell(conversation: Conversation, text: str, now: datetime) -> None:
    """A conversation that is over is sealed: nothing more is written in it."""
    if conversation.is_open:
        messages.note(conversation, text, now=now)
        events.message_stored(conversation)


def _record(actor: str, verb: str, appointment: Appointment) -> None:
    dossier = appointment.conversation.dossier
    audit.record(actor=actor, verb=verb, chain=dossier.chain, target=str(appointment.pk))


def _opened(appointment: Appointment, dossier: Dossier) -> Shown:
    now = timezone.now()
    moments = [(slot, datetime.fromisoformat(slot)) for slot in appointment.slots]
    return Shown(appointment, [(slot, at, at > now) for slot, at in moments], _reason(appointment, dossier))


def _reason(appointment: Appointment, dossier: Dossier) -> str:
    if appointment.sealed_reason is None:
        return ""
    try:
        return crypto.unseal(dossier.key, appointment.sealed_reason, bound=appointment.bound).decode()
    except crypto.CannotOpen:
        return DAMAGED
