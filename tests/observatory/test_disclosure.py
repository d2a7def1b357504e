"""No published figure, nor any sum or difference of them, tells more of a small count than « from one to four »."""

import itertools
import math
import random

import pytest

from guichet.observatory.disclosure import THRESHOLD, Line, bounds, disclosed, known, protect, published, small

MONTHS = ("2025-01", "2025-02", "2025-03")
YEAR = "2025"
PLACES, THINGS = ("01", "02", "2A", "59", "75"), ("argent", "compte", "menace")


@pytest.mark.parametrize(("n", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_small_counts_are_not_given_and_others_are_rounded(n, shown):
    assert published(n) == shown


def test_what_a_reader_may_know_holds_the_truth():
    for n in range(400):
        least, most = bounds(published(n))
        assert least <= n <= most


def test_figure_beside_a_small_one_is_hidden_where_the_total_would_give_it_away():
    """4 + 7 + 7: hiding the 4 alone, « 20 less 5 less 5 » leaves at least 4 for it."""
    counts = {("t", name, "m"): n for name, n in (("a", 4), ("b", 7), ("c", 7), ("", 18))}
    line = Line(tuple(("t", name, "m") for name in "abc"), ("t", "", "m"))

    figures = protect(counts, [line])

    assert sum(figures["t", name, "m"] is None for name in "abc") == 2


def test_nothing_is_given_of_a_total_of_four():
    """Three threats in a village of four: « at least three » would be too much, so zeros are hidden too."""
    counts = {("t", name, "m"): n for name, n in (("a", 2), ("b", 1), ("c", 1), ("d", 0), ("", 4))}
    line = Line(tuple(("t", name, "m") for name in "abcd"), ("t", "", "m"))

    figures = protect(counts, [line])

    assert set(figures.values()) == {None}
    assert known(figures, [line])["t", "a", "m"] == (0, math.inf)


# --- the attack ---------------------------------------------------------------------------------------
def world(seed: int) -> dict:
    """Dossiers by month, place and thing; every table, month and year that is published of them."""
    draw = random.Random(seed)
    sizes = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 6, 19, 60]
    leaves = {key: draw.choice(sizes) for key in itertools.product(MONTHS, PLACES, THINGS)}

    def add(keep) -> int:
        return sum(n for key, n in leaves.items() if keep(*key))

    counts = {}
    for period in (*MONTHS, YEAR):

        def within(month, period=period) -> bool:
            return period in (month, YEAR)

        counts["total", "", period] = add(lambda m, p, t: within(m))
        for place in PLACES:
            counts["places", place, period] = add(lambda m, p, t: within(m) and p == place)  # noqa: B023
        for thing in THINGS:
            counts["things", thing, period] = add(lambda m, p, t: within(m) and t == thing)  # noqa: B023
    for place, thing in itertools.product(PLACES, THINGS):
        counts["both", f"{place}/{thing}", YEAR] = add(lambda m, p, t: p == place and t == thing)  # noqa: B023
    return counts


def lines() -> dict[str, list[Line]]:
    found = {"places": [], "things": [], "both": []}
    for period in (*MONTHS, YEAR):
        total = ("total", "", period)
        found["places"].append(Line(tuple(("places", each, period) for each in PLACES), total))
        found["things"].append(Line(tuple(("things", each, period) for each in THINGS), total))
    for table, values in (("places", PLACES), ("things", THINGS), ("total", ("",))):
        for value in values:
            cells = tuple((table, value, month) for month in MONTHS)
            found.setdefault(table, []).append(Line(cells, (table, value, YEAR), over_time=True))
    pairs = {place: [("both", f"{place}/{thing}", YEAR) for thing in THINGS] for place in PLACES}
    found["both"] += [Line(tuple(cells), ("places", place, YEAR)) for place, cells in pairs.items()]
    pairs = {thing: [("both", f"{place}/{thing}", YEAR) for place in PLACES] for thing in THINGS}
    found["both"] += [Line(tuple(cells), ("things", thing, YEAR)) for thing, cells in pairs.items()]
    return found


def published_in_turn(counts: dict) -> dict:
    """As the guichet does it: month after month, then the year, each safe beside what is out already."""
    every, out = [line for each in lines().values() for line in each], {}
    for period in (*MONTHS, YEAR):
        here = {cell: n for cell, n in counts.items() if cell in out or cell[2] == period}
        known_lines = [line for line in every if all(cell in here for cell in (*line.parts, line.total))]
        out |= protect(here, known_lines, given=out)
    return out


def attack(figures: dict, one: list[Line], two: list[Line]) -> dict:
    """Written apart from the rule: subtract every sum of one table from every sum of another, and from the same,
    again with what was learned, until nothing new is learned."""
    sums = [({**dict.fromkeys(line.parts, 1), line.total: -1}, line) for line in (*one, *two)]
    shy = {
        cell
        for _, line in sums
        if not line.over_time and all(figures[p] is None for p in line.parts)
        for cell in line.parts
    }
    low = {cell: (0 if cell in shy else 1) if n is None else bounds(n)[0] for cell, n in figures.items()}
    high = {cell: math.inf if n is None else bounds(n)[1] for cell, n in figures.items()}
    equations = [sums[i][0] for i in range(len(sums))]
    for first, second in itertools.combinations([each for each, _ in sums], 2):
        if set(first) & set(second):
            joined = {cell: first.get(cell, 0) - second.get(cell, 0) for cell in {**first, **second}}
            equations.append({cell: sign for cell, sign in joined.items() if sign})
    for _ in range(4):
        for equation in equations:
            for cell, sign in equation.items():
                others = [(s * (-1 if sign > 0 else 1), c) for c, s in equation.items() if c != cell]
                least = sum(s * (low[c] if s > 0 else high[c]) for s, c in others)
                most = sum(s * (high[c] if s > 0 else low[c]) for s, c in others)
                if abs(sign) == 1:
                    low[cell], high[cell] = max(low[cell], least), min(high[cell], most)
    return {cell: (low[cell], high[cell]) for cell in figures}


@pytest.mark.parametrize("seed", range(12))
def test_no_difference_of_any_two_published_tables_finds_a_small_count(seed):
    counts = world(seed)
    figures = published_in_turn(counts)
    secret = [cell for cell, n in counts.items() if small(n)]

    assert secret
    assert all(figures[cell] is None for cell in secret)
    for one, two in itertools.combinations_with_replacement(lines().values(), 2):
        told = attack(figures, one, two)
        for cell in secret:
            least, most = told[cell]
            assert most >= THRESHOLD - 1, (cell, counts[cell], told[cell])
            seen = (
                sum(counts[cell[0], cell[1], month] > 0 for month in MONTHS)
                if cell[2] == YEAR and cell[0] != "both"
                else 1
            )
            assert least <= max(1, seen), (cell, counts[cell], told[cell])


@pytest.mark.parametrize("seed", range(12))
def test_all_tables_together_tell_no_more(seed):
    counts = world(seed)
    figures = published_in_turn(counts)

    assert disclosed(counts, figures, [line for each in lines().values() for line in each]) == []


def test_attack_does_find_what_rounding_alone_gives_away():
    """The wall that the tests above lean on: without the rule 4, the same attack finds people."""
    found = 0
    for seed in range(12):
        counts = world(seed)
        careless = {cell: published(n) for cell, n in counts.items()}
        told = attack(careless, lines()["places"], lines()["both"])
        secret = [cell for cell, n in counts.items() if small(n) and cell[2] != YEAR]
        found += sum(told[cell][0] > 1 or told[cell][1] < THRESHOLD - 1 for cell in secret)

    assert found > 0


@pytest.mark.parametrize("seed", range(12))
def test_most_figures_are_still_given(seed):
    counts = world(seed)
    large = [cell for cell, n in counts.items() if n >= THRESHOLD]

    figures = published_in_turn(counts)

    assert sum(figures[cell] is not None for cell in large) >= len(large) // 2
