"""What a person takes away: time limits in a calendar, letters, a sheet, a link that serves once."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from diagnostic import content, letters, takeaway
from diagnostic.journey import Journey
from tests.diagnostic.test_views import RESULT, answer, text, url

pytestmark = [pytest.mark.django_db, pytest.mark.once]

BASE = "/diagnostic/emporter/"
CARD = [("q_audience", "a2"), ("q_p_sujet", "a3"), ("q_argent", "a2"), ("q_operations", "a1"), ("q_carte", "a1")]
WORDS = ("fraude", "banque", "carte", "plainte", "escroc", "argent", "Perceval")


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def walk(client, **facts):
    for node, chosen in CARD:
        answer(client, node, chosen)
    return client.post(url("f_banque"), facts)


@pytest.fixture
def told(client):
    """Card operations that the holder did not make, yesterday, 1 250 euros."""
    day = timezone.localdate() - timedelta(days=1)
    walk(client, r=["card_blocked"], quand="hier", jour=day.isoformat(), heure="14:30", nombre="1 250,50 €")
    return client


# --- when and how much, on the screen and on the result -------------------------------------------------
def test_facts_screen_asks_when_and_how_much_and_remembers(told):
    page = text(told.get(url("f_banque")))

    assert "Quand est-ce arrivé" in page
    assert "Combien d’argent est parti" in page
    assert 'value="14:30"' in page
    assert 'value="1250"' in page


@pytest.mark.parametrize(
    ("typed", "told_beside"),
    [
        ({"jour": "2999-01-01"}, "Cette date n’est pas encore arrivée"),
        ({"jour": "hier"}, "Écrivez une date"),
        ({"heure": "25:99"}, "Écrivez une heure"),
        ({"nombre": "beaucoup"}, "Écrivez un nombre d’euros"),
        ({"nombre": "-5"}, "Écrivez un nombre d’euros"),
        ({"nombre": "9" * 30}, "Écrivez un nombre d’euros"),
        ({"quand": "demain"}, "Cette réponse n’est plus proposée"),
    ],
)
def test_wrong_date_or_sum_is_told_and_nothing_is_lost(client, typed, told_beside):
    response = walk(client, r=["card_blocked"], **typed)

    page = text(response)
    assert response.status_code == 422
    assert told_beside in page
    assert re.search(r'value="card_blocked" id="\w+" checked', page)


def test_french_date_is_understood(client):
    day = timezone.localdate() - timedelta(days=9)

    walk(client, r=["card_blocked"], jour=f"{day:%d/%m/%Y}")

    assert str(day.year + 1) in text(client.get(RESULT))


def test_result_gives_the_date_and_the_time_left(told):
    page = text(told.get(RESULT))

    assert re.search(r"Délai légal : <b>au plus tard le \w+ \d+\w* \w+ \d{4}</b> <span[^>]*>il reste 12 mois", page)


def test_taken_back_answer_is_forgotten(told):
    told.post(url("f_banque"), {"r": ["card_blocked"]})

    page = text(told.get(RESULT))
    assert "au plus tard le" not in page
    assert "Quand est-ce arrivé" not in page


# --- calendar -----------------------------------------------------------------------------------------
def test_calendar_has_each_limit_once_with_an_alarm_and_no_word_of_the_matter(told):
    response = told.get("/diagnostic/echeances/")

    calendar = response.content.decode()
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert calendar.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert calendar.count("BEGIN:VEVENT") == calendar.count("SUMMARY:Rappel : démarche n° ") > 0
    assert calendar.count("BEGIN:VALARM") >= calendar.count("BEGIN:VEVENT")
    assert re.findall(r"^DTSTART:\d{8}T\d{6}Z\r$", calendar, re.MULTILINE)
    assert not [word for word in (*WORDS, "Guichet", "cyber") if word.lower() in calendar.lower()]
    assert all(len(line.encode()) <= 75 for line in calendar.split("\r\n"))


def test_calendar_of_one_limit(told):
    assert told.get("/diagnostic/echeances/contest/").content.decode().count("BEGIN:VEVENT") == 1
    assert told.get("/diagnostic/echeances/nodelete/").status_code == 404
    assert told.get("/diagnostic/echeances/rien/").status_code == 404


def test_calendar_without_a_known_date_leads_back_to_the_plan(client):
    walk(client, r=["card_blocked"])

    assert client.get("/diagnostic/echeances/").url == RESULT


# --- ticks --------------------------------------------------------------------------------------------
def test_ticks_stay_in_the_journey(told):
    response = told.post("/diagnostic/resultat/faits/", {"vu": ["banque", "contest"], "fait": ["contest", "inconnu"]})

    page = text(told.get(response.url))
    assert response.url == RESULT + "#gestes"
    assert re.findall(r'value="(\w+)" autocomplete="off" checked', page) == ["contest"]


def test_tick_is_taken_back_and_what_was_not_shown_is_left(told):
    told.post("/diagnostic/resultat/faits/", {"vu": ["banque", "contest"], "fait": ["contest", "banque"]})

    told.post("/diagnostic/resultat/faits/", {"vu": ["banque"]}, HTTP_HX_REQUEST="true")

    assert re.findall(r'value="(\w+)" autocomplete="off" checked', text(told.get(RESULT))) == ["contest"]


# --- letters ------------------------------------------------------------------------------------------
def test_letters_name_only_what_exists_and_carry_their_source(catalogue):
    assert letters.problems(catalogue) == []
    assert all(letter.source and letter.dated for letter in catalogue.letters.values())


def test_letter_is_filled_with_what_is_known_and_shows_its_blanks(told):
    page = text(told.get("/diagnostic/lettres/banque-non-autorisee/"))

    assert "à 14 h" not in page
    assert "pour un total de 1\u202f250 €".replace("\u202f", " ") in page.replace("\u202f", " ").replace("\xa0", " ")
    assert "L133-18" in page
    assert "[à compléter" in page
    assert "verify" not in page
    assert "{" not in page.split("<article")[1].split("</article>")[0]


def test_letter_stands_beside_its_action(told):
    assert 'href="/diagnostic/lettres/banque-non-autorisee/"' in text(told.get(RESULT))


def test_letter_as_pdf_and_as_text_with_a_neutral_name(told):
    pdf = told.get("/diagnostic/lettres/banque-non-autorisee/pdf/")
    plain = told.get("/diagnostic/lettres/banque-non-autorisee/texte/")

    assert pdf.content.startswith(b"%PDF-")
    assert 'filename="lettre.pdf"' in pdf.headers["Content-Disposition"]
    assert "Objet\u00a0: contestation" in plain.content.decode()
    assert told.get("/diagnostic/lettres/banque-non-autorisee/docx/").status_code == 404
    assert told.get("/diagnostic/lettres/rien/").status_code == 404


@pytest.mark.parametrize("letter", content.from_files().letters.values(), ids=lambda letter: letter.id)
def test_every_letter_is_printed(told, letter):
    assert told.get(f"/diagnostic/lettres/{letter.id}/pdf/").content.startswith(b"%PDF-")


# --- paper and file -----------------------------------------------------------------------------------
def test_plan_as_pdf_and_as_one_file_that_needs_nothing_else(told):
    pdf, page = told.get(BASE + "memo.pdf"), told.get(BASE + "memo.html")

    html = page.content.decode()
    assert pdf.content.startswith(b"%PDF-")
    assert 'filename="memo.html"' in page.headers["Content-Disposition"]
    assert "<title>Mémo</title>" in html
    assert not re.search(r"<script|<link|<img|src=|href=|style", html)
    for action in ("Contestez par écrit", "Ne supprimez rien", "au plus tard le"):
        assert action in html


# --- another device -----------------------------------------------------------------------------------
def link_of(response) -> str:
    return re.search(r"/diagnostic/reprendre/[\w-]+/", response.content.decode())[0]


def test_code_carries_the_journey_to_another_device_once(told):
    link, other, third = link_of(told.post(BASE)), Client(), Client()

    assert "Ouvrir ici" in text(other.get(link))
    assert "Ouvrir ici" in text(other.get(link))
    response = other.post(link)

    assert response.url == RESULT
    assert "au plus tard le" in text(other.get(RESULT))
    assert (third.get(link).status_code, third.post(link).status_code) == (410, 410)


def test_link_ends_after_its_time(told, monkeypatch):
    monkeypatch.setattr(takeaway, "DEVICE_LIFE", -1)
    link = link_of(told.post(BASE))

    assert Client().post(link).status_code == 410


def test_code_is_drawn_while_its_link_waits(told):
    page = told.post(BASE).content.decode()
    drawing = re.search(r'src="(/diagnostic/emporter/code/[\w-]+\.svg)"', page)[1]

    assert b"<svg" in told.get(drawing).content
    Client().post(link_of(told.post(BASE)))
    assert told.get(BASE + "code/rien.svg").status_code == 404
    assert b"<svg" in told.get(BASE + "code.svg").content


def test_cache_alone_reads_nothing(told):
    journey = Journey(answers={"q_audience": ("a2",)})

    token = takeaway.keep(journey, life=60)

    stored = cache._cache if hasattr(cache, "_cache") else {}
    assert token.encode() not in b"".join(str(key).encode() for key in stored)
    assert all(b"q_audience" not in value for value in stored.values())
    assert takeaway.take(token).answers == journey.answers
    assert takeaway.take(token) is None


# --- e-mail -------------------------------------------------------------------------------------------
def test_mail_holds_one_link_and_nothing_of_the_matter(told):
    response = told.post(BASE + "envoyer/", {"adresse": "lea@exemple.fr", "sure": "on"})

    sent = mail.outbox[0]
    words = f"{sent.subject} {sent.body}".lower()
    assert "Le lien est parti" in text(response)
    assert (sent.subject, sent.to) == ("Votre mémo", ["lea@exemple.fr"])
    assert not [word for word in WORDS if word.lower() in words]
    assert Client().post(re.search(r"/diagnostic/reprendre/[\w-]+/", sent.body)[0]).url == RESULT


def test_mail_needs_an_address_and_a_safe_box(told):
    response = told.post(BASE + "envoyer/", {"adresse": "lea"})

    assert response.status_code == 422
    assert "Cette adresse n’est pas complète" in text(response)
    assert "Cochez si cette boîte est sûre" in text(response)
    assert mail.outbox == []


def test_mail_is_not_sent_again_and_again(told):
    codes = [told.post(BASE + "envoyer/", {"adresse": "lea@exemple.fr", "sure": "on"}).status_code for _ in range(4)]

    assert codes == [200, 200, 200, 429]


def test_mail_that_does_not_leave_is_told(told, monkeypatch):
    def broken(**kwargs):
        raise OSError

    monkeypatch.setattr("diagnostic.takeaway_views.get_connection", broken)

    assert "L’e-mail n’est pas parti" in text(told.post(BASE + "envoyer/", {"adresse": "a@b.fr", "sure": "on"}))


@pytest.mark.parametrize(
    "path",
    ["emporter/", "emporter/memo.pdf", "emporter/memo.html", "echeances/", "lettres/banque-non-autorisee/"],
)
def test_nothing_to_take_away_without_a_journey(client, path):
    assert client.get(f"/diagnostic/{path}").url == "/diagnostic/?perdu"
