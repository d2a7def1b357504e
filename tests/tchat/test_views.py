"""The victim's side without script: ask, wait, write, read, leave; and the same by plain requests for a script."""

import uuid

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guichet.lib.text import clean_text
from tchat import views
from tchat.enums import Author, State
from tchat.models import Conversation, Message
from tchat.services import conversations, messages
from tchat.services.messages import Sender
from tests.tchat import pages, people
from tests.tchat.pages import words
from victims.services import access

pytestmark = pytest.mark.django_db
ROOM, ASK, WRITE, SEND, LEAVE = (reverse(f"tchat:{name}") for name in ("room", "ask", "write", "send", "leave"))
TEXT = "Élève menacé 🙂 https://exemple.fr/?a=1&b=2\n<script>alert(1)</script> \u202edlrow"


@pytest.fixture
def officer():
    return people.agent("policier", "police")


@pytest.fixture
def talk(officer):
    return people.talking(officer, people.commune())


@pytest.fixture
def browser(talk):
    return pages.victim(talk.dossier)


def bodies(conversation) -> list[str]:
    return [line.body for line in messages.messages_after(conversation=conversation, seq=0)]


# --- asking


@pytest.mark.parametrize("address", [ROOM, WRITE, reverse("tchat:confirm_leave")])
def test_tchat_without_access_asks_for_the_dossier(address):
    response = Client().get(address)

    assert response.status_code == 302
    assert response.url.startswith(reverse("dossier:sign_in"))


def test_room_offers_the_tchat_and_asks_for_it_once():
    people.desks()
    owner = people.dossier(people.commune())
    browser = pages.victim(owner)

    offered = browser.get(ROOM)
    for _ in range(2):
        asked = browser.post(ASK)

    assert "Demander le tchat" in words(offered)
    assert (asked.status_code, asked.url) == (302, ROOM)
    assert Conversation.objects.filter(dossier=owner, state=State.WAITING).count() == 1


def test_tchat_that_is_not_offered_is_refused_with_other_ways():
    people.desks()
    told = next(each.id for each in people.RECORDED() if each.spec.expect.chat is False)
    browser = pages.victim(people.dossier(people.commune(), told=told))

    page = browser.get(ROOM)
    asked = browser.post(ASK)

    assert "d’autres aides répondent mieux" in words(page)
    assert asked.status_code == 422
    assert "Le tchat n'est pas proposé pour cette situation." in words(asked)


# --- waiting


def test_waiting_page_tells_place_wait_code_and_reasons():
    place = people.commune()
    people.waiting(place, minutes_ago=9)
    conversation = people.waiting(place)

    page = pages.victim(conversation.dossier).get(ROOM)

    told = words(page)
    assert "Vous êtes dans la file 2 e 1 personne est devant vous" in told
    assert "Nous ne savons pas encore combien de temps" in told
    assert conversation.verification in told
    assert "Pourquoi ce service ?" in told
    assert "Police nationale compétente pour la commune" in told
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in page.content.decode()


def test_waiting_page_gives_an_estimate_when_enough_were_taken(officer):
    place = people.commune()
    for _ in range(5):
        people.talking(officer, place)
    conversation = people.waiting(place)

    page = pages.victim(conversation.dossier).get(ROOM)

    assert "Attente : environ 1 minute" in words(page)


def test_waiting_part_is_the_place_alone():
    conversation = people.waiting(people.commune())

    part = pages.victim(conversation.dossier).get(ROOM, headers={"HX-Request": "true"})

    assert part.content.decode().startswith('<div id="tour"')
    assert "Vous êtes le prochain" in words(part)


def test_waiting_part_opens_the_room_when_an_agent_came(browser):
    part = browser.get(ROOM, headers={"HX-Request": "true"})

    assert part.headers["HX-Refresh"] == "true"


def test_who_waits_writes_first_and_the_agent_reads_it(officer):
    conversation = people.waiting(people.commune())
    browser = pages.victim(conversation.dossier)

    page = browser.get(WRITE)
    sent = browser.post(SEND, {"text": "J'ai peur", "client_id": pages.hidden(page, "client_id")})
    waiting = browser.get(ROOM)

    assert sent.url == f"{WRITE}#ecrire"
    assert "Vous avez déjà écrit." in words(waiting)
    assert bodies(conversation) == ["J'ai peur"]


def test_leaving_the_queue_is_confirmed_then_done():
    conversation = people.waiting(people.commune())
    browser = pages.victim(conversation.dossier)

    asked = browser.get(reverse("tchat:confirm_leave"))
    before = Conversation.objects.get(pk=conversation.pk).state
    left = browser.post(LEAVE, follow=True)

    assert "Vous perdez votre place, pas votre dossier." in words(asked)
    assert before == State.WAITING
    assert "La conversation est terminée" in words(left)
    assert "Demander une autre conversation" in words(left)
    assert Conversation.objects.get(pk=conversation.pk).outcome == "abandon"


def test_leaving_the_queue_does_not_end_a_conversation(browser, talk):
    browser.post(LEAVE)

    assert Conversation.objects.get(pk=talk.pk).state == State.ACTIVE


# --- talking


def test_message_is_shown_as_typed_and_nothing_in_it_is_alive(browser, talk):
    page = browser.get(ROOM)
    sent = browser.post(SEND, {"text": TEXT, "client_id": pages.hidden(page, "client_id")}, follow=True)

    html = sent.content.decode()
    assert sent.redirect_chain == [(f"{ROOM}#ecrire", 302)]
    assert bodies(talk)[-1] == TEXT
    assert "<script>alert(1)</script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'href="https://exemple.fr' not in html
    assert "enregistré" in words(sent)


def test_message_is_read_when_the_agent_opened_it(browser, talk, officer):
    people.said(talk, "Bonsoir")
    messages.mark_read(conversation_id=talk.pk, author=Author.AGENT, seq=2)

    page = browser.get(ROOM)

    assert "Bonsoir" in words(page)
    assert "· lu" in words(page)


def test_opening_the_room_tells_the_agent_that_the_lines_were_read(browser, talk, officer):
    people.said(talk, "Je vous lis", Sender(Author.AGENT, officer.pk))

    browser.get(ROOM)

    assert Conversation.objects.get(pk=talk.pk).victim_read == 2


def test_form_sent_twice_stores_one_message(browser, talk):
    name = pages.hidden(browser.get(ROOM), "client_id")

    for _ in range(2):
        browser.post(SEND, {"text": "une fois", "client_id": name})

    assert bodies(talk).count("une fois") == 1


def test_form_corrected_then_sent_again_is_another_message(browser, talk):
    name = pages.hidden(browser.get(ROOM), "client_id")

    for text in ("un", "deux"):
        browser.post(SEND, {"text": text, "client_id": name})

    assert bodies(talk)[-2:] == ["un", "deux"]


@pytest.mark.parametrize("name", ["", "pas-un-uuid", "7f8b9c1e-3b1a-4c43-9d5b"])
def test_form_whose_id_was_lost_still_sends_its_text(browser, talk, name):
    sent = browser.post(SEND, {"text": "gardé", "client_id": name})

    assert sent.status_code == 302
    assert bodies(talk)[-1] == "gardé"


def test_message_of_4000_characters_is_stored_whole(browser, talk):
    browser.post(SEND, {"text": "é" * 4000})

    assert bodies(talk)[-1] == "é" * 4000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Écrivez un message avant d'envoyer."),
        (" \n\t ", "Écrivez un message avant d'envoyer."),
        ("\x00", "Écrivez un message avant d'envoyer."),
        ("é" * 4001, "Ce message dépasse 4 000 caractères. Envoyez-le en plusieurs fois."),
    ],
)
def test_message_that_cannot_be_stored_stays_on_the_page(browser, talk, text, sentence):
    refused = browser.post(SEND, {"text": text})

    assert refused.status_code == 422
    assert sentence in words(refused)
    assert text.strip("\x00").strip() in words(refused)
    assert Message.objects.count() == 1


def test_message_after_the_end_is_refused_and_kept(browser, talk, officer):
    conversations.close_conversation(agent=officer, conversation_id=talk.pk, outcome="conseil")

    refused = browser.post(SEND, {"text": "encore un mot"})

    assert refused.status_code == 409
    assert "Cette conversation est close." in words(refused)
    assert "encore un mot" in words(refused)


def test_message_without_access_is_kept_to_be_copied():
    refused = Client().post(SEND, {"text": "ce que j'écrivais"})

    assert refused.status_code == 401
    assert "ce que j'écrivais" in words(refused)


def test_message_without_conversation_leads_to_the_offer():
    browser = pages.victim(people.dossier(people.commune()))

    assert browser.post(SEND, {"text": "il y a quelqu'un ?"}).url == ROOM


def test_too_many_messages_are_slowed_and_kept(browser, talk, monkeypatch):
    monkeypatch.setattr(views, "MOST_A_MINUTE", 2)
    for _ in range(2):
        browser.post(SEND, {"text": "encore"})

    slowed = browser.post(SEND, {"text": "le dernier"})

    assert slowed.status_code == 429
    assert "Patientez un instant." in words(slowed)
    assert "le dernier" in words(slowed)


@pytest.mark.parametrize("outcome", ["conseil", "rendez-vous", "plainte-preparee", "intervention", "reorientation"])
def test_closed_room_keeps_the_history_and_says_what_comes_next(browser, talk, officer, outcome):
    people.said(talk, "Merci à vous")
    conversations.close_conversation(agent=officer, conversation_id=talk.pk, outcome=outcome)

    page = browser.get(ROOM)

    told = words(page)
    assert "Conversation terminée" in told
    assert "Merci à vous" in told
    assert "Mon dossier" in told
    assert "Envoyer" not in told


# --- plain requests for a script


def after(browser, conversation, **query):
    return browser.get(reverse("tchat:after", args=[conversation.pk]), query)


def test_after_gives_the_same_frames_as_the_socket(browser, talk):
    people.said(talk, "un")

    found = after(browser, talk, apres=1).json()["frames"]

    assert [frame["t"] for frame in found] == ["msg", "state"]
    assert (found[0]["seq"], found[0]["body"]) == (2, "un")
    assert (found[1]["state"], found[1]["seq"]) == ("en-cours", 2)


def test_after_notes_what_was_seen(browser, talk):
    after(browser, talk, apres=1, lu=1)

    assert Conversation.objects.get(pk=talk.pk).victim_read == 1


def test_after_tells_the_place_of_who_waits():
    conversation = people.waiting(people.commune())

    found = after(pages.victim(conversation.dossier), conversation, apres=0).json()["frames"]

    assert (found[0]["position"], found[0]["minutes"]) == (1, None)


@pytest.mark.parametrize("query", [{}, {"apres": "x"}, {"apres": "-1"}, {"apres": "9" * 40}, {"apres": "1", "lu": "z"}])
def test_after_refuses_what_it_cannot_read(browser, talk, query):
    response = after(browser, talk, **query)

    assert response.status_code == 422
    assert response.json()["frames"][0]["code"] == "bad-frame"


def test_after_is_for_the_owner_only(talk):
    stranger = pages.victim(people.dossier(people.commune()))

    assert after(stranger, talk, apres=0).status_code == 404
    assert after(Client(), talk, apres=0).status_code == 401
    assert after(stranger, Conversation(pk=uuid.uuid4()), apres=0).status_code == 404


def post_frames(browser, **values):
    return browser.post(SEND, values, headers={"Accept": "application/json"})


def test_message_posted_by_a_script_is_acknowledged_with_its_id(browser, talk):
    name = str(uuid.uuid4())

    first, second = (post_frames(browser, text="par requête", client_id=name).json()["frames"][0] for _ in range(2))

    assert first == second
    assert (first["t"], first["id"], first["seq"]) == ("ack", name, 2)
    assert str(Message.objects.get(seq=2).client_id) == name


def test_message_posted_by_a_script_is_refused_in_words(browser, talk):
    name = str(uuid.uuid4())

    response = post_frames(browser, text="é" * 4001, client_id=name)

    frame = response.json()["frames"][0]
    assert (response.status_code, frame["code"], frame["id"]) == (422, "too-long", name)


def test_message_posted_by_a_script_without_access_is_refused():
    assert post_frames(Client(), text="x", client_id=str(uuid.uuid4())).status_code == 401


def test_ended_access_opens_nothing(talk, browser):
    access.Access.objects.update(ended_at=talk.created_at)

    assert browser.get(ROOM).status_code == 302
    assert after(browser, talk, apres=0).status_code == 401


def test_methods_are_held(browser, talk):
    for address in (ASK, SEND, LEAVE):
        assert browser.get(address).status_code == 405
    for address in (ROOM, WRITE):
        assert browser.post(address).status_code == 405


def test_pages_need_a_token_to_write(talk):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[access.COOKIE] = people.cookie_of(talk.dossier)

    for address in (ASK, SEND, LEAVE):
        assert browser.post(address, {"text": "x"}).status_code == 403
    assert bodies(talk) == [f"{talk.agent.public_name} a rejoint la conversation."]


ANYTHING = st.text(max_size=60) | st.sampled_from(["é" * 4001, "\0", "a\r\nb", "\u202e"])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["text", "client_id", "desk", "apres"]), ANYTHING), st.booleans())
def test_whatever_is_posted_is_answered_in_words_and_stored_whole(browser, talk, fields, script):
    cache.clear()
    before = Message.objects.count()

    response = browser.post(SEND, fields, headers={"Accept": "application/json"} if script else {})

    stored = Message.objects.count() - before
    assert (response.status_code, stored) in {(302, 1), (200, 1), (422, 0)}
    if stored:
        assert bodies(talk)[-1] == clean_text(fields["text"]).strip()
