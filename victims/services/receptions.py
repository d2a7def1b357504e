"""The unit's side of appointments: hours opened by its agents or from its opening hours, withdrawn, seen as an agenda.

The rule that makes hours from opening hours (`Reception`): in each span of the day that could be read, appointments one
after the other from the opening, the last one ending before the closing; from tomorrow and for four weeks; between 8 h
and 20 h by the unit's clock, even where the door never closes; none on a public holiday of the whole country or of its
département. An hour that an agent withdrew stays withdrawn; one that no longer fits is withdrawn if nobody took it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from diagnostic.deadlines import holidays
from guichet.audit import services as audit
from guichet.territory.departements import zone_of
from guichet.territory.hours import read_hours
from guichet.territory.models import Unit
from guichet.territory.opening import set_own_hours
from victims import clocks
from victims.models import Booking, Reception, Slot
from victims.services import appointments

MOST_A_DAY = 40
WEEK = timedelta(days=7)
AHEAD = timedelta(days=28)
EARLIEST, LATEST = 8 * 60, 20 * 60


class BadHours(Exception):
    """Words for the field: these hours make no slot."""


def units_of(agent):
    """Where this agent may open hours: the places of the agent's own service."""
    if agent.service_id is None:
        return Unit.objects.none()
    return Unit.objects.filter(service=agent.service_id, ended_at=None).order_by("folded")


def _checked(agent, unit: Unit) -> None:
    if not units_of(agent).filter(pk=unit.pk).exists():
        raise BadHours("Cette unité n'est pas la vôtre.")


# --- by hand


@transaction.atomic
def open_hours(*, agent, unit: Unit, day: date, begin: time, end: time, minutes: int, posts: int = 1, now=None) -> int:
    """Slots one after the other in the unit's own time; those that exist are kept. Raises BadHours."""
    now = now or timezone.now()
    _checked(agent, unit)
    moment = datetime.combine(day, begin, zone_of(unit.departement))
    last, length = datetime.combine(day, end, moment.tzinfo), timedelta(minutes=minutes)
    if moment <= now:
        raise BadHours("Ces heures sont déjà passées.")
    wanted = []
    while moment + length <= last and len(wanted) < MOST_A_DAY:
        wanted += [(moment, post) for post in range(1, posts + 1)]
        moment += length
    if not wanted:
        raise BadHours("Il faut au moins la durée d'un rendez-vous entre le début et la fin.")
    made = _open(unit, wanted, minutes, agent=agent)
    audit.record(actor=agent.audit_name, verb="créneaux ouverts", target=str(unit.pk), detail={"créneaux": made})
    return made


def _open(unit: Unit, wanted: list[tuple[datetime, int]], minutes: int, *, agent=None) -> int:
    """Those among them that overlap no hour of the same post: a person at a desk receives one person at a time."""
    length = timedelta(minutes=minutes)
    first, last = min(wanted)[0], max(wanted)[0] + length
    around = Slot.objects.filter(unit=unit, starts_at__gt=first - timedelta(days=1), starts_at__lt=last)
    rows = {(slot.starts_at, slot.post): slot for slot in around.select_for_update()}
    busy = defaultdict(list)
    for slot in rows.values():
        if slot.withdrawn_at is None:
            busy[slot.post].append((slot.starts_at, slot.ends_at))
    made, again = [], []
    for moment, post in wanted:
        if any(moment < until and moment + length > since for since, until in busy[post]):
            continue
        old = rows.get((moment, post))
        if old is None:
            made.append(Slot(unit=unit, starts_at=moment, minutes=minutes, post=post, opened_by=agent))
        elif agent or old.withdrawn_by_id is old.opened_by_id is None:
            again.append(old.pk)
        busy[post].append((moment, moment + length))
    Slot.objects.bulk_create(made, ignore_conflicts=True)
    Slot.objects.filter(pk__in=again).update(withdrawn_at=None, withdrawn_by=None, minutes=minutes, opened_by=agent)
    return len(made) + len(again)


@transaction.atomic
def withdraw_slot(*, agent, slot_id, now: datetime | None = None) -> bool:
    """The unit cannot receive at that hour: whoever took it is told on their page, and by e-mail if they wanted."""
    now = now or timezone.now()
    mine = Slot.objects.filter(pk=slot_id, unit__in=units_of(agent), withdrawn_at=None, starts_at__gt=now)
    if mine.update(withdrawn_at=now, withdrawn_by=agent) != 1:
        return False
    booking = Booking.objects.current().filter(slot=slot_id).select_related("dossier").first()
    if booking:
        Booking.objects.filter(pk=booking.pk).update(cancelled_at=now, by_unit=True)
        audit.record(
            actor=agent.audit_name, verb="rendez-vous annulé", chain=booking.dossier.chain, target=str(booking.pk)
        )
        for address in appointments.addresses_of(booking):
            transaction.on_commit(lambda box=address: appointments.mail(box, appointments.MOVED))
    audit.record(actor=agent.audit_name, verb="créneau retiré", target=str(slot_id))
    return True


@transaction.atomic
def withdraw_day(*, agent, unit: Unit, day: date, now: datetime | None = None) -> int:
    """Nobody can receive that day: every hour of it, taken or not. How many."""
    begin = datetime.combine(day, time(), zone_of(unit.departement))
    slots = Slot.objects.filter(unit=unit, withdrawn_at=None, starts_at__gte=begin)
    that_day = slots.filter(starts_at__lt=datetime.combine(day + timedelta(days=1), time(), begin.tzinfo))
    return sum(withdraw_slot(agent=agent, slot_id=pk, now=now) for pk in that_day.values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Day:
    """The hours of one unit on one day of its own calendar, each with the reference of who took it, or nothing."""

    unit: Unit
    day: date
    rows: list[tuple[Slot, str]]

    @property
    def words(self) -> str:
        return clocks.day_words(self.day)

    @property
    def free(self) -> int:
        return sum(not reference for _, reference in self.rows)


def agenda_of(agent, *, first: date | None = None, now: datetime | None = None) -> list[Day]:
    """A week of the agent's units, from that day or from now; who comes is a reference, never a name."""
    now = now or timezone.now()
    days: dict[tuple, Day] = {}
    for unit in units_of(agent):
        begin = now
        if first:
            begin = max(now, datetime.combine(first, time(), zone_of(unit.departement)))
        slots = Slot.objects.filter(unit=unit, withdrawn_at=None, starts_at__gt=begin, starts_at__lt=begin + WEEK)
        taken = _taken(slots)
        for slot in slots.order_by("starts_at", "post"):
            slot.unit = unit
            key = (slot.local.date(), unit.pk)
            days.setdefault(key, Day(unit, key[0], [])).rows.append((slot, taken.get(slot.pk, "")))
    return [days[key] for key in sorted(days)]


def coming(agent, *, now: datetime | None = None) -> list[tuple[Slot, str]]:
    """Every appointment that somebody holds at the agent's units, the next one first."""
    now = now or timezone.now()
    slots = Slot.objects.filter(unit__in=units_of(agent), starts_at__gt=now, withdrawn_at=None)
    taken = _taken(slots)
    found = slots.filter(pk__in=taken).select_related("unit").order_by("starts_at", "post")
    return [(slot, taken[slot.pk]) for slot in found]


def _taken(slots) -> dict:
    bookings = Booking.objects.current().filter(slot__in=slots).select_related("dossier")
    return {booking.slot_id: booking.dossier.reference for booking in bookings}


# --- from the opening hours


def receptions_of(agent) -> list[tuple[Unit, Reception | None]]:
    """The units of this agent, with how each receives by appointment, if it ever said so."""
    units = units_of(agent).select_related("reception")
    return [(unit, getattr(unit, "reception", None)) for unit in units]


@transaction.atomic
def receive(
    *, agent, unit: Unit, active: bool, minutes: int = 45, posts: int = 1, own_hours: str = "", now=None
) -> int:
    """The unit says its hours and whether they open appointments; at once made so. How many hours were opened. Raises
    BadHours when nothing of the hours can be read."""
    now = now or timezone.now()
    _checked(agent, unit)
    changed = set_own_hours(unit, own_hours, day=timezone.localdate(now))
    week = read_hours(unit.hours_in_force)
    if active and not any(week.days.values()):
        raise BadHours("Écrivez au moins un jour comme « Lundi : 9h00-12h00 14h00-18h00 ».")
    reception, _ = Reception.objects.update_or_create(
        unit=unit,
        defaults={
            "minutes": minutes,
            "posts": posts,
            "changed_by": agent,
            "changed_at": now,
            "stopped_at": None if active else now,
        },
    )
    detail = {"ouvert": active, "minutes": minutes, "postes": posts, "horaires changés": changed}
    audit.record(actor=agent.audit_name, verb="accueil sur rendez-vous réglé", target=str(unit.pk), detail=detail)
    return follow_hours(reception, now=now)


def follow_all(*, now: datetime | None = None) -> int:
    """Every hour: one more day, hours that a load or the administration changed."""
    receptions = Reception.objects.filter(stopped_at=None).select_related("unit")
    return sum(follow_hours(reception, now=now) for reception in receptions)


@transaction.atomic
def follow_hours(reception: Reception, *, now: datetime | None = None) -> int:
    """Bring the hours to come to what the opening hours say now. Those taken stay: somebody counts on them."""
    now, unit = now or timezone.now(), reception.unit
    going = reception.stopped_at is None and unit.ended_at is None
    moments = list(_moments(unit, reception.minutes, now)) if going else []
    wanted = {(moment, post) for moment in moments for post in range(1, reception.posts + 1)}
    mine = Slot.objects.filter(unit=unit, opened_by=None, withdrawn_at=None, starts_at__gt=now)
    held = {slot.pk: slot for slot in mine.select_for_update(of=("self",)).select_related("unit")}
    taken = set(Booking.objects.current().filter(slot__in=held).values_list("slot", flat=True))
    today = timezone.localdate(now, zone_of(unit.departement))
    gone = [
        slot.pk
        for slot in held.values()
        if slot.pk not in taken and not (going and _fits(slot, wanted, reception.minutes, today))
    ]
    Slot.objects.filter(pk__in=gone).update(withdrawn_at=now, withdrawn_by=None)
    return _open(unit, sorted(wanted), reception.minutes) if wanted else 0


def _fits(slot: Slot, wanted: set, minutes: int, today: date) -> bool:
    """What was opened for today stays as people saw it."""
    if timezone.localdate(slot.starts_at, zone_of(slot.unit.departement)) == today:
        return True
    return (slot.starts_at, slot.post) in wanted and slot.minutes == minutes


def _moments(unit: Unit, minutes: int, now: datetime) -> Iterator[datetime]:
    """The rule told at the head of this module."""
    zone, week = zone_of(unit.departement), read_hours(unit.hours_in_force)
    today = timezone.localdate(now, zone)
    for ahead in range(1, AHEAD.days + 1):
        day = today + timedelta(days=ahead)
        if day in holidays(day.year, unit.departement):
            continue
        for begin, end in week.spans(day.weekday()):
            at, until = max(begin, EARLIEST), min(end, LATEST)
            while at + minutes <= until:
                yield datetime.combine(day, time(at // 60, at % 60), zone)
                at += minutes
