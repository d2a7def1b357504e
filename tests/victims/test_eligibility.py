"""Where a complaint can be made is told before it begins, from data, and what was told is kept."""

import pytest
from django.urls import reverse

from diagnostic import content
from tests.victims import factory
from victims import diagnosed
from victims.eligibility import CLOSED, MODE_OF, OPEN, RULES
from victims.services import complaints

pytestmark = pytest.mark.django_db
BEGIN = reverse("dossier:complaint")
SECTION = reverse("dossier:section", args=["declarant"])
MINOR, HELPED_MINOR, TOWN = (
    "enfant-seul-chantage-images",
    "harcelement-mineur",
    "rancongiciel-organisation-collectivite",
)


def text(response) -> str:
    return response.content.decode()


def verdicts(recorded: str) -> dict:
    return {way.id: way.verdict for way in diagnosed.eligibility(factory.dossier(recorded).diagnosis).ways}


@pytest.fixture
def opened(client):
    def _opened(recorded: str):
        dossier = factory.dossier(recorded)
        factory.let_in(client, dossier)
        return dossier

    return _opened


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        (factory.SCAM, {"thesee": OPEN, "unite": ""}),
        (factory.SEXTORTION, {"thesee": OPEN, "unite": ""}),
        (MINOR, {"mineur": OPEN, "thesee": CLOSED, "unite": ""}),
        (factory.COMPANY, {"organisation": OPEN, "unite": ""}),
        (TOWN, {"organisation": OPEN, "unite": ""}),
    ],
)
def test_ways_follow_the_situation(recorded, expected):
    assert verdicts(recorded) == expected


def test_every_thesee_threat_has_its_mode_and_no_other():
    threats = content.published().threats

    assert set(MODE_OF) == {key for key, threat in threats.items() if threat.thesee}


def test_rules_carry_their_source_and_date():
    assert RULES.source
    assert RULES.checked_on.year >= 2026
    assert all(way.source for way in RULES.ways)


def test_adult_reads_each_condition_before_anything_begins(client, opened):
    dossier = opened(factory.SCAM)

    page = text(client.get(BEGIN))

    assert "Les faits sont de ceux que THESEE traite\xa0: faux site de vente. <b>Oui</b>" in page
    assert "La victime a 18 ans ou plus. <b>À vérifier</b>" in page
    assert "30 jours" in page
    assert complaints.current(dossier) is None


def test_minor_alone_is_offered_the_report_and_cannot_complain(client, opened):
    dossier = opened(MINOR)

    page = text(client.get(BEGIN))
    refused = client.post(BEGIN, {"read": "on"})

    assert reverse("dossier:report") in page
    assert "La victime a 18 ans ou plus. <b>Non</b>" in page
    assert refused.status_code == 422
    assert "Seul un parent ou le représentant légal porte plainte pour un mineur." in text(refused)
    assert complaints.current(dossier) is None


def test_parent_complains_for_the_minor_and_never_as_the_victim(client, opened):
    dossier = opened(HELPED_MINOR)

    page = text(client.get(BEGIN))
    wrong = client.post(BEGIN, {"read": "on", "representative": "on", "quality": "victime"})
    begun = client.post(BEGIN, {"read": "on", "representative": "on", "quality": "parent"})

    assert "Pour moi" not in page
    assert wrong.status_code == 422
    assert begun.url == reverse("dossier:capacity")
    assert complaints.begun_with(complaints.current(dossier))["confirmed"] == [
        "Je suis le parent ou le représentant légal de la victime"
    ]


def test_insured_organisation_reads_the_72_hours(client, opened):
    opened(factory.COMPANY)

    page = text(client.get(BEGIN))

    assert "dans les 72 heures" in page
    assert "L12-10-1" in page
    assert "THESEE n’est pas ouvert aux organisations" in page


def test_what_was_told_is_kept_sealed_once(client, opened):
    dossier = opened(factory.SCAM)
    client.post(BEGIN, {"read": "on"})

    complaint = complaints.current(dossier)
    kept = complaints.begun_with(complaint)

    assert kept["digest"] == diagnosed.eligibility(dossier.diagnosis).digest
    assert kept["ways"]["thesee"] == OPEN
    assert b"thesee" not in bytes(complaint.sealed_form)
