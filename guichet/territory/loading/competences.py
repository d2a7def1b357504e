"""Bring the services and the competence of every commune to the state of one edition."""

import datetime as dt
import re
from collections import Counter, defaultdict
from typing import NamedTuple

from guichet.lib.text import fold
from guichet.territory.enums import Topic
from guichet.territory.loading.bulk import delete_by_key, upsert
from guichet.territory.loading.formats import CompetenceRow
from guichet.territory.loading.organisations import write_organisations
from guichet.territory.loading.report import Report
from guichet.territory.models import Alias, Commune, Competence, Edition, Service

PREFIX = re.compile(r"^(commissariat (?:de police|de secteur|d agglomeration)|brigade) (?:d |de )?")
ARTICLES = {"des": "les", "du": "le"}

ServiceKey = tuple[str, str]


class Place(NamedTuple):
    code: str
    folded: str
    departement: str
    population: int


class ServiceRow(NamedTuple):
    institution: str
    official_id: str
    name: str
    folded: str
    departement: str
    seat_id: str


def write_competences(
    rows: list[CompetenceRow], *, edition: Edition, rejected: list[str], day: dt.date, force: bool = False
) -> Report:
    report = Report(Topic.COMPETENCES, rejected=rejected)
    places = {row[0]: Place(*row) for row in Commune.objects.values_list("code", "folded", "departement", "population")}
    kept = _kept(rows, places, report.rejected)
    services = _write_services(kept, places, day=day)
    wanted = {(row.commune, row.institution): services.get(_service_key(row)) for row in kept}
    stored = Competence.objects.values_list("commune_id", "institution", "service_id", "pk")
    rows_of = {(row[0], row[1]): row for row in stored}
    report.compare({key: row[2] for key, row in rows_of.items()}, wanted)
    report.guard(force=force)
    delete_by_key(Competence, [rows_of[key][3] for key in report.removed])
    Competence.objects.update(edition=edition)
    touched = [(*key, wanted[key], edition.pk, "") for key in (*report.added, *report.changed)]
    upsert(
        Competence,
        ["commune", "institution", "service", "edition", "notes"],
        touched,
        key=["commune", "institution"],
        keep=["notes"],
    )
    return report


def _kept(rows: list[CompetenceRow], places: dict[str, Place], rejected: list[str]) -> list[CompetenceRow]:
    """One row for each commune and force; a blank force only where no other row names one."""
    kept: dict[tuple[str, str], CompetenceRow] = {}
    for row in rows:
        key = (row.commune, row.institution)
        if row.commune not in places:
            rejected.append(f"{row.commune} : commune inconnue")
        elif key not in kept:
            kept[key] = row
        elif _service_key(kept[key]) != _service_key(row):
            rejected.append(f"{row.commune} : deuxième service de la même force ({row.service})")
    named = {commune for commune, institution in kept if institution}
    return [row for (commune, institution), row in kept.items() if institution or commune not in named]


def _service_key(row: CompetenceRow) -> ServiceKey | None:
    """The identifier where there is one, else the name, which the source writes with either apostrophe.

    Not folded: « Saint-Denis » is in Seine-Saint-Denis, « Saint Denis » in La Réunion.
    """
    if not row.institution or not (row.official_id or row.service):
        return None
    return row.institution, row.official_id or row.service.replace("’", "'")


def _write_services(kept: list[CompetenceRow], places: dict[str, Place], *, day: dt.date) -> dict[ServiceKey, int]:
    """Create, rename and end services; a service keeps its row while its identifier or its name stays."""
    served: dict[ServiceKey, list[CompetenceRow]] = defaultdict(list)
    for row in kept:
        if key := _service_key(row):
            served[key].append(row)
    seats = _seats(places)
    wanted = {key: describe(rows, places, seats) for key, rows in served.items()}
    return write_organisations(Service, wanted, fields=ServiceRow._fields, place="departement", day=day).rows


def _seats(places: dict[str, Place]) -> dict[tuple[str, str], Place]:
    """Communes by folded name and département, former names included."""
    former = Alias.objects.exclude(folded="").values_list("folded", "commune")
    seats = {(folded, places[code].departement): places[code] for folded, code in former}
    return seats | {(place.folded, place.departement): place for place in places.values()}


def describe(rows: list[CompetenceRow], places: dict[str, Place], seats: dict[tuple[str, str], Place]) -> ServiceRow:
    """Where a service sits: the file does not say, its name mostly does, else the largest commune it serves."""
    name = Counter(row.service for row in rows).most_common(1)[0][0]
    served = [places[row.commune] for row in rows]
    by_name = {place.folded: place for place in served}
    main = Counter(place.departement for place in served).most_common(1)[0][0]
    towns = seat_names(name)
    found = [by_name.get(town) for town in towns] + [seats.get((town, main)) for town in towns]
    seat = next(filter(None, found), None) or max(served, key=lambda place: place.population)
    return ServiceRow(rows[0].institution, rows[0].official_id, name, fold(name), seat.departement, seat.code)


def seat_names(service: str) -> list[str]:
    """« Brigade des Arcs » sits in « les arcs », « …police d'Arles » in « arles », « Catelet » in « le catelet »."""
    town = PREFIX.sub("", fold(service))
    first, _, rest = town.partition(" ")
    if first in ARTICLES:
        return [f"{ARTICLES[first]} {rest}"]
    return [town, *(f"{article} {town}" for article in ("le", "la", "les", "l"))]
