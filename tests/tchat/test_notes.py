"""Internal notes: sealed, for agents only, never in the transcript, carried with a transfer."""

import json
import re

import pytest
from django.db import connection
from django.urls import reverse

from guichet.accounts.enums import Role
from guichet.audit.models import Line
from tchat.enums import State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Note
from tchat.services import conversations, handing, messages, notes, presence, transcripts
from tests.tchat import pages, people
from tests.tchat.pages import words
from victims.models import Dossier

pytestmark = pytest.mark.django_db
SECRET = "elle reconnaît la voix du voisin"


@pytest.fixture
def officer():
    return people.agent("jdupont", "police")


@pytest.fixture
def talk(officer):
    return people.talking(officer, people.commune())


@pytest.fixture
def browser(officer):
    return pages.signed_in(officer)


def there(*agents) -> None:
    presence.touch({agent.pk for agent in agents})


def at(name: str, conversation) -> str:
    return reverse(f"console:{name}", args=[conversation.pk])


def bodies(conversation) -> list[str]:
    return [line.body for line in messages.messages_after(conversation=conversation, seq=0)]


def now_of(conversation) -> Conversation:
    return Conversation.objects.select_related("dossier", "agent").get(pk=conversation.pk)


# --- the note


def test_note_is_shown_to_the_agent_with_a_number_and_no_name(browser, talk, officer):
    kept = browser.post(at("note", talk), {"note": SECRET}, follow=True)

    assert SECRET in words(kept)
    assert f"Agent {officer.service_number}," in words(kept)
    assert officer.username not in words(kept)
    assert Line.objects.filter(verb="note ajoutée", actor=officer.audit_name, chain=talk.dossier.chain).count() == 1


def test_note_is_ciphertext_in_the_database(talk, officer):
    notes.add(agent=officer, conversation_id=talk.pk, text=SECRET)

    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_text FROM tchat_note")
        stored = bytes(cursor.fetchone()[0])
    assert SECRET.encode() not in stored
    assert b"voisin" not in stored


def test_note_moved_to_another_row_does_not_open(talk, officer):
    note = notes.add(agent=officer, conversation_id=talk.pk, text=SECRET)
    Note.objects.create(conversation=talk, agent=officer, sealed_text=note.sealed_text)

    assert [each.text for each in notes.of(talk)] == [SECRET, notes.DAMAGED]


def test_note_is_neither_on_the_victim_s_pages_nor_in_the_transcript(talk, officer):
    notes.add(agent=officer, conversation_id=talk.pk, text=SECRET)
    owner = pages.victim(talk.dossier)

    room = owner.get(reverse("tchat:room"))
    conversations.close_conversation(agent=officer, conversation_id=talk.pk, outcome="conseil")
    closed = owner.get(reverse("tchat:room"))

    assert SECRET not in room.content.decode() + closed.content.decode()
    assert SECRET not in json.dumps(transcripts.content_of(now_of(talk)), ensure_ascii=False, default=str)


def test_notes_are_for_who_may_read_the_conversation(talk, officer):
    notes.add(agent=officer, conversation_id=talk.pk, text=SECRET)
    colleague, stranger = people.agent("collegue", "police"), people.agent("gendarme", "gendarmerie")

    for person in (colleague, stranger):
        browser = pages.signed_in(person)
        assert browser.get(at("conversation", talk)).status_code == 404
        assert browser.post(at("note", talk), {"note": "x"}).status_code == 404
        with pytest.raises(Refusal, match="not-yours"):
            notes.add(agent=person, conversation_id=talk.pk, text="x")
    assert Note.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "Écrivez la note"), ("é" * 2001, "dépasse 2 000"), ("carte 4539 1488 0343 6467", "numéro de carte")],
)
def test_note_that_cannot_be_kept_stays_on_the_page(browser, talk, text, why):
    refused = browser.post(at("note", talk), {"note": text})

    assert refused.status_code == 422
    assert why in words(refused)
    assert text in words(refused)
    assert not Note.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_notes_are_read_in_one_statement(talk, officer, django_assert_num_queries, count):
    for number in range(count):
        notes.add(agent=officer, conversation_id=talk.pk, text=f"note {number}")

    with django_assert_num_queries(1):
        assert len(notes.of(talk)) == count


def tabs(response) -> str:
    """The tabs alone, as they are read."""
    return " ".join(pages.TAGS.sub(" ", re.search(r'<nav class="tabs".*?</nav>', response.content.decode())[0]).split())


def whisper(response) -> str:
    html = response.content.decode()
    return pages.TAGS.sub("", html[html.index('id="lecteurs"') :].partition("</div>")[0])


def test_whisper_is_said_above_the_talk_and_on_its_tab_until_it_was_shown(browser, talk, officer):
    chief, other = people.agent("chef", "police", role=Role.SUPERVISOR), people.talking(officer, people.commune())
    notes.add(agent=officer, conversation_id=talk.pk, text="la mienne")
    before = browser.get(at("conversation", other))
    pages.signed_in(chief).post(at("note", talk), {"note": SECRET})

    told = tabs(browser.get(at("conversation", other)))
    part = browser.get(reverse("console:queue"), {"vu": other.pk}, headers={"HX-Request": "true"})
    shown = browser.get(at("conversation", talk))
    again = tabs(browser.get(at("conversation", other)))
    notes.add(agent=officer, conversation_id=talk.pk, text="vu, merci")

    assert "note" not in tabs(before)
    assert "note" in told
    assert 'data-notes="1"' in part.content.decode()
    assert SECRET not in part.content.decode()
    assert f"Note de l’agent {chief.service_number}" in whisper(shown)
    assert SECRET in whisper(shown)
    assert "note" not in again
    assert SECRET not in whisper(browser.get(at("conversation", talk)))


# --- with a transfer


def test_transfer_s_note_is_marked_in_the_queue_and_said_to_who_takes_it(browser, talk, officer):
    colleague = people.agent("gendarme", "gendarmerie", institution="GN")
    theirs, plain = pages.signed_in(colleague), people.talking(officer, people.commune())
    browser.post(at("transfer", plain), {"desk": "gendarmerie"})
    unmarked = words(theirs.get(reverse("console:desk")))
    browser.post(at("transfer", talk), {"desk": "gendarmerie", "note": SECRET})

    marked = words(theirs.get(reverse("console:desk")))
    taken = theirs.post(at("claim", talk), follow=True)

    assert "avec une note" not in unmarked
    assert marked.count("avec une note") == 1
    assert SECRET not in marked
    assert SECRET in whisper(taken)


def test_transfer_to_a_desk_carries_the_note_to_who_takes_it(browser, talk):
    gendarme = people.agent("gendarme", "gendarmerie", institution="GN")
    theirs = pages.signed_in(gendarme)

    browser.post(at("transfer", talk), {"desk": "gendarmerie", "note": SECRET})
    before = theirs.get(at("conversation", talk))
    theirs.post(at("claim", talk))
    after = theirs.get(at("conversation", talk))

    assert SECRET not in before.content.decode()
    assert SECRET in words(after)
    assert "avec la transmission" in words(after)


def test_transfer_that_fails_keeps_no_note_and_gives_the_text_back(browser, talk):
    refused = browser.post(at("transfer", talk), {"desk": "nulle-part", "note": SECRET})

    assert refused.status_code == 409
    assert SECRET in words(refused)
    assert not Note.objects.exists()
    assert now_of(talk).state == State.ACTIVE


def test_transfer_with_a_card_number_in_the_note_does_not_go(browser, talk):
    refused = browser.post(at("transfer", talk), {"desk": "gendarmerie", "note": "carte 4539 1488 0343 6467"})

    assert refused.status_code == 422
    assert "numéro de carte" in words(refused)
    assert now_of(talk).desk_id == "police"


# --- to a colleague


def test_colleague_who_is_there_goes_on_with_the_talk(browser, talk, officer):
    colleague = people.agent("collegue", "police")
    there(officer, colleague)

    offered = browser.get(at("conversation", talk))
    browser.post(at("transfer", talk), {"agent": colleague.pk, "note": SECRET})

    moved = now_of(talk)
    assert f"Confier à l’agent {colleague.service_number}" in words(offered)
    assert (moved.state, moved.agent, moved.dossier.assigned_agent) == (State.ACTIVE, colleague, colleague)
    assert (moved.taken_at, moved.transfers, moved.claim_version) == (talk.taken_at, 1, talk.claim_version + 1)
    assert Line.objects.filter(verb="dossier rendu", actor=officer.audit_name, chain=talk.dossier.chain).count() == 1
    assert bodies(talk)[-1] == f"{colleague.public_name} a pris la suite de la conversation."
    assert SECRET in words(pages.signed_in(colleague).get(at("conversation", talk)))
    assert browser.get(at("conversation", talk)).status_code == 404
    trace = Line.objects.get(verb="tchat transféré", chain=talk.dossier.chain)
    assert (trace.actor, trace.detail["à"]) == (officer.audit_name, colleague.service_number)


def test_conversation_goes_to_nobody_who_cannot_take_it(browser, talk, officer):
    absent, paused = people.agent("absent", "police"), people.agent("pause", "police")
    elsewhere, full = people.agent("gendarme", "gendarmerie"), people.agent("plein", "police")
    editor = people.agent("redactrice", "police", role=Role.EDITOR)
    people.talking(full, people.commune())
    talk.desk.capacity = 1
    talk.desk.save(update_fields=["capacity"])
    Conversation.objects.filter(pk=talk.pk).update(severity=2)
    there(officer, paused, elsewhere, full, editor)
    presence.pause(agent=paused)

    for person in (absent, paused, elsewhere, full, editor, officer):
        refused = browser.post(at("transfer", talk), {"agent": person.pk})
        assert refused.status_code == 409
        assert "Cet agent n'est pas disponible à ce bureau." in words(refused)
    assert now_of(talk).agent == officer


def test_nobody_gives_what_another_holds(talk, officer):
    colleague, stranger = people.agent("collegue", "police"), people.agent("gendarme", "gendarmerie")
    there(colleague, stranger)

    for person in (colleague, stranger):
        assert pages.signed_in(person).post(at("transfer", talk), {"agent": colleague.pk}).status_code == 404
        with pytest.raises(Refusal, match="not-yours"):
            handing.hand_over(agent=person, conversation_id=talk.pk, to=colleague.pk)
    assert Dossier.objects.get(pk=talk.dossier_id).assigned_agent == officer


def test_given_twice_goes_to_the_first(talk, officer):
    first, second = people.agent("premier", "police"), people.agent("second", "police")
    there(first, second)

    handing.hand_over(agent=officer, conversation_id=talk.pk, to=first.pk)

    with pytest.raises(Refusal, match="not-yours"):
        handing.hand_over(agent=officer, conversation_id=talk.pk, to=second.pk)
    assert now_of(talk).agent == first
