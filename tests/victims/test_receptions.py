"""A unit receives by appointment at its opening hours: the stated rule, its clock, what a change of hours does."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from guichet.accounts.models import Agent
from guichet.audit.models import Line
from guichet.territory.models import Unit
from tests.tchat.pages import signed_in, victim, words
from tests.victims import factory
from tests.victims.test_appointments import AGENDA, PAGE, take, unit
from victims.models import Booking, Reception, Slot
from victims.services import appointments, receptions

pytestmark = pytest.mark.django_db
# A Monday, with a public holiday on the Friday: 25 December 2026.
NOW = datetime(2026, 12, 21, 9, tzinfo=UTC)


@pytest.fixture
def mine():
    factory.commune()
    return unit(service=factory.service(), hours="Lundi : 9h00-12h00 14h00-16h30\nVendredi : 9h00-12h00")


@pytest.fixture
def officer(mine):
    return factory.agent(service=mine.service)


@pytest.fixture
def desk(officer):
    return signed_in(officer)


def opened(**condition) -> list[str]:
    free = Slot.objects.filter(withdrawn_at=None, **condition).select_related("unit")
    return [f"{slot.local:%d/%m %H:%M}" for slot in free.order_by("starts_at", "post")]


def receive(officer, at, **more):
    return receptions.receive(agent=officer, unit=at, active=True, now=NOW, **({"minutes": 60} | more))


def test_hours_of_the_list_open_appointments_one_after_the_other_for_four_weeks_without_holidays(officer, mine):
    made = receive(officer, mine)

    assert made == len(opened())
    assert opened(starts_at__lt=datetime(2027, 1, 4, tzinfo=UTC)) == [
        f"28/12 {hour}" for hour in ("09:00", "10:00", "11:00", "14:00", "15:00")
    ]
    assert opened()[-1] == "18/01 15:00"


@pytest.mark.parametrize(
    ("departement", "utc"), [("59", 8), ("974", 5), ("972", 13), ("973", 12), ("975", 12), ("988", 22), ("987", 19)]
)
def test_opening_hours_are_those_of_the_clock_on_the_wall(officer, mine, departement, utc):
    Unit.objects.filter(pk=mine.pk).update(departement=departement)
    mine.refresh_from_db()

    receive(officer, mine)

    first = Slot.objects.order_by("starts_at").first()
    assert (first.starts_at.astimezone(UTC).hour, f"{first.local:%H:%M}") == (utc, "09:00")


@pytest.mark.parametrize(("departement", "free"), [("59", 3), ("68", 0)])
def test_holiday_of_the_departement_alone_opens_nothing(officer, mine, departement, free):
    Unit.objects.filter(pk=mine.pk).update(departement=departement)
    mine.refresh_from_db()

    receive(officer, mine, own_hours="Samedi : 9h00-12h00")

    assert len([hour for hour in opened() if hour.startswith("26/12")]) == free


def test_summer_time_moves_no_hour_of_the_wall(officer, mine):
    spring = datetime(2027, 3, 15, 9, tzinfo=UTC)

    receptions.receive(agent=officer, unit=mine, active=True, minutes=60, now=spring)

    assert {each[-5:] for each in opened()} == {"09:00", "10:00", "11:00", "14:00", "15:00"}


def test_door_that_never_closes_receives_between_8_and_20(officer, mine):
    receive(officer, mine, own_hours="Mardi : 24h/24")

    hours = [each[-5:] for each in opened() if each.startswith("22/12")]
    assert (hours[0], hours[-1], len(hours)) == ("08:00", "19:00", 12)


def test_line_that_is_not_understood_opens_nothing_and_is_shown(officer, mine, desk):
    receive(officer, mine, own_hours="Mardi : 9h00-10h00\nJeudi : sur rendez-vous")

    assert {each[:5] for each in opened()} == {"22/12", "29/12", "05/01", "12/01"}
    assert "Jeudi : sur rendez-vous (montré tel quel, n’ouvre aucun rendez-vous)" in words(desk.get(AGENDA))


def test_second_hour_of_the_rule_opens_one_more_day_and_nothing_twice(officer, mine):
    receive(officer, mine)
    before = opened()

    again = receptions.follow_all(now=NOW)
    later = receptions.follow_all(now=NOW + timedelta(days=7))

    assert (again, later) == (0, 8)
    assert opened()[: len(before)] == before


def test_new_hours_of_the_list_withdraw_what_is_free_and_keep_what_is_taken(officer, mine):
    receive(officer, mine)
    held = Slot.objects.get(starts_at=datetime(2026, 12, 28, 8, tzinfo=UTC))
    Booking.objects.create(slot=held, dossier=factory.dossier())
    Unit.objects.filter(pk=mine.pk).update(hours="Lundi : 14h00-16h00")

    receptions.follow_all(now=NOW)

    assert opened(starts_at__lt=datetime(2027, 1, 4, tzinfo=UTC)) == ["28/12 09:00", "28/12 14:00", "28/12 15:00"]


def test_another_length_never_overlaps_an_hour_that_is_taken(officer, mine):
    receive(officer, mine)
    held = Slot.objects.get(starts_at=datetime(2026, 12, 28, 9, tzinfo=UTC))
    Booking.objects.create(slot=held, dossier=factory.dossier())

    receive(officer, mine, minutes=45)

    day = Slot.objects.filter(withdrawn_at=None, starts_at__lt=datetime(2026, 12, 29, tzinfo=UTC)).order_by("starts_at")
    spans = [(slot.starts_at, slot.ends_at) for slot in day]
    assert all(until <= since for (_, until), (since, _) in pairwise(spans)), spans
    short = [f"{slot.local:%H:%M}" for slot in day if slot.minutes == 45]
    assert short == ["09:00", "11:15", "14:00", "14:45", "15:30"]


def test_hour_withdrawn_by_an_agent_stays_withdrawn_until_an_agent_opens_it(officer, mine):
    receive(officer, mine)
    slot = Slot.objects.order_by("starts_at").first()
    receptions.withdraw_slot(agent=officer, slot_id=slot.pk, now=NOW)

    receptions.follow_all(now=NOW)
    after_the_rule = opened()[0]
    monday = {"day": date(2026, 12, 28), "begin": slot.local.time(), "end": time(10)}
    receptions.open_hours(agent=officer, unit=mine, minutes=60, now=NOW, **monday)

    assert after_the_rule == "28/12 10:00"
    assert opened()[0] == "28/12 09:00"


def test_stopped_reception_opens_no_more_and_keeps_who_comes(officer, mine):
    receive(officer, mine)
    held = Slot.objects.order_by("starts_at").first()
    Booking.objects.create(slot=held, dossier=factory.dossier())

    receptions.receive(agent=officer, unit=mine, active=False, minutes=60, now=NOW)

    assert opened() == ["28/12 09:00"]
    assert receptions.follow_all(now=NOW + timedelta(days=9)) == 0


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_hour_taken_and_withdrawn_at_the_same_moment_is_never_both():
    factory.commune()
    at = unit(service=factory.service())
    agent, gate = factory.agent(service=at.service), threading.Barrier(2)
    begin = timezone.now() + timedelta(days=2)
    slots = [Slot.objects.create(unit=at, starts_at=begin + timedelta(hours=n)) for n in range(12)]
    people = [factory.dossier() for _ in slots]

    def both(act):
        try:
            for n, slot in enumerate(slots):
                gate.wait(60)
                with contextlib.suppress(appointments.Gone):
                    act(n, slot)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        taking = pool.submit(both, lambda n, slot: appointments.take(dossier=people[n], slot_id=slot.pk))
        leaving = pool.submit(both, lambda n, slot: receptions.withdraw_slot(agent=agent, slot_id=slot.pk))
        taking.result(120), leaving.result(120)

    assert Slot.objects.filter(withdrawn_at=None).count() == 0
    assert not Booking.objects.current().exists()
    told = Booking.objects.filter(by_unit=True).count()
    assert told == Booking.objects.count()


# --- from the console


def sent(at: Unit, **changes) -> dict:
    typed = {"active": "on", "own_hours": "Lundi au vendredi : 9h00-12h00", "minutes": "60", "posts": "2"} | changes
    return {f"unite-{at.pk}-{name}": value for name, value in typed.items() if value is not None}


def test_unit_sets_its_hours_and_a_victim_finds_them_at_once(mine, desk):
    said = desk.post(reverse("console:receive", args=[mine.pk]), sent(mine), follow=True)

    owner = victim(factory.dossier())
    page = words(owner.get(PAGE))
    assert "Réglage gardé." in words(said)
    assert "créneaux ouverts" in words(said)
    assert "à 9 h 00" in page
    assert "Lundi au vendredi : 9h00-12h00" in page
    assert "Horaires donnés par l'unité le " in page
    assert Line.objects.filter(verb="accueil sur rendez-vous réglé", actor="agent:4821").count() == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"own_hours": "quand on peut"}, "Écrivez au moins un jour comme"),
        ({"posts": "0"}, "nombre de 1 à 10"),
        ({"minutes": "7"}, "7 n’est pas un choix|Sélectionnez un choix valide|7"),
    ],
)
def test_setting_that_cannot_be_kept_is_told_beside_the_field_and_nothing_is_lost(mine, desk, changes, why):
    answer = desk.post(reverse("console:receive", args=[mine.pk]), sent(mine, **changes))

    assert answer.status_code == 422
    assert any(each in words(answer) for each in why.split("|"))
    assert changes.get("own_hours", "Lundi au vendredi : 9h00-12h00") in words(answer)
    assert not Slot.objects.exists()
    assert not Reception.objects.exists()
    mine.refresh_from_db()
    assert mine.own_hours == ""


def test_agent_of_another_unit_sets_nothing(mine):
    elsewhere = signed_in(factory.agent("4900", service=factory.service("Lille")))

    assert elsewhere.post(reverse("console:receive", args=[mine.pk]), sent(mine)).status_code == 404
    assert not Reception.objects.exists()


def test_whole_day_is_withdrawn_and_who_had_an_hour_of_it_is_told(officer, mine, desk):
    desk.post(reverse("console:receive", args=[mine.pk]), sent(mine))
    slot = Slot.objects.order_by("starts_at").first()
    owner = victim(factory.dossier())
    take(owner, slot)
    day = slot.local.date()

    said = desk.post(reverse("console:withdraw_day"), {"unit": mine.pk, "day": day.isoformat()}, follow=True)

    assert "6 créneaux retirés" in words(said)
    assert "L’unité a dû annuler votre rendez-vous." in words(owner.get(PAGE))
    assert not Slot.objects.filter(withdrawn_at=None, starts_at__date=day).exists()
    again = desk.post(reverse("console:withdraw_day"), {"unit": "x", "day": "demain"}, follow=True)
    assert "plus rien à retirer" in words(again)


def test_agenda_shows_a_week_then_the_next_and_who_comes(mine, desk):
    desk.post(reverse("console:receive", args=[mine.pk]), sent(mine))
    slot = Slot.objects.order_by("starts_at").last()
    take(victim(factory.dossier()), slot)

    now, later = words(desk.get(AGENDA)), words(desk.get(AGENDA, {"jour": slot.local.date().isoformat()}))
    odd = desk.get(AGENDA, {"jour": "x"})

    reference = Booking.objects.get().dossier.reference
    assert reference in now
    assert now.count(reference) == 1
    assert later.count(reference) == 2
    assert "5 libres sur 6" in later
    assert odd.status_code == 200


def test_agenda_costs_the_same_however_many_hours(mine, desk, django_assert_num_queries):
    counts = []
    for posts in ("1", "3"):
        desk.post(reverse("console:receive", args=[mine.pk]), sent(mine, posts=posts))
        with django_assert_num_queries(14, exact=False) as found:
            desk.get(AGENDA)
        counts.append(len(found))

    assert counts[0] == counts[1]


def test_administrator_opens_a_reception_for_a_unit(mine, client):
    client.force_login(Agent.objects.create_superuser("chef", password="x", service_number="0000"))

    said = client.post(
        reverse("admin:victims_reception_add"),
        {"unit": mine.pk, "minutes": "45", "posts": "1", "stopped_at_0": "", "stopped_at_1": ""},
        follow=True,
    )

    assert "Heures ouvertes : " in said.content.decode()
    assert Slot.objects.filter(unit=mine, opened_by=None).exists()
    assert timezone.localtime(Slot.objects.order_by("starts_at").first().starts_at).hour == 9
