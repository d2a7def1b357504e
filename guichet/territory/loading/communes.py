"""Bring the communes, their postcodes and their former names to the state of one file."""

import datetime as dt
from collections import defaultdict

from django.db.models import F

from guichet.lib.text import fold
from guichet.territory.enums import Topic
from guichet.territory.loading.bulk import delete_by_key, upsert
from guichet.territory.loading.formats import CommuneRow, Territory
from guichet.territory.loading.report import Report
from guichet.territory.models import Alias, Commune, Postcode

FIELDS = ("code", "name", "kind", "departement", "population", "parent", "lat", "lng")
WRITTEN = (*FIELDS, "folded", "ended_at", "successor", "notes")


def write_communes(territory: Territory, *, rejected: list[str], day: dt.date, force: bool = False) -> Report:
    """A commune that the file no longer has is marked ended, with the commune that its former code leads to."""
    report = Report(Topic.COMMUNES, rejected=rejected)
    known = _known()
    rows = {row.code: _with_centre(row, known) for row in territory.communes}
    report.compare(known, rows)
    report.guard(force=force)
    touched = [rows[code] for code in (*report.added, *report.changed)]
    upsert(Commune, WRITTEN, [_values(row) for row in touched], key=["code"], keep=["notes"])
    _end(report.removed, territory, day=day)
    _write_postcodes(rows)
    _write_aliases(territory, rows)
    return report


def _known() -> dict[str, CommuneRow]:
    postcodes = defaultdict(list)
    for code, commune in Postcode.objects.order_by("code").values_list("code", "commune"):
        postcodes[commune].append(code)
    stored = Commune.objects.current().values_list(*FIELDS)
    return {row[0]: CommuneRow(*row, postcodes=tuple(postcodes[row[0]])) for row in stored}


def _with_centre(row: CommuneRow, known: dict[str, CommuneRow]) -> CommuneRow:
    """The official code has no coordinates: the centre we know stays."""
    if row.lat is not None or row.code not in known:
        return row
    return row._replace(lat=known[row.code].lat, lng=known[row.code].lng)


def _values(row: CommuneRow) -> tuple:
    return (*row[: len(FIELDS)], fold(row.name), None, None, "")


def _end(codes: list[str], territory: Territory, *, day: dt.date) -> None:
    heirs = {alias.code: alias.commune for alias in territory.aliases}
    for code in codes:
        heir = heirs.get(code)
        Commune.objects.filter(pk=code).update(ended_at=day, successor=heir)
        Commune.objects.filter(successor=code).update(successor=heir or F("successor"))


def _write_postcodes(rows: dict[str, CommuneRow]) -> None:
    wanted = {(code, row.code) for row in rows.values() for code in row.postcodes}
    known = {(code, commune): pk for pk, code, commune in Postcode.objects.values_list("pk", "code", "commune")}
    delete_by_key(Postcode, [pk for key, pk in known.items() if key not in wanted])
    upsert(Postcode, ["code", "commune"], sorted(wanted - known.keys()), key=["code", "commune"])


def _write_aliases(territory: Territory, rows: dict[str, CommuneRow]) -> None:
    wanted = {tuple(alias) for alias in territory.aliases if alias.commune in rows}
    known = {tuple(key): pk for pk, *key in Alias.objects.values_list("pk", "code", "name", "commune")}
    delete_by_key(Alias, [pk for key, pk in known.items() if key not in wanted])
    added = [(*key, fold(key[1])) for key in sorted(wanted - known.keys())]
    upsert(Alias, ["code", "name", "commune", "folded"], added, key=["code", "name", "commune"])
