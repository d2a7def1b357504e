"""« Quitter vite »: the access is over, the browser is empty, Back shows nothing of ours."""

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client

from guichet import quick_exit
from tests.guichet.pages import Page
from tests.victims import factory
from victims.services import access

pytestmark = pytest.mark.django_db

OUTSIDE = settings.GUICHET_QUIT_URL


@pytest.fixture
def inside(client, db):
    """A browser with a journey and an open dossier."""
    factory.with_journey(client)
    factory.let_in(client, factory.dossier())
    return client


def test_quit_ends_the_access_and_empties_the_browser(inside):
    token = inside.cookies[access.COOKIE].value
    answer = inside.post("/quitter/")

    assert (answer.status_code, answer["Location"]) == (303, "/quitter/")
    assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert access.access_of_token(token) is None
    assert all(cookie["max-age"] == 0 for cookie in answer.cookies.values())
    assert {"parcours", "dossier"} <= set(answer.cookies)


def test_quit_leads_outside_without_a_word_of_ours(inside):
    answer = inside.post("/quitter/", follow=True)
    page = Page(answer.content)

    assert page.all("meta", http_equiv="refresh", content=f"0;url={OUTSIDE}")
    assert (page.title, page.text, page.links) == ("", "Continuer", [OUTSIDE])


def test_quit_asks_no_token(db):
    answer = Client(enforce_csrf_checks=True).post("/quitter/")

    assert answer.status_code == 303


@pytest.mark.parametrize("name", ["", "deux(mots)", "path", "é"])
def test_quit_works_whatever_cookie_the_browser_holds(db, name):
    client = Client(enforce_csrf_checks=True)

    response = client.post("/quitter/", headers={"cookie": f"dossier=x; {name}=1; {name or 'seul'}"})

    assert response.status_code == 303
    assert response.cookies["dossier"]["max-age"] == 0


def test_quit_from_a_script_answers_at_once(inside):
    token = inside.cookies[access.COOKIE].value
    answer = inside.post("/quitter/?dit")

    assert answer.status_code == 204
    assert access.access_of_token(token) is None
    assert inside.get("/").content == inside.get("/numeros/").content


def test_quit_asked_by_another_site_closes_nothing(inside):
    token = inside.cookies[access.COOKIE].value
    answer = inside.post("/quitter/", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer["Location"] == "/"
    assert access.access_of_token(token) is not None


def test_quit_works_when_the_database_is_away(client, monkeypatch):
    def away(request):
        raise DatabaseError

    monkeypatch.setattr(quick_exit, "end_access", away)
    answer = client.post("/quitter/")

    assert answer.status_code == 303


@pytest.mark.parametrize("address", ["/", "/numeros/", "/diagnostic/", "/dossier/", "/n-existe-pas/"])
def test_back_after_quit_shows_nothing_of_ours(client, address):
    client.post("/quitter/?dit")
    page = Page(client.get(address).content)

    assert (page.title, page.text) == ("", "Continuer")


def test_person_comes_in_again_when_she_asks(client):
    client.post("/quitter/?dit")
    client.get("/quitter/retour/")
    page = Page(client.get("/").content)

    assert "Entrez." in page.text
