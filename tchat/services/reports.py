"""What happened at some desks over a day, a week or a month: waits told and real, transfers, endings.

The database counts and ranks: what comes back does not grow with the conversations that there were.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, FloatField, Func, Q, QuerySet, Sum, Window
from django.db.models.functions import Cast, RowNumber
from django.db.models.lookups import GreaterThanOrEqual, LessThan, LessThanOrEqual

from tchat.enums import Opinion, Outcome
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
    median: float | None = None
    p90: float | None = None
    told_real_median: float | None = None
    held: int = 0
    opinions: int = 0
    helped: int = 0
    promises: Counter = field(default_factory=Counter)
    outcomes: Counter = field(default_factory=Counter)

    @property
    def told_median(self) -> float | None:
        """`promises`: to how many each number of minutes was told."""
        many, before, middle = self.promises.total(), 0, []
        for minutes in sorted(self.promises):
            seen = before + self.promises[minutes]
            middle += [minutes for place in ((many + 1) // 2, many // 2 + 1) if before < place <= seen]
            before = seen
        return sum(middle) / 2 if middle else None

    @property
    def kept(self) -> int | None:
        """Percentage of those who were told a wait and waited no longer than that."""
        told = self.promises.total()
        return round(100 * self.held / told) if told else None

    @property
    def transfers_per_100(self) -> float | None:
        return round(100 * self.transfers / self.asked, 1) if self.asked else None

    @property
    def helped_share(self) -> int | None:
        """Percentage of those who said whether it helped, and said yes or partly."""
        return round(100 * self.helped / self.opinions) if self.opinions else None

    @property
    def endings(self) -> list[int]:
        return [self.outcomes[value] for value in Outcome.values]

    def add(self, sums: dict) -> None:
        self.asked += sums["asked"]
        self.taken += sums["taken"]
        self.transfers += sums["moved"]
        self.held += sums["held"]
        self.opinions += sums["said"]
        self.helped += sums["helped"]
        if sums["outcome"]:
            self.outcomes[sums["outcome"]] += sums["asked"]
        if sums["told"]:
            self.promises[sums["told_minutes"]] += sums["told"]


def report(desks: Iterable[Desk], period: Period) -> list[Row]:
    """One row per desk, then all of them: three statements. A conversation counts for the desk where it stands."""
    rows = {desk.pk: Row(desk.name) for desk in desks}
    every = Row("Tous les bureaux")
    talks = asked_in(rows, period)
    for sums in counted(talks):
        for row in (rows[sums["desk_id"]], every):
            row.add(sums)
    waits, told = list(ranked(talks.filter(WAITED))), list(ranked(talks.filter(TOLD)))
    for desk, row in [*rows.items(), (None, every)]:
        row.median, row.p90 = _middle(waits, desk), _nine_tenths(waits, desk)
        row.told_real_median = _middle(told, desk)
    return [*rows.values(), every]


# --- what the database is asked
class Seconds(Func):
    """A duration as a number."""

    output_field = FloatField()

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="EXTRACT(EPOCH FROM (%(expressions)s))", **context)

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="((%(expressions)s) / 1000000.0)", **context)


REAL = Seconds(F("waited"))
WAITED = Q(waited__isnull=False, deferred_at=None)
TOLD = WAITED & Q(told_minutes__isnull=False)
HELD = TOLD & Q(LessThanOrEqual(F("real"), Cast("told_minutes", FloatField()) * 60))


def asked_in(desks: Iterable[str], period: Period) -> QuerySet[Conversation]:
    start, end = period.bounds
    return Conversation.objects.filter(desk__in=list(desks), created_at__gte=start, created_at__lt=end).order_by()


def counted(talks: QuerySet[Conversation]) -> QuerySet:
    """Sums by desk, ending and minutes told."""
    return (
        talks.annotate(real=REAL)
        .values("desk_id", "outcome", "told_minutes")
        .annotate(
            asked=Count("pk"),
            taken=Count("pk", filter=Q(waited__isnull=False)),
            moved=Sum("transfers"),
            told=Count("pk", filter=TOLD),
            held=Count("pk", filter=HELD),
            said=Count("pk", filter=~Q(opinion="")),
            helped=Count("pk", filter=Q(opinion__in=[Opinion.YES, Opinion.PARTLY])),
        )
    )


def ranked(talks: QuerySet[Conversation]) -> QuerySet:
    """Of all these waits, only those in the middle or at nine tenths, of their desk or of all, with their place."""
    order = ["real", "pk"]
    desk = {"partition_by": "desk_id"}
    return (
        talks.annotate(
            real=REAL,
            desk_place=Window(RowNumber(), order_by=order, **desk),
            desk_many=Window(Count("pk"), **desk),
            place=Window(RowNumber(), order_by=order),
            many=Window(Count("pk")),
        )
        .filter(_matters("desk_place", "desk_many") | _matters("place", "many"))
        .values("desk_id", "real", "desk_place", "desk_many", "place", "many")
    )


def _matters(place: str, many: str) -> Q:
    place, many = F(place), F(many)
    middle = Q(GreaterThanOrEqual(place * 2, many)) & Q(LessThanOrEqual(place * 2, many + 2))
    tenths = Q(GreaterThanOrEqual(place * 10, many * 9)) & Q(LessThan(place * 10, many * 9 + 10))
    return middle | tenths


def _of(waits: Iterable[dict], desk: str | None) -> list[tuple[int, int, float]]:
    """(place, how many, minutes) within this desk, or within all of them."""
    if desk is None:
        return [(wait["place"], wait["many"], wait["real"] / 60) for wait in waits]
    mine = (wait for wait in waits if wait["desk_id"] == desk)
    return [(wait["desk_place"], wait["desk_many"], wait["real"] / 60) for wait in mine]


def _middle(waits: Iterable[dict], desk: str | None) -> float | None:
    found = [real for place, many, real in _of(waits, desk) if many <= place * 2 <= many + 2]
    return sum(found) / len(found) if found else None


def _nine_tenths(waits: Iterable[dict], desk: str | None) -> float | None:
    """Nearest rank: nine in ten waited that long or less."""
    return next((real for place, many, real in _of(waits, desk) if many * 9 <= place * 10 < many * 9 + 10), None)
