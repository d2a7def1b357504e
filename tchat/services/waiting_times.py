"""The wait that was told and the real one, as the guichet publishes them about itself: what the observatory gives."""

import bisect
import itertools
from dataclasses import dataclass
from datetime import date

from guichet.observatory import publishing
from guichet.observatory.disclosure import Figure
from guichet.observatory.tables import TOTAL, first_day

ENOUGH = 20
UNKNOWN = "inconnue"
COUNTER = "attente-annoncee"
CROSSED, PROMISES, MOVED = "attentes-croisees", "attentes-tenues", "transferts"
KEPT, BROKEN, UNTOLD = "tenue", "depassee", "non-annoncee"
PROMISE_WORDS = {KEPT: "Attente annoncée tenue", BROKEN: "Attente annoncée dépassée", UNTOLD: "Attente non annoncée"}
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


def promise_of(pair: str) -> str:
    """« 5-15/2-5 », told and real: a promise is kept when the wait was of the class told, or shorter."""
    told, _, real = pair.partition("/")
    if told not in CLASSES or real not in CLASSES:
        return UNTOLD
    return KEPT if CLASSES.index(real) <= CLASSES.index(told) else BROKEN


@dataclass(frozen=True)
class Waits:
    """One published month. `pairs`: (told, real) → its figure, None when it is not given."""

    month: date
    pairs: dict[tuple[str, str], Figure]
    promises: dict[str, Figure]
    total: Figure
    moved: Figure

    @property
    def held(self) -> int | None:
        """Of a hundred promises; None when too few were told, or one figure is not given."""
        kept, broken = self.promises.get(KEPT, 0), self.promises.get(BROKEN, 0)
        if kept is None or broken is None or kept + broken < ENOUGH:
            return None
        return round(100 * kept / (kept + broken))

    @property
    def transfers_per_hundred(self) -> int | None:
        return round(100 * self.moved / self.total) if self.moved is not None and (self.total or 0) >= ENOUGH else None

    def cell(self, told: str, real: str) -> Figure:
        return self.pairs.get((told, real), 0)

    def rows(self) -> list[dict]:
        """One row a promise, one cell a reality."""
        return [
            {"told": WORDS[told], "cells": [self.cell(told, real) for real in CLASSES]}
            for told in (*CLASSES, UNKNOWN)
            if any(self.cell(told, real) != 0 for real in CLASSES)
        ]


def published() -> Waits | None:
    """The last month that the observatory published: its figures and no other, so that nothing can be told by
    comparing this page with the tables."""
    period = publishing.last_month_of(CROSSED)
    if not period:
        return None
    rows = publishing.latest([CROSSED, PROMISES, MOVED], [period])
    figures = {table: row.figures for (table, _), row in rows.items()}
    pairs = {(told, real): n for key, n in figures[CROSSED].items() for told, cut, real in [key.partition("/")] if cut}
    moved = figures[MOVED].get(TOTAL, 0) if MOVED in figures else 0
    return Waits(first_day(period), pairs, figures.get(PROMISES, {}), figures[CROSSED].get(TOTAL, 0), moved)
