"""Propose a meeting from the conversation; the victim takes one hour, asks for others, or wants none. One answer,
whatever is clicked twice.

The hours are those that units opened, by competence then distance: proposing one keeps it for nobody, and whoever takes
it first has it (`victims.services.appointments.take`). Only where no unit near has opened any does the agent type a
place and hours, by the clock of that place.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

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
from victims import clocks
from victims.models import Dossier, Slot
from victims.services import appointments as bookings
from victims.services.dossiers import VICTIM

MOST = 3
PLACE = 200
DAMAGED = "Ces mots ne peuvent plus être lus."


@dataclass(frozen=True, slots=True)
class Hour:
    """One proposed hour: its value in a form, its words, where, and whether it can still be taken."""

    value: str
    words: str
    place: str
    open: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An appointment, opened. `chosen`: the hour in words."""

    appointment: Appointment
    place: str
    hours: list[Hour]
    chosen: str
    reason: str
    wish: str

    @property
    def clock(self) -> str:
        return clocks.clock_words(self.appointment.departement)

    @property
    def places(self) -> int:
        return len({hour.place for hour in self.hours})


@transaction.atomic
def propose_slots(*, agent, conversation_id, slot_ids, reason: str = "", address: str, now=None) -> Appointment:
    """One to three free hours of units. An earlier proposal without an answer is withdrawn. `address` is the page where
    the victim chooses. Raises Refusal (closed, not-yours, bad-slots, slots-taken)."""
    now = now or timezone.now()
    conversation = _held(agent, conversation_id)
    wanted = set(slot_ids)
    if not 1 <= len(wanted) <= MOST:
        raise ConsoleRefusal("bad-slots")
    free = Slot.objects.free(after=now).filter(pk__in=wanted, unit__ended_at=None).select_related("unit")
    slots = list(free.order_by("starts_at"))
    if len(slots) != len(wanted):
        raise ConsoleRefusal("slots-taken")
    places = dict.fromkeys(slot.unit.name for slot in slots)
    appointment = Appointment(
        departement=slots[0].unit.departement,
        from_slots=True,
        slots=[str(slot.pk) for slot in slots],
    )
    return _proposed(appointment, conversation, agent, " ou ".join(places)[:PLACE], reason, address, now)


@transaction.atomic
def propose_hours(
    *, agent, conversation_id, place: str, hours: list[datetime], departement: str = "", reason: str = "", address: str,
    now=None,
) -> Appointment:  # fmt: skip
    """Hours that no unit opened, where none has any. Raises Refusal (closed, not-yours, bad-slots, has-slots)."""
    now = now or timezone.now()
    conversation = _held(agent, conversation_id)
    hours = sorted(set(hours))
    if not 1 <= len(hours) <= MOST or hours[0] <= now:
        raise ConsoleRefusal("bad-slots")
    if bookings.offers(conversation.dossier, now=now):
        raise ConsoleRefusal("has-slots")
    slots = [hour.astimezone(UTC).isoformat() for hour in hours]
    appointment = Appointment(departement=departement, slots=slots)
    return _proposed(appointment, conversation, agent, place, reason, address, now)


def _held(agent, conversation_id) -> Conversation:
    conversation = locked(conversation_id)
    if conversation.state == State.CLOSED:
        raise Refusal("closed")
    if not rules.can_follow(agent, conversation):
        raise Refusal("not-yours")
    return conversation


def _proposed(appointment, conversation, agent, place: str, reason: str, address: str, now) -> Appointment:
    conversation.appointments.proposed().update(state=AppointmentState.WITHDRAWN)
    appointment.conversation, appointment.agent, appointment.proposed_at = conversation, agent, now
    for column, words in (("sealed_place", place), ("sealed_reason", reason)):
        setattr(appointment, column, _sealed(appointment, column, words, conversation.dossier))
    appointment.save(force_insert=True)
    _tell(conversation, f"Un rendez-vous vous est proposé : {address}", now)
    _record(agent.audit_name, "rendez-vous proposé", appointment)
    return appointment


@transaction.atomic
def choose(*, dossier: Dossier, appointment_id, slot: str, now: datetime | None = None) -> Appointment:
    """Compare and set; an hour of a unit is taken by the same constraint as the victim's own choice. Raises Refusal
    (no-appointment, slot-gone)."""
    now = now or timezone.now()
    appointment = _of(dossier, appointment_id)
    if slot not in appointment.slots:
        raise ConsoleRefusal("slot-gone")
    values = _taken(appointment, dossier, slot, now) if appointment.from_slots else _typed(appointment, slot, now)
    _answer(appointment, now, state=AppointmentState.CHOSEN, **values)
    words = _words(appointment.chosen, appointment.departement, dossier)
    place = _opened_words(appointment, "sealed_place", dossier)
    _tell(appointment.conversation, f"Rendez-vous choisi : {words}, {place}.", now)
    _record(VICTIM, "rendez-vous choisi", appointment)
    return appointment


def _taken(appointment: Appointment, dossier: Dossier, slot: str, now: datetime) -> dict:
    try:
        held = bookings.take(dossier=dossier, slot_id=slot, quiet=True, now=now).slot
    except bookings.Gone as error:
        raise ConsoleRefusal("slot-gone") from error
    place = _sealed(appointment, "sealed_place", _place(held), dossier)
    return {"chosen": held.starts_at, "departement": held.unit.departement, "sealed_place": place}


def _typed(appointment: Appointment, slot: str, now: datetime) -> dict:
    chosen = datetime.fromisoformat(slot)
    if chosen <= now:
        raise ConsoleRefusal("slot-gone")
    return {"chosen": chosen}


def _place(slot: Slot) -> str:
    return ", ".join([slot.unit.name, *slot.unit.address.splitlines()])[:PLACE]


@transaction.atomic
def decline(*, dossier: Dossier, appointment_id, wish: str = "", now: datetime | None = None) -> Appointment:
    """No hour suits: others are asked for, with what would suit. Raises Refusal (no-appointment)."""
    now, wish = now or timezone.now(), clean_text(wish).strip()
    appointment = _of(dossier, appointment_id)
    sealed = _sealed(appointment, "sealed_wish", wish, dossier)
    _answer(appointment, now, state=AppointmentState.DECLINED, sealed_wish=sealed)
    told = "Aucune des heures proposées ne convient. L'agent peut en proposer d'autres."
    _tell(appointment.conversation, f"{told} Souhait : « {wish} »" if wish else told, now)
    _record(VICTIM, "rendez-vous refusé", appointment)
    return appointment


@transaction.atomic
def refuse(*, dossier: Dossier, appointment_id, now: datetime | None = None) -> Appointment:
    """No appointment is wanted. Raises Refusal (no-appointment)."""
    now = now or timezone.now()
    appointment = _of(dossier, appointment_id)
    _answer(appointment, now, state=AppointmentState.REFUSED)
    _tell(appointment.conversation, "Pas de rendez-vous voulu pour le moment.", now)
    _record(VICTIM, "rendez-vous refusé", appointment)
    return appointment


@transaction.atomic
def tell_change(*, conversation_id, dossier: Dossier, before: Slot, after: Slot | None) -> None:
    """From « Mon dossier », the victim moved or cancelled an hour: who talks about the dossier reads it."""
    former = f"{before.words_for(dossier)}, {before.unit.name}"
    if after is None:
        told = f"La victime a annulé son rendez-vous : {former}. L'heure est de nouveau libre."
    else:
        told = f"La victime a déplacé son rendez-vous : {after.words_for(dossier)}, {_place(after)}. Avant : {former}."
    _tell(locked(conversation_id), told, timezone.now())


def last_of(conversation: Conversation) -> Shown | None:
    """The one that counts: the latest."""
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


def _words(moment: datetime, departement: str, dossier: Dossier) -> str:
    """By the clock of the place, which is named where the person may live by another."""
    return clocks.words(moment, departement, far=clocks.lives_elsewhere(dossier, departement))


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
    waits = appointment.state == AppointmentState.PROPOSED
    hours = (
        [] if not waits else _slots(appointment, dossier) if appointment.from_slots else _moments(appointment, dossier)
    )
    chosen = _words(appointment.chosen, appointment.departement, dossier) if appointment.chosen else ""
    columns = ("sealed_place", "sealed_reason", "sealed_wish")
    place, reason, wish = (_opened_words(appointment, column, dossier) for column in columns)
    return Shown(appointment, place, hours, chosen, reason, wish)


def _slots(appointment: Appointment, dossier: Dossier) -> list[Hour]:
    now, held = timezone.now(), bookings.current(dossier)
    found = Slot.objects.filter(pk__in=appointment.slots).select_related("unit").order_by("starts_at")
    free = set(Slot.objects.free(after=now).filter(pk__in=appointment.slots).values_list("pk", flat=True))
    mine = {held.slot_id} if held else set()
    return [Hour(str(slot.pk), slot.words_for(dossier), _place(slot), slot.pk in free | mine) for slot in found]


def _moments(appointment: Appointment, dossier: Dossier) -> list[Hour]:
    now, moments = timezone.now(), [(slot, datetime.fromisoformat(slot)) for slot in appointment.slots]
    place = _opened_words(appointment, "sealed_place", dossier)
    return [Hour(slot, _words(at, appointment.departement, dossier), place, at > now) for slot, at in moments]


def _sealed(appointment: Appointment, column: str, typed: str, dossier: Dossier) -> bytes | None:
    words = clean_text(typed).strip()
    return crypto.seal(dossier.key, words, bound=appointment.bound(column)) if words else None


def _opened_words(appointment: Appointment, column: str, dossier: Dossier) -> str:
    sealed = getattr(appointment, column)
    if sealed is None:
        return ""
    try:
        return crypto.unseal(dossier.key, sealed, bound=appointment.bound(column)).decode()
    except crypto.CannotOpen:
        return DAMAGED
