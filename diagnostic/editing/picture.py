"""The picture of a part of the tree: boxes of questions, one row per answer, and where each answer leads. Pure.

The edges are those of `diagnostic.graph`, which `manage.py tree graph` prints. The layout is computed, never drawn by
hand: a question stands to the right of all that lead to it, in the order of its file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from diagnostic import graph
from diagnostic.catalogue import Answer, Catalogue, Node
from diagnostic.editing.compare import ADDED, CHANGED, REMOVED

HERE, ELSEWHERE, THREAT, NOWHERE = "here", "elsewhere", "threat", ""
Marks = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One answer of a question; `kind` says what stands at the end of it."""

    answer: str
    words: str
    target: str
    kind: str
    target_words: str
    mark: str


@dataclass(slots=True)
class Box:
    id: str
    question: str
    rows: tuple[Row, ...]
    mark: str
    layer: int = 0


@dataclass(slots=True)
class Picture:
    group: str
    boxes: list[Box] = field(default_factory=list)


def groups(*catalogues: Catalogue | None) -> list[str]:
    """The files of the tree that hold questions, those of the second catalogue last when they are gone."""
    found: dict[str, None] = {}
    for catalogue in catalogues:
        for node in catalogue.nodes.values() if catalogue else ():
            if node.answers:
                found.setdefault(group_of(node))
    return list(found)


def group_of(node: Node) -> str:
    return node.file.rpartition("/")[2].removesuffix(".yaml")


def picture(catalogue: Catalogue, group: str, before: Catalogue | None = None) -> Picture:
    """One file of the tree; with `before`, what was there too, each thing marked added, removed or changed."""
    found = Picture(group)
    old = {node.id: node for node in before.nodes.values()} if before else {}
    nodes = [node for node in catalogue.nodes.values() if group_of(node) == group and node.answers]
    gone = [
        node for node in old.values() if node.id not in catalogue.nodes and group_of(node) == group and node.answers
    ]
    own = {node.id for node in (*nodes, *gone)}
    leads = {(edge.source, edge.answer): edge for edge in graph.edges(catalogue)}
    led = {(edge.source, edge.answer): edge for edge in graph.edges(before)} if before else {}
    words = _words(before) | _words(catalogue) if before else _words(catalogue)
    for node in nodes:
        rows = tuple(_rows(node, old.get(node.id) if before else node, leads, led, own, words))
        found.boxes.append(Box(node.id, node.question, rows, _mark(node, old.get(node.id)) if before else ""))
    for node in gone:
        rows = tuple(_row(answer, led, node, own, words, REMOVED) for answer in _answers(node))
        found.boxes.append(Box(node.id, node.question, rows, REMOVED))
    _layers(found)
    return found


def _words(catalogue: Catalogue) -> dict[str, tuple[str, str]]:
    """id -> (what it is, its words)."""
    found = {threat.id: (THREAT, threat.name) for threat in catalogue.threats.values()}
    return found | {node.id: (group_of(node), node.question) for node in catalogue.nodes.values()}


def _answers(node: Node) -> tuple[Answer, ...]:
    return (*node.answers, *([node.otherwise] if node.otherwise else []))


def _rows(node: Node, old: Node | None, leads: dict, led: dict, own: set[str], words: dict) -> Iterator[Row]:
    was = {answer.id: answer for answer in _answers(old)} if old else {}
    for answer in _answers(node):
        before = was.pop(answer.id, None)
        mark = ADDED if before is None else CHANGED if before != answer else ""
        yield _row(answer, leads, node, own, words, mark)
    for answer in was.values():
        yield _row(answer, led, node, own, words, REMOVED)


def _row(answer: Answer, leads: dict, node: Node, own: set[str], words: dict, mark: str) -> Row:
    edge = leads.get((node.id, answer.id or graph.ELSE))
    target = edge.target if edge else ""
    what, said = words.get(target, (NOWHERE, ""))
    kind = NOWHERE if not edge else THREAT if what == THREAT else HERE if target in own else ELSEWHERE
    said = f"{what} : {said}" if kind == ELSEWHERE else said
    return Row(answer.id or graph.ELSE, answer.text or "Sinon", target, kind, said, mark)


def _mark(node: Node, old: Node | None) -> str:
    if old is None:
        return ADDED
    looked = ("question", "help", "kind", "urgent", "asked", "facts", "answers", "otherwise")
    return CHANGED if any(getattr(node, name) != getattr(old, name) for name in looked) else ""


def _layers(found: Picture) -> None:
    """Longest way from a question that nothing here leads to; a loop is cut where it closes."""
    boxes = {box.id: box for box in found.boxes}
    above: dict[str, list[str]] = {box.id: [] for box in found.boxes}
    for box in found.boxes:
        for row in box.rows:
            if row.kind == HERE:
                above[row.target].append(box.id)
    done: dict[str, int] = {}

    def layer(key: str, below: frozenset[str]) -> int:
        if key not in done:
            ways = [layer(parent, below | {key}) for parent in above[key] if parent not in below and parent != key]
            done[key] = 1 + max(ways, default=-1)
        return done[key]

    for key in boxes:
        boxes[key].layer = layer(key, frozenset())
