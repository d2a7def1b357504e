"""Ready-made answers: by desk and threat, found by words, filled, put into the composer, never sent by themselves."""

import re
from pathlib import Path

import pytest
import yaml
from django.urls import reverse

import tchat
from diagnostic import content
from guichet.accounts.enums import Role
from guichet.lib.text import fold
from tchat import guard
from tchat.enums import Author
from tchat.models import Message, Reply
from tchat.models.replies import FIELD, FIELDS
from tests.tchat import pages, people
from tests.tchat.pages import words

pytestmark = pytest.mark.django_db
CONTENT = yaml.safe_load((Path(tchat.__file__).parent / "content/replies.yaml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _own_answers():
    Reply.objects.all().delete()


@pytest.fixture
def officer():
    return people.agent("policier", "police")


@pytest.fixture
def talk(officer):
    return people.talking(officer, people.commune())


@pytest.fixture
def browser(officer):
    return pages.signed_in(officer)


def page_of(browser, talk):
    return browser.get(reverse("console:conversation", args=[talk.pk]))


def ask(browser, talk, **typed):
    return browser.post(reverse("console:reply", args=[talk.pk]), typed)


def offered(response) -> list[str]:
    """The titles a person sees: those set aside are for a search."""
    lines = re.findall(r"<li data-words=\"[^\"]*\"( data-aside hidden)?>.*?<b>(.*?)</b>", response.content.decode())
    return [title for aside, title in lines if not aside]


def composer(response) -> str:
    return re.search(r"<textarea[^>]*>(.*?)</textarea>", response.content.decode(), re.DOTALL)[1].lstrip("\n")


def test_answers_of_the_desk_and_the_threat_are_offered_in_order(browser, talk):
    Reply.objects.create(title="Chantage", text="Ne payez pas.", threats=["sextorsion"], order=2)
    Reply.objects.create(title="Bonjour", text="Bonjour.", order=1)
    Reply.objects.create(title="Carte", text="Faites opposition.", threats=["fraude-carte-bancaire"], order=3)
    Reply.objects.create(title="Gendarmes", text="La brigade.", desk_id="gendarmerie", order=4)
    Reply.objects.create(title="Police", text="Le commissariat.", desk_id="police", order=5)
    Reply.objects.create(title="Ancienne", text="Plus proposée.", active=False)

    shown = page_of(browser, talk)

    assert offered(shown) == ["Bonjour", "Chantage", "Police"]
    assert "Gendarmes" not in words(shown)
    assert "Ancienne" not in words(shown)


def test_search_finds_by_any_word_without_accents_in_all_threats(browser, talk):
    Reply.objects.create(title="Opposition", text="Appelez la banque dès à présent.", threats=["fraude-carte-bancaire"])
    Reply.objects.create(title="Bonjour", text="Bonjour.")

    found = ask(browser, talk, text="mon brouillon", chercher="BANQUE des")
    nothing = ask(browser, talk, text="", chercher="licorne")

    assert offered(found) == ["Opposition"]
    assert composer(found) == "mon brouillon"
    assert "Aucune réponse ne contient ces mots." in words(nothing)


def test_chosen_answer_is_filled_under_the_draft_and_not_sent(browser, talk):
    text = "Code {code}, dossier {reference}, {commune}, {service}, {autre} {"
    reply = Reply.objects.create(title="Tout", text=text)

    chosen = ask(browser, talk, text="Je vous lis", reponse=reply.pk)

    filled = f"Code {talk.verification}, dossier {talk.dossier.reference}, Bailleul, Bailleul PN, {{autre}} {{"
    assert composer(chosen) == f"Je vous lis\n{filled}"
    assert not Message.objects.filter(author=Author.AGENT).exists()


@pytest.mark.parametrize("wanted", ["0", "999999", "x", "9" * 40, "\x00"])
def test_answer_that_is_not_there_leaves_the_draft_as_it_is(browser, talk, wanted):
    assert composer(ask(browser, talk, text="Je vous lis", reponse=wanted)) == "Je vous lis"


def test_answer_of_another_desk_is_not_given(browser, talk):
    reply = Reply.objects.create(title="Gendarmes", text="La brigade.", desk_id="gendarmerie")

    assert composer(ask(browser, talk, text="", reponse=reply.pk)) == ""


def test_answers_are_for_who_holds_the_conversation(talk):
    colleague, stranger = people.agent("collegue", "police"), people.agent("gendarme", "gendarmerie")

    for person in (colleague, stranger):
        assert ask(pages.signed_in(person), talk, text="").status_code == 404


def test_chosen_text_is_escaped(browser, talk):
    Reply.objects.create(title="<b>x</b>", text='"><script>alert(1)</script>')

    assert "<script>alert(1)" not in page_of(browser, talk).content.decode()


# --- the answers to begin with


def test_first_answers_are_many_sound_and_for_every_family_of_threats():
    threats = content.published().threats

    known = {key for keys in CONTENT["families"].values() for key in keys}
    covered = {key for each in CONTENT["replies"] for name in each.get("for", []) for key in CONTENT["families"][name]}
    titles = [each["title"] for each in CONTENT["replies"]]

    assert len(titles) == len(set(titles)) >= 25
    assert known <= set(threats)
    assert {"sextorsion", "faux-site-vente", "piratage-messagerie", "hameconnage-sms", "logiciel-espion"} <= covered
    assert {"cyberharcelement-mineur", "faux-investissement", "rancongiciel-organisation", "faux-rib"} <= covered


@pytest.mark.parametrize("reply", CONTENT["replies"], ids=lambda reply: fold(reply["title"]))
def test_first_answer_is_short_and_passes_the_guard(reply):
    sentences = re.split(r"(?<=[.?!:;])\s+", reply["text"])

    assert [each for each in sentences if len(each.split()) > 20] == []
    assert set(FIELD.findall(reply["text"])) <= set(FIELDS)
    guard.check(reply["text"], Author.AGENT)
    assert len(reply["title"]) <= 60


# --- the admin


@pytest.fixture
def chief():
    person = people.agent("chef", role=Role.ADMINISTRATOR)
    person.is_staff = person.is_superuser = True
    person.save(update_fields=["is_staff", "is_superuser"])
    return pages.signed_in(person)


def test_admin_writes_an_answer_that_agents_get(chief, browser, talk):
    chief.post(
        reverse("admin:tchat_reply_add"),
        {"title": "Neuve", "text": "Bonsoir {commune}.", "threats": ["sextorsion"], "order": "1", "active": "on"},
    )

    assert offered(page_of(browser, talk)) == ["Neuve"]
    assert "Bonsoir Bailleul." in words(page_of(browser, talk))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Bonjour {prenom}", "n&#x27;existe pas"),
        ("Donnez-moi votre mot de passe", "ne demande jamais"),
        ("Carte 4539 1488 0343 6467", "numéro de carte"),
    ],
)
def test_admin_refuses_an_answer_that_could_not_be_sent(chief, text, why):
    refused = chief.post(reverse("admin:tchat_reply_add"), {"title": "x", "text": text, "order": "1"})

    assert why in refused.content.decode()
    assert not Reply.objects.exists()
