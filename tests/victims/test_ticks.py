"""The plan kept in the dossier: its ticks, its time limits, its letters."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from diagnostic.moments import when_ids
from tests.victims import factory
from victims.services import dossiers, ticks

pytestmark = pytest.mark.django_db
DONE, HOME = "/dossier/gestes/", "/dossier/"


def ticked_on(page) -> list[str]:
    return re.findall(r'value="(\w+)" autocomplete="off" checked', page.content.decode())


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def dossier():
    """An organisation that found its files locked one hour ago."""
    journey = factory.journey(factory.COMPANY)
    now = timezone.localtime()
    at = now - timedelta(hours=1)
    journey.answers = {**journey.answers, "quand": when_ids("", at.date(), at.time(), now)}
    journey.done = ("assureur",)
    return dossiers.open_dossier(
        journey=journey, opening=dossiers.new_opening(), commune=factory.commune(), abroad=False
    )


@pytest.fixture
def victim(client, dossier):
    factory.let_in(client, dossier)
    return client


def test_ticks_of_the_journey_come_with_the_dossier(victim, dossier):
    assert list(ticks.done(dossier)) == ["assureur"]
    assert ticked_on(victim.get(HOME)) == ["assureur"]


def test_ticks_stay_without_script_and_with_it(victim, dossier):
    response = victim.post(DONE, {"vu": ["assureur", "plainte72"], "fait": ["plainte72"]})
    part = victim.post(DONE, {"vu": ["journaux"], "fait": ["journaux"]}, HTTP_HX_REQUEST="true")

    assert (response.status_code, response.url, part.status_code) == (303, HOME + "#gestes", 204)
    assert set(ticks.done(dossier)) == {"plainte72", "journaux"}
    assert set(ticked_on(victim.get(HOME))) == {"plainte72", "journaux"}


def test_tick_keeps_its_first_moment_and_ignores_what_is_not_in_the_plan(dossier):
    first = ticks.done(dossier)["assureur"]

    ticks.keep(dossier=dossier, shown=["assureur", "rien"], ticked=["assureur", "rien"])

    assert ticks.done(dossier) == {"assureur": first}


def test_stranger_ticks_nothing(dossier):
    assert Client().post(DONE, {"vu": ["plainte72"], "fait": ["plainte72"]}).status_code == 302
    assert list(ticks.done(dossier)) == ["assureur"]


def test_other_dossier_is_left_alone(victim, dossier, client_factory):
    other = factory.dossier(factory.COMPANY)

    victim.post(DONE, {"vu": ["plainte72"], "fait": ["plainte72"]})

    assert ticks.done(other) == {}


def test_home_tells_the_legal_limit_with_its_date_and_what_is_left(victim):
    page = text(victim.get(HOME))

    assert re.search(
        r"Délai légal : <b>avant le \w+ \d+\w* \w+( \d{4})? à \d+ h \d\d</b> <span[^>]*>il reste 7[01] h", page
    )


def test_diagnosis_keeps_the_date_for_the_agent(dossier):
    complaint = next(action for action in dossier.diagnosis.plan if action["id"] == "plainte72")

    assert complaint["deadline"].startswith("délai légal\u00a0: avant le ")
    assert complaint["due"]["legal"] is True
    assert "Quand l’avez-vous découvert" in [step["question"].split("\u00a0")[0] for step in dossier.diagnosis.path]


def test_calendar_and_letters_of_the_dossier(victim):
    calendar = victim.get("/dossier/echeances/").content.decode()
    one = victim.get("/dossier/echeances/plainte72/").content.decode()
    letter = victim.get("/dossier/lettres/assureur-sinistre/")

    assert calendar.count("BEGIN:VEVENT") > one.count("BEGIN:VEVENT") == 1
    assert "rançon" not in calendar.lower()
    assert "L12-10-1" in text(letter)
    assert victim.get("/dossier/lettres/assureur-sinistre/pdf/").content.startswith(b"%PDF-")
    assert victim.get("/dossier/echeances/rien/").status_code == 404
    assert victim.get("/dossier/lettres/rien/").status_code == 404


@pytest.mark.parametrize("path", ["echeances/", "lettres/assureur-sinistre/"])
def test_stranger_gets_neither_calendar_nor_letter(dossier, path):
    assert Client().get(HOME + path).status_code == 302


def test_diagnosis_saved_before_dates_existed_is_still_shown(victim, dossier):
    for action in dossier.diagnosis.plan:
        del action["due"]
        action["deadline"] = "dans les 72 heures après la découverte"
    dossier.diagnosis.save()

    assert "dans les 72 heures après la découverte" in text(victim.get(HOME))
    assert victim.get("/dossier/echeances/").url == HOME
