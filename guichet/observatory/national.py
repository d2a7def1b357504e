"""National figures that others published, with source and scope: shown beside ours, never added to them."""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parent / "data" / "national.csv"


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


@functools.cache
def figures() -> tuple[Figure, ...]:
    """The latest year first, as the file has them."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter=";"))[1:]
    found = [Figure(*row) for row in rows]
    return tuple(sorted(found, key=lambda figure: figure.year, reverse=True))
