"""What may be published of counts, so that no figure, nor the difference of any others, points at anyone.

1. A count of one to four is not given. 2. Every other figure, totals included, is rounded by itself to the nearest
multiple of five. 3. Where subtracting the figures of a line from its total would still tell more than « from one to
four » about a count that is not given, the smallest figure beside it is not given either, until nothing more is told.
A figure that is not given may so be any number from one up: the reader cannot tell which rule hid it.
"""

import math
from collections.abc import Iterator, Sequence

THRESHOLD = 5
STEP = 5
Figure = int | None


def published(n: int) -> Figure:
    """The figure to show; None when it is not given."""
    if n < 0:
        raise ValueError("a count is not negative")
    if 0 < n < THRESHOLD:
        return None
    return STEP * ((n + STEP // 2) // STEP)


def bounds(figure: Figure) -> tuple[float, float]:
    """What a reader knows of the count behind a figure: the least and the most."""
    if figure is None:
        return 1, math.inf
    if figure == 0:
        return 0, 0
    return max(THRESHOLD, figure - STEP // 2), figure + STEP // 2


def left_by_difference(parts: Sequence[Figure], total: Figure) -> tuple[float, float]:
    """What the total and the other parts tell about any one part that is not given."""
    known = [bounds(figure) for figure in parts if figure is not None]
    hidden = len(parts) - len(known)
    least, most = bounds(total)
    other_least, other_most = (hidden - 1, math.inf) if hidden > 1 else (0, 0)
    return (
        least - sum(high for _, high in known) - other_most,
        most - sum(low for low, _ in known) - other_least,
    )


def tells_too_much(parts: Sequence[Figure], total: Figure) -> bool:
    if None not in parts:
        return False
    least, most = left_by_difference(parts, total)
    return least > 1 or most < THRESHOLD - 1


class Grid:
    """Counts by row and month, with a total for each row, each month, and all: protected as one whole."""

    def __init__(self, counts: Sequence[Sequence[int]], month_totals: Sequence[int]) -> None:
        self.width = len(month_totals)
        rows = [[*row, sum(row)] for row in counts]
        self.cells: list[list[Figure]] = [
            [published(n) for n in row] for row in [*rows, [*month_totals, sum(month_totals)]]
        ]
        self._protect()

    @property
    def rows(self) -> list[list[Figure]]:
        """Each row's months, then its total; the last row is the totals'."""
        return self.cells

    def lines(self) -> Iterator[tuple[list[tuple[int, int]], tuple[int, int]]]:
        """Every sum that a reader can write: the places of its parts, and of its total."""
        last = len(self.cells) - 1
        for row in range(last + 1):
            yield [(row, month) for month in range(self.width)], (row, self.width)
        for month in range(self.width + 1):
            yield [(row, month) for row in range(last)], (last, month)

    def _at(self, place: tuple[int, int]) -> Figure:
        return self.cells[place[0]][place[1]]

    def _hide(self, place: tuple[int, int]) -> None:
        self.cells[place[0]][place[1]] = None

    def _protect(self) -> None:
        """Each turn hides one figure more, so it ends."""
        while self._hide_one():
            pass

    def _hide_one(self) -> bool:
        for places, total in self.lines():
            parts = [self._at(place) for place in places]
            if tells_too_much(parts, self._at(total)):
                shown = [place for place in places if self._at(place)]
                self._hide(min(shown, key=lambda place: self._at(place) or 0) if shown else total)
                return True
        return False
