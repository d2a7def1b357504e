"""Where the words come from: the sections `speech` (`words.yaml`, how people speak) and `words` (`words/*.yaml`, what
they say of each target) of the published catalogue, and its names, definitions, signs, answers that lead there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diagnostic.catalogue import FACTS, Catalogue
from diagnostic.conditions import AUDIENCES
from diagnostic.exceptions import Problem
from guichet.lib.text import fold

UNDECIDED = "situation-indeterminee"
CUE, SAID, NAME, DEFINITION, SIGN, ANSWER, PAGE_ANSWER = 2.0, 1.0, 2.0, 1.0, 0.8, 0.5, 0.7


@dataclass(frozen=True, slots=True)
class Sources:
    """`said`: target -> (weight, expression). `needs`: target -> groups without one of which it is hardly proposed."""

    language: Mapping[str, Any]
    said: Mapping[str, tuple[tuple[float, str], ...]]
    needs: Mapping[str, tuple[str, ...]]


def sources(catalogue: Catalogue) -> Sources:
    spoken = catalogue.speech
    said = {
        target: (*((CUE, text) for text in cues), *((SAID, text) for text in sentences))
        for target, (cues, sentences) in spoken.said.items()
    }
    needs = {target: tuple(f"#{group}" for group in groups) for target, groups in spoken.needs.items()}
    return Sources(spoken.language, said, needs)


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


def problems(catalogue: Catalogue) -> list[Problem]:
    """Words of what does not exist, names that no list holds, and a threat that no word leads to."""
    speech, found = catalogue.speech, []
    groups, facts = speech.language["groups"], {*catalogue.facts}
    gone = [key for key in speech.said if not is_target(catalogue, key)]
    found += [Problem("words", key, f"l'atteinte, le texte ou la question « {key} » n'existe pas") for key in gone]
    for key, needs in speech.needs.items():
        missing = [group for group in needs if group not in groups]
        found += [Problem("words", key, f"le groupe de mots « {group} » n'existe pas") for group in missing]
    silent = [key for key in catalogue.threats if key not in speech.said and key != UNDECIDED]
    found += [Problem("words", key, "aucun mot des gens ne mène à cette atteinte") for key in silent]
    named = (
        ("heavy", "le fait", facts, speech.language["heavy"]),
        ("facts", "le fait", facts, speech.language["facts"]),
        ("danger", "la question", catalogue.nodes, [speech.language["danger"]]),
        ("brands", "le groupe de mots", groups, speech.language["brands"]),
        ("audiences", "le public", AUDIENCES, speech.language["audiences"]),
    )
    for where, what, known, names in named:
        found += [Problem("speech", where, f"{what} « {name} » n'existe pas") for name in names if name not in known]
    return found


def common_words(found: Sources) -> set[str]:
    """Words that no typo may become."""
    return set(fold(found.language["common"]).split())


def known_words(catalogue: Catalogue) -> set[str]:
    """Words of the content that are right as they stand."""
    texts = [action.text for action in catalogue.actions.values()]
    texts += [fact.label for fact in catalogue.facts.values()]
    texts += [node.question for node in catalogue.nodes.values()]
    return {word for text in texts for word in fold(text).split()}
