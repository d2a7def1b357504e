"""An appointment proposed from the conversation where no unit opened hours: the victim takes one, asks for others or
wants none, once; both sides see it. Hours of units: `test_proposed_slots.py`.
"""

import re
from datetime import UTC, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from guichet.audit.models import Line
from guichet.territory.models import Service, Unit
from tchat.enums import AppointmentState
from tchat.models import Appointment
from tchat.services import appointments, conversations, messages
from tests.tchat import pages, people
from tests.tchat.pages import words
from victims import clocks

pytestmark = pytest.mark.django_db
PAGE, CHOOSE = reverse("tchat:appointment"), reverse("tchat:choose_slot")
REASON = "entendre le récit des menaces"


@pytest.fixture
def officer():
    return people.agent("jdupont", "police")


@pytest.fixture
def talk(officer):
    return people.talking(officer, people.commune())


@pytest.fixture
def browser(officer):
    return pages.signed_in(officer)


@pytest.fixture
def owner(talk):
    return pages.victim(talk.dossier)


def moment_words(moment) -> str:
    return clocks.words(moment, "59").replace("\u00a0", " ")


def hour(days: int):
    return (timezone.localtime() + timedelta(days=days)).replace(hour=14, minute=30, second=0, microsecond=0)


def at(name: str, conversation) -> str:
    return reverse(f"console:{name}", args=[conversation.pk])


def typed(*days: int, **changes) -> dict:
    slots = {f"slot_{n}": hour(day).strftime("%Y-%m-%dT%H:%M") for n, day in enumerate(days, 1)}
    return {"place": "Commissariat de Bailleul, 2 rue d'Ypres", "clock": "", "reason": REASON} | slots | changes


def proposed(talk, *days: int, **more) -> Appointment:
    return appointments.propose_hours(
        agent=talk.agent,
        conversation_id=talk.pk,
        place="Commissariat",
        hours=[hour(day) for day in days or (2, 3)],
        reason=REASON,
        address="https://exemple.fr/rdv/",
        **more,
    )


def answer(owner, appointment, slot: str, **more):
    return owner.post(CHOOSE, {"rendez_vous": appointment.pk, "heure": slot, **more})


def bodies(talk) -> list[str]:
    return [line.body.replace("\u00a0", " ") for line in messages.messages_after(conversation=talk, seq=0)]


# --- proposed


def test_proposal_is_a_line_of_the_talk_with_the_page_where_one_chooses(browser, owner, talk):
    browser.post(at("appointment", talk), typed(3, 2))

    shown = owner.get(PAGE)

    assert f"http://testserver{PAGE}" in bodies(talk)[-1]
    told = words(shown)
    assert told.index(moment_words(hour(2)).capitalize()) < told.index(moment_words(hour(3)).capitalize())
    for wanted in (
        "Commissariat de Bailleul",
        REASON,
        talk.agent.public_name,
        "Aucune ne me convient",
        "heure de Paris",
    ):
        assert wanted in told
    assert talk.agent.username not in told
    assert "sans réponse pour le moment" in words(browser.get(at("conversation", talk)))
    assert Line.objects.filter(verb="rendez-vous proposé", actor=talk.agent.audit_name).count() == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"slot_1": ""}, "Proposez au moins une heure."),
        ({"slot_1": "2020-01-01T10:00"}, "Cette heure est déjà passée."),
        ({"slot_2": "demain"}, "Écrivez le jour et l&#x27;heure"),
        ({"place": ""}, "Écrivez l&#x27;unité et son adresse."),
        ({"clock": "zz"}, "Choisissez l&#x27;horloge du lieu."),
    ],
)
def test_proposal_that_cannot_be_made_stays_on_the_page(browser, talk, changes, why):
    asked = browser.post(at("appointment", talk), typed(2, **changes))

    assert asked.status_code == 422
    assert why in asked.content.decode()
    assert REASON in asked.content.decode()
    assert not Appointment.objects.exists()


def test_page_of_the_proposal_knows_the_place_its_hours_and_its_clock(browser, talk):
    service = Service.objects.get(name="Bailleul PN")
    more = {"hours": "Lundi : 9h00-12h00", "departement": "974", "address": "2 rue d'Ypres\n59270 Bailleul"}
    Unit.objects.create(institution="PN", name="Commissariat de Bailleul", folded="c", service=service, **more)

    asked = browser.get(at("propose", talk))

    page = asked.content.decode()
    assert 'value="Commissariat de Bailleul, 2 rue d&#x27;Ypres, 59270 Bailleul"' in page
    assert '<option value="974" selected>Heure locale (La Réunion)</option>' in page
    assert "Lundi : 9h00-12h00" in words(asked)


def test_hour_typed_for_overseas_is_that_of_the_wall_there_and_both_sides_read_it(browser, owner, talk):
    browser.post(at("appointment", talk), typed(3, clock="988"))
    (value,) = Appointment.objects.get().slots

    told = f"{moment_words(hour(3))}, heure locale (Nouvelle-Calédonie)"
    assert value[11:16] == "03:30"
    assert told.capitalize()[:20] in words(owner.get(PAGE))
    assert "à 14 h 30, heure locale (Nouvelle-Calédonie)" in words(owner.get(PAGE))
    assert told in words(browser.get(at("conversation", talk)))
    answer(owner, Appointment.objects.get(), value)
    assert bodies(talk)[-1].startswith(f"Rendez-vous choisi : {told}, Commissariat de Bailleul")


def test_only_who_holds_the_conversation_proposes(talk):
    for person in (people.agent("collegue", "police"), people.agent("gendarme", "gendarmerie")):
        stranger = pages.signed_in(person)
        assert stranger.post(at("appointment", talk), typed(2)).status_code == 404
        assert stranger.get(at("propose", talk)).status_code == 404
    assert not Appointment.objects.exists()


def test_new_proposal_replaces_the_one_without_an_answer(owner, talk):
    first = proposed(talk, 2)
    second = proposed(talk, 5)

    late = answer(owner, first, first.slots[0])

    assert late.status_code == 409
    assert moment_words(hour(5)).capitalize() in words(late)
    assert list(Appointment.objects.values_list("state", flat=True)) == ["propose", "retire"]
    assert appointments.last_for(talk.dossier).appointment == second


def test_what_people_typed_is_ciphertext_in_the_database(owner, talk):
    answer(owner, proposed(talk), "aucune", souhait="après 17 h, à Lille")

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM tchat_appointment")
        cells = cursor.fetchone()
    stored = b"".join(bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in cells)
    assert [word for word in ("menaces", "Lille", "Commissariat") if word.encode() in stored] == []
    assert appointments.last_of(talk).place == "Commissariat"


# --- answered


def test_victim_takes_one_hour_and_the_agent_sees_it(browser, owner, talk):
    appointment = proposed(talk)

    answer(owner, appointment, appointment.slots[1])

    when = moment_words(hour(3))
    assert "Votre heure est retenue." in words(owner.get(PAGE))
    assert bodies(talk)[-1] == f"Rendez-vous choisi : {when}, Commissariat."
    assert f"Choisi : {when}" in words(browser.get(at("conversation", talk)))
    assert Line.objects.filter(verb="rendez-vous choisi", actor="victime").count() == 1


def test_first_answer_counts(owner, talk):
    appointment = proposed(talk)
    answer(owner, appointment, appointment.slots[0])

    again = answer(owner, appointment, appointment.slots[1])

    assert again.status_code == 409
    assert Appointment.objects.get().chosen == hour(2)


def test_no_hour_suits(browser, owner, talk):
    appointment = proposed(talk)

    answer(owner, appointment, "aucune")

    assert Appointment.objects.get().state == AppointmentState.DECLINED
    assert "aucune heure ne convient" in words(owner.get(PAGE))
    assert "Aucune heure ne convient" in words(browser.get(at("conversation", talk)))


def test_others_are_asked_for_with_what_would_suit(browser, owner, talk):
    answer(owner, proposed(talk), "aucune", souhait=" après 17 h, à Lille ")

    assert "Souhait : « après 17 h, à Lille »" in bodies(talk)[-1]
    assert "Votre souhait : « après 17 h, à Lille »" in words(owner.get(PAGE))
    assert "Souhait : « après 17 h, à Lille »" in words(browser.get(at("conversation", talk)))


def test_wish_too_long_is_told_and_kept(owner, talk):
    asked = answer(owner, proposed(talk), "aucune", souhait="après 17 h " * 40)

    assert asked.status_code == 422
    assert "moins de 300 caractères" in words(asked)
    assert "après 17 h après 17 h" in asked.content.decode()
    assert 'value="aucune" checked' in asked.content.decode()


def test_no_appointment_is_wanted(browser, owner, talk):
    answer(owner, proposed(talk), "non")

    assert Appointment.objects.get().state == AppointmentState.REFUSED
    assert "ne pas vouloir de rendez-vous" in words(owner.get(PAGE))
    assert "Pas de rendez-vous voulu." in words(browser.get(at("conversation", talk)))


def test_hour_taken_goes_into_the_calendar(owner, talk):
    file = reverse("tchat:appointment_calendar")
    assert owner.get(file).status_code == 404
    appointment = proposed(talk)

    answer(owner, appointment, appointment.slots[0])

    assert f"DTSTART:{hour(2).astimezone(UTC):%Y%m%dT%H%M%SZ}" in owner.get(file).content.decode()


@pytest.mark.parametrize("slot", ["", "demain", "2030-01-01T10:00:00+00:00"])
def test_hour_that_was_not_proposed_is_refused(owner, talk, slot):
    appointment = proposed(talk)

    assert answer(owner, appointment, slot).status_code in {409, 422}
    assert Appointment.objects.get().state == AppointmentState.PROPOSED


def test_hour_that_has_passed_is_neither_shown_nor_taken(owner, talk):
    appointment = proposed(talk)
    gone = (timezone.now() - timedelta(hours=1)).isoformat()
    Appointment.objects.update(slots=[gone, appointment.slots[1]])

    shown = owner.get(PAGE).content.decode()

    assert len(re.findall(r'name="heure"', shown)) == 3
    assert answer(owner, appointment, gone).status_code == 409


def test_stranger_sees_and_answers_nothing(talk):
    appointment = proposed(talk)
    stranger = pages.victim(people.dossier())

    seen, answered = stranger.get(PAGE), answer(stranger, appointment, appointment.slots[0])

    assert "Aucun rendez-vous ne vous est proposé" in words(seen)
    assert answered.status_code == 409
    assert Appointment.objects.get().state == AppointmentState.PROPOSED


def test_answer_after_the_end_leaves_the_sealed_talk_as_it_is(owner, talk):
    appointment = proposed(talk)
    conversations.close_conversation(agent=talk.agent, conversation_id=talk.pk, outcome="rendez-vous")
    before = bodies(talk)

    answer(owner, appointment, appointment.slots[0])

    assert bodies(talk) == before
    assert "Votre heure est retenue." in words(owner.get(PAGE))
