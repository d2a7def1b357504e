"""From the case a person recognised to the start of a journey: answers that lead there, and the facts they ticked."""

from collections.abc import Iterable
from dataclasses import dataclass

from diagnostic import engine
from diagnostic.catalogue import FACTS, Catalogue
from diagnostic.words.matcher import ORGANISATIONS, PERSON, Matcher
from diagnostic.words.paths import audiences_of, best_way


@dataclass(frozen=True, slots=True)
class Start:
    """`kept`: facts screen -> boxes to show ticked. The person still has to say yes there."""

    answers: dict[str, tuple[str, ...]]
    kept: dict[str, tuple[str, ...]]


def start_for(matcher: Matcher, target: str, *, text: str, audience: str, facts: Iterable[str]) -> Start | None:
    """None when the tree leads nobody there."""
    catalogue = matcher.catalogue
    who = audience_for(catalogue, target, audience)
    if not who:
        return None
    told = tuple(fact for fact in catalogue.facts if fact in set(facts))
    fit = matcher.alike(text, target)
    answers = best_way(catalogue, target, audience=who, facts=frozenset(told), alike=fit)
    return Start(answers, dict.fromkeys(_screens(catalogue, answers), told) if told else {})


def audience_for(catalogue: Catalogue, target: str, audience: str) -> str:
    """The audience of the person when the target is open to it, else the nearest that is."""
    possible = audiences_of(catalogue, target)
    return next((each for each in (audience, PERSON, *ORGANISATIONS) if each in possible), "")


def _screens(catalogue: Catalogue, answers: dict[str, tuple[str, ...]]) -> list[str]:
    """The facts screens that may come next."""
    question = engine.resolve(catalogue, answers).question
    if question is None:
        return []
    if question.node.kind == FACTS:
        return [question.node.id]
    return list(dict.fromkeys(answer.facts for answer in question.node.answers if answer.facts))
