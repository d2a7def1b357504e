"""What happened at some desks over a day, a week or a month: waits told and real, transfers, endings."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tchat.enums import Outcome
from tchat.models import Conversation, Desk

PARIS = ZoneInfo("Europe/Paris")
DAY, WEEK, MONTH = "jour", "semaine", "mois"


@dataclass(frozen=True)
class Period:
    """`first` is its first day, `last` its last one."""

    kind: str
    first: date
    last: date

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        return _midnight(self.first), _midnight(self.last + timedelta(days=1))

    @property
    def before(self) -> date:
        return self.first - timedelta(days=1)

    @property
    def after(self) -> date:
        return self.last + timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, PARIS)


def period_of(kind: str, day: date) -> Period:
    """The period of this kind that holds this day: a week begins on Monday."""
    if kind == WEEK:
        first = day - timedelta(days=day.weekday())
        return Period(kind, first, first + timedelta(days=6))
    if kind == MONTH:
        first = day.replace(day=1)
        return Period(kind, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    return Period(DAY, day, day)


@dataclass
class Row:
    """One desk, or all of them. Waits in minutes, of those that were taken and not answered later."""

    name: str
    asked: int = 0
    taken: int = 0
    transfers: int = 0
    waits: list[float] = field(default_factory=list)
    told: list[tuple[int, float]] = field(default_factory=list)
    outcomes: Counter = field(default_factory=Counter)

    @property
    def median(self) -> float | None:
        return statistics.median(self.waits) if self.waits else None

    @property
    def p90(self) -> float | None:
        """Nearest rank: nine in ten waited that long or less."""
        waits = sorted(self.waits)
        return waits[-(-9 * len(waits) // 10) - 1] if waits else None

    @property
    def told_median(self) -> float | None:
        return statistics.median(told for told, _ in self.told) if self.told else None

    @property
    def told_real_median(self) -> float | None:
        """What those who were told a wait really waited."""
        return statistics.median(real for _, real in self.told) if self.told else None

    @property
    def kept(self) -> int | None:
        """Percentage of those who were told a wait and waited no longer than that."""
        return round(100 * sum(real <= told for told, real in self.told) / len(self.told)) if self.told else None

    @property
    def transfers_per_100(self) -> float | None:
        return round(100 * self.transfers / self.asked, 1) if self.asked else None

    @property
    def endings(self) -> list[int]:
        return [self.outcomes[value] for value in Outcome.values]

    def add(self, talk: dict) -> None:
        self.asked += 1
        self.transfers += talk["transfers"]
        if talk["outcome"]:
            self.outcomes[talk["outcome"]] += 1
        if talk["taken_at"] is None:
            return
        self.taken += 1
        if talk["deferred_at"] is None:
            real = (talk["taken_at"] - talk["created_at"]).total_seconds() / 60
            self.waits.append(real)
            if talk["told_minutes"] is not None:
                self.told.append((talk["told_minutes"], real))


def report(desks: Iterable[Desk], period: Period) -> list[Row]:
    """One row per desk, then all of them: one statement. A conversation counts for the desk where it stands."""
    names = {desk.pk: desk.name for desk in desks}
    start, end = period.bounds
    rows: dict[str, Row] = defaultdict(lambda: Row(""), {key: Row(name) for key, name in names.items()})
    every = Row("Tous les bureaux")
    talks = Conversation.objects.filter(desk__in=names, created_at__gte=start, created_at__lt=end).order_by()
    fields = ("desk_id", "created_at", "taken_at", "deferred_at", "told_minutes", "transfers", "outcome")
    for talk in talks.values(*fields).iterator(chunk_size=5000):
        rows[talk["desk_id"]].add(talk)
        every.add(talk)
    return [*rows.values(), every]
