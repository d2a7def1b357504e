"""The public pages: nothing of the database once read, nothing from another host, every sheet served."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from diagnostic import content
from diagnostic.prevention import current, kept, texts
from diagnostic.prevention.enums import State
from guichet.accounts.enums import Role
from tests.guichet.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.once]
THREATS = list(content.from_files().threats)
PRACTICES = list(texts.from_files().practices)
PAGES = [
    "/prevention/",
    "/prevention/fiches/sextorsion/",
    "/prevention/fiches/rancongiciel-organisation/?tout",
    "/prevention/pratiques/mots-de-passe/",
    "/prevention/recherche/?q=colis",
    "/prevention/recherche/",
    "/prevention/kit/",
    "/prevention/kit/sauvegardes.pdf",
    "/prevention/kit/sauvegardes.txt",
    "/prevention/alertes/",
    "/prevention/alertes/?departement=59&atteinte=sextorsion",
    "/prevention/alertes/flux.atom",
]
HEADINGS = [
    "Comment cela se passe",
    "La reconnaître",
    "Quoi faire tout de suite",
    "À éviter",
    "Les preuves à garder",
    "À ne pas confondre",
    "À savoir",
    "À qui parler",
    "S’en protéger",
]


def _page(client, address: str) -> Page:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return Page(answer.content)


@pytest.mark.parametrize("address", PAGES)
def test_page_read_lately_makes_no_statement(client, address, django_assert_num_queries):
    client.get(address)

    with django_assert_num_queries(0):
        answer = client.get(address)

    assert answer.status_code == 200
    assert not answer.cookies


def test_first_page_of_a_process_makes_two_statements(client, django_assert_num_queries):
    current.forget()

    with django_assert_num_queries(2):
        client.get("/prevention/")


@pytest.mark.parametrize("slug", THREATS)
def test_every_threat_has_its_page_with_every_part(client, slug):
    page = _page(client, reverse("prevention:sheet", args=[slug]))

    assert content.published().threats[slug].name.replace("\u00a0", " ") in page.title.replace("\u00a0", " ")
    assert [heading for heading in HEADINGS if heading not in page.text] == []
    assert not [href for href in page.links if href.startswith("#") and href[1:] not in page.ids]


@pytest.mark.parametrize("slug", PRACTICES)
def test_every_practice_has_its_page(client, slug):
    page = _page(client, reverse("prevention:practice", args=[slug]))

    assert "À éviter" in page.text
    assert "Les fiches réflexes liées" in page.text


def test_home_leads_to_every_sheet_practice_kit_and_alert(client, announce):
    notice = announce()

    links = set(_page(client, "/prevention/").links)

    assert {reverse("prevention:sheet", args=[slug]) for slug in THREATS} <= links
    assert {reverse("prevention:practice", args=[slug]) for slug in PRACTICES} <= links
    assert reverse("prevention:alert", args=[notice.pk]) in links
    assert reverse("prevention:kit") in links


@pytest.mark.parametrize("address", [page for page in PAGES if "kit/sauv" not in page])
def test_nothing_is_asked_from_another_host(client, address):
    page = Page(client.get(address).content)

    asked = [attrs.get("src") for tag, attrs in page.tags if tag in ("script", "img", "iframe", "source", "video")]
    asked += [attrs["href"] for attrs in page.all("link") if attrs.get("rel") in ("stylesheet", "icon")]
    assert [url for url in asked if url and not url.startswith("/static/")] == []


@pytest.mark.parametrize(
    "address",
    [
        "/prevention/fiches/n-existe-pas/",
        "/prevention/pratiques/n-existe-pas/",
        "/prevention/kit/n-existe-pas.pdf",
        "/prevention/kit/..%2Fsecret.pdf",
        "/prevention/alertes/00000000-0000-0000-0000-000000000000/",
        "/prevention/apercu/1/",
    ],
)
def test_what_does_not_exist_says_so(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_read_only(client, address):
    assert client.post(address).status_code == 405


def test_sheet_where_the_author_may_be_a_partner_says_it_first(client):
    page = _page(client, reverse("prevention:sheet", args=["piratage-messagerie"]))

    assert "L’auteur peut être un conjoint ou un ex" in page.text
    assert "#cas-proche" in page.links


def test_every_fold_opens_for_paper(client):
    page = _page(client, reverse("prevention:sheet", args=["sextorsion"]) + "?tout")

    assert page.all("details")
    assert all("open" in attrs for attrs in page.all("details"))


# --- search -------------------------------------------------------------------------------------------
def test_search_shows_what_it_found_and_where_it_stands(client):
    page = _page(client, "/prevention/recherche/?q=mots+de+passe")

    assert "pour « mots de passe »" in page.text
    assert reverse("prevention:practice", args=["mots-de-passe"]) in page.links
    assert reverse("prevention:kit") + "#mots-de-passe" in page.links
    assert "Fiche pratique" in page.text


def test_search_finds_an_announcement_of_saint_etienne(client, announce):
    notice = announce("Faux agents municipaux à Saint-Étienne")

    page = _page(client, "/prevention/recherche/?q=st+etienne")

    assert page.links.index(reverse("prevention:alert", args=[notice.pk])) < len(page.links)
    assert "Faux agents municipaux à Saint-Étienne" in page.text


def test_search_with_nothing_written_asks_for_a_word(client):
    assert "Écrivez un mot" in _page(client, "/prevention/recherche/?q=").text


def test_search_without_an_answer_stays_kind(client):
    page = _page(client, "/prevention/recherche/?q=xyzzy")

    assert "Rien pour « xyzzy »" in page.text
    assert reverse("diagnostic:start") in page.links


@pytest.mark.parametrize("query", ["<script>alert(1)</script>", "a" * 5000, "\x00", "%ff", "é" * 90])
def test_hostile_query_breaks_nothing(client, query):
    answer = client.get("/prevention/recherche/", {"q": query})

    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content


# --- what editors publish -----------------------------------------------------------------------------
def test_published_text_is_read_and_the_rest_stays(client, publish):
    before = _page(client, reverse("prevention:sheet", args=["faux-proche"]))

    publish("faux-proche", avoid="Payer dans la minute.\n- Se taire.")

    page = _page(client, reverse("prevention:sheet", args=["faux-proche"]))
    assert "Payer dans la minute." in page.text
    assert "Se taire." in page.text
    assert "Payer avant d’avoir rappelé l’ancien numéro." in before.text
    assert "Payer avant d’avoir rappelé l’ancien numéro." not in page.text
    assert "Un mot secret en famille règle la question." in page.text


def test_practice_text_is_read_and_found(client, publish):
    publish("sauvegardes", how="Résumé neuf.", body="## Zanzibar\n- Une **copie** là-bas.")

    page = _page(client, reverse("prevention:practice", args=["sauvegardes"]))
    assert "Résumé neuf." in page.text
    assert "Zanzibar" in page.text
    assert (
        reverse("prevention:practice", args=["sauvegardes"]) in _page(client, "/prevention/recherche/?q=zanzibar").links
    )


def test_draft_is_not_read(client, write):
    write("faux-proche", avoid="Brouillon secret.")

    assert "Brouillon secret." not in _page(client, reverse("prevention:sheet", args=["faux-proche"])).text


@pytest.mark.parametrize("slug", ["faux-proche", "sauvegardes"])
def test_words_of_an_editor_are_never_html(client, publish, slug):
    publish(slug, body="<script>alert(1)</script> <b>gras</b> **fort**", avoid="<img src=x onerror=y>")

    name = "prevention:practice" if slug == "sauvegardes" else "prevention:sheet"
    html = client.get(reverse(name, args=[slug])).content.decode()
    assert "<script>alert" not in html
    assert "&lt;b&gt;gras&lt;/b&gt;" in html
    assert "<img" not in html
    assert "<strong>fort</strong>" in html


def test_database_away_never_hides_the_advice(client, monkeypatch, publish):
    publish("faux-proche", avoid="Texte lu juste avant.")
    _page(client, reverse("prevention:sheet", args=["faux-proche"]))

    def broken():
        raise kept.DatabaseError

    monkeypatch.setattr(current.wordings, "read", broken)
    monkeypatch.setattr(current.notices, "read", broken)
    current.forget()

    assert "Texte lu juste avant." in _page(client, reverse("prevention:sheet", args=["faux-proche"])).text


# --- announcements ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"Nord", "France", "Ain"}),
        ("?departement=59", {"Nord", "France"}),
        ("?departement=01", {"France", "Ain"}),
        ("?atteinte=sextorsion", {"France", "Ain"}),
        ("?departement=59&atteinte=sextorsion", {"France"}),
        ("?departement=rien&atteinte=rien", {"Nord", "France", "Ain"}),
        ("?departement=%00", {"Nord", "France", "Ain"}),
    ],
)
def test_announcements_are_filtered_by_departement_and_threat(client, announce, query, shown):
    announce("Dans le Nord", departements=["59"], threats=["hameconnage-sms"])
    announce("Partout en France")
    announce("Dans l'Ain", departements=["01"], threats=["sextorsion"])

    page = _page(client, f"/prevention/alertes/{query}")

    titles = {"Nord": "Dans le Nord", "France": "Partout en France", "Ain": "Dans l’Ain"}
    assert {key for key, title in titles.items() if title in page.text} == shown
    assert f"{len(shown)} alerte" in page.text


def test_announcement_is_shown_between_its_dates_only(client, announce):
    now = timezone.now()
    future = announce("Demain", starts_at=now + timedelta(days=1))
    past = announce("Finie", starts_at=now - timedelta(days=9), ends_at=now - timedelta(days=1))
    draft = announce("Brouillon", state=State.DRAFT)
    withdrawn = announce("Retirée", state=State.WITHDRAWN)

    page = _page(client, "/prevention/alertes/")

    assert "Aucune alerte pour ce choix" in page.text
    for hidden in (future, draft, withdrawn):
        assert client.get(reverse("prevention:alert", args=[hidden.pk])).status_code == 404
    assert "Cette alerte est terminée" in _page(client, reverse("prevention:alert", args=[past.pk])).text


def test_announcement_leads_to_its_sheets_and_back(client, announce):
    notice = announce(threats=["hameconnage-sms"], body="Adresse : https://arnaque.test/\n\n- Appelez le 3018")

    page = _page(client, reverse("prevention:alert", args=[notice.pk]))

    assert reverse("prevention:sheet", args=["hameconnage-sms"]) in page.links
    assert "tel:3018" in page.links
    assert not [href for href in page.links if "arnaque" in href]
    sheet = _page(client, reverse("prevention:sheet", args=["hameconnage-sms"]))
    assert reverse("prevention:alert", args=[notice.pk]) in sheet.links


# --- preview ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("slug", ["faux-proche", "sauvegardes"])
def test_preview_shows_the_draft_to_the_editor_only(client, write, editor, person, slug):
    text = write(slug, avoid="Pas encore publié.")
    address = reverse("prevention:preview", args=[text.pk])

    assert client.get(address).status_code == 404
    for role, staff in ((Role.AGENT, False), (Role.SUPERVISOR, True), (Role.EDITOR, False)):
        client.force_login(person(role, staff=staff))
        assert client.get(address).status_code == 404
    client.force_login(editor)
    page = _page(client, address)
    assert "Pas encore publié." in page.text
    assert "Aperçu" in page.text
