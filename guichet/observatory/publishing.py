"""Publish the months and years that are over, each once; what changed since is a revision, and both stay.

A month is published when it is over, a year after its December. Each publication is protected with all that is public
already (`disclosure`), and what was not given once is not given later.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib.crypto import fingerprint
from guichet.observatory.disclosure import Cell, Figure, disclosed, protect, published
from guichet.observatory.models import Publication
from guichet.observatory.tables import (
    TOTAL,
    Table,
    is_year,
    lines_of,
    month_of,
    months_between,
    one_total,
    raw_counts,
    since,
    year_of,
)

SYSTEM = "système"
Given = dict[str, Figure]


def digest_of(*, table: str, period: str, revision: int, figures: Given, previous: str) -> str:
    """What anybody can compute again: SHA-256 of this JSON, keys sorted, no space."""
    content = {"table": table, "period": period, "revision": revision, "figures": figures, "previous": previous}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# --- what there is to publish -------------------------------------------------------------------------
def periods_of(tables: Sequence[Table], today: date) -> dict[str, list[Table]]:
    """The months and years that are over, in the order in which they ended, with the tables that counted then."""
    begun = {key: month_of(day) for key, day in since(tables).items()}
    found: dict[str, list[Table]] = {}
    counted = [table for table in tables if table.key in begun]
    if not counted:
        return {}
    first = min(begun.values())
    for month in months_between(date(int(first[:4]), int(first[5:]), 1), today):
        found[month] = [table for table in counted if begun[table.key] <= month and not table.yearly]
        if month.endswith("-12"):
            found[year_of(month)] = [table for table in counted if begun[table.key] <= month]
    return {period: mine for period, mine in found.items() if mine}


@dataclass
class _Shelf:
    """What is published of a group of tables: the last revision of each, and whatever was ever not given."""

    last: dict[tuple[str, str], Publication] = field(default_factory=dict)
    never: dict[str, set[Cell]] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Collection[Table]) -> "_Shelf":
        shelf = cls()
        for row in Publication.objects.filter(table__in=[table.id for table in tables]).order_by("revision"):
            shelf.put(row)
        return shelf

    def put(self, row: Publication) -> None:
        self.last[row.table, row.period] = row
        hidden = {(row.table, value, row.period) for value, figure in row.figures.items() if figure is None}
        self.never.setdefault(row.period, set()).update(hidden)

    def given(self, scope: Mapping[str, Sequence[Table]], but: str) -> dict[Cell, Figure]:
        return {
            (table.id, value, period): self.last[table.id, period].figures.get(value, 0)
            for period, tables in scope.items()
            if period != but
            for table in tables
            if (table.id, period) in self.last
            for value in (TOTAL, *table.names)
        }


# --- publishing ---------------------------------------------------------------------------------------
def publish(tables: Sequence[Table], *, now: datetime | None = None) -> Counter:
    """How many were published for the first time (`new`) and how many were `revised`. Again changes nothing."""
    now = now or timezone.now()
    done: Counter = Counter()
    for group in dict.fromkeys(table.family for table in tables):
        mine = [table for table in tables if table.family == group]
        try:
            done.update(_publish_group(mine, now))
        except IntegrityError:  # another process published them at this moment
            continue
    return done


@transaction.atomic
def _publish_group(tables: list[Table], now: datetime) -> Counter:
    periods = periods_of(tables, timezone.localdate(now))
    counts, shelf, done = raw_counts(periods), _Shelf.of(tables), Counter()
    for period, mine in periods.items():
        seen = {table.id: _counted(table, period, counts) for table in mine}
        if all(_is_same(shelf.last.get((table.id, period)), seen[table.id]) for table in mine):
            continue
        year = {p: periods[p] for p in periods if year_of(p) == year_of(period)}
        scope = {p: found for p, found in year.items() if p == period or _is_out(shelf, found, p)}
        figures = figures_of(period, scope, counts, shelf)
        for table in mine:
            row = _next(table, period, figures[table.id], shelf.last.get((table.id, period)))
            row.counted, row.published_at = seen[table.id], now
            done[_keep(row)] += 1
            shelf.put(row)
    return done


def _is_out(shelf: _Shelf, tables: Collection[Table], period: str) -> bool:
    return all((table.id, period) in shelf.last for table in tables)


def _is_same(last: Publication | None, counted: str) -> bool:
    return last is not None and last.counted == counted


def _counted(table: Table, period: str, counts: Mapping[Cell, int]) -> str:
    """Tells whether a count moved, to nobody who has not our key: small counts could be found by trying."""
    mine = {value: counts[table.id, value, period] for value in table.names}
    return fingerprint("observatory", json.dumps([table.id, period, mine], sort_keys=True))


def figures_of(
    period: str, scope: Mapping[str, Sequence[Table]], counts: Mapping[Cell, int], shelf
) -> dict[str, Given]:
    """Table -> value -> figure for that period, safe beside all that is given for its year."""
    one = one_total(scope, counts)
    here = {(t.id, value, p): counts[t.id, value, p] for p in scope for t in scope[p] for value in (TOTAL, *t.names)}
    joined = {one.get(cell, cell): n for cell, n in here.items()}
    given: dict[Cell, Figure] = {}
    for cell, figure in shelf.given(scope, period).items():
        place = one.get(cell, cell)
        given[place] = None if figure is None or given.get(place, 0) is None else figure
    never = {one.get(cell, cell) for cell in shelf.never.get(period, ())}
    found = protect(joined, lines_of(scope, one), given=given, never=never)
    return {
        table.id: {
            value: figure
            for value in (TOTAL, *table.names)
            if (figure := found[one.get((table.id, value, period), (table.id, value, period))]) != 0 or value == TOTAL
        }
        for table in scope[period]
    }


def _next(table: Table, period: str, figures: Given, last: Publication | None) -> Publication:
    if last is not None and last.figures == figures:
        return last
    revision, previous = (last.revision + 1, last.digest) if last else (1, "")
    row = Publication(table=table.id, period=period, revision=revision, figures=figures)
    row.digest = digest_of(table=table.id, period=period, revision=revision, figures=figures, previous=previous)
    return row


def _keep(row: Publication) -> str:
    if row.pk:  # the counts moved, what is shown of them did not
        Publication.objects.filter(pk=row.pk).update(counted=row.counted)
        return "same"
    row.save(force_insert=True)
    if row.revision > 1:
        detail = {"révision": row.revision}
        audit.record(actor=SYSTEM, verb="chiffre révisé", target=f"{row.table}:{row.period}", detail=detail)
        return "revised"
    return "new"


# --- reading ------------------------------------------------------------------------------------------
def history(table: str) -> list[Publication]:
    """Every revision of every period, the latest period first, its first revision first."""
    return list(Publication.objects.filter(table=table).order_by("-period", "revision"))


def last_month_of(table: str) -> str:
    """The last month that is published of this table; nothing when none is."""
    months = Publication.objects.filter(table=table, period__contains="-")
    return months.order_by("-period").values_list("period", flat=True).first() or ""


def latest(tables: Collection[str], periods: Collection[str]) -> dict[tuple[str, str], Publication]:
    """(table, period) -> its last revision. One statement."""
    rows = Publication.objects.filter(table__in=tables, period__in=periods).order_by("revision")
    return {(row.table, row.period): row for row in rows}


# --- checking -----------------------------------------------------------------------------------------
@dataclass
class Verdict:
    """What a second look at everything published found."""

    publications: int = 0
    figures: int = 0
    problems: list[str] = field(default_factory=list)


def check(tables: Sequence[Table], *, now: datetime | None = None) -> Verdict:
    """Every digest again, every figure again from the raw counts, and every sum that a reader could write."""
    found, today = Verdict(), timezone.localdate(now or timezone.now())
    for group in dict.fromkeys(table.family for table in tables):
        mine = [table for table in tables if table.family == group]
        _check_digests(mine, found)
        _check_figures(mine, today, found)
    return found


def _check_digests(tables: Collection[Table], found: Verdict) -> None:
    for table in tables:
        previous: dict[str, Publication] = {}
        for row in Publication.objects.filter(table=table.id).order_by("period", "revision"):
            before = previous.get(row.period)
            expected = digest_of(
                table=row.table,
                period=row.period,
                revision=before.revision + 1 if before else 1,
                figures=row.figures,
                previous=before.digest if before else "",
            )
            if expected != row.digest:
                found.problems.append(f"{row} : l'empreinte n'est pas celle des chiffres.")
            previous[row.period] = row
            found.publications += 1


def _check_figures(tables: list[Table], today: date, found: Verdict) -> None:
    shelf = _Shelf.of(tables)
    periods = periods_of(tables, today)
    scope = {p: [t for t in mine if (t.id, p) in shelf.last] for p, mine in periods.items()}
    scope = {p: mine for p, mine in scope.items() if mine}
    counts = raw_counts(scope)
    one = one_total(scope, counts)
    given = shelf.given(scope, "")
    for cell, figure in given.items():
        found.figures += 1
        if figure is not None and figure != published(counts[cell]):
            found.problems.append(f"{cell[0]} {cell[2]} « {cell[1]} » : {figure} publié, autre chose compté.")
    joined = {one.get(cell, cell): counts[cell] for cell in given}
    shown = {one.get(cell, cell): figure for cell, figure in given.items()}
    for year in {year_of(period) for period in scope}:
        part = {p: mine for p, mine in scope.items() if year_of(p) == year}
        for cell, (least, most) in disclosed(joined, shown, lines_of(part, one)):
            if cell[2] in part:
                found.problems.append(f"{cell[0]} {cell[2]} « {cell[1]} » : se devine, de {least} à {most}.")


def missing(tables: Sequence[Table], *, now: datetime | None = None) -> list[str]:
    """What is over and not yet published."""
    periods = periods_of(tables, timezone.localdate(now or timezone.now()))
    out = latest([table.id for table in tables], list(periods))
    return [f"{t.id} {p}" for p, mine in periods.items() for t in mine if (t.id, p) not in out and not _later(t, p)]


def _later(table: Table, period: str) -> bool:
    return table.yearly and not is_year(period)
