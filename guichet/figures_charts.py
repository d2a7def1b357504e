"""Charts as places in a drawing: the template writes the SVG, the figures stand beside it in words."""

from collections.abc import Sequence

from guichet.observatory.disclosure import Figure
from guichet.observatory.series import Series

WIDTH, HEIGHT, FOOT = 600, 160, 1


def bars(found: Series) -> list[dict]:
    """The rows as bars: `width` in percent of the longest. Where no month is given, the years are read."""
    longest = max((_size(row) for row in found.rows), default=0) or 1
    return [{"row": row, "width": round(100 * _size(row) / longest), "size": _size(row)} for row in found.rows]


def _size(row) -> int:
    return row.at_least if row.months else sum(figure or 0 for figure in row.years)


def columns(points: Sequence[tuple[str, Figure]], title: str) -> dict:
    """One column a point, from the left. A figure that is not given has no column, and its words say so."""
    step = WIDTH / max(len(points), 1)
    highest = max((figure or 0 for _, figure in points), default=0) or 1
    found = []
    for index, (name, figure) in enumerate(points):
        height = round((HEIGHT - FOOT) * (figure or 0) / highest, 1)
        place = {"x": round(index * step + step * 0.12, 1), "y": round(HEIGHT - FOOT - height, 1)}
        found.append({"name": name, "n": figure, "width": round(step * 0.76, 1), "height": height, **place})
    return {"title": title, "columns": found, "width": WIDTH, "height": HEIGHT, "first": points[0], "last": points[-1]}
