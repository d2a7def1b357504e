"""The tree as a drawing: Mermaid for a page, DOT for Graphviz. Same edges as the engine follows."""

from collections.abc import Iterator

from diagnostic.catalogue import FACTS, Answer, Catalogue

Edge = tuple[str, str, str]


def edges(catalogue: Catalogue) -> Iterator[Edge]:
    """(from, to, words of the answer); a threat is drawn as its own box."""
    for node in catalogue.nodes.values():
        for answer in (*node.answers, *([node.otherwise] if node.otherwise else [])):
            target = _target(answer)
            if target:
                yield node.id, target, answer.text or "sinon"


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
        f"  {_quoted(source)} -> {_quoted(target)} [label={_quoted(words)}];"
        for source, target, words in edges(catalogue)
    ]
    return "\n".join([*lines, "}"])


def mermaid(catalogue: Catalogue) -> str:
    lines = ["flowchart LR"]
    lines += [f"  {node.id}[{_quoted(node.question)}]" for node in catalogue.nodes.values() if node.kind != FACTS]
    lines += [f"  {threat.id}([{_quoted(threat.name)}])" for threat in catalogue.threats.values()]
    lines += [f"  {source} -->|{_quoted(words)}| {target}" for source, target, words in edges(catalogue)]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', "'") + '"'
