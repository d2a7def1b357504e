"""What a victim is offered: a few hours of the next days, all those of a day one asks for, a door to push otherwise."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from guichet.territory.models import Commune
from tests.tchat.pages import victim, words
from tests.victims import factory
from tests.victims.test_appointments import PAGE, TAKE, take, unit
from victims import clocks
from victims.models import Slot
from victims.services import appointments

pytestmark = pytest.mark.django_db
PARIS = timezone.get_default_timezone()


@pytest.fixture
def owner(db):
    found = factory.commune()
    Commune.objects.filter(pk=found.pk).update(lat=50.74, lng=2.73)
    return victim(factory.dossier())


@pytest.fixture
def mine(owner):
    return unit(service=factory.service(), hours="Lundi : 9h00-12h00\nMardi : selon les jours")


def hours(at, days: int, *wanted: int) -> list[Slot]:
    day = timezone.localdate() + timedelta(days=days)
    moments = [datetime.combine(day, time(hour), PARIS) for hour in wanted]
    return [Slot.objects.create(unit=at, starts_at=moment, post=2) for moment in moments]


def asked(days: int) -> dict:
    return {"jour": (timezone.localdate() + timedelta(days=days)).isoformat()}


def count(answer) -> int:
    return answer.content.decode().count('name="creneau"')


def test_a_few_hours_of_the_next_days_then_all_those_of_one_day(mine, owner):
    for days in (2, 3, 4):
        hours(mine, days, 9, 10, 11, 14, 15)

    page = words(owner.get(PAGE))
    assert [page.count(f"à {hour} h 00") for hour in (9, 10, 11, 14, 15)] == [2, 0, 2, 0, 2]
    assert count(owner.get(PAGE, asked(3))) == 5
    assert count(owner.get(PAGE, asked(1))) == 6
    assert "Aucune heure libre à partir de ce jour." in words(owner.get(PAGE, asked(40)))


@pytest.mark.parametrize("day", ["demain", "2020-01-01", "2030-01-01", "31/31/2026"])
def test_day_that_cannot_be_is_told_beside_its_field(mine, owner, day):
    hours(mine, 2, 9)

    answer = owner.get(PAGE, {"jour": day})

    assert answer.status_code == 422
    assert "Écrivez un jour comme" in words(answer) or "Choisissez un jour entre aujourd’hui et le" in words(answer)
    assert f'value="{day}"' in answer.content.decode()


def test_hour_lost_on_a_chosen_day_offers_what_is_left_of_that_day(mine, owner):
    hours(mine, 2, 9)
    gone, left = hours(mine, 5, 9, 10)
    take(victim(factory.dossier()), gone)

    late = owner.post(TAKE, {"creneau": gone.pk} | asked(5))

    assert late.status_code == 409
    assert count(late) == 1
    assert str(left.pk) in late.content.decode()


def test_day_asked_at_the_other_end_of_the_world_is_that_of_its_own_calendar(owner):
    noumea = unit("Commissariat de Nouméa", departement="988", service=factory.service())
    day = timezone.localdate() + timedelta(days=5)
    first = datetime.combine(day, time(8), PARIS).astimezone(UTC) - timedelta(hours=10)
    for moment in (first - timedelta(days=1), first, first + timedelta(days=1)):
        Slot.objects.create(unit=noumea, starts_at=moment)

    shown = owner.get(PAGE, {"jour": day.isoformat()})

    assert count(shown) == 1
    assert [slot.local.date() for slot in Slot.objects.order_by("starts_at")][1] == day
    assert "Les heures sont celles de l’unité : heure locale (Nouvelle-Calédonie)." in words(shown)


def test_who_lives_by_another_clock_reads_whose_hour_it_is(mine):
    hours(mine, 2, 9)
    home = factory.commune("97411", "Saint-Denis")
    Commune.objects.filter(pk=home.pk).update(departement="974", lat=50.74, lng=2.73)
    far = victim(factory.dossier(commune=Commune.objects.get(pk=home.pk)))
    take(far, Slot.objects.get())

    assert "à 9 h 00, heure de Paris" in words(far.get(PAGE))


def test_competent_unit_without_hours_online_says_when_its_door_is_open(mine, owner):
    page = words(owner.get(PAGE))

    for wanted in (
        "Y aller sans rendez-vous",
        mine.name,
        "2 rue d'Ypres",
        "Lundi : 9h00-12h00",
        "Mardi : selon les jours",
    ):
        assert wanted in page
    assert count(owner.get(PAGE)) == 0


@pytest.mark.parametrize(
    ("told", "offered"),
    [
        ("faux-site-vente-entreprise", ["Prendre rendez-vous"]),
        ("carte-en-main", ["Plutôt en personne : prendre rendez-vous"]),
        ("prevention-organisation", []),
    ],
)
def test_result_leads_to_an_appointment_where_a_unit_is_among_the_doors(client, told, offered):
    """After a door that opens elsewhere (Perceval), in person is said to be the other way."""
    factory.with_journey(client, told)

    page = client.get(reverse("diagnostic:result")).content.decode().replace("\u00a0", " ")

    assert re.findall(r'suite=rendez-vous">([^<]+)</a>', page) == offered


def test_dossier_opened_for_an_appointment_leads_there(client):
    mine = unit(service=factory.commune() and factory.service())
    (slot,) = hours(mine, 2, 9)
    factory.with_journey(client)
    client.get(reverse("dossier:open"))
    keys = client.post(reverse("dossier:open"), {"q": "Bailleul", "suite": "rendez-vous"})

    page = client.post(keys.url, {"noted": "on", "suite": "rendez-vous"}, follow=True)
    client.post(TAKE, {"creneau": slot.pk})

    assert page.request["PATH_INFO"] == PAGE
    home = words(client.get(reverse("dossier:home")))
    assert f"{slot.words.capitalize()} {mine.name}".replace("\u00a0", " ") in home
    assert "Voir, déplacer ou annuler" in home


def test_first_of_the_month_is_written_as_people_say_it():
    first = datetime(2026, 12, 1, 13, 30, tzinfo=UTC)

    assert clocks.words(first, "59") == "mardi 1er décembre à\u00a014\u00a0h\u00a030"
    assert clocks.words(first, "974") == "mardi 1er décembre à\u00a017\u00a0h\u00a030, heure locale (La Réunion)"
    assert clocks.words(first, "59", far=True).endswith(", heure de Paris")


def test_unit_that_withdraws_while_one_takes_leaves_no_appointment_behind(mine, owner):
    (slot,) = hours(mine, 2, 9)
    Slot.objects.filter(pk=slot.pk).update(withdrawn_at=timezone.now())

    with pytest.raises(appointments.Gone):
        appointments.take(dossier=factory.dossier(), slot_id=slot.pk)
