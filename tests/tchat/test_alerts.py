"""Emergencies: raised by who talks, shown at once to the desk's supervisors, taken by one, told to the agent.

Abusive conversations: stopped with a reason; the victim reads how to come back, supervisors read why."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guichet.accounts.enums import Role
from guichet.audit import services as audit
from guichet.audit.models import Line
from tchat.enums import Outcome, State
from tchat.exceptions import Refusal
from tchat.models import AbuseFlag, Alert, Conversation
from tchat.services import alerts, conversations, handing, messages, moderation, presence, transfers, watch
from tests.tchat import pages, people
from tests.tchat.pages import words
from victims.services import dossiers

pytestmark = pytest.mark.django_db
PLACE, FACTS = "3 rue des Lilas, 2e étage", "un homme frappe à la porte"
TOLD = {"kind": "17", "place": PLACE, "facts": FACTS}
DESK = reverse("console:desk")


@pytest.fixture
def officer():
    return people.agent("policier", "police")


@pytest.fixture
def chief():
    return people.agent("superviseur", "police", role=Role.SUPERVISOR)


@pytest.fixture
def talk(officer):
    return people.talking(officer, people.commune())


@pytest.fixture
def browser(officer):
    return pages.signed_in(officer)


def at(name: str, conversation) -> str:
    return reverse(f"console:{name}", args=[conversation.pk])


def page_words(response) -> str:
    """The emergencies stand above `main`."""
    html = response.content.decode()
    return words(response) + pages.TAGS.sub(" ", html[html.index('id="urgences"') : html.index('id="chiffres"')])


def raised(talk) -> Alert:
    return alerts.raise_alert(agent=talk.agent, conversation_id=talk.pk, **TOLD)


# --- raised


def test_who_takes_it_keeps_place_and_facts_and_who_is_handed_the_talk_sees_it(browser, talk, chief):
    colleague = people.agent("collegue", "police")
    presence.touch({colleague.pk})
    raised(talk)
    handing.hand_over(agent=talk.agent, conversation_id=talk.pk, to=colleague.pk)
    seen = pages.signed_in(colleague).get(at("conversation", talk))
    waits = page_words(seen)
    alerts.acknowledge(agent=chief, alert_id=Alert.objects.get().pk)
    helps = page_words(pages.signed_in(chief).get(reverse("console:desk")))
    talks = page_words(pages.signed_in(colleague).get(at("conversation", talk)))

    assert PLACE in waits
    assert "Appelez vous-même le 17" in waits
    assert 'data-open="0"' in seen.content.decode()  # it does not ring where it cannot be taken
    for page in (helps, talks):
        assert "prise en compte par l’agent" in page
        assert PLACE in page
        assert FACTS in page


def test_same_words_sent_twice_at_once_are_one_alert_and_others_are_another(talk):
    first, again = raised(talk), raised(talk)
    corrected = alerts.raise_alert(agent=talk.agent, conversation_id=talk.pk, **TOLD | {"place": "12 rue d’Ypres"})
    later = alerts.raise_alert(
        agent=talk.agent, conversation_id=talk.pk, **TOLD, now=timezone.now() + timedelta(seconds=31)
    )

    assert again.pk == first.pk
    assert len({first.pk, corrected.pk, later.pk}) == Alert.objects.count() == 3


def test_same_words_after_it_was_taken_are_a_new_alert(talk, chief):
    first = raised(talk)
    alerts.acknowledge(agent=chief, alert_id=first.pk)

    assert raised(talk).pk != first.pk


def test_alert_is_at_the_top_of_the_supervisor_s_page_with_place_and_facts(browser, talk, officer, chief):
    browser.post(at("alert", talk), TOLD)

    shown = page_words(pages.signed_in(chief).get(DESK))

    for wanted in ("Urgence 17", PLACE, FACTS, talk.dossier.reference, officer.service_number, "Je prends"):
        assert wanted in shown
    line = Line.objects.get(verb="urgence donnée")
    assert (line.actor, line.chain_id, line.detail) == (officer.audit_name, talk.dossier.chain, {"nature": "17"})


def test_form_says_that_it_does_not_replace_calling(browser, talk):
    page = words(browser.get(at("conversation", talk)))

    assert "Ceci ne remplace pas un appel au 17." in page
    assert "Appelez aussi le 17 vous-même." in page


def test_alert_is_not_shown_to_others(talk):
    raised(talk)
    colleague, elsewhere = people.agent("collegue", "police"), people.agent("chef", "gendarmerie", role=Role.SUPERVISOR)

    for person in (colleague, elsewhere):
        assert PLACE not in pages.signed_in(person).get(DESK).content.decode()


def test_alert_is_raised_by_who_holds_the_conversation_only(talk, chief):
    for person in (people.agent("collegue", "police"), people.agent("gendarme", "gendarmerie"), chief):
        assert pages.signed_in(person).post(at("alert", talk), TOLD).status_code == 404
    assert not Alert.objects.exists()


@pytest.mark.parametrize("missing", ["kind", "place", "facts"])
def test_alert_without_kind_place_or_facts_asks_and_keeps_what_is_typed(browser, talk, missing):
    asked = browser.post(at("alert", talk), TOLD | {missing: ""})

    assert asked.status_code == 422
    kept = [text for name, text in (("place", PLACE), ("facts", FACTS)) if name != missing]
    assert all(text in asked.content.decode() for text in kept)
    assert not Alert.objects.exists()


def test_place_and_facts_are_ciphertext_in_the_database(talk):
    raised(talk)

    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_told FROM tchat_alert")
        stored = bytes(cursor.fetchone()[0])
    assert b"Lilas" not in stored
    assert b"porte" not in stored


def test_alert_of_an_erased_dossier_is_gone(talk, chief):
    raised(talk)
    dossiers.erase(dossier=talk.dossier)

    assert talk.dossier.reference not in page_words(pages.signed_in(chief).get(DESK))


def test_bell_tells_the_consoles_that_an_alert_is_given_and_taken(talk, chief):
    before = watch.queue_marks({"police"})
    alert = raised(talk)
    given = watch.queue_marks({"police"})
    alerts.acknowledge(agent=chief, alert_id=alert.pk)
    taken = watch.queue_marks({"police"})

    assert before != given != taken


# --- taken


def test_supervisor_takes_it_and_the_agent_sees_who_and_when(browser, talk, chief):
    alert = raised(talk)
    waits = page_words(browser.get(DESK))

    pages.signed_in(chief).post(reverse("console:acknowledge", args=[alert.pk]))
    taken = page_words(browser.get(DESK))

    assert "Personne ne l’a encore prise en compte. Appelez vous-même le 17." in waits
    assert f"prise en compte par l’agent {chief.service_number}" in taken
    assert "Personne ne l’a encore" not in taken
    assert Line.objects.filter(verb="urgence prise en compte", actor=chief.audit_name).count() == 1
    assert audit.verify(talk.dossier.chain) == ""


def test_alert_rings_for_who_may_take_it_and_not_for_who_gave_it(browser, talk, chief):
    raised(talk)

    assert 'data-open="1"' in pages.signed_in(chief).get(DESK).content.decode()
    assert 'data-open="0"' in browser.get(DESK).content.decode()


@pytest.mark.parametrize("page", ["supervision", "complaints", "dossiers", "agenda", "report"])
def test_alert_stands_on_the_other_pages_too_and_asks_for_itself(browser, talk, chief, page):
    raised(talk)

    shown = pages.signed_in(chief).get(reverse(f"console:{page}")).content.decode()
    colleague = pages.signed_in(people.agent("collegue", "police")).get(reverse("console:dossiers")).content.decode()

    assert shown.count('id="urgences"') == colleague.count('id="urgences"') == 1
    assert 'data-open="1" data-muted="non"' in shown
    link = f'href="{at("follow", talk)}">{talk.dossier.reference}</a>'
    for wanted in (PLACE, FACTS, "Je prends cette urgence", link):
        assert wanted in shown
    assert PLACE not in colleague


def test_alert_leads_to_the_conversation_that_one_may_read(browser, talk, chief):
    raised(talk)
    other = people.agent("second", "gendarmerie", role=Role.SUPERVISOR)
    link = f'<a href="{at("follow", talk)}">{talk.dossier.reference}</a>'

    own = browser.get(DESK).content.decode()
    before = pages.signed_in(chief).get(DESK).content.decode()
    transfers.transfer(agent=talk.agent, conversation_id=talk.pk, to="gendarmerie")
    conversations.claim(agent=people.agent("gendarme", "gendarmerie"), conversation_id=talk.pk)
    after = pages.signed_in(chief).get(DESK).content.decode()

    assert f'<a href="{at("conversation", talk)}">{talk.dossier.reference}</a>, donnée' in own
    assert link in before
    assert PLACE in after
    assert link not in after
    assert PLACE not in pages.signed_in(other).get(DESK).content.decode()


def test_alert_part_comes_only_when_something_changed(browser, talk, chief, django_assert_num_queries):
    raised(talk)
    desk, part = pages.signed_in(chief), {"HX-Request": "true"}
    first = desk.get(reverse("console:emergencies"), headers=part).content.decode()
    again = re.search(r'data-hx-get="([^"]+)"', first)[1]

    with django_assert_num_queries(3):
        same = desk.get(again, headers=part)
    alerts.acknowledge(agent=chief, alert_id=Alert.objects.get().pk)
    taken = desk.get(again, headers=part)

    assert first.lstrip().startswith('<div id="urgences"')
    assert PLACE in first
    assert same.status_code == 204
    assert "prise en compte" in taken.content.decode()
    assert desk.get(again).url == DESK


def test_alert_part_says_that_the_session_is_over_and_leads_nobody_away(talk):
    raised(talk)
    editor = pages.signed_in(people.agent("redactrice", role=Role.EDITOR))

    for person in (Client(), editor):
        part = person.get(reverse("console:emergencies"), headers={"HX-Request": "true"})
        assert "Votre session est terminée." in part.content.decode()
        assert "data-hx-get" not in part.content.decode()
        assert PLACE not in part.content.decode()


def test_alert_is_taken_once(talk, chief):
    other = people.agent("second", "police", role=Role.SUPERVISOR)
    alert = raised(talk)
    alerts.acknowledge(agent=chief, alert_id=alert.pk)

    late = pages.signed_in(other).post(reverse("console:acknowledge", args=[alert.pk]))

    assert late.status_code == 409
    assert "Cette urgence est déjà prise en compte." in words(late)
    assert Alert.objects.get().acknowledged_by == chief


def test_alert_is_taken_by_a_supervisor_of_the_desk_only(talk, officer):
    alert = raised(talk)
    elsewhere = people.agent("chef", "gendarmerie", role=Role.SUPERVISOR)

    for person in (officer, people.agent("collegue", "police"), elsewhere):
        taken = pages.signed_in(person).post(reverse("console:acknowledge", args=[alert.pk]))
        assert taken.status_code == 404
    assert Alert.objects.open().count() == 1


def test_alert_that_nobody_took_stays_after_the_conversation_ends(talk, officer, chief):
    raised(talk)
    conversations.close_conversation(agent=officer, conversation_id=talk.pk, outcome="intervention")

    assert PLACE in page_words(pages.signed_in(chief).get(DESK))


@pytest.mark.parametrize("count", [1, 3])
def test_alerts_cost_one_statement(officer, chief, django_assert_num_queries, count):
    for _ in range(count):
        raised(people.talking(officer, people.commune()))

    with django_assert_num_queries(1):
        assert len(alerts.shown_to(chief)) == count


# --- abuse


def stop(browser, talk, **typed):
    return browser.post(at("abuse", talk), {"reason": "insultes", "words": "menace de mort, trois fois"} | typed)


def test_abusive_conversation_is_stopped_and_the_victim_knows_the_way_back(browser, talk, officer):
    stop(browser, talk)

    ended = Conversation.objects.get(pk=talk.pk)
    room = words(pages.victim(talk.dossier).get(reverse("tchat:room")))
    assert (ended.state, ended.outcome) == (State.CLOSED, Outcome.ABUSE)
    assert "Vous pouvez en demander une autre depuis votre dossier. En cas de danger, appelez le 17" in room
    assert "abus" not in room.lower()
    line = Line.objects.get(verb="abus signalé")
    assert (line.actor, line.detail) == (officer.audit_name, {"motif": "insultes"})


def test_stopped_person_may_come_back(browser, talk):
    stop(browser, talk)

    again = conversations.open_conversation(dossier=talk.dossier)

    assert (again.state, again.pk != talk.pk) == (State.WAITING, True)


def test_abuse_needs_a_reason(browser, talk):
    asked = stop(browser, talk, reason="")

    assert asked.status_code == 422
    assert "Choisissez le motif." in words(asked)
    assert "menace de mort" in asked.content.decode()
    assert Conversation.objects.get(pk=talk.pk).state == State.ACTIVE


def test_abuse_is_not_an_ordinary_ending(browser, talk):
    assert browser.post(at("close", talk), {"outcome": "abus"}).status_code == 422
    assert Conversation.objects.get(pk=talk.pk).state == State.ACTIVE


def test_only_who_holds_it_stops_it(talk, chief):
    for person in (people.agent("collegue", "police"), people.agent("gendarme", "gendarmerie"), chief):
        assert stop(pages.signed_in(person), talk).status_code == 404
        with pytest.raises(Refusal, match="not-yours"):
            moderation.stop(agent=person, conversation_id=talk.pk, reason="jeu")
    assert not AbuseFlag.objects.exists()


def test_explanation_is_ciphertext_and_not_told_to_the_victim(browser, talk):
    stop(browser, talk)

    assert b"menace" not in bytes(AbuseFlag.objects.get().sealed_words)
    bodies = " ".join(line.body for line in messages.messages_after(conversation=talk, seq=0))
    assert "menace" not in bodies


# --- the admin


def test_admin_shows_emergencies_and_abuse_without_a_word(talk, browser):
    alert = raised(talk)
    stop(browser, talk)
    person = people.agent("chef", role=Role.ADMINISTRATOR)
    person.is_staff = person.is_superuser = True
    person.save(update_fields=["is_staff", "is_superuser"])
    admin = pages.signed_in(person)

    shown = [
        admin.get(reverse("admin:tchat_alert_changelist")),
        admin.get(reverse("admin:tchat_alert_change", args=[alert.pk])),
        admin.get(reverse("admin:tchat_abuseflag_change", args=[AbuseFlag.objects.get().pk])),
    ]

    assert [page.status_code for page in shown] == [200, 200, 200]
    assert not any(word in page.content.decode() for page in shown for word in ("Lilas", "menace de mort"))
    assert admin.post(reverse("admin:tchat_alert_change", args=[alert.pk]), {"kind": "17"}).status_code == 403
