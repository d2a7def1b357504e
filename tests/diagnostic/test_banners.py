"""What circulates is said where people come in, and nobody is alone, above the threshold only."""

import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from diagnostic import company
from diagnostic.module import services
from diagnostic.prevention import current
from diagnostic.prevention.enums import Level, State
from diagnostic.prevention.models import Announcement
from guichet.figures_tables import TABLES
from guichet.observatory import publishing
from guichet.observatory.models import Count
from tests.victims import factory

pytestmark = pytest.mark.django_db
RESULT = reverse("diagnostic:result")
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _read_anew():
    for each in (current.notices, company.latest):
        each.forget()
    yield
    for each in (current.notices, company.latest):
        each.forget()


def announce(title: str, **changes) -> Announcement:
    fields = {"state": State.PUBLISHED, "level": Level.ATTENTION, "starts_at": timezone.now(), "summary": "Résumé."}
    return Announcement.objects.create(title=title, **(fields | changes))


def page(client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.fixture
def result(client) -> str:
    factory.with_journey(client, factory.SEXTORTION)
    return RESULT


# --- banners ------------------------------------------------------------------------------------------
def test_home_tells_what_concerns_all_of_france_and_links_it(client):
    found = announce("Faux SMS des impôts")

    home = page(client, "/")

    assert "Faux SMS des impôts" in home
    assert reverse("prevention:alert", args=[found.pk]) in home


@pytest.mark.parametrize(
    "changes",
    [{"state": State.DRAFT}, {"level": Level.INFORMATION}, {"departements": ["59"]}, {"state": State.WITHDRAWN}],
)
def test_home_keeps_quiet_otherwise(client, changes):
    announce("Faux SMS des impôts", **changes)

    assert "Faux SMS" not in page(client, "/")


def test_frame_of_a_partner_tells_it_too_and_opens_our_own_page(client):
    services.add_partner(
        slug="mairie", name="Mairie", origins="https://mairie.fr", contact="a@mairie.fr", actor="essai"
    )
    found = announce("Faux SMS des impôts")

    frame = page(client, reverse("module:frame", args=["mairie"]))

    assert "Faux SMS des impôts" in frame
    link = re.search(rf'<a href="([^"]*{reverse("prevention:alert", args=[found.pk])})"([^>]*)>', frame)
    assert 'target="_blank"' in link[2] and 'rel="noopener"' in link[2]


def test_result_tells_what_names_this_very_thing_with_its_place(client, result):
    announce("Vague de chantage", threats=["sextorsion"], departements=["59"])
    announce("Autre affaire", threats=["hameconnage-sms"])

    shown = page(client, result)

    assert "Alerte (Nord)" in shown
    assert "Vague de chantage" in shown
    assert "Autre affaire" not in shown


# --- not alone ----------------------------------------------------------------------------------------
def month_of(n: int) -> None:
    Count.objects.create(day=date(2026, 2, 3), key="diagnostic", value="sextorsion", n=n)
    Count.objects.create(day=date(2026, 2, 3), key="diagnostic", value="hameconnage-sms", n=300)
    publishing.publish(TABLES, now=NOW)


def test_result_says_how_many_asked_for_the_same(client, result):
    month_of(41)

    shown = page(client, result)

    assert "n’est pas seul" in shown or "n’êtes pas seul" in shown
    assert "En février 2026, ce guichet a reçu environ 40 demandes" in shown


@pytest.mark.parametrize("n", [1, 4])
def test_result_says_nothing_below_the_threshold(client, result, n):
    month_of(n)

    assert "pas seul" not in page(client, result)


def test_result_says_nothing_where_nothing_is_published(client, result):
    assert "pas seul" not in page(client, result)
