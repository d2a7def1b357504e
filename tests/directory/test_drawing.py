"""The draw is the published formula, and can be replayed by somebody who has only the formula."""

import hashlib
import itertools
import math

import pytest

from guichet.directory import drawing
from guichet.directory.rulebook import RULE

WEIGHTS = {11: 9000, 12: 6500, 13: 5200, 14: 4000, 15: 2500, 16: 1200, 17: 500}
REPLAYS, SHOWN = 10_000, 5


@pytest.fixture(scope="module")
def lists():
    return [drawing.order(f"graine-{n}", WEIGHTS)[:SHOWN] for n in range(REPLAYS)]


def shares() -> dict[int, float]:
    """How often each is among the five, by the formula alone: one's weight over those who remain, turn after turn."""
    found = dict.fromkeys(WEIGHTS, 0.0)
    for chosen in itertools.permutations(WEIGHTS, SHOWN):
        chance, left = 1.0, sum(WEIGHTS.values())
        for provider in chosen:
            chance *= WEIGHTS[provider] / left
            left -= WEIGHTS[provider]
        for provider in chosen:
            found[provider] += chance
    return found


def within(seen: int, expected: float) -> bool:
    """Four standard deviations: a right draw fails this about once in 16,000."""
    return abs(seen - REPLAYS * expected) <= 4 * math.sqrt(REPLAYS * expected * (1 - expected))


@pytest.mark.parametrize("provider", WEIGHTS)
def test_each_comes_first_as_often_as_its_weight_says(lists, provider):
    first = sum(each[0] == provider for each in lists)

    assert within(first, WEIGHTS[provider] / sum(WEIGHTS.values()))


def test_each_is_among_the_five_as_often_as_the_formula_says(lists):
    expected = shares()

    seen = {provider: sum(provider in each for each in lists) for provider in WEIGHTS}
    assert math.isclose(sum(expected.values()), SHOWN)
    assert [provider for provider in WEIGHTS if not within(seen[provider], expected[provider])] == []


def test_same_seed_gives_the_same_list_whatever_the_order_given():
    backwards = dict(reversed(WEIGHTS.items()))

    assert drawing.order("abc", WEIGHTS) == drawing.order("abc", backwards)


def test_who_leaves_does_not_change_the_order_of_the_others():
    whole = drawing.order("abc", WEIGHTS)

    without = drawing.order("abc", {key: value for key, value in WEIGHTS.items() if key != whole[0]})
    assert without == whole[1:]


def test_the_page_s_recipe_gives_our_ticket():
    """As the public page says it, written here by another hand."""
    bits = bin(int(hashlib.sha256(b"abc:11").hexdigest(), 16))[2:].zfill(256)[:52]

    expected = -math.log((int(bits, 2) + 0.5) / 2**52) / 9000
    assert drawing.ticket("abc", 11, 9000) == pytest.approx(expected, rel=1e-12)


def test_points_go_from_nought_to_a_hundred():
    near = [drawing.distance_points(km, zero_km=150, unknown=50) for km in (0, 75, 150, 900, None)]
    quick = [drawing.answer_points(m, full=10, zero=60, newcomer=50) for m in (0, 10, 35, 60, 600, None)]

    assert near == [100, 50, 0, 0, 50]
    assert quick == [100, 100, 50, 0, 0, 50]


def test_kilometres_between_lille_and_paris():
    assert drawing.kilometres((50.63, 3.06), (48.857, 2.352)) == pytest.approx(204, abs=3)


def test_equal_share_leaves_nobody_without_a_chance():
    nothing = dict.fromkeys(RULE.weights, 0) | {"base": 100}

    assert drawing.weight(nothing, RULE.weights) >= 100
    assert drawing.weight(dict.fromkeys(RULE.weights, 100), RULE.weights) == 10_000
