"""The packed file, whole: every postcode, every commune."""

import datetime as dt
from collections import Counter, defaultdict

import pytest
from django.core.management import call_command
from django.db import connection

from guichet.territory.loading.reference import load_reference
from guichet.territory.models import Alias, Commune, Competence, Edition, Postcode, Service
from guichet.territory.services import communes_of_postcode, competence_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

NO_ROW = {"15035", "15047", "15171", "98411", "98412", "98413", "98414", "98415", "98901"}
CITIES = {"13055", "69123", "75056"}


def test_everything_of_the_file_is_loaded():
    assert Commune.objects.count() == 35_014
    assert Commune.objects.filter(kind="arrondissement").count() == 45
    assert Alias.objects.count() == 6_816
    assert Competence.objects.count() == 35_008
    assert Counter(Service.objects.values_list("institution", flat=True)) == {"GN": 3_034, "PN": 402}


def test_competence_counts_are_those_of_the_edition():
    forces = defaultdict(list)
    for commune, institution in Competence.objects.order_by("institution").values_list("commune", "institution"):
        forces[commune].append(institution)

    assert Counter(map(tuple, forces.values())) == {("GN",): 33_264, ("PN",): 1_723, ("GN", "PN"): 6, ("",): 9}
    assert set(Commune.objects.values_list("pk", flat=True)) - forces.keys() == NO_ROW | CITIES


def test_every_postcode_leads_to_a_commune():
    postcodes = set(Postcode.objects.values_list("code", flat=True))
    offered = Postcode.objects.filter(commune__ended_at=None, commune__arrondissements=None)

    assert len(postcodes) == 6_310
    assert set(offered.values_list("code", flat=True)) == postcodes


def test_every_commune_has_an_answer_that_names_a_service_or_says_it_is_unknown():
    """`competence_of` takes one statement each: the same rules on all the rows at once, and the call on a sample."""
    rows = Competence.objects.select_related("service")

    assert [row for row in rows if row.institution and not row.service.label] == []
    assert [row for row in rows if row.institution and row.service.institution != row.institution] == []
    codes = list(Commune.objects.order_by("pk").values_list("pk", flat=True))
    for code in [*codes[::400], *NO_ROW, *CITIES]:
        answer = competence_of(code)
        assert answer.code in {"PN", "GN", "PARTAGEE", "INCONNUE"}
        assert (answer.source == "inconnue") == (not answer.institutions)
        assert (answer.institution is None) == (answer.source != "officielle")


def test_reference_loaded_again_costs_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        reports = load_reference(day=dt.date(2026, 9, 1))

    assert reports == []


def test_reference_command_says_that_nothing_is_to_do(capsys):
    call_command("load_reference")

    assert capsys.readouterr().out == "Données de référence : déjà à jour.\n"


def test_reference_leaves_a_newer_official_file_alone():
    Edition.objects.all().update(sha256="0" * 64)
    Edition.objects.update(name="2027-02")

    assert load_reference(day=dt.date(2026, 9, 1)) == []


def test_reference_of_another_fingerprint_changes_only_what_differs():
    Edition.objects.update(sha256="0" * 64)
    Commune.objects.filter(pk="59043").update(name="Belle", notes="à relire")
    Competence.objects.filter(commune="59043").delete()

    reports = {report.topic: report for report in load_reference(day=dt.date(2026, 9, 1))}

    assert reports["communes"].counts == {"added": 0, "changed": 1, "removed": 0, "rejected": 0}
    assert reports["competences"].counts == {"added": 1, "changed": 0, "removed": 0, "rejected": 0}
    assert Commune.objects.values_list("name", "notes").get(pk="59043") == ("Bailleul", "à relire")


def test_links_between_rows_hold():
    """Rows are written without the models: the database must still agree with every key."""
    connection.check_constraints()

    assert Commune.objects.filter(parent__code="69123").count() == 9


NORTH_OF_BAILLEUL = ["59401", "59262", "59535", "59399", "59582", "59237", "59073"]


@pytest.mark.parametrize(
    ("postcode", "expected"),
    [
        ("59270", {"59043": "PN", **dict.fromkeys(NORTH_OF_BAILLEUL, "GN")}),
        ("13200", {"13004": "PARTAGEE"}),
        ("97130", {"97107": "PARTAGEE"}),
        ("97600", {"97611": "PN", "97610": "GN"}),
        ("78310", {"78383": "INCONNUE", "78168": "INCONNUE"}),
        ("59160", {"59350": "PN", "59128": "PN"}),
        ("75001", {"75101": "PN"}),
        ("97133", {"97701": "GN"}),
        ("97150", {"97801": "GN"}),
        ("59999", {}),
    ],
)
def test_postcode_alone_does_not_say_who_is_competent(postcode, expected):
    communes = communes_of_postcode(postcode)

    assert {commune.code: competence_of(commune.code).code for commune in communes} == expected


def test_postcode_gives_the_largest_commune_first():
    assert [commune.name for commune in communes_of_postcode("59270")][:2] == ["Bailleul", "Méteren"]


@pytest.mark.parametrize(
    ("code", "departement", "region"),
    [
        ("97701", "977", "977"),
        ("97801", "978", "978"),
        ("2A004", "2A", "94"),
        ("2B033", "2B", "94"),
        ("59043", "59", "32"),
    ],
)
def test_departement_comes_from_the_table_not_from_the_code(code, departement, region):
    commune = Commune.objects.get(pk=code)

    assert (commune.departement, commune.region) == (departement, region)
