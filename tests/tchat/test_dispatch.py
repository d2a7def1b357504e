"""Which desk answers: a table that a gendarme could read, then every commune, threat and severity."""

import datetime as dt
import itertools

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


NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(("commune", "threat", "severity", "fact", "desk", "institution", "source"), ROWS)
def test_desk_for_a_commune_a_threat_and_a_fact(reference, commune, threat, severity, fact, desk, institution, source):
    routing = dispatch.route(
        commune=commune, abroad=False, threat=threat, severity=int(severity), when=NOW, facts=frozenset({fact} - {""})
    )

    assert (routing.desk, routing.institution, routing.source) == (desk, institution, source)
    assert routing.reasons


def test_someone_abroad_goes_to_the_shared_desk(reference):
    routing = dispatch.route(commune="", abroad=True, threat="faux-rib", severity=4, when=NOW)

    assert (routing.desk, routing.source) == ("commun", "etranger")


def test_a_shared_commune_names_the_service_of_the_desk_that_answers(reference):
    routing = dispatch.route(commune="13004", abroad=False, threat="faux-rib", severity=3, when=NOW)

    service = Competence.objects.get(commune="13004", institution="PN").service
    assert routing.service_id == service.pk
    assert "à confirmer" in routing.reasons[0]


# A night desk: police at night goes to the shared desk, except what is grave; a week-end rule for one threat.
AT_NIGHT = dispatch.Rules(
    rules=(
        dispatch.Rule("specialise", min_severity=4),
        dispatch.Rule("commun", where="PN", opens=dt.time(20), closes=dt.time(7), reason="la nuit"),
        dispatch.Rule("gendarmerie", threats=frozenset({"faux-rib"}), weekdays=frozenset({6, 7}), reason="week-end"),
        *dispatch.DEFAULT.rules,
    )
)


def test_every_commune_threat_severity_and_hour_gives_one_desk(reference):
    """Communes differ, for the rules, only by the forces that are competent: each is one of these places."""
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
    monday = dt.datetime(2026, 11, 23, 0, 30, tzinfo=dispatch.PARIS)
    hours = [monday + dt.timedelta(hours=each) for each in range(7 * 24)]
    matters = list(itertools.product(set(places.values()), content.published().threats, range(1, 5)))

    desks = {
        dispatch.decide(place=place, threat=threat, severity=severity, when=hour, rules=rules).desk
        for rules, when in ((dispatch.DEFAULT, hours[:1]), (AT_NIGHT, hours))
        for place, threat, severity in matters
        for hour in when
    }

    assert desks == {"police", "gendarmerie", "specialise", "commun"}
    assert {frozenset(known) for known in forces.values()} <= set(places)


@pytest.mark.parametrize(
    ("threat", "day", "hour", "desk"),
    [
        ("faux-conseiller-bancaire", 23, 19, "police"),
        ("faux-conseiller-bancaire", 23, 20, "commun"),
        ("faux-conseiller-bancaire", 24, 6, "commun"),
        ("faux-conseiller-bancaire", 24, 7, "police"),
        ("faux-rib", 27, 12, "police"),
        ("faux-rib", 28, 12, "gendarmerie"),
    ],
)
def test_rule_holds_in_its_hours_and_on_its_days(threat, day, hour, desk):
    place = dispatch.Place("PN", None, "", "officielle", "parce que")
    when = dt.datetime(2026, 11, day, hour, tzinfo=dispatch.PARIS)

    assert dispatch.decide(place=place, threat=threat, severity=3, when=when, rules=AT_NIGHT).desk == desk


def test_night_of_a_friday_rule_goes_on_after_midnight():
    friday_night = dispatch.Rule("commun", weekdays=frozenset({5}), opens=dt.time(22), closes=dt.time(6))
    place = dispatch.Place("PN", None, "", "officielle", "parce que")

    def holds(day: int, hour: int) -> bool:
        when = dt.datetime(2026, 11, day, hour, tzinfo=dispatch.PARIS)
        return friday_night.holds(dispatch.Matter(place, "faux-rib", 3, frozenset(), when))

    assert [holds(27, 21), holds(27, 23), holds(28, 5), holds(28, 6), holds(27, 3)] == [False, True, True, False, False]


def test_rules_that_name_nobody_leave_it_to_the_shared_desk():
    rules = dispatch.Rules(rules=(dispatch.Rule("police", min_severity=4),))

    routing = dispatch.decide(place=dispatch.UNSAID, threat="faux-rib", severity=1, when=NOW, rules=rules)

    assert (routing.desk, routing.reasons[0]) == ("commun", "bureau commun aux deux forces")
