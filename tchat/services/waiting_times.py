"""The wait that was told and the real one, over the last weeks, as the guichet publishes them about itself.

Counts only (`guichet.observatory`): erasing every dossier changes no figure. Below the threshold a cell says so.
"""

import bisect
import itertools
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum
from django.utils import timezone

from guichet.observatory.models import Count

DAYS = 28
THRESHOLD = 5
UNKNOWN = "inconnue"
COUNTER = "attente-annoncee"
STEPS = (0, 2, 5, 15, 30, 60)
CLASSES = (*(f"{low}-{high}" for low, high in itertools.pairwise(STEPS)), f"{STEPS[-1]}+")
WORDS = {
    "0-2": "moins de 2 min",
    "2-5": "de 2 à 5 min",
    "5-15": "de 5 à 15 min",
    "15-30": "de 15 à 30 min",
    "30-60": "de 30 min à 1 h",
    "60+": "plus d'1 h",
    UNKNOWN: "non annoncée",
}


def wait_class(minutes: float | None) -> str:
    """« 5-15 »: from five minutes, below fifteen; « inconnue » when no wait was told."""
    if minutes is None:
        return UNKNOWN
    return CLASSES[bisect.bisect_right(STEPS, max(0, minutes)) - 1]


@dataclass(frozen=True)
class Waits:
    """`pairs`: (told, real) → how many. `held`: share of known promises kept, in percent; None when too few."""

    since: date
    until: date
    pairs: Counter
    moved: int

    @property
    def total(self) -> int:
        return self.pairs.total()

    @property
    def held(self) -> int | None:
        known = [(told, real, n) for (told, real), n in self.pairs.items() if told != UNKNOWN]
        total = sum(n for _, _, n in known)
        kept = sum(n for told, real, n in known if CLASSES.index(real) <= CLASSES.index(told))
        return round(100 * kept / total) if total >= THRESHOLD else None

    @property
    def transfers_per_hundred(self) -> int | None:
        return round(100 * self.moved / self.total) if self.total >= 20 else None

    def cell(self, told: str, real: str) -> int | None:
        """None: between one and the threshold, not published."""
        n = self.pairs[told, real]
        return n if n == 0 or n >= THRESHOLD else None

    def rows(self) -> list[dict]:
        """One row a promise, one cell a reality, then all of the row."""
        return [
            {"told": WORDS[told], "cells": [self.cell(told, real) for real in CLASSES]}
            for told in (*CLASSES, UNKNOWN)
            if any(self.pairs[told, real] for real in CLASSES)
        ]


def published(*, today: date | None = None) -> Waits:
    """Whole days only, today excluded: two readings of one day differ by nobody."""
    until = today or timezone.localdate()
    since = until - timedelta(days=DAYS)
    counts = Count.objects.filter(day__gte=since, day__lt=until)
    found: Counter = Counter()
    for row in counts.filter(key=COUNTER).values("value").annotate(total=Sum("n")):
        told, _, real = row["value"].partition("/")
        if real in CLASSES and told in WORDS:
            found[told, real] = row["total"]
    moved = counts.filter(key="tchat-transmis").aggregate(total=Sum("n"))["total"] or 0
    return Waits(since, until - timedelta(days=1), found, moved)
