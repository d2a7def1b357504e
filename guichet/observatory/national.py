"""National figures that others published, with source and scope: shown beside ours, never added to them."""

import csv
import functools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
FEWEST_POINTS = 4
FRAUDS = "Service statistique ministériel de la sécurité intérieure (SSMSI), base des faits enregistrés"
FRAUDS_SCOPE = "victimes d’escroqueries et de fraudes enregistrées, en ligne ou non"


@dataclass(frozen=True)
class Figure:
    year: str
    source: str
    scope: str
    indicator: str
    value: str
    unit: str
    change: str
    reference: str


@dataclass(frozen=True)
class SeriesLine:
    """One indicator over several years, always with its scope."""

    title: str
    source: str
    scope: str
    unit: str
    points: tuple[tuple[str, int], ...]


def _rows(name: str) -> list[list[str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, delimiter=";"))[1:]


@functools.cache
def figures() -> tuple[Figure, ...]:
    """The latest year first, as the file has them."""
    found = [Figure(*row) for row in _rows("national.csv")]
    return tuple(sorted(found, key=lambda figure: figure.year, reverse=True))


@functools.cache
def lines() -> tuple[SeriesLine, ...]:
    """What was published for at least four years under the same name and scope."""
    found: dict[tuple[str, str, str], list[Figure]] = {}
    for figure in reversed(figures()):
        if figure.value.isdigit():
            found.setdefault((figure.indicator, figure.scope, figure.unit), []).append(figure)
    published = [
        SeriesLine(
            title=f"{indicator[0].upper()}{indicator[1:]}",
            source=", ".join(dict.fromkeys(each.source for each in group)),
            scope=scope,
            unit=unit,
            points=tuple((each.year, int(each.value)) for each in group),
        )
        for (indicator, scope, unit), group in found.items()
        if len(group) >= FEWEST_POINTS and unit != "%"
    ]
    return (*published, _frauds_line())


@functools.cache
def frauds() -> dict[str, dict[str, int]]:
    """Year -> département -> recorded frauds."""
    found: dict[str, dict[str, int]] = {}
    for departement, year, _, number, _, _ in _rows("escroqueries_departements.csv"):
        found.setdefault(year, {})[departement] = int(number)
    return found


def _frauds_line() -> SeriesLine:
    totals = Counter({year: sum(places.values()) for year, places in frauds().items()})
    return SeriesLine(
        "Escroqueries et fraudes enregistrées", FRAUDS, FRAUDS_SCOPE, "victimes", tuple(sorted(totals.items()))
    )


def by_departement() -> dict:
    """The last year of the recorded frauds: beside our départements, with another scope."""
    year = max(frauds())
    return {"year": year, "source": FRAUDS, "scope": FRAUDS_SCOPE, "places": frauds()[year]}
