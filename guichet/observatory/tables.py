"""The published tables: what each counts, and the sums that tie them together."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Min, Sum
from django.db.models.functions import TruncMonth

from guichet.observatory.disclosure import Cell, Line
from guichet.observatory.models import Count

MONTHS = 12
OTHERS = "autres"
TOTAL = ""
Raw = Mapping[Cell, int]


def _as_it_is(value: str) -> str:
    return value


@dataclass(frozen=True)
class Margin:
    """Each value of a table belongs to one of another table that counts the same people: « 59/argent » to « 59 »."""

    table: str
    of: Callable[[str], str]


@dataclass(frozen=True)
class Table:
    """`id` is stable, as its address is. `labels`: every value that may be published, with its words; `read`: from
    the counter's value to one of them. The tables of one `group` count the same things, so their totals are one."""

    id: str
    key: str
    title: str
    unit: str
    note: str = ""
    labels: Callable[[], Mapping[str, str]] = field(default=dict)
    group: str = ""
    read: Callable[[str], str] = _as_it_is
    margins: tuple[Margin, ...] = ()
    yearly: bool = False

    @property
    def names(self) -> dict[str, str]:
        return {**self.labels(), OTHERS: "Autres"}

    @property
    def family(self) -> str:
        return self.group or self.id


# The tables that are published for each period.
Scope = Mapping[str, Sequence[Table]]


# --- periods ------------------------------------------------------------------------------------------
def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def year_of(period: str) -> str:
    return period[:4]


def is_year(period: str) -> bool:
    return len(period) == 4


def first_day(period: str) -> date:
    return date(int(period[:4]), 1 if is_year(period) else int(period[5:]), 1)


def closed_months(today: date, months: int = MONTHS) -> tuple[date, ...]:
    """The first days of the last whole months, oldest first."""
    index = today.year * 12 + today.month - 1
    return tuple(date((index - back) // 12, (index - back) % 12 + 1, 1) for back in range(months, 0, -1))


def months_between(since: date, today: date) -> tuple[str, ...]:
    """Whole months from that of `since`, this one excluded."""
    many = (today.year - since.year) * 12 + today.month - since.month
    return tuple(map(month_of, closed_months(today, many))) if many > 0 else ()


# --- counts -------------------------------------------------------------------------------------------
def since(tables: Collection[Table]) -> dict[str, date]:
    """Counter -> the first day it counted. One statement."""
    keys = {table.key for table in tables}
    rows = Count.objects.filter(key__in=keys).order_by().values("key").annotate(first=Min("day"))
    return {row["key"]: row["first"] for row in rows}


def raw_counts(scope: Scope) -> dict[Cell, int]:
    """One statement: the true counts of these tables, totals and zeros included; never shown as they are."""
    tables = list(dict.fromkeys(table for mine in scope.values() for table in mine))
    names = {table.id: table.names for table in tables}
    found = {
        (table.id, value, period): 0
        for period, mine in scope.items()
        for table in mine
        for value in (TOTAL, *names[table.id])
    }
    years = {int(year_of(period)) for period in scope}
    rows = Count.objects.filter(key__in={table.key for table in tables}, day__year__in=years).order_by()
    for row in rows.annotate(month=TruncMonth("day")).values("key", "month", "value").annotate(total=Sum("n")):
        month = month_of(row["month"])
        for table in (each for each in tables if each.key == row["key"]):
            value = _known_value(table, table.read(row["value"]), names[table.id])
            for period in (month, year_of(month)):
                if (table.id, TOTAL, period) in found:
                    found[table.id, value, period] += row["total"]
                    found[table.id, TOTAL, period] += row["total"]
    return found


def _known_value(table: Table, value: str, names: Mapping[str, str]) -> str:
    """A value without words (a threat that left the catalogue) is told with the others."""
    if value in names:
        return value
    nearest = f"{value.partition('/')[0]}/{OTHERS}"
    return nearest if table.margins and nearest in names else OTHERS


# --- sums ---------------------------------------------------------------------------------------------
def one_total(scope: Scope, counts: Raw) -> dict[Cell, Cell]:
    """Totals of tables that count the same things are one cell, unless one of them counts otherwise that month."""
    found = {}
    for period, tables in scope.items():
        for group in {table.family for table in tables}:
            mine = [(table.id, TOTAL, period) for table in tables if table.family == group]
            if len({counts[cell] for cell in mine}) == 1:
                found |= dict.fromkeys(mine, (f"={group}", TOTAL, period))
    return found


def lines_of(scope: Scope, one: Mapping[Cell, Cell]) -> list[Line]:
    """Every sum that ties published figures: values to totals, values to what they belong to, months to years."""
    lines = []
    for period, tables in scope.items():
        here = {table.id: table for table in tables}
        for table in tables:
            total = (table.id, TOTAL, period)
            lines.append(Line(tuple((table.id, value, period) for value in table.names), one.get(total, total)))
            for margin in table.margins:
                if margin.table in here:
                    lines += _margin_lines(table, here[margin.table], margin, period)
            if is_year(period) and not table.yearly:
                lines += _time_lines(table, period, [p for p in scope if table in scope[p]], one)
    return list(dict.fromkeys(lines))


def _margin_lines(table: Table, parent: Table, margin: Margin, period: str) -> list[Line]:
    parts: dict[str, list[Cell]] = {}
    for value in table.names:
        parts.setdefault(margin.of(value), []).append((table.id, value, period))
    return [Line(tuple(cells), (parent.id, of, period)) for of, cells in parts.items() if of in parent.names]


def _time_lines(table: Table, year: str, periods: Iterable[str], one: Mapping[Cell, Cell]) -> Iterator[Line]:
    months = [period for period in periods if not is_year(period) and year_of(period) == year]
    for value in (TOTAL, *table.names) if months else ():
        cells = [(table.id, value, period) for period in (*months, year)]
        cells = [one.get(cell, cell) for cell in cells]
        yield Line(tuple(cells[:-1]), cells[-1], over_time=True)
