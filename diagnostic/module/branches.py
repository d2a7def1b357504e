"""Where a link may begin: the answers that lead from the first question to another, found once per version."""

import functools
from collections import deque
from dataclasses import dataclass

from diagnostic import content, engine
from diagnostic.catalogue import FACTS, Catalogue

AT_MOST = 2


@dataclass(frozen=True, slots=True)
class Branch:
    """`answers` given for the person; `labels` are their words, so that they can be read and changed."""

    node: str
    answers: tuple[tuple[str, tuple[str, ...]], ...]
    labels: tuple[str, ...]
    question: str


def branch_of(catalogue: Catalogue, node: str) -> Branch | None:
    """None when no answer leads there: the link then begins at the beginning."""
    return _all(catalogue.version).get(node)


def offered(catalogue: Catalogue) -> list[Branch]:
    """The branches that a partner may choose from: those whose words still say what they are about."""
    return [each for each in _all(catalogue.version).values() if 0 < len(each.answers) <= AT_MOST]


@functools.lru_cache(maxsize=8)
def _all(version: str) -> dict[str, Branch]:
    """The shortest way to each question, breadth first, as the engine itself walks it; one answer at a time."""
    catalogue = content.at(version) or content.published()
    found: dict[str, Branch] = {}
    waiting = deque([()])
    while waiting:
        answers = waiting.popleft()
        resolution = engine.resolve(catalogue, dict(answers))
        question = resolution.question
        if question is None or question.node.id in found:
            continue
        labels = tuple(label for step in resolution.path for label in step.labels)
        found[question.node.id] = Branch(question.node.id, answers, labels, question.text or question.node.question)
        if question.node.kind != FACTS:
            waiting.extend((*answers, (question.node.id, (row.id,))) for row in question.rows if not row.unknown)
    return {key: branch for key, branch in found.items() if catalogue.nodes[key].kind != FACTS}
