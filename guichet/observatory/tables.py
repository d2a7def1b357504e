"""The published tables: whole months, read from the counters, each figure through the disclosure rule."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from guichet.observatory.disclosure import Figure, Grid
from guichet.observatory.models import Count

MONTHS = 12
OTHERS = "autres"


@dataclass(frozen=True)
class Table:
    """`id` is stable, as its address is. `labels`: every value that may be published, with its words."""

    id: str
    key: str
    title: str
    unit: str
    note: str = ""
    labels: Callable[[], Mapping[str, str]] = field(default=dict)


@dataclass(frozen=True)
class Row:
    value: str
    label: str
    months: tuple[Figure, ...]
    year: Figure


@dataclass(frozen=True)
class Figures:
    """`months` oldest first; each row and the total give one figure a month, and one for all of them."""

    table: Table
    months: tuple[date, ...]
    rows: tuple[Row, ...]
    total: Row

    @property
    def is_empty(self) -> bool:
        return not self.rows


def closed_months(today: date) -> tuple[date, ...]:
    """The first days of the last twelve whole months, oldest first."""
    index = today.year * 12 + today.month - 1
    return tuple(date((index - back) // 12, (index - back) % 12 + 1, 1) for back in range(MONTHS, 0, -1))


def figures(table: Table, *, today: date) -> Figures:
    """One statement. Values without words (a threat that left the catalogue) are told together, as others."""
    months = closed_months(today)
    found: Counter = Counter()
    rows = Count.objects.filter(key=table.key, day__gte=months[0], day__lt=today.replace(day=1))
    for row in rows.annotate(month=TruncMonth("day")).values("month", "value").annotate(total=Sum("n")).order_by():
        found[row["value"], row["month"]] += row["total"]
    labels = dict(table.labels())
    for value, month in list(found):
        if value not in labels:
            found[OTHERS, month] += found.pop((value, month))
    labels[OTHERS] = "Autres"
    counts = [[found[value, month] for month in months] for value in labels]
    grid = Grid(counts, [sum(column) for column in zip(*counts, strict=True)]).rows
    named = zip(labels.items(), grid[:-1], strict=True)
    lines = [Row(value, label, tuple(row[:-1]), row[-1]) for (value, label), row in named]
    shown = sorted((line for line in lines if line.year != 0), key=lambda line: (-(line.year or 0), line.label))
    return Figures(table, months, tuple(shown), Row("", "Ensemble", tuple(grid[-1][:-1]), grid[-1][-1]))
