"""Appointments at a unit, the victim's side: what is free, by competence then distance; taken once, moved, cancelled,
reminded. The unit's side is `receptions`.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.mail import EmailMessage, get_connection
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from guichet.audit import services as audit
from guichet.directory.drawing import kilometres
from guichet.lib import crypto
from guichet.territory.departements import zone_of
from guichet.territory.models import Unit
from guichet.territory.opening import Opening, openings
from guichet.territory.services import competence_of
from victims import clocks
from victims.models import Booking, Dossier, Slot
from victims.services import mailing
from victims.services.dossiers import VICTIM, touch
from victims.signals import booking_changed

log = logging.getLogger("victims.appointments")
SOONEST = timedelta(hours=1)
FURTHEST = timedelta(days=60)
UNITS, HOURS, A_DAY, NEAR_DEGREES = 3, 6, 3, 1.5
# Enough rows to find the hours of one day, several people being received at once.
READ = 400
REMIND_BEFORE = timedelta(hours=26)
SUBJECT = "Rappel"
MOVED = "Votre rendez-vous est annulé. Choisissez une autre heure."


class Gone(Exception):
    """Somebody else took this hour first, or the unit withdrew it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A unit with free hours, or none. `competent`: the one of the commune; else the distance says why it is here."""

    unit: Unit
    competent: bool
    km: int | None
    slots: list[Slot]
    opening: Opening | None = None

    @property
    def clock(self) -> str:
        return clocks.clock_words(self.unit.departement)

    @property
    def is_overseas(self) -> bool:
        return not clocks.is_paris(self.unit.departement)


# --- what is free


def offers(dossier: Dossier, *, day: date | None = None, now: datetime | None = None) -> list[Offer]:
    """The competent units first, then the nearest that have an hour free; from that day on if one is asked for."""
    now = now or timezone.now()
    free = Slot.objects.free(after=now + SOONEST).filter(starts_at__lt=now + FURTHEST)
    if day:
        # A day begins a day earlier in Nouméa, and ends later in Papeete: the exact hour is the unit's.
        free = free.filter(starts_at__gt=datetime.combine(day, time(), zone_of("")) - timedelta(days=1))
    units = Unit.objects.filter(pk__in=free.values("unit"), ended_at=None)
    place, competent = _home(dossier)
    around = [(unit.service_id not in competent, _km(place, unit), unit) for unit in _around(units, place, competent)]
    ranked = sorted(around, key=lambda row: (row[0], row[1] is None, row[1] or 0, row[2].folded))
    known = openings([unit for _, _, unit in ranked[:UNITS]]) if ranked else {}
    found = []
    for far, km, unit in ranked[:UNITS]:
        slots = list(free.filter(unit=unit).order_by("starts_at", "post")[:READ])
        for slot in slots:
            slot.unit = unit
        shown = _some(slots, day)
        if shown:
            found.append(Offer(unit, not far, None if km is None else round(km), shown, known.get(unit.pk)))
    return found


def still_free(slot_ids: Iterable, *, without: Iterable[Offer] = (), now: datetime | None = None) -> list[Slot]:
    """Of these hours, those that can still be had and that no offer shows."""
    shown = [slot.pk for offer in without for slot in offer.slots]
    wanted = set(slot_ids).difference(shown)
    if not wanted:
        return []
    free = Slot.objects.free(after=now or timezone.now()).filter(pk__in=wanted, unit__ended_at=None)
    return list(free.select_related("unit").order_by("starts_at"))


def walk_ins(dossier: Dossier, *, without: Iterable[Offer] = ()) -> list[Offer]:
    """The competent units that open no hour online: where to go, and when their door is open."""
    place, competent = _home(dossier)
    units = Unit.objects.filter(service__in=competent, ended_at=None)
    units = list(units.exclude(pk__in=[offer.unit.pk for offer in without]).order_by("folded")[:UNITS])
    known = openings(units) if units else {}
    rows = [(unit, _km(place, unit)) for unit in units]
    return [Offer(unit, True, None if km is None else round(km), [], known.get(unit.pk)) for unit, km in rows]


def _home(dossier: Dossier):
    """Where the person lives, as far as we know, and the services that are competent there."""
    place = None if dossier.abroad else dossier.commune
    return place, {service.pk for service in competence_of(place.pk).services} if place else set()


def _around(units, place, competent):
    """A small box around the commune; everywhere when nobody knows where it is."""
    near = units.none()
    if place and place.lat is not None and place.lng is not None:
        box = {
            "lat__range": (place.lat - NEAR_DEGREES, place.lat + NEAR_DEGREES),
            "lng__range": (place.lng - NEAR_DEGREES, place.lng + NEAR_DEGREES),
        }
        near = units.filter(**box)
    elif place:
        near = units.filter(departement=place.departement)
    return near | units.filter(service__in=competent)


def _km(place, unit: Unit) -> float | None:
    if place is None or None in (place.lat, place.lng, unit.lat, unit.lng):
        return None
    return kilometres((place.lat, place.lng), (unit.lat, unit.lng))


def _some(slots: list[Slot], day: date | None) -> list[Slot]:
    """All the hours of the day that was asked for; else a few of each of the next days."""
    hours: dict[datetime, Slot] = {}
    for slot in slots:
        if day is None or slot.local.date() >= day:
            hours.setdefault(slot.starts_at, slot)
    asked = [slot for slot in hours.values() if slot.local.date() == day]
    if asked:
        return asked
    days: dict[date, list[Slot]] = {}
    for slot in hours.values():
        days.setdefault(slot.local.date(), []).append(slot)
    return [slot for each in days.values() for slot in _spread(each)][:HOURS]


def _spread(hours: list[Slot]) -> list[Slot]:
    """The first, the last and one between: a morning suits some people, an afternoon others."""
    if len(hours) <= A_DAY:
        return hours
    last = len(hours) - 1
    return [hours[last * n // (A_DAY - 1)] for n in range(A_DAY)]


# --- the victim's


def current(dossier: Dossier, *, now: datetime | None = None) -> Booking | None:
    """The appointment still to come."""
    now = now or timezone.now()
    upcoming = dossier.bookings.current().filter(slot__starts_at__gt=now).select_related("slot", "slot__unit")
    return upcoming.order_by("slot__starts_at").first()


@transaction.atomic
def take(*, dossier: Dossier, slot_id, email: str = "", quiet: bool = False, now: datetime | None = None) -> Booking:
    """One winner for a slot, whoever clicks at the same time: the constraint decides. An earlier appointment is given
    up only when the new one is held. `quiet`: the caller says it in the conversation itself. Raises Gone."""
    now = now or timezone.now()
    Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    # Locked: the unit that withdraws this hour at the same moment sees who took it, or this sees it withdrawn.
    free = Slot.objects.select_for_update(of=("self",)).select_related("unit")
    slot = free.filter(pk=slot_id, withdrawn_at=None, starts_at__gt=now).first()
    if slot is None:
        raise Gone
    held = current(dossier, now=now)
    if held and held.slot_id == slot.pk:
        return held
    booking = Booking(slot=slot, dossier=dossier, taken_at=now)
    _leave(booking, email or (mailing.reminder_of(held) if held else ""))
    try:
        with transaction.atomic():
            booking.save(force_insert=True)
    except IntegrityError as error:
        raise Gone from error
    if held:
        Booking.objects.current().filter(pk=held.pk).update(cancelled_at=now)
        if not quiet:
            _tell_change(dossier, held.slot, slot)
    if email and not booking.email_confirmed_at:
        mailing.ask_to_confirm_reminder(booking)
    verb = "rendez-vous déplacé" if held else "rendez-vous pris"
    audit.record(actor=VICTIM, verb=verb, chain=dossier.chain, target=str(booking.pk))
    touch(dossier=dossier)
    return booking


def _leave(booking: Booking, email: str) -> None:
    """Nothing is recalled there before its reader has confirmed it; once is enough for this dossier."""
    if email:
        booking.sealed_email = crypto.seal(booking.dossier.key, email, bound=booking.bound)
        booking.email_confirmed_at = mailing.confirmed_since(booking.dossier, email)


@transaction.atomic
def cancel(*, dossier: Dossier, booking_id, now: datetime | None = None) -> bool:
    """The hour is free again at once. False when there is nothing to cancel."""
    now = now or timezone.now()
    mine = Booking.objects.current().filter(pk=booking_id, dossier=dossier, slot__starts_at__gt=now)
    slot = Slot.objects.select_related("unit").filter(bookings__in=mine).first()
    if slot is None or mine.update(cancelled_at=now) != 1:
        return False
    audit.record(actor=VICTIM, verb="rendez-vous annulé", chain=dossier.chain, target=str(booking_id))
    _tell_change(dossier, slot, None)
    return True


def _tell_change(dossier: Dossier, before: Slot, after: Slot | None) -> None:
    told = {"dossier": dossier, "before": before, "after": after}
    transaction.on_commit(lambda: booking_changed.send(sender=Booking, **told), robust=True)


def revision(dossier: Dossier) -> int:
    """How many times the appointment changed since it was first taken: a calendar keeps the highest."""
    states = dossier.bookings.values_list("cancelled_at", flat=True)
    return len(states) + sum(state is not None for state in states) - 1


def last_cancelled(dossier: Dossier, *, now: datetime | None = None) -> Booking | None:
    """The appointment that was cancelled and that nothing replaced, while its hour is still to come."""
    now = now or timezone.now()
    last = dossier.bookings.select_related("slot", "slot__unit").order_by("-taken_at").first()
    return last if last and last.cancelled_at and last.slot.starts_at > now else None


def remind(*, now: datetime | None = None) -> int:
    """The day before, once, to the address left for it and to the one left in the dossier for any news, each only if
    confirmed, never twice to the same. The words are neutral: others may read this box."""
    now, sent = now or timezone.now(), 0
    due = Booking.objects.current().filter(
        Q(email_confirmed_at__isnull=False) | Q(dossier__address_confirmed_at__isnull=False),
        reminded_at=None,
        dossier__erased_at=None,
        slot__starts_at__gt=now,
        slot__starts_at__lt=now + REMIND_BEFORE,
    )
    for booking in due.select_related("slot", "slot__unit", "dossier", "dossier__commune"):
        if Booking.objects.current().filter(pk=booking.pk, reminded_at=None).update(reminded_at=now) != 1:
            continue
        told = f"Rappel : vous avez un rendez-vous {booking.slot.words_for(booking.dossier)}."
        wanted = addresses_of(booking)
        gone = sum(mail(address, told) for address in wanted)
        if wanted and not gone:
            Booking.objects.filter(pk=booking.pk).update(reminded_at=None)
        sent += gone
    return sent


def addresses_of(booking: Booking) -> list[str]:
    """Where this person wants to be told of this appointment, each confirmed box once."""
    try:
        followed = mailing.confirmed_address_of(booking.dossier)
    except crypto.CannotOpen:
        followed = ""
    boxes = {address.casefold(): address for address in (followed, mailing.confirmed_reminder_of(booking)) if address}
    return list(boxes.values())


def mail(address: str, body: str) -> bool:
    try:
        EmailMessage(SUBJECT, body, to=[address], connection=get_connection(timeout=10)).send()
    except OSError as error:
        log.warning("reminder not sent: %s", type(error).__name__)
        return False
    return True
