"""Where the words come from: `content/words.yaml` (how people speak) and `content/words/*.yaml` (what they say of each
target), and the published catalogue (names, definitions, signs, answers that lead there). Read once per process."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diagnostic.catalogue import FACTS, Catalogue
from diagnostic.content import FOLDER, read_yaml
from guichet.lib.text import fold

MAIN, PARTS = "words.yaml", "words"
UNDECIDED = "situation-indeterminee"
CUE, SAID, NAME, DEFINITION, SIGN, ANSWER, PAGE_ANSWER = 2.0, 1.0, 2.0, 1.0, 0.8, 0.5, 0.7


@dataclass(frozen=True, slots=True)
class Sources:
    """`said`: target -> (weight, expression). `needs`: target -> groups without one of which it is hardly proposed."""

    language: Mapping[str, Any]
    said: Mapping[str, tuple[tuple[float, str], ...]]
    needs: Mapping[str, tuple[str, ...]]


@functools.cache
def sources(folder: Path = FOLDER) -> Sources:
    said, needs = {}, {}
    for path in sorted((folder / PARTS).glob("*.yaml")):
        for target, entry in read_yaml(path, f"{PARTS}/{path.name}").items():
            said[target] = (*((CUE, text) for text in entry["cues"]), *((SAID, text) for text in entry["said"]))
            if entry.get("needs"):
                needs[target] = tuple(f"#{group}" for group in entry["needs"])
    return Sources(read_yaml(folder / MAIN, MAIN), said, needs)


def expressions(catalogue: Catalogue, found: Sources) -> Iterator[tuple[str, float, str]]:
    """(target, weight, text) for every target of this catalogue."""
    for target, entries in found.said.items():
        if is_target(catalogue, target):
            for weight, text in entries:
                yield target, weight, text
    for threat in catalogue.threats.values():
        if threat.id == UNDECIDED:
            continue
        yield threat.id, NAME, threat.name
        yield threat.id, DEFINITION, threat.definition
        for sign in threat.signs:
            yield threat.id, SIGN, sign
    yield from _answers(catalogue)


def _answers(catalogue: Catalogue) -> Iterator[tuple[str, float, str]]:
    for node in catalogue.nodes.values():
        for answer in node.answers if node.kind != FACTS else ():
            if answer.unknown or not answer.diag:
                continue
            if answer.diag != UNDECIDED:
                yield answer.diag, ANSWER, answer.text
            elif answer.page:
                yield answer.page, PAGE_ANSWER, answer.text


def is_target(catalogue: Catalogue, key: str) -> bool:
    return key != UNDECIDED and (key in catalogue.threats or key in catalogue.pages or key in catalogue.nodes)


def common_words(found: Sources) -> set[str]:
    """Words that no typo may become."""
    return set(fold(found.language["common"]).split())


def known_words(catalogue: Catalogue) -> set[str]:
    """Words of the content that are right as they stand."""
    texts = [action.text for action in catalogue.actions.values()]
    texts += [fact.label for fact in catalogue.facts.values()]
    texts += [node.question for node in catalogue.nodes.values()]
    return {word for text in texts for word in fold(text).split()}
