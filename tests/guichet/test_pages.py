"""The house's own pages: home, help numbers, what is kept, accessibility, errors."""

import re

import pytest
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.urls import reverse

from guichet import errors, numbers
from tests.guichet.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PAGES = ("/", "/numeros/", "/vos-donnees/", "/accessibilite/")
ERRORS = (400, 403, 404, 410, 429, 500, 503)
# The title stays in the history of a shared device.
TELLING = ("plainte", "tchat", "police", "gendarm", "menace", "chantage", "victime", "agent", "urgence", "danger")


@pytest.fixture
def failing(client, monkeypatch):
    """A client for whom the home page breaks."""

    def breaks():
        raise RuntimeError

    monkeypatch.setattr(numbers, "voices", breaks)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("address", PAGES)
def test_public_page_asks_the_database_nothing_and_keeps_nothing(
    client, address, read_lately, django_assert_num_queries
):
    with django_assert_num_queries(0):
        answer = client.get(address)

    assert answer.status_code == 200
    assert answer.cookies == {}


@pytest.mark.parametrize("address", PAGES)
def test_every_link_of_a_public_page_leads_somewhere(client, address):
    page = Page(client.get(address).content)

    inner = {link for link in page.links if link.startswith("/")}
    assert {link: client.get(link).status_code for link in inner} == dict.fromkeys(inner, 200)
    assert all(link[1:] in page.ids for link in page.links if link.startswith("#"))


@pytest.mark.parametrize("address", [*PAGES, "/n-existe-pas/"])
def test_emergency_numbers_and_the_way_out_are_on_every_page(client, address):
    page = Page(client.get(address).content)

    assert {"tel:17", "tel:112", "sms:114"} <= set(page.links)
    assert page.all("form", action=reverse("quit"), method="post")
    assert "Quitter vite" in page.text


@pytest.mark.parametrize("address", [*PAGES, "/n-existe-pas/"])
def test_title_never_tells_the_matter(client, address):
    title = Page(client.get(address).content).title

    assert title.endswith("Guichet cyber")
    assert [word for word in TELLING if word in title.lower()] == []


def test_home_leads_to_the_first_question_and_back_to_the_dossier(client):
    page = Page(client.get("/").content)

    assert {reverse("diagnostic:start"), reverse("dossier:sign_in"), "tel:3114"} <= set(page.links)
    assert page.links.count(reverse("diagnostic:words")) == 1


def test_every_page_leads_to_the_open_data_of_the_questions(client):
    assert reverse("diagnostic:open_data") in Page(client.get("/").content).links


def test_home_says_who_answers_and_when(client):
    text = Page(client.get("/").content).text

    assert "3018 Violences numériques et harcèlement 7 j/7, 9 h – 23 h" in text
    assert "ce n’est pas un site de l’état" in text.lower()


def test_numbers_page_shows_every_channel_that_can_be_called(client):
    page = Page(client.get("/numeros/").content)

    expected = {voice.tel for group in numbers.groups() for voice in group.voices}
    assert len(expected) > 10
    assert expected <= set(page.links)


def test_number_is_read_in_the_name_or_in_the_contact():
    by_tel = {voice.tel: voice for group in numbers.groups() for voice in group.voices}

    assert (by_tel["tel:3114"].number, by_tel["tel:3114"].name) == ("3114", "Prévention du suicide")
    assert by_tel["tel:0892705705"].number == "0 892 705 705"


def test_accessibility_page_claims_no_conformity(client):
    text = Page(client.get("/accessibilite/").content).text

    assert "non évaluée" in text
    assert "Nous ne pouvons pas dire que ce site est conforme" in text


@pytest.mark.parametrize("status", ERRORS)
def test_error_page_is_kind_and_leads_on_without_request_nor_database(status):
    page = Page(errors._page(status).content)

    assert {"/", "tel:17", "tel:112", "sms:114"} <= set(page.links)
    assert f"Erreur {status}" in page.text
    assert [word for word in ("invalide", "interdit", "erreur de votre part", "incorrect") if word in page.text] == []


def test_unknown_page_answers_404(client):
    answer = client.get("/n-existe-pas/")

    assert answer.status_code == 404
    assert "Cette page n’existe pas, ou plus." in Page(answer.content).text


def test_broken_page_answers_500_in_plain_words(failing):
    answer = failing.get("/")

    assert answer.status_code == 500
    assert "Ce n’est pas de votre faute." in Page(answer.content).text


def test_broken_error_page_still_gives_the_numbers(monkeypatch):
    def breaks(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(errors, "render_to_string", breaks)
    answer = errors.broken(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert {"tel:17", "tel:112", "sms:114"} <= set(Page(answer.content).links)


def test_old_form_is_refused_without_losing_what_was_typed():
    answer = Client(enforce_csrf_checks=True).post(reverse("comptes:sign_in"), {"username": "moi"})

    assert answer.status_code == 403
    assert "Rien n’a été envoyé. Revenez en arrière" in Page(answer.content).text


def test_readiness_says_so_when_the_database_is_away(client, monkeypatch):
    def away():
        raise DatabaseError

    monkeypatch.setattr("guichet.views.connection.cursor", away)
    client.raise_request_exception = False
    answer = client.get("/sante/ready")

    assert answer.status_code == 503


@pytest.mark.parametrize("name", ["413", "503"])
def test_page_of_the_proxy_needs_no_other_file(name):
    with open(f"static/erreurs/{name}.html", encoding="utf-8") as file:
        page = Page(file.read())

    assert page.all("script") == page.all("img") == page.all("link", rel="stylesheet") == []
    assert {"tel:17", "tel:112", "sms:114", "tel:3114"} <= set(page.links)


def test_pages_of_the_proxy_differ_by_their_words_only():
    """Plain files, for whichever proxy: what they share stands in each."""
    frames = set()
    for name in ("413", "503"):
        with open(f"static/erreurs/{name}.html", encoding="utf-8") as file:
            frames.add(re.sub(r"<!--.*?-->|<h1>.*?(?=<h2>)", "", file.read(), flags=re.DOTALL))

    assert len(frames) == 1
