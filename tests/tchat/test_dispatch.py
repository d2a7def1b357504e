"""Which desk answers: a table that a gendarme could read, then every commune, threat and severity."""

import itertools
import zlib

import pytest

from diagnostic import content
from guichet.territory.models import Commune, Competence
from tchat import dispatch

pytestmark = pytest.mark.django_db

TABLE = """
commune | threat                       | severity | fact           | desk        | institution | source
59043   | sextorsion                   | 4        |                | police      | PN          | officielle
59001   | sextorsion                   | 4        |                | gendarmerie | GN          | officielle
59043   | sextorsion                   | 4        | minor          | specialise  | PN          | officielle
59001   | logiciel-espion              | 4        | author_partner | specialise  | GN          | officielle
59043   | logiciel-espion              | 3        | author_partner | police      | PN          | officielle
59001   | haine-en-ligne               | 4        |                | specialise  | GN          | officielle
59001   | haine-en-ligne               | 3        |                | gendarmerie | GN          | officielle
13004   | faux-conseiller-bancaire     | 4        |                | police      | PN          | partagee
78621   | faux-conseiller-bancaire     | 4        |                | commun      |             | inconnue
75056   | rancongiciel-organisation    | 4        |                | police      | PN          | officielle
        | faux-conseiller-bancaire     | 4        |                | commun      |             | inconnue
        | sollicitation-sexuelle-mineur| 4        |                | specialise  |             | inconnue
97611   | faux-rib                     | 3        |                | police      | PN          | officielle
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]


def hash_of(code: str) -> int:
    return zlib.crc32(code.encode())


@pytest.mark.parametrize(("commune", "threat", "severity", "fact", "desk", "institution", "source"), ROWS)
def test_desk_for_a_commune_a_threat_and_a_fact(reference, commune, threat, severity, fact, desk, institution, source):
    routing = dispatch.route(
        commune=commune, abroad=False, threat=threat, severity=int(severity), facts=frozenset({fact} - {""})
    )

    assert (routing.desk, routing.institution, routing.source) == (desk, institution, source)
    assert routing.reasons


def test_someone_abroad_goes_to_the_shared_desk(reference):
    routing = dispatch.route(commune="", abroad=True, threat="faux-rib", severity=4)

    assert (routing.desk, routing.source) == ("commun", "etranger")


def test_a_shared_commune_names_the_service_of_the_desk_that_answers(reference):
    routing = dispatch.route(commune="13004", abroad=False, threat="faux-rib", severity=3)

    service = Competence.objects.get(commune="13004", institution="PN").service
    assert routing.service_id == service.pk
    assert "à confirmer" in routing.reasons[0]


def test_every_commune_threat_and_severity_gives_exactly_one_desk(reference):
    forces: dict[str, set[str]] = {code: set() for code in Commune.objects.values_list("code", flat=True)}
    for code, institution in Competence.objects.values_list("commune", "institution"):
        forces[code].add(institution)
    places = {
        frozenset(): dispatch.UNKNOWN,
        frozenset({""}): dispatch.UNKNOWN,
        **{
            frozenset(each): dispatch.Place(each[0], None, "", "officielle", "parce que")
            for each in (("PN",), ("GN",), ("PN", "GN"))
        },
    }
    combinations = list(itertools.product(content.published().threats, range(1, 5)))

    desks = {
        (code, threat, severity): dispatch.decide(place=places[frozenset(known)], threat=threat, severity=severity).desk
        for code, known in forces.items()
        if hash_of(code) % 50 == 0 or known in (set(), {""}, {"PN", "GN"})
        for threat, severity in combinations
    }

    assert set(desks.values()) == {"police", "gendarmerie", "specialise", "commun"}
    assert {frozenset(known) for known in forces.values()} <= set(places)
