"""What is more than chance: the rule alone."""

import random

import pytest

from guichet.observatory.surges import CHANCE, LEAST, SPREAD, is_surge, surge_from, tail


@pytest.mark.parametrize(
    ("observed", "expected", "surge"),
    [
        (4, 0.0, False),
        (5, 0.0, True),
        (5, 0.05, True),
        (5, 0.5, False),
        (8, 0.2, True),
        (20, 15.0, False),
        (60, 15.0, False),
        (90, 15.0, True),
        (10, 10.0, False),
        (0, 3.0, False),
    ],
)
def test_so_many_where_so_few_are_usual(observed, expected, surge):
    assert is_surge(observed, expected) is surge


@pytest.mark.parametrize("expected", [0.0, 0.01, 0.3, 1, 2.5, 7, 20, 150, 4000])
def test_one_more_never_makes_it_less_of_a_surge(expected):
    first = surge_from(expected)

    assert first >= LEAST
    assert not is_surge(first - 1, expected)
    assert all(is_surge(first + more, expected) for more in range(50))


def test_the_more_is_usual_the_more_it_takes():
    steps = [surge_from(expected / 10) for expected in range(400)]

    assert steps == sorted(steps)


@pytest.mark.parametrize("mean", [0.4, 3.0, 25.0])
def test_tail_is_the_share_of_draws_that_reach_so_far(mean):
    draw = random.Random(20)
    counts = [poisson(draw, draw.gammavariate(SPREAD, mean / SPREAD)) for _ in range(20_000)]

    for reached in (int(mean) + 1, int(2 * mean) + 1):
        share = sum(count >= reached for count in counts) / len(counts)
        assert tail(reached, mean) == pytest.approx(share, abs=0.012)


def poisson(draw: random.Random, mean: float) -> int:
    count, left = 0, draw.expovariate(1)
    while left < mean:
        count, left = count + 1, left + draw.expovariate(1)
    return count


def test_what_cannot_be_expected_is_an_error():
    for expected in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError):
            is_surge(9, expected)


def test_chance_stays_what_the_documentation_says():
    assert CHANCE == 3e-8
    assert surge_from(0) == LEAST
