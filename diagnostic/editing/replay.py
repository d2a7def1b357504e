"""Where answers lead in one version and in another: recorded journeys, and what people answered. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from diagnostic import advice, door, engine, recorded
from diagnostic.catalogue import Catalogue

NAMES = {
    "threat": "Atteinte",
    "also": "Aussi",
    "severity": "Gravité",
    "chat": "Tchat proposé",
    "door": "Première porte",
    "first": "À faire d'abord",
    "stop": "S'arrête à la question",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a journey ends, in words; `stop` is the question that now stays without answer."""

    threat: str = ""
    also: tuple[str, ...] = ()
    severity: int = 0
    chat: bool = False
    door: str = ""
    first: tuple[str, ...] = ()
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Move:
    """One journey that no longer ends where it did."""

    title: str
    file: str
    changes: tuple[Change, ...]
    count: int = 1


def outcome_of(catalogue: Catalogue, answers: engine.Answers, *, known: Iterable[str] = ()) -> Outcome:
    resolution = engine.resolve(catalogue, answers, known=known)
    if resolution.question is not None:
        return Outcome(stop=resolution.question.node.question)
    plan = advice.plan(catalogue, resolution)
    return Outcome(
        threat=plan.main.name,
        also=tuple(threat.name for threat in plan.threats[1:]),
        severity=plan.severity,
        chat=plan.chat_offered,
        door=door.choose(catalogue, resolution, plan).first.title,
        first=tuple(action.text for action in plan.first),
    )


def changes(before: Outcome, after: Outcome) -> tuple[Change, ...]:
    names = [name for name in NAMES if getattr(before, name) != getattr(after, name)]
    if after.stop or before.stop:
        names = [name for name in ("threat", "stop") if name in names]
    return tuple(Change(NAMES[name], _said(getattr(before, name)), _said(getattr(after, name))) for name in names)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, tuple):
        return " ; ".join(value) or "rien"
    return str(value or "rien")


def journeys_moved(before: Catalogue, after: Catalogue, journeys: Iterable[recorded.Recorded]) -> Iterator[Move]:
    for journey in journeys:
        found = changes(outcome_of(before, journey.answers), outcome_of(after, journey.answers))
        if found:
            yield Move(journey.spec.title, journey.file, found)


def answers_moved(
    before: Catalogue, after: Catalogue, asked: Iterable[tuple[Mapping[str, list[str]], bool]]
) -> tuple[int, list[Move]]:
    """(how many, grouped by what changes) over past answers: (answers, abroad). Nobody is named, nothing typed."""
    groups: Counter[tuple[Change, ...]] = Counter()
    for raw, abroad in asked:
        answers = {node: tuple(ids) for node, ids in raw.items()}
        known = ["abroad"] if abroad else []
        found = changes(outcome_of(before, answers, known=known), outcome_of(after, answers, known=known))
        if found:
            groups[found] += 1
    moves = [Move(f"{count} fois", "", found, count) for found, count in groups.most_common()]
    return sum(groups.values()), moves
