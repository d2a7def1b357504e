"""What is published stays: hashed, dated, revised in the open, equal to the counters, and safe beside all the rest."""

import hashlib
import json
import random
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from guichet import figures_tables
from guichet.observatory import publishing
from guichet.observatory.disclosure import published
from guichet.observatory.models import Count, Publication
from tests.observatory.factory import PETS, PLACES, TABLES, counted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 20, 12, tzinfo=UTC)


def publish(now=NOW):
    return publishing.publish(TABLES, now=now)


def figures(table: str, period: str) -> dict:
    return Publication.objects.filter(table=table, period=period).latest("revision").figures


def test_months_and_years_that_are_over_are_published_once():
    counted("59/chat", 40, date(2025, 11, 3))
    counted("59/chat", 61, date(2026, 2, 27))
    counted("59/chat", 90, date(2026, 3, 2))

    assert publish() == {"new": 2 * 4 + 3}
    assert publish() == {}

    periods = Publication.objects.filter(table="lieux").values_list("period", flat=True)
    assert sorted(periods) == ["2025", "2025-11", "2025-12", "2026-01", "2026-02"]
    assert figures("lieux", "2026-02") == {"": 60, "59": 60}
    assert figures("lieux-animaux", "2025") == {"": 40, "59/chat": 40}


def test_nothing_is_published_before_the_counter_began():
    counted("59/chat", 40, date(2026, 2, 3))

    publish()

    assert set(Publication.objects.values_list("period", flat=True)) == {"2026-02"}


def test_value_without_words_is_told_with_the_others():
    counted("59/dragon", 20, date(2026, 2, 3))

    publish()

    assert figures("animaux", "2026-02") == {"": 20, "autres": 20}


def test_three_people_are_not_shown():
    counted("59/chat", 40, date(2026, 2, 3))
    counted("59/rat", 3, date(2026, 2, 4))

    publish()

    assert figures("animaux", "2026-02")["rat"] is None


def test_figure_that_changed_is_a_revision_beside_the_first():
    counted("59/chat", 40, date(2026, 2, 3))
    publish()
    Count.objects.update(n=52)

    assert publish(LATER) == {"revised": 2}

    first, second = Publication.objects.filter(table="lieux", period="2026-02").order_by("revision")
    assert (first.figures["59"], first.published_at) == (40, NOW)
    assert (second.figures["59"], second.published_at, second.revision) == (50, LATER, 2)
    assert first.digest != second.digest


def test_count_that_moved_within_the_rounding_is_no_revision():
    counted("59/chat", 40, date(2026, 2, 3))
    publish()
    Count.objects.update(n=41)

    assert publish(LATER)["revised"] == 0
    assert Publication.objects.filter(revision=2).count() == 0
    assert publish(LATER) == {}


def test_what_was_not_given_is_not_given_later():
    """« Not given » in January, « 5 » today: the difference of the two would say who came late."""
    counted("59/chat", 40, date(2026, 2, 3))
    counted("01/chat", 4, date(2026, 2, 3))
    publish()
    Count.objects.filter(value="01/chat").update(n=30)

    publish(LATER)

    assert figures("lieux", "2026-02")["01"] is None


def test_digest_can_be_computed_by_anybody():
    counted("59/chat", 40, date(2026, 2, 3))
    publish()
    row = Publication.objects.get(table="lieux", period="2026-02")

    content = {"table": "lieux", "period": "2026-02", "revision": 1, "figures": {"": 40, "59": 40}, "previous": ""}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert row.digest == hashlib.sha256(text.encode()).hexdigest()


# --- the second look ----------------------------------------------------------------------------------
def crowd(seed: int) -> None:
    draw = random.Random(seed)
    for month in (*((2025, each) for each in range(1, 13)), (2026, 1), (2026, 2)):
        for place in PLACES:
            for pet in PETS:
                if n := draw.choice([0, 0, 0, 1, 2, 3, 5, 7, 30]):
                    counted(f"{place}/{pet}", n, date(*month, 5))


@pytest.mark.parametrize("seed", range(3))
def test_all_that_is_published_is_right_and_gives_nobody_away(seed):
    crowd(seed)
    publish()

    verdict = publishing.check(TABLES, now=NOW)

    assert verdict.problems == []
    assert verdict.figures > 100
    hidden = [f for row in Publication.objects.all() for f in row.figures.values() if f is None]
    assert hidden


@pytest.mark.parametrize("careless", [False, True])
def test_without_the_rule_of_neighbours_the_second_look_finds_somebody(careless, monkeypatch):
    """4 + 7 + 7 of 18. Rounding alone says 5, 5 and 20: by subtraction, at least four for the first."""
    if careless:
        monkeypatch.setattr(
            publishing, "protect", lambda counts, *rest, **known: {c: published(counts[c]) for c in counts}
        )
    for place, n in zip(PLACES, (4, 7, 7), strict=True):
        counted(f"{place}/chat", n, date(2026, 2, 3))
    publish()

    assert any("se devine" in problem for problem in publishing.check(TABLES, now=NOW).problems) is careless


REAL = figures_tables.TABLES


def test_a_year_of_the_real_tables_gives_nobody_away():
    """Places, families, doors, waits and findings of a thin year, where nearly every count is small."""
    draw = random.Random(4)
    values = {table.key: list(table.labels()) for table in REAL}
    threats = list(next(table for table in REAL if table.id == "atteintes").labels())
    doors = list(next(table for table in REAL if table.id == "portes").labels())
    waits = list(next(table for table in REAL if table.id == "attentes-reelles").labels())
    places = ["01", "2A", "59", "75", "971", "etranger"]
    values |= {
        "dossier-lieu": [f"{place}/{threat}" for place in places for threat in threats[::9]],
        "plainte-lieu": [f"{place}/{door}" for place in places for door in doors[:4]],
        "attente-annoncee": [f"{told}/{real}" for told in waits[:3] for real in waits[:4]],
    }
    for month in range(1, 13):
        for key, words in values.items():
            for value in draw.sample(words, min(len(words), 12)):
                counted(value, draw.choice([1, 1, 2, 3, 4, 5, 8, 40]), date(2025, month, 5), key=key)
    publishing.publish(REAL, now=NOW)

    verdict = publishing.check(REAL, now=NOW)

    assert verdict.problems == []
    assert verdict.publications > 12 * 15


def test_given_figures_are_those_of_the_counters():
    crowd(7)
    publish()

    for row in Publication.objects.filter(table="lieux").exclude(period="2025"):
        year, month = map(int, row.period.split("-"))
        for place in PLACES:
            rows = Count.objects.filter(value__startswith=f"{place}/", day__year=year, day__month=month)
            n = sum(rows.values_list("n", flat=True))
            assert row.figures.get(place, 0) in (published(n), None)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"figures": {"": 40, "59": 45}}, "empreinte"), ({"digest": "0" * 64}, "empreinte")],
)
def test_publication_that_was_tampered_with_is_found(change, words):
    counted("59/chat", 40, date(2026, 2, 3))
    publish()
    Publication.objects.filter(table="lieux").update(**change)

    assert any(words in problem for problem in publishing.check(TABLES, now=NOW).problems)


def test_publication_that_the_counters_do_not_say_is_found():
    counted("59/chat", 40, date(2026, 2, 3))
    publish()
    Count.objects.update(n=80)

    assert any("autre chose compté" in problem for problem in publishing.check(TABLES, now=NOW).problems)


def test_command_publishes_and_checks(capsys):
    counted("sextorsion", 40, date(2025, 5, 3), key="diagnostic")

    call_command("figures", "publish")
    call_command("figures", "check")

    out = capsys.readouterr().out.splitlines()
    assert out[-1].endswith("differences=0")
    assert Publication.objects.filter(table="atteintes", period="2025-05").get().figures["sextorsion"] == 40


def test_command_says_what_differs(capsys):
    counted("sextorsion", 40, date(2025, 5, 3), key="diagnostic")
    call_command("figures", "publish")
    Publication.objects.filter(table="atteintes", period="2025-05").update(figures={"": 40, "sextorsion": 10})

    with pytest.raises(CommandError):
        call_command("figures", "check")

    assert "atteintes 2025-05" in capsys.readouterr().out


def test_ids_and_addresses_of_the_tables_are_stable():
    """Others rely on them: a table may be added, never renamed."""
    assert {
        "atteintes", "gravite", "publics", "portes", "departements", "dossiers-familles", "departements-familles",
        "tchats", "attentes-annoncees", "attentes-reelles", "transferts", "issues", "avis", "plaintes",
        "plaintes-portes",
    } <= set(figures_tables.BY_ID)  # fmt: skip
