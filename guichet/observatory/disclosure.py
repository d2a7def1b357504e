"""What may be published of counts, so that no figure, nor any sum or difference of figures, points at anyone.

1. A count of one to four is not given. 2. Every other figure, totals included, is rounded by itself to the nearest
multiple of five. 3. Where a total is below five, none of its parts is given, zeros included. 4. Where the figures
given, all tables and all earlier publications together, would still tell more than « from one to four » about such a
count, the smallest figure beside it is not given either, until nothing more is told.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

THRESHOLD = 5
STEP = 5
MOST_PASSES = 200
Figure = int | None
# (table, value, period); value "" is the total of the table.
Cell = tuple[str, str, str]
Bounds = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A sum that a reader can write: these parts make that total. `over_time`: the parts are months of one year."""

    parts: tuple[Cell, ...]
    total: Cell
    over_time: bool = False


def published(n: int) -> Figure:
    """The figure to show; None when it is not given."""
    if n < 0:
        raise ValueError("a count is not negative")
    if 0 < n < THRESHOLD:
        return None
    return STEP * ((n + STEP // 2) // STEP)


def bounds(figure: Figure, least: int = 1) -> Bounds:
    """What a reader knows of the count behind a figure alone: the least and the most."""
    if figure is None:
        return least, math.inf
    if figure == 0:
        return 0, 0
    return max(THRESHOLD, figure - STEP // 2), figure + STEP // 2


def small(n: int) -> bool:
    return 0 < n < THRESHOLD


# --- what a reader can work out -----------------------------------------------------------------------
def known(figures: Mapping[Cell, Figure], lines: Collection[Line]) -> dict[Cell, Bounds]:
    """What all the figures and all the sums tell about each count: bounds tightened until nothing moves."""
    blind = {cell for line in lines if _tells_nothing(figures, line) for cell in (*line.parts, line.total)}
    found = {cell: bounds(figure, 0 if cell in blind else 1) for cell, figure in figures.items()}
    for _ in range(MOST_PASSES):
        moved = [_tighten(found, line) for line in lines]
        if not any(moved):
            break
    return found


def _tells_nothing(figures: Mapping[Cell, Figure], line: Line) -> bool:
    """Rule 3 may have hidden all of it, zeros too: not even « at least one » is known of a part."""
    return not line.over_time and all(figures[part] is None for part in line.parts)


def _tighten(found: dict[Cell, Bounds], line: Line) -> bool:
    lows = sum(found[part][0] for part in line.parts)
    highs = [found[part][1] for part in line.parts]
    endless = highs.count(math.inf)
    finite = sum(high for high in highs if high != math.inf)
    changed = _narrow(found, line.total, lows, math.inf if endless else finite)
    least, most = found[line.total]
    for part in line.parts:
        low, high = found[part]
        others = math.inf if endless > (high == math.inf) else finite - (0 if high == math.inf else high)
        changed |= _narrow(found, part, least - others, most - (lows - low))
    return changed


def _narrow(found: dict[Cell, Bounds], cell: Cell, least: float, most: float) -> bool:
    low, high = found[cell]
    new = (max(low, least), min(high, most))
    if new == (low, high) or new[0] > new[1]:
        return False
    found[cell] = new
    return True


def tells_too_much(told: Bounds, least: float = 1) -> bool:
    return told[0] > max(1, least) or told[1] < THRESHOLD - 1


def disclosed(
    counts: Mapping[Cell, int], figures: Mapping[Cell, Figure], lines: Collection[Line]
) -> list[tuple[Cell, Bounds]]:
    """The small counts about which the figures tell more than « from one to four ». Empty: nothing is given away."""
    told, present = known(figures, lines), _present(counts, lines)
    return [
        (cell, told[cell])
        for cell in figures
        if small(counts.get(cell, 0)) and tells_too_much(told[cell], present.get(cell, 1))
    ]


def _present(counts: Mapping[Cell, int], lines: Iterable[Line]) -> dict[Cell, int]:
    """A year is at least as many as the months in which somebody was: the months alone say so already."""
    return {line.total: sum(counts.get(part, 0) > 0 for part in line.parts) for line in lines if line.over_time}


# --- what is published --------------------------------------------------------------------------------
def protect(
    counts: Mapping[Cell, int],
    lines: Collection[Line],
    *,
    given: Mapping[Cell, Figure] | None = None,
    never: Collection[Cell] = (),
) -> dict[Cell, Figure]:
    """The figures of `counts`. `given` is published and stays; `never` was not given before and never will be."""
    given = given or {}
    figures = {cell: published(n) for cell, n in counts.items()} | dict(given)
    free = set(counts) - set(given)
    for cell in free.intersection(never):
        figures[cell] = None
    _withhold(counts, figures, lines, free)
    while found := disclosed(counts, figures, lines):
        hidden = {_beside(cell, figures, lines, free) for cell, _ in found} - {None}
        if not hidden:
            hidden = {cell for cell in free if figures[cell]}
            if not hidden:
                break
        figures |= dict.fromkeys(hidden)
    return figures


def _withhold(counts, figures: dict[Cell, Figure], lines: Iterable[Line], free: set[Cell]) -> None:
    """Rule 3, down to the parts of parts."""
    todo = [line for line in lines if not line.over_time and small(counts.get(line.total, 0))]
    for line in todo:
        figures |= dict.fromkeys(free.intersection((*line.parts, line.total)))


def _beside(cell: Cell, figures: Mapping[Cell, Figure], lines: Collection[Line], free: set[Cell]) -> Cell | None:
    """The smallest figure that still may be hidden in a sum with this count: its neighbours, else the totals."""
    mine = [line for line in lines if cell == line.total or cell in line.parts]
    parts = {part for line in mine for part in line.parts}
    for places in (parts, {line.total for line in mine}, _further(mine, lines)):
        shown = [place for place in places if place in free and place != cell and figures[place]]
        if shown:
            return min(shown, key=lambda place: (figures[place], place))
    return None


def _further(mine: Collection[Line], lines: Collection[Line]) -> set[Cell]:
    near = {cell for line in mine for cell in (*line.parts, line.total)}
    touched = [line for line in lines if near.intersection((*line.parts, line.total))]
    return {cell for line in touched for cell in (*line.parts, line.total)}
