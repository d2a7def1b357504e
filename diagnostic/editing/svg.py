"""A `Picture` as an SVG file: no script, no style sheet, no outside address; every text escaped by the writer. Pure."""

from collections.abc import Iterator
from xml.etree import ElementTree as Tree

from diagnostic.editing.compare import ADDED, CHANGED, REMOVED, SIGNS
from diagnostic.editing.picture import ELSEWHERE, HERE, THREAT, Box, Picture, Row

WIDTH, ROW, HEAD, LINE = 360, 24, 14, 17
PILL, GAP, LAYER, EDGE = 250, 34, 110, 28
LETTERS, PILL_LETTERS, TITLE_LETTERS, TITLE_LINES = 50, 37, 50, 3
INK, SOFT, PAPER, FRAME = "#1b2526", "#475152", "#fffdf8", "#766f62"
FILLS = {THREAT: "#fdf1d6", ELSEWHERE: "#e2efeb"}
COLOURS = {ADDED: "#1f6b3a", REMOVED: "#a3271b", CHANGED: "#8a5a00", "": FRAME}
NAMESPACE = "http://www.w3.org/2000/svg"
Place = tuple[float, float]


def svg(found: Picture) -> bytes:
    places, width, height = _places(found)
    root = Tree.Element("svg", {"xmlns": NAMESPACE, "viewBox": f"0 0 {width} {height}", "width": str(width),
                                "height": str(height), "role": "img", "font-family": "sans-serif",
                                "font-size": "13"})  # fmt: skip
    Tree.SubElement(root, "title").text = f"Les questions du thème {found.group}"
    Tree.SubElement(root, "rect", {"width": str(width), "height": str(height), "fill": "#faf7f1"})
    lines = Tree.SubElement(root, "g", {"fill": "none"})
    for box in found.boxes:
        for at, row in _rows(box, places[box.id]):
            if row.kind:
                _edge(lines, box, row, at, places)
    for box in found.boxes:
        _box(root, box, places[box.id])
    return Tree.tostring(root, encoding="utf-8", xml_declaration=True)


def wrapped(text: str, letters: int, most: int) -> list[str]:
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > letters:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1] + "…"]
    return [cut(each, letters + 1) for each in lines]


def cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _head(box: Box) -> float:
    return HEAD + LINE * (1 + len(wrapped(box.question, TITLE_LETTERS, TITLE_LINES)))


def _height(box: Box) -> float:
    return _head(box) + ROW * len(box.rows) + 8


def _places(found: Picture) -> tuple[dict[str, Place], float, float]:
    """Top left corner of each box, and the size of all."""
    places, bottoms = {}, {}
    for box in found.boxes:
        x = GAP + box.layer * (WIDTH + PILL + EDGE + LAYER)
        y = bottoms.get(box.layer, GAP)
        places[box.id] = (x, y)
        bottoms[box.layer] = y + _height(box) + GAP
    layers = max((box.layer for box in found.boxes), default=0) + 1
    width = 2 * GAP + layers * (WIDTH + PILL + EDGE + LAYER) - LAYER
    return places, width, max(bottoms.values(), default=GAP) + GAP


def _rows(box: Box, place: Place) -> Iterator[tuple[Place, Row]]:
    """The middle of the right end of each row."""
    for rank, row in enumerate(box.rows):
        yield (place[0] + WIDTH, place[1] + _head(box) + ROW * rank + ROW / 2), row


def _edge(parent: Tree.Element, box: Box, row: Row, at: Place, places: dict[str, Place]) -> None:
    """What a reader of the file finds again: from, answer, to."""
    group = Tree.SubElement(
        parent, "g", {"class": "edge", "data-from": box.id, "data-answer": row.answer, "data-to": row.target}
    )
    Tree.SubElement(group, "title").text = f"{box.question} {row.words} → {row.target_words}"
    x, y = at
    dash = {"stroke-dasharray": "5 4"} if row.mark == REMOVED else {}
    look = {"stroke": COLOURS[row.mark], "stroke-width": "2.4" if row.mark else "1.4", **dash}
    if row.kind == HERE:
        to_x, to_y = places[row.target][0], places[row.target][1] + 20
        bend = max(60, abs(to_x - x) / 2)
        way = f"M{x} {y} C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"
        Tree.SubElement(group, "path", {"d": way, **look})
        Tree.SubElement(group, "path", {"d": f"M{to_x - 7} {to_y - 4} L{to_x} {to_y} L{to_x - 7} {to_y + 4}", **look})
        return
    Tree.SubElement(group, "path", {"d": f"M{x} {y} H{x + EDGE}", **look})
    shape = {"rx": "10"} if row.kind == THREAT else {}
    Tree.SubElement(
        group,
        "rect",
        {"x": str(x + EDGE), "y": str(y - 10), "width": str(PILL), "height": "20", "fill": FILLS[row.kind],
         "stroke": COLOURS[row.mark], **shape, **dash},
    )  # fmt: skip
    _text(group, cut(row.target_words, PILL_LETTERS), x + EDGE + 9, y + 4, size="12")


def _box(parent: Tree.Element, box: Box, place: Place) -> None:
    x, y = place
    group = Tree.SubElement(parent, "g", {"class": f"node {box.mark}".strip(), "data-node": box.id})
    dash = {"stroke-dasharray": "6 4"} if box.mark == REMOVED else {}
    frame = {"x": str(x), "y": str(y), "width": str(WIDTH), "height": str(_height(box)), "rx": "6", "fill": PAPER}
    Tree.SubElement(
        group, "rect", {**frame, "stroke": COLOURS[box.mark], "stroke-width": "3" if box.mark else "1.2", **dash}
    )
    _text(group, box.id, x + 12, y + HEAD + 4, fill=SOFT, size="11")
    for rank, line in enumerate(wrapped(box.question, TITLE_LETTERS, TITLE_LINES), 1):
        _text(group, line, x + 12, y + HEAD + 4 + LINE * rank, weight="bold")
    if box.mark:
        _text(group, SIGNS[box.mark], x + WIDTH - 24, y + 24, fill=COLOURS[box.mark], size="20", weight="bold")
    for (end, middle), row in _rows(box, place):
        _row(group, row, end - WIDTH, middle)


def _row(group: Tree.Element, row: Row, x: float, y: float) -> None:
    Tree.SubElement(group, "path", {"d": f"M{x} {y - ROW / 2} h{WIDTH}", "stroke": "#ddd5c6", "fill": "none"})
    sign = f"{SIGNS[row.mark]} " if row.mark else ""
    decoration = {"text-decoration": "line-through"} if row.mark == REMOVED else {}
    words = _text(
        group, sign + cut(row.words, LETTERS), x + 12, y + 4, fill=COLOURS[row.mark] if row.mark else INK, **decoration
    )
    words.set("data-answer", row.answer)


def _text(
    parent: Tree.Element, words: str, x: float, y: float, *, fill: str = INK, size: str = "", weight: str = "", **more
) -> Tree.Element:
    look = {"fill": fill} | ({"font-size": size} if size else {}) | ({"font-weight": weight} if weight else {})
    element = Tree.SubElement(parent, "text", {"x": str(x), "y": str(y), **look, **more})
    element.text = words
    return element
