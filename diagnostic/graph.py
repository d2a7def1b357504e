"""The tree as a drawing: Mermaid for a page, DOT for Graphviz. Same edges as the engine follows."""

from collections.abc import Iterator
from dataclasses import dataclass

from diagnostic.catalogue import FACTS, Answer, Catalogue

ELSE = "else"


@dataclass(frozen=True, slots=True)
class Edge:
    """One answer that leads on; `target` is a question, or a threat that is drawn as its own box."""

    source: str
    answer: str
    target: str
    words: str


def edges(catalogue: Catalogue) -> Iterator[Edge]:
    """The edges of every drawing of the tree, here and in the admin."""
    for node in catalogue.nodes.values():
        for answer in (*node.answers, *([node.otherwise] if node.otherwise else [])):
            target = _target(answer)
            if target:
                yield Edge(node.id, answer.id or ELSE, target, answer.text or "sinon")


def _target(answer: Answer) -> str:
    return answer.go or answer.diag or ""


def dot(catalogue: Catalogue) -> str:
    lines = ["digraph diagnostic {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    lines += [
        f"  {_quoted(node.id)} [label={_quoted(node.question)}];"
        for node in catalogue.nodes.values()
        if node.kind != FACTS
    ]
    lines += [
        f"  {_quoted(threat.id)} [label={_quoted(threat.name)}, shape=ellipse];"
        for threat in catalogue.threats.values()
    ]
    lines += [
        f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [label={_quoted(edge.words)}];"
        for edge in edges(catalogue)
    ]
    return "\n".join([*lines, "}"])


def mermaid(catalogue: Catalogue) -> str:
    lines = ["flowchart LR"]
    lines += [f"  {node.id}[{_quoted(node.question)}]" for node in catalogue.nodes.values() if node.kind != FACTS]
    lines += [f"  {threat.id}([{_quoted(threat.name)}])" for threat in catalogue.threats.values()]
    lines += [f"  {edge.source} -->|{_quoted(edge.words)}| {edge.target}" for edge in edges(catalogue)]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', "'") + '"'
