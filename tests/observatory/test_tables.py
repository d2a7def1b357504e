"""The published tables: recomputable, rounded so that no difference of two figures points at anyone, and documented."""

import json
import random
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from guichet.figures import TABLES
from guichet.observatory.disclosure import STEP, THRESHOLD, Grid, bounds, left_by_difference, published
from guichet.observatory.models import Count
from guichet.observatory.tables import Table, closed_months, figures

TODAY = date(2026, 11, 25)
PETS = Table("essai", "essai", "Essai", "essais", labels=lambda: {"chat": "Chat", "chien": "Chien", "rat": "Rat"})


@pytest.mark.parametrize(("n", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_small_counts_are_not_given_and_others_are_rounded(n, shown):
    assert published(n) == shown


@pytest.mark.parametrize("n", range(400))
def test_what_a_reader_may_know_holds_the_truth(n):
    least, most = bounds(published(n))

    assert least <= n <= most


def test_year_is_twelve_whole_months_before_this_one():
    months = closed_months(TODAY)

    assert (months[0], months[-1], len(months)) == (date(2025, 11, 1), date(2026, 10, 1), 12)


def random_counts(seed: int) -> list[list[int]]:
    draw = random.Random(seed)
    return [
        [draw.choice([0, 0, 1, 2, 3, 4, 5, 6, 7, 20, 33, 48]) for _ in range(12)] for _ in range(draw.randint(1, 8))
    ]


@pytest.mark.parametrize("seed", range(60))
def test_no_difference_of_published_figures_tells_more_than_that_somebody_is_there(seed):
    """Rows against their totals, months against theirs, totals against the total: an attacker subtracts them all."""
    counts = random_counts(seed)
    grid = Grid(counts, [sum(month) for month in zip(*counts, strict=True)])

    hidden = [place for places, _ in grid.lines() for place in places if grid.rows[place[0]][place[1]] is None]
    assert hidden
    for places, total in grid.lines():
        parts = [grid.rows[row][month] for row, month in places]
        if None in parts:
            least, most = left_by_difference(parts, grid.rows[total[0]][total[1]])
            assert least <= 1
            assert most >= THRESHOLD - 1


def test_figure_beside_a_small_one_is_hidden_where_the_total_would_give_it_away():
    """4 + 7 + 7: hiding the 4 alone, « 20 less 5 less 5 » leaves at least 4 for it."""
    grid = Grid([[4], [7], [7]], [18])

    assert sum(row[0] is None for row in grid.rows[:3]) == 2


@pytest.mark.django_db
class TestTables:
    def count(self, value: str, n: int, day: date) -> None:
        Count.objects.create(day=day, key="essai", value=value, n=n)

    def test_figures_are_those_of_the_counters(self):
        self.count("chat", 40, date(2026, 10, 3))
        self.count("chat", 21, date(2026, 10, 30))
        self.count("chat", 30, date(2026, 2, 1))
        self.count("rat", 33, date(2026, 2, 1))
        self.count("parti du catalogue", 20, date(2026, 2, 2))
        self.count("chien", 50, date(2026, 11, 2))
        self.count("chien", 50, date(2025, 10, 31))

        found = figures(PETS, today=TODAY)

        assert [(row.label, row.year) for row in found.rows] == [("Chat", 90), ("Rat", 35), ("Autres", 20)]
        assert (found.rows[0].months[-1], found.rows[0].months[3], found.rows[0].months[0]) == (60, 30, 0)
        assert found.total.year == published(144)

    def test_three_people_are_not_shown_nor_guessed(self):
        self.count("chat", 40, date(2026, 10, 3))
        self.count("rat", 3, date(2026, 10, 3))

        found = figures(PETS, today=TODAY)

        assert next(row for row in found.rows if row.label == "Rat").months[-1] is None
        assert all(n is None or n % STEP == 0 for row in (*found.rows, found.total) for n in row.months)

    def test_every_table_has_its_page_its_file_and_its_data(self, client):
        today = timezone.localdate()
        month = closed_months(today)[-1]
        for table in TABLES:
            value = next(iter(table.labels()))
            Count.objects.create(day=month, key=table.key, value=value, n=12)
            label = table.labels()[value]

            page = client.get(reverse("observatory:table", args=[table.id])).content.decode()
            file = client.get(reverse("observatory:csv", args=[table.id])).content.decode()
            data = json.loads(client.get(reverse("observatory:json", args=[table.id])).content)

            assert "Mois par mois" in page
            assert f"{month:%Y-%m};{value};{label};10" in file
            assert data["rows"][0]["year"] == data["total"]["year"] == 10

    def test_api_description_names_what_answers(self, client):
        described = json.loads(client.get(reverse("observatory:openapi")).content)

        for path in described["paths"]:
            assert client.get(path).status_code == 200
        assert len(described["paths"]) == len(TABLES) + 1

    def test_home_says_what_is_hidden_and_shows_national_figures_with_their_source(self, client):
        page = client.get(reverse("observatory:home")).content.decode()

        assert "Aucun chiffre sur ces douze mois." in page
        assert "n’est pas donné" in page
        assert "SSMSI" in page

    def test_unknown_table_does_not_exist(self, client):
        assert client.get(reverse("observatory:table", args=["rien"])).status_code == 404
