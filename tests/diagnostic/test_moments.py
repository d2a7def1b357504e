from datetime import date, datetime, time

import pytest

from diagnostic import moments
from diagnostic.engine import resolve
from diagnostic.moments import PARIS, Amount, read_when, when_ids

ASKED = datetime(2026, 11, 25, 15, 41, tzinfo=PARIS)
SHOP = {"q_audience": ("a2",), "q_p_sujet": ("a3",), "q_argent": ("a5",), "q_achat": ("a2",)}
COMPANY = {"q_audience": ("a3",), "q_o_secteur": ("a4",), "q_o_sujet": ("a4",)}


@pytest.mark.parametrize(
    ("choice", "day", "hour", "start", "recent"),
    [
        ("aujourdhui", None, None, "2026-11-25T00:00", True),
        ("aujourdhui", None, time(14, 30), "2026-11-25T14:30", True),
        ("hier", None, None, "2026-11-23T00:00", True),
        ("semaine", None, None, "2026-11-18T00:00", False),
        ("semaine", date(2026, 11, 22), None, "2026-11-22T00:00", True),
        ("", date(2026, 11, 22), time(15, 0), "2026-11-22T15:00", False),
        ("", date(2026, 11, 22), time(16, 0), "2026-11-22T16:00", True),
        ("hier", date(2026, 10, 1), None, "2026-10-01T00:00", False),
        ("avant", None, None, None, False),
        ("inconnu", None, None, None, False),
    ],
)
def test_moment_is_read_back_with_its_earliest_start(choice, day, hour, start, recent):
    moment = read_when(when_ids(choice, day, hour, ASKED))

    expected = datetime.fromisoformat(start).replace(tzinfo=PARIS) if start else None
    assert (moment.start, moment.within(72)) == (expected, recent)


@pytest.mark.parametrize(
    ("choice", "day", "old"),
    [
        ("avant", None, True),
        ("semaine", None, False),
        ("inconnu", None, False),
        ("", date(2026, 11, 10), True),
        ("", date(2026, 11, 19), False),
    ],
)
def test_more_than_a_week_is_long_ago(choice, day, old):
    assert read_when(when_ids(choice, day, None, ASKED)).long_ago is old


@pytest.mark.parametrize(
    "ids", [(), ("x",), ("date",), ("date", "j2026-02-31"), ("date", "j2026-11-22T99:00"), ("a2026",), ("nombre",)]
)
def test_nonsense_is_no_moment(ids):
    assert read_when(ids) is None


def test_damaged_asking_time_leaves_the_choice_without_a_date():
    moment = read_when(("hier", "a2026-13-99T00:00"))

    assert (moment.start, moment.within(72)) == (None, True)


def test_moment_is_said_so_that_it_is_understood_next_month():
    choices = {"hier": "Hier ou avant-hier"}

    said = [
        moments.when_words(read_when(ids), choices)
        for ids in (when_ids("hier", None, None, ASKED), when_ids("", date(2026, 11, 1), time(9, 5), ASKED))
    ]

    assert said == [
        "Hier ou avant-hier (dit le mercredi 25 novembre 2026)",
        "Le dimanche 1er novembre 2026 à 9\u00a0h\u00a005",
    ]


@pytest.mark.parametrize(
    ("ids", "amount"),
    [
        (("nombre", "n1250"), Amount(1250, 1250, exact=True)),
        (("s150",), Amount(1, 150, exact=False)),
        (("plus",), Amount(50000, None, exact=False)),
        (("inconnu",), None),
        (("nombre", "n\u0663"), None),
        (("nombre", "n99999999999999"), None),
        (("nombre",), None),
        ((), None),
    ],
)
def test_amount_is_a_step_or_a_number(catalogue, ids, amount):
    assert moments.read_amount(ids, catalogue.once.amount_steps) == amount


@pytest.mark.parametrize(
    ("extra", "true", "false"),
    [
        ({"quand": ("hier",)}, set(), {"transfer_recent", "money_lost"}),
        ({"quand": ("hier",), "somme": ("s5000",)}, {"transfer_recent", "money_lost"}, {"amount_high"}),
        ({"quand": ("avant",), "somme": ("s5000",)}, {"money_lost"}, {"transfer_recent"}),
        ({"somme": ("s50000",)}, {"amount_high", "money_lost"}, {"transfer_recent"}),
        ({"somme": ("nombre", "n5000")}, {"money_lost"}, {"amount_high"}),
        ({"somme": ("nombre", "n5001")}, {"amount_high"}, set()),
        ({"somme": ("rien",)}, set(), {"money_lost"}),
        ({"somme": ("inconnu",)}, set(), {"money_lost"}),
    ],
)
def test_facts_of_time_and_amount_are_derived(catalogue, extra, true, false):
    resolution = resolve(catalogue, SHOP | {"f_paiement": ()} | extra)

    assert true <= resolution.facts
    assert not false & resolution.facts


def test_small_sum_is_known_to_conditions_only(catalogue):
    resolution = resolve(catalogue, SHOP | {"f_paiement": (), "somme": ("s150",)})

    assert "amount_small" in resolution.scene_facts
    assert "amount_small" not in resolution.facts


def test_screen_asks_when_and_how_much_and_no_longer_the_facts_derived_from_them(catalogue):
    question = resolve(catalogue, SHOP).question

    boxes = {row.id for row in (*question.rows, *question.folded)}
    assert [ask.label for ask in question.asks] == ["Quand est-ce arrivé\u00a0?", "Combien d’argent est parti\u00a0?"]
    assert not boxes & {"transfer_recent", "amount_high"}


def test_organisation_is_asked_when_it_found_out(catalogue):
    resolution = resolve(catalogue, COMPANY)
    while resolution.question.node.kind != "facts":
        node = resolution.question.node
        COMPANY[node.id] = (resolution.question.rows[0].id,)
        resolution = resolve(catalogue, COMPANY)

    assert resolution.question.asks[0].label == "Quand l’avez-vous découvert\u00a0?"


def test_somebody_in_danger_or_asking_for_advice_is_not_asked(catalogue):
    danger = {"q_audience": ("a1",), "q_danger": ("a2",), "q_danger_cause": ("a9",)}
    advice = {"q_audience": ("a2",), "q_p_sujet": ("a10",), "q_conseil": ("a4",)}

    assert [resolve(catalogue, answers).question.asks for answers in (danger, advice)] == [(), ()]


def test_when_and_how_much_stand_among_the_answers_with_the_screen_that_asked(catalogue):
    answers = SHOP | {"f_paiement": (), "quand": when_ids("hier", None, None, ASKED), "somme": ("nombre", "n1250")}

    steps = {step.node: step for step in resolve(catalogue, answers).path}

    assert steps["quand"].page == steps["somme"].page == "f_paiement"
    assert steps["somme"].labels == ("1\u202f250\u00a0€",)
