"""From the case a person recognised to the start of a journey: answers that lead there, and the facts they ticked."""

from collections.abc import Iterable
from dataclasses import dataclass

from diagnostic import engine
from diagnostic.catalogue import FACTS, Answer, Catalogue
from diagnostic.words.matcher import ORGANISATIONS, PERSON, Matcher
from diagnostic.words.paths import audiences_of, best_way


@dataclass(frozen=True, slots=True)
class Start:
    """`kept`: facts screen -> boxes to show ticked. The person still has to say yes there."""

    answers: dict[str, tuple[str, ...]]
    kept: dict[str, tuple[str, ...]]


def start_for(
    matcher: Matcher, target: str, *, text: str, audience: str, facts: Iterable[str], who: Answer | None = None
) -> Start | None:
    """`who` is the answer given to the first question, if any. None when the tree leads nobody there."""
    catalogue = matcher.catalogue
    fitting = audience_for(catalogue, target, audience)
    if not fitting:
        return None
    told = tuple(fact for fact in catalogue.facts if fact in set(facts))
    answers = best_way(
        catalogue,
        target,
        audience=fitting,
        facts=frozenset((*told, *facts_of(who))),
        alike=matcher.alike(text, target),
        first=who.id if who else "",
    )
    return Start(answers, dict.fromkeys(_screens(catalogue, answers), told) if told else {})


def people(catalogue: Catalogue) -> tuple[Answer, ...]:
    """Who may need help, in the words of the first question: neither a danger nor « Je ne sais pas »."""
    answers = catalogue.nodes[catalogue.start].answers
    return tuple(answer for answer in answers if answer.audience and not answer.urgent and not answer.unknown)


def facts_of(who: Answer | None) -> tuple[str, ...]:
    return tuple(fact for fact, true in who.sets if true) if who else ()


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
