"""The watch tried on made-up months: how often it cries wolf, and whether a campaign is seen within an hour.

Ordinary months are drawn harder than the rule expects: places of very different size, quiet week-ends, and a mood of
each day and threat that moves all its places together.
"""

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from guichet.observatory.watch import EVERYWHERE, WEEKS, Place, Seen, surges

WEEK = (1.15, 1.15, 1.1, 1.1, 1.05, 0.75, 0.7)
MOOD = 25.0
PLACES, START, HOURS = 100, date(2025, 1, 6), 24


@dataclass(frozen=True)
class Drill:
    weeks: int
    looked_at: int
    false_alarms: int

    @property
    def a_week(self) -> float:
        return self.false_alarms / self.weeks


def means(threats: Mapping[str, float], per_day: float) -> dict[Place, float]:
    """Threats by weight, places by rank: the largest has thirty times what the smallest has."""
    sizes = [30 ** (-rank / (PLACES - 1)) for rank in range(PLACES)]
    weights, people = sum(threats.values()), sum(sizes)
    found = {}
    for threat, weight in threats.items():
        found[threat, EVERYWHERE] = per_day * weight / weights
        for rank, size in enumerate(sizes):
            found[threat, f"{rank:02d}"] = per_day * weight / weights * size / people
    return found


def poisson(chance: random.Random, mean: float) -> int:
    """Knuth's while it is small, the normal law beyond."""
    if mean > 60:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    n, left = 0, math.exp(-mean)
    product = chance.random()
    while product > left:
        n, product = n + 1, product * chance.random()
    return n


def days(chance: random.Random, usual: Mapping[Place, float], many: int) -> Iterator[tuple[date, dict[Place, int]]]:
    for index in range(many):
        day = START + timedelta(days=index)
        moods: dict[str, float] = {}
        counts: dict[Place, int] = {}
        for (threat, place), mean in usual.items():
            if threat not in moods:
                moods[threat] = WEEK[day.weekday()] * chance.gammavariate(MOOD, 1 / MOOD)
            if place != EVERYWHERE and (n := poisson(chance, mean * moods[threat])):
                counts[threat, place] = n
                counts[threat, EVERYWHERE] = counts.get((threat, EVERYWHERE), 0) + n
        yield day, counts


def ordinary(*, seed: int, weeks: int, threats: Mapping[str, float], per_day: float) -> Drill:
    """The last look of a day is enough: a count only grows, and one more never makes it less of a surge."""
    usual, chance = means(threats, per_day), random.Random(seed)  # noqa: S311
    past: list[dict[Place, int]] = []
    sums: dict[Place, int] = {}
    alarms: set[tuple[Place, int]] = set()
    for index, (day, counts) in enumerate(days(chance, usual, WEEKS + 7 * weeks)):
        if index >= WEEKS:
            alarms |= {((seen.threat, seen.place), index // 7) for seen in surges(day, counts, sums, WEEKS)}
            for place, n in past[index - WEEKS].items():
                sums[place] -= n
        past.append(counts)
        for place, n in counts.items():
            sums[place] = sums.get(place, 0) + n
    return Drill(weeks, len(usual), len(alarms))


def campaign(*, seed: int, size: int, threats: Mapping[str, float], per_day: float) -> tuple[Place, list[Seen]]:
    """`size` more dossiers of one threat in one département within an hour of an ordinary day, and what the next hourly
    look finds of it."""
    usual, chance = means(threats, per_day), random.Random(seed)  # noqa: S311
    threat = chance.choice(list(threats))
    place = (threat, f"{chance.randrange(PLACES):02d}")
    hour = chance.randrange(HOURS)
    before = {place: sum(poisson(chance, usual[place]) for _ in range(WEEKS))}
    so_far = poisson(chance, usual[place] * hour / HOURS)
    return place, surges(START, {place: so_far + size}, before, WEEKS)
