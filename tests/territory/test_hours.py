"""Opening hours: what is read, what stays words, and who wins, the unit or the list."""

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from guichet.accounts.models import Agent
from guichet.territory.hours import HOLIDAYS, read_hours
from guichet.territory.models import Unit
from guichet.territory.opening import openings
from tests.territory.official import UNITS_GN, UNITS_GN_BY_DAY

MORNING, AFTERNOON = (480, 720), (840, 1080)


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("Lundi : 8h00-12h00 14h00-18h00", {0: (MORNING, AFTERNOON)}),
        ("lundi : 08:00-12:00, 14:00-18:00", {0: (MORNING, AFTERNOON)}),
        ("Mardi : 8h - 12h et 14h à 18h", {1: (MORNING, AFTERNOON)}),
        ("MERCREDI: 8h–12h / 14h–18h.", {2: (MORNING, AFTERNOON)}),
        ("Jours fériés : 9h00-12h00", {HOLIDAYS: ((540, 720),)}),
        ("Dimanche : fermé", {6: ()}),
        ("Samedi : 00:00-24:00", {5: ((0, 1440),)}),
        ("Jeudi : 24h/24", {3: ((0, 1440),)}),
        ("Du lundi au mercredi : 8h00-12h00", {0: (MORNING,), 1: (MORNING,), 2: (MORNING,)}),
        ("7j/7 : 8h00-12h00", dict.fromkeys(range(7), (MORNING,))),
    ],
)
def test_line_is_read(line, days):
    assert read_hours(line) == type(read_hours(""))(days, ())


@pytest.mark.parametrize(
    "line",
    [
        "Lundi : 8h00-12h00 sur rendez-vous",
        "Lundi : 8h00-",
        "Lundi : 8h00-12h00 11h00-18h00",
        "Lundi : 18h00-8h00",
        "Lundi : 8h00-25h00",
        "Lundi : 8h75-12h00",
        "Lundi :",
        "Lundi",
        "Du vendredi au lundi : 8h-12h",
        "Lundi sauf en août : 8h-12h",
        "Permanence le premier mardi du mois",
        "Semaine paire : 8h-12h",
    ],
)
def test_line_that_is_not_wholly_understood_stays_words(line):
    week = read_hours(f"{line}\nVendredi : 8h00-12h00")

    assert (week.days, week.unread) == ({4: (MORNING,)}, (line,))


def test_day_told_twice_is_told_by_neither():
    week = read_hours("Lundi au vendredi : 8h-12h\nLundi : 14h-18h")

    assert set(week.days) == {1, 2, 3, 4}
    assert week.unread == ("Lundi au vendredi : 8h-12h", "Lundi : 14h-18h")


@pytest.mark.django_db
def test_load_says_which_hours_it_could_not_read_and_keeps_their_words(competences, file, capsys):
    odd = UNITS_GN.replace("Mardi : 8h00-12h00", "Mardi : 8h00-12h00 sauf en août")

    call_command("load_units", file(odd))

    said = capsys.readouterr().out
    assert "1 horaires gardés comme ils sont écrits : Brigade de proximité de Méteren : Mardi : 8h00-12h00 sauf" in said
    assert " unread=1 " in said.splitlines()[-1]
    assert Unit.objects.get(official_id="1007000").hours.endswith("Mardi : 8h00-12h00 sauf en août")


@pytest.mark.django_db
def test_half_a_span_of_the_columns_is_shown_and_not_guessed(competences, file):
    call_command("load_units", file(UNITS_GN_BY_DAY.replace(";14:00;18:00;", ";14:00;;")))

    (opening,) = openings(Unit.objects.all()).values()
    assert opening.lines == ["Lundi : 08:00-12:00 14:00-", "Jours fériés : 09:00-12:00"]
    assert opening.unread == ["Lundi : 08:00-12:00 14:00-"]


@pytest.mark.django_db
def test_hours_say_where_they_come_from_and_of_when(competences, file):
    call_command("load_units", file(UNITS_GN), edition="2027-02")

    opening = openings(Unit.objects.all())[Unit.objects.get(official_id="1007000").pk]
    assert opening.source == "Horaires de la liste officielle du ministère de l'Intérieur, édition de février 2027."


@pytest.mark.django_db
def test_hours_given_by_the_unit_win_and_survive_the_next_load(client, competences, file):
    call_command("load_units", file(UNITS_GN), edition="2027-02")
    unit = Unit.objects.get(official_id="1007000")
    client.force_login(Agent.objects.create_superuser("chef", password="x", service_number="0000"))
    typed = {"institution": "GN", "official_id": "1007000", "name": unit.name, "postcode": "59270"}
    typed |= {"own_hours": "Lundi : 10h00-12h00\r\nMardi : selon arrivée", "hours": "effacé"}

    said = client.post(reverse("admin:territory_unit_change", args=[unit.pk]), typed, follow=True)
    call_command("load_units", file(UNITS_GN.replace("8h00-12h00", "7h00-12h00")), edition="2027-03")

    unit.refresh_from_db()
    opening = openings([unit])[unit.pk]
    assert "n&#x27;ouvrent aucun rendez-vous : Mardi : selon arrivée" in said.content.decode()
    assert opening.lines == ["Lundi : 10h00-12h00", "Mardi : selon arrivée"]
    assert opening.source.startswith("Horaires donnés par l'unité le ")
    assert unit.own_hours_on == timezone.localdate()
    assert unit.hours.startswith("Lundi : 7h00-12h00")
