"""An agent proposes hours that units opened: the competent unit first, in its own clock, and whoever takes first."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from guichet.audit.models import Line
from guichet.territory.models import Commune, Service
from tchat.models import Appointment
from tchat.services import conversations
from tests.tchat import pages, people
from tests.tchat.pages import words
from tests.tchat.test_appointments import CHOOSE, PAGE, REASON, answer, at, bodies
from tests.victims.test_appointments import CANCEL, TAKE, slots, unit
from tests.victims.test_appointments import PAGE as BOOKED
from victims.models import Booking, Slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(db):
    place = people.commune()
    Commune.objects.filter(pk=place.pk).update(lat=50.74, lng=2.73)
    return people.talking(people.agent("jdupont", "police"), place)


@pytest.fixture
def browser(talk):
    return pages.signed_in(talk.agent)


@pytest.fixture
def owner(talk):
    return pages.victim(talk.dossier)


@pytest.fixture
def competent(talk):
    return unit("Commissariat de Bailleul", service=Service.objects.get(name="Bailleul PN"), at=(50.9, 3.3))


def told(slot) -> str:
    return slot.words.replace("\u00a0", " ")


def propose(browser, talk, *chosen, **more):
    typed = {"creneau": [str(slot.pk) for slot in chosen], "reason": REASON}
    return browser.post(at("appointment", talk), typed, **more)


# --- proposed


def test_hours_of_the_competent_unit_come_first_then_those_of_the_nearest(browser, talk, competent):
    near, far = unit("Brigade de Méteren", at=(50.74, 2.69)), unit("Brigade de Lille", at=(50.63, 3.06))
    for each in (far, near, competent):
        slots(each, 1)

    page = words(browser.get(at("propose", talk)))

    order = [page.index(each.name) for each in (competent, near, far)]
    assert order == sorted(order)
    for wanted in ("La personne habite Bailleul (Nord).", "L’unité de la commune", "Les heures sont celles de l’unité"):
        assert wanted in page
    assert "Unité et adresse" not in page


def test_both_sides_read_the_hours_by_the_clock_of_the_unit(browser, owner, talk, competent):
    type(competent).objects.filter(pk=competent.pk).update(departement="987")
    (slot,) = slots(competent, 2)

    shown = words(browser.get(at("propose", talk)))
    propose(browser, talk, slot)

    slot = Slot.objects.select_related("unit").get()
    assert told(slot).endswith(", heure locale (Polynésie française)")
    for page in (shown, words(owner.get(PAGE)), words(browser.get(at("conversation", talk)))):
        assert told(slot).partition(" ")[2] in page
        assert "heure locale (Polynésie française)" in page


def test_proposal_from_the_page_and_from_the_script_say_the_same(browser, owner, talk, competent):
    first, second = slots(competent, 1, 2)

    part = propose(browser, talk, first, headers={"HX-Request": "true"}).content.decode()
    whole = propose(browser, talk, second, follow=True)

    assert part.lstrip().startswith("<div")
    assert f"Proposé, sans réponse pour le moment : {told(first)}" in part.replace("\u00a0", " ")
    assert f"Proposé, sans réponse pour le moment : {told(second)}" in words(whole)
    assert told(first).capitalize() not in words(owner.get(PAGE))
    assert "2 rue d'Ypres" in words(owner.get(PAGE))


@pytest.mark.parametrize("chosen", [(), (0, 1, 2, 3)])
def test_none_or_too_many_are_told_and_what_was_typed_stays(browser, talk, competent, chosen):
    found = slots(competent, 1, 2, 3, 4)

    asked = propose(browser, talk, *(found[n] for n in chosen))

    assert asked.status_code == 422
    assert "Choisissez une à 3 heures." in words(asked)
    assert REASON in asked.content.decode()
    assert asked.content.decode().count(" checked") == len(chosen)
    assert not Appointment.objects.exists()


def in_days(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


@pytest.mark.parametrize("by", [{"voir": "oui"}, {}], ids=["the button", "Enter in the day"])
def test_hours_of_another_day_are_shown_with_what_was_typed_and_ticked(browser, talk, competent, by):
    soon, late = slots(competent, 1, 20)
    typed = {"creneau": [str(soon.pk)], "reason": REASON, "vu": "", "jour": in_days(15), **by}

    asked = browser.post(at("appointment", talk), typed, headers={"HX-Request": "true"})

    page = asked.content.decode()
    assert asked.status_code == 200
    assert not Appointment.objects.exists()
    assert str(late.pk) in page
    assert REASON in page
    assert f'value="{soon.pk}" checked' in page
    assert "Cochées un autre jour" in page
    both = typed | {"creneau": [str(soon.pk), str(late.pk)], "vu": in_days(15)}
    both.pop("voir", None)
    browser.post(at("appointment", talk), both)
    assert Appointment.objects.get().slots == [str(soon.pk), str(late.pk)]


def test_day_that_is_none_is_told_beside_it_and_nothing_is_proposed(browser, talk, competent):
    (slot,) = slots(competent, 1)
    typed = {"creneau": [str(slot.pk)], "reason": REASON, "vu": "", "jour": "hier", "voir": "oui"}

    asked = browser.post(at("appointment", talk), typed)

    assert asked.status_code == 422
    assert "Écrivez un jour comme 02/12/2026." in words(asked)
    assert REASON in asked.content.decode()
    assert f'value="{slot.pk}" checked' in asked.content.decode()
    assert not Appointment.objects.exists()


def test_hour_taken_while_the_agent_chose_is_told_with_what_is_left(browser, talk, competent):
    gone, left = slots(competent, 1, 2)
    pages.victim(people.dossier()).post(TAKE, {"creneau": gone.pk})

    asked = propose(browser, talk, gone, left)

    assert asked.status_code == 409
    assert "vient d'être prise" in words(asked)
    assert f'value="{left.pk}" checked' in asked.content.decode()
    assert str(gone.pk) not in asked.content.decode()
    assert REASON in asked.content.decode()
    assert not Appointment.objects.exists()


def test_hours_typed_where_a_unit_has_opened_some_are_sent_back_with_the_reason(browser, talk, competent):
    slots(competent, 1)
    when = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")

    asked = browser.post(at("appointment", talk), {"place": "Ici", "clock": "", "slot_1": when, "reason": REASON})

    assert asked.status_code == 409
    assert "proposez l'une d'elles" in words(asked)
    assert REASON in asked.content.decode()


def test_colleague_sees_and_proposes_nothing(talk, competent):
    (slot,) = slots(competent, 1)
    for person in (people.agent("collegue", "police"), people.agent("gendarme", "gendarmerie")):
        stranger = pages.signed_in(person)
        assert stranger.get(at("propose", talk)).status_code == 404
        assert propose(stranger, talk, slot).status_code == 404
    assert not Appointment.objects.exists()


def test_line_of_the_talk_leads_the_victim_to_the_page_and_no_other_line_does(browser, owner, talk, competent):
    (slot,) = slots(competent, 1)
    people.said(talk, f"voici https://exemple.invalid{PAGE}")
    propose(browser, talk, slot)

    mine = owner.get(reverse("tchat:room")).content.decode()
    theirs = browser.get(at("conversation", talk)).content.decode()

    log, template = mine.split("<template data-bubbles>")
    assert log.count(f'href="{PAGE}"') == 1
    assert f'Un rendez-vous vous est proposé :</span> <a class="call" href="{PAGE}"' in log
    assert f"voici https://exemple.invalid{PAGE}" in log
    assert template.count(f'href="{PAGE}"') == 1
    assert f'href="{PAGE}"' not in theirs


# --- answered


def test_victim_takes_a_proposed_hour_as_an_appointment_like_any_other(browser, owner, talk, competent):
    first, second = slots(competent, 1, 2)
    propose(browser, talk, first, second)

    answer(owner, Appointment.objects.get(), str(second.pk))

    assert Booking.objects.get().slot == second
    shown = owner.get(PAGE, follow=True)
    assert shown.redirect_chain[0][0] == BOOKED
    for wanted in ("Votre heure est retenue.", told(second).capitalize(), "À apporter", "Mettre dans mon agenda"):
        assert wanted in words(shown)
    assert bodies(talk)[-1].startswith(f"Rendez-vous choisi : {told(second)}, Commissariat de Bailleul, 2 rue d'Ypres")
    assert f"Retenu : {told(second)}" in words(browser.get(at("conversation", talk)))
    verbs = Line.objects.filter(actor="victime", verb__startswith="rendez-vous").values_list("verb", flat=True)
    assert sorted(verbs) == ["rendez-vous choisi", "rendez-vous pris"]


def test_agent_sees_what_became_of_it(browser, owner, talk, competent):
    first, second = slots(competent, 1, 2)
    propose(browser, talk, first)
    answer(owner, Appointment.objects.get(), str(first.pk))

    owner.post(TAKE, {"creneau": second.pk})
    moved = words(browser.get(at("conversation", talk)))
    owner.post(CANCEL)
    cancelled = words(browser.get(at("conversation", talk)))

    assert f"Retenu : {told(second)}" in moved
    assert f"Choisi, puis annulé : {told(first)}" in cancelled
    assert "Retenu" not in cancelled


def test_hour_moved_then_cancelled_in_the_dossier_is_a_line_of_the_talk(
    browser, owner, talk, competent, django_capture_on_commit_callbacks
):
    first, second = slots(competent, 1, 2)
    with django_capture_on_commit_callbacks(execute=True):
        owner.post(TAKE, {"creneau": first.pk})
        owner.post(TAKE, {"creneau": second.pk})
        owner.post(TAKE, {"creneau": second.pk})
        owner.post(CANCEL)
        owner.post(CANCEL)

    name = "Commissariat de Bailleul"
    moved, cancelled = (
        f"La victime a déplacé son rendez-vous : {told(second)}, {name}, 2 rue d'Ypres, 59270 Bailleul."
        f" Avant : {told(first)}, {name}.",
        f"La victime a annulé son rendez-vous : {told(second)}, {name}. L'heure est de nouveau libre.",
    )
    assert [line for line in bodies(talk) if "rendez-vous" in line] == [moved, cancelled]
    for page in (words(browser.get(at("conversation", talk))), words(owner.get(reverse("tchat:room")))):
        assert page.index(moved) < page.index(cancelled)


def test_hour_moved_by_an_answer_in_the_talk_is_told_once(
    browser, owner, talk, competent, django_capture_on_commit_callbacks
):
    held, wanted = slots(competent, 1, 2)
    with django_capture_on_commit_callbacks(execute=True):
        owner.post(TAKE, {"creneau": held.pk})
        propose(browser, talk, wanted)
        answer(owner, Appointment.objects.get(), str(wanted.pk))

    assert [line.partition(" :")[0] for line in bodies(talk)[-2:]] == [
        "Un rendez-vous vous est proposé",
        "Rendez-vous choisi",
    ]


def test_hour_cancelled_after_the_end_of_the_talk_is_written_in_no_sealed_talk(
    owner, talk, competent, django_capture_on_commit_callbacks
):
    (slot,) = slots(competent, 1)
    owner.post(TAKE, {"creneau": slot.pk})
    conversations.close_conversation(agent=talk.agent, conversation_id=talk.pk, outcome="rendez-vous")
    before = bodies(talk)

    with django_capture_on_commit_callbacks(execute=True):
        answered = owner.post(CANCEL)

    assert answered.status_code == 302
    assert bodies(talk) == before


def test_hour_that_somebody_took_since_is_offered_no_more(browser, owner, talk, competent):
    gone, left = slots(competent, 1, 2)
    propose(browser, talk, gone, left)
    pages.victim(people.dossier()).post(TAKE, {"creneau": gone.pk})

    late = answer(owner, Appointment.objects.get(), str(gone.pk))

    assert late.status_code == 409
    assert "n'est plus libre" in words(late)
    assert told(left).capitalize() in words(late)
    assert str(gone.pk) not in late.content.decode()
    assert f"{told(gone)} (n’est plus libre)" in words(browser.get(at("conversation", talk)))
    assert answer(owner, Appointment.objects.get(), str(left.pk)).status_code == 302


def test_hour_of_another_proposal_is_not_taken_through_this_one(owner, browser, talk, competent):
    mine, other = slots(competent, 1, 2)
    propose(browser, talk, mine)

    assert answer(owner, Appointment.objects.get(), str(other.pk)).status_code == 409
    assert not Booking.objects.exists()


def test_proposed_hour_moves_the_one_already_held(browser, owner, talk, competent):
    held, wanted = slots(competent, 1, 2)
    owner.post(TAKE, {"creneau": held.pk})
    propose(browser, talk, wanted)
    assert "Vous avez déjà une heure" in words(owner.get(PAGE))

    answer(owner, Appointment.objects.get(), str(wanted.pk))

    assert Booking.objects.current().get().slot == wanted


def test_answer_after_the_end_of_the_talk_still_takes_the_hour(owner, browser, talk, competent):
    (slot,) = slots(competent, 1)
    propose(browser, talk, slot)
    conversations.close_conversation(agent=talk.agent, conversation_id=talk.pk, outcome="rendez-vous")
    before = bodies(talk)

    answer(owner, Appointment.objects.get(), str(slot.pk))

    assert bodies(talk) == before
    assert Booking.objects.current().get().slot == slot


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_one_hour_proposed_to_many_and_chosen_by_others_has_one_winner():
    """Ten whom an agent proposed the hour, ten who found it in their dossier, one agent who withdraws nothing."""
    place = people.commune()
    at_unit = unit("Commissariat de Bailleul", service=Service.objects.get(name="Bailleul PN"))
    slot, following = slots(at_unit, 1, 2)
    people_there = []
    for n in range(10):
        talk = people.talking(people.agent(f"agent-{n}", "police"), place)
        propose(pages.signed_in(talk.agent), talk, slot)
        asked = {"rendez_vous": talk.appointments.get().pk, "heure": str(slot.pk)}
        people_there.append((pages.victim(talk.dossier), CHOOSE, asked))
        people_there.append((pages.victim(people.dossier(place)), TAKE, {"creneau": slot.pk}))
    gate = threading.Barrier(len(people_there))

    def ask(one):
        client, address, form = one
        try:
            gate.wait(60)
            return client.post(address, form)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people_there)) as pool:
        answers = list(pool.map(ask, people_there))

    assert sorted(each.status_code for each in answers) == [302] + [409] * 19
    assert Booking.objects.current().get().slot == slot
    assert Appointment.objects.filter(state="choisi").count() <= 1
    for each, (client, address, _) in zip(answers, people_there, strict=True):
        if each.status_code == 409:
            assert str(following.pk) in client.get(BOOKED).content.decode()
            assert "vient d’être prise" in words(each) or "n'est plus libre" in words(each), address
