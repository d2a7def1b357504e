"""One published table as people read it: its last months, what they add up to, its years, each with its revision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from guichet.observatory.disclosure import Figure
from guichet.observatory.models import Publication
from guichet.observatory.publishing import latest
from guichet.observatory.tables import TOTAL, Table, closed_months, month_of

YEARS = 5


@dataclass(frozen=True)
class Row:
    """`at_least`: the sum of the figures given; `complete` when every month is given."""

    value: str
    label: str
    months: tuple[Figure, ...]
    years: tuple[Figure, ...]

    @property
    def at_least(self) -> int:
        return sum(figure or 0 for figure in self.months)

    @property
    def complete(self) -> bool:
        return None not in self.months

    @property
    def is_nothing(self) -> bool:
        return not any(figure != 0 for figure in (*self.months, *self.years))


@dataclass(frozen=True)
class Period:
    name: str
    revision: int
    published_at: object


@dataclass(frozen=True)
class Series:
    """`months` and `years`: those that are published, oldest first; `rows`: the largest first."""

    table: Table
    months: tuple[Period, ...]
    years: tuple[Period, ...]
    rows: tuple[Row, ...]
    total: Row

    @property
    def is_empty(self) -> bool:
        return not self.rows

    @property
    def revised(self) -> bool:
        return any(period.revision > 1 for period in (*self.months, *self.years))


def periods_shown(today: date) -> tuple[list[str], list[str]]:
    months = [month_of(day) for day in closed_months(today)]
    return months, [str(year) for year in range(today.year - YEARS, today.year)]


def read(tables: Sequence[Table], *, today: date) -> list[Series]:
    """One statement for all of them, and what their labels cost."""
    months, years = periods_shown(today)
    out = latest([table.id for table in tables], [*months, *years])
    return [_series(table, months, years, out) for table in tables]


def _series(
    table: Table, months: Sequence[str], years: Sequence[str], out: Mapping[tuple[str, str], Publication]
) -> Series:
    shown = [[out[table.id, period] for period in each if (table.id, period) in out] for each in (months, years)]

    def row(value: str, label: str) -> Row:
        found = [tuple(publication.figures.get(value, 0) for publication in each) for each in shown]
        return Row(value, label, *found)

    rows = [row(value, label) for value, label in table.names.items()]
    rows = [each for each in rows if not each.is_nothing]
    rows.sort(key=lambda each: (-each.at_least, -sum(n or 0 for n in each.years), each.label))
    periods = [tuple(Period(p.period, p.revision, p.published_at) for p in each) for each in shown]
    return Series(table, *periods, tuple(rows), row(TOTAL, "Ensemble"))
