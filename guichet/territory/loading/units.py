"""Bring the places open to the public to the state of one official list, police or gendarmerie."""

import datetime as dt
import math
from collections.abc import Callable
from typing import NamedTuple

from guichet.lib.text import fold
from guichet.territory.departements import DEPARTEMENTS
from guichet.territory.enums import UNIT_TOPICS, Institution
from guichet.territory.hours import read_hours
from guichet.territory.loading.formats import UnitRow
from guichet.territory.loading.organisations import write_organisations
from guichet.territory.loading.report import Report
from guichet.territory.models import Alias, Commune, Postcode, Service, Unit


class Stored(NamedTuple):
    """A unit as its table keeps it."""

    institution: str
    official_id: str
    name: str
    folded: str
    service_id: int | None
    commune_id: str | None
    departement: str
    postcode: str
    address: str
    phone: str
    hours: str
    url: str
    lat: float | None
    lng: float | None


def write_units(
    institution: Institution, rows: list[UnitRow], *, rejected: list[str], day: dt.date, force: bool = False
) -> Report:
    place_of, service_of = _places(), _services(institution)
    wanted: dict[tuple[str, str], Stored] = {}
    for row in rows:
        unit = _stored(row, place_of(row), service_of)
        key = (unit.official_id, "") if unit.official_id else (unit.folded, unit.postcode)
        if key in wanted:
            rejected.append(f"{row.name} ({row.postcode}) : présente deux fois")
        else:
            wanted[key] = unit
    outcome = write_organisations(
        Unit, wanted, fields=Stored._fields, place="postcode", day=day, institution=institution
    )
    unread = [f"{unit.name} : {line}" for unit in wanted.values() for line in read_hours(unit.hours).unread]
    report = Report(
        UNIT_TOPICS[institution], outcome.known, outcome.added, outcome.changed, outcome.removed, rejected, unread
    )
    report.guard(force=force)
    return report


def _places() -> Callable[[UnitRow], Commune | None]:
    """The commune of a unit: by its INSEE code, today's or a former one, else by name and postcode or département."""
    communes = {commune.code: commune for commune in Commune.objects.current()}
    former = dict(Alias.objects.values_list("code", "commune"))
    names: dict[tuple[str, str], Commune] = {}
    for commune in communes.values():
        names[commune.folded, commune.departement] = commune
    for code, commune in Postcode.objects.values_list("code", "commune"):
        if commune in communes:
            names[communes[commune].folded, code] = communes[commune]

    def place_of(row: UnitRow) -> Commune | None:
        name = fold(row.commune_name)
        return (
            communes.get(row.commune_code)
            or communes.get(former.get(row.commune_code, ""))
            or names.get((name, row.postcode))
            or names.get((name, row.departement))
        )

    return place_of


def _services(institution: Institution) -> dict[tuple[str, str], int]:
    """Services by identifier, and by folded name and département where there is none."""
    found = {}
    for pk, official_id, folded, departement in Service.objects.filter(institution=institution).values_list(
        "pk", "official_id", "folded", "departement"
    ):
        found[folded, departement] = pk
        if official_id:
            found[official_id, ""] = pk
    return found


def _stored(row: UnitRow, commune: Commune | None, services: dict[tuple[str, str], int]) -> Stored:
    folded = fold(row.name)
    departement = commune.departement if commune else row.departement
    lat, lng = orient(row.x, row.y, commune)
    return Stored(
        institution=row.institution,
        official_id=row.official_id,
        name=row.name,
        folded=folded,
        service_id=services.get((row.official_id, "")) or services.get((folded, departement)),
        commune_id=commune.code if commune else None,
        departement=departement if departement in DEPARTEMENTS else "",
        postcode=row.postcode,
        address=row.address,
        phone=row.phone,
        hours=row.hours,
        url=row.url,
        lat=lat,
        lng=lng,
    )


def orient(x: float | None, y: float | None, commune: Commune | None) -> tuple[float | None, float | None]:
    """(latitude, longitude) from the columns x and y, x being the longitude: some rows of the source are swapped."""
    if x is None or y is None:
        return None, None
    if commune and commune.lat is not None and commune.lng is not None:
        centre = (commune.lat, commune.lng)
        return min((y, x), (x, y), key=lambda point: math.dist(point, centre))
    return (y, x) if abs(y) <= 90 else (x, y)
