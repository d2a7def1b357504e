"""The way through the tree that leads to a target and says the least that the person did not say.

Every way is known beforehand (the tree has no loop). Among those that lead to the target, the one kept asserts no fact
that nobody confirmed, crosses no emergency, and speaks with the words of the text. When several answers of its last
question lead there, that question is left to the person. All of it is read by the person, who may change it.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from diagnostic.catalogue import FACTS, MULTI, NONE_OF_THESE, Answer, Catalogue, Node
from diagnostic.engine import SPECIAL

Step = tuple[str, str]
Likeness = Callable[[str], float]
# What an answer costs: a fact nobody said (some weigh more than a story), another threat added, an emergency crossed on
# the way, a page beside the target, « Je ne sais pas » or « Autre », a public that changes on the way, one more step,
# « Aucun de ces cas » (a denial nobody made), words that have nothing to do with the target.
UNSAID, HEAVY, ALSO, URGENT, PAGE, UNSURE, TURN, STEP = 3.0, 8.0, 3.0, 5.0, 2.0, 2.0, 4.0, 0.8
DENIED, FOREIGN, CONFIRMED, ALIKE, LEFT_OPEN = 4.0, 1.0, 2.0, 2.0, 0.2
OTHER = "Autre"
MOST_STEPS = 8


@dataclass(frozen=True, slots=True)
class Way:
    """`steps`: (node, answer) from the root; then `last`, the question any of whose `answers` leads to the target."""

    steps: tuple[Step, ...]
    last: str
    answers: tuple[str, ...]
    audience: str


Ways = Mapping[str, tuple[Way, ...]]


class _Walk:
    """Walks every way once. Equal to any other of its kind: the version is the cache key."""

    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Walk)

    def __hash__(self) -> int:
        return 0

    def run(self) -> Ways:
        grouped: dict[tuple[str, tuple[Step, ...], str, str], list[str]] = defaultdict(list)
        for target, steps, audience in self._from(self.catalogue.nodes[self.catalogue.start], "", ()):
            *before, (node, answer) = steps
            grouped[target, tuple(before), node, audience].append(answer)
        found: dict[str, list[Way]] = defaultdict(list)
        for (target, before, node, audience), answers in grouped.items():
            found[target].append(Way(before, node, tuple(answers), audience))
        return {target: tuple(each) for target, each in found.items()}

    def _from(self, node: Node, audience: str, steps: tuple[Step, ...]) -> Iterator[tuple[str, tuple[Step, ...], str]]:
        if node.kind == FACTS or len(steps) > MOST_STEPS:
            return
        if steps:
            yield node.id, steps, audience
        for answer in node.visible(audience):
            here, now = (*steps, (node.id, answer.id)), answer.audience or audience
            lead = answer if answer.leads else node.otherwise
            if lead is None:
                continue
            if lead.go:
                yield from self._from(self.catalogue.nodes[lead.go], now, here)
                continue
            yield lead.diag or "", here, now
            for page in filter(None, {answer.page, lead.page}):
                yield page, here, now


@functools.lru_cache(maxsize=2)
def _kept(version: str, walk: _Walk) -> Ways:
    return walk.run()


def ways(catalogue: Catalogue) -> Ways:
    return _kept(catalogue.version, _Walk(catalogue))


def audiences_of(catalogue: Catalogue, target: str) -> frozenset[str]:
    return frozenset(way.audience for way in ways(catalogue).get(target, ()))


def best_way(
    catalogue: Catalogue, target: str, *, audience: str, facts: frozenset[str], alike: Likeness, first: str = ""
) -> dict[str, tuple[str, ...]]:
    """The answers to give, node by node; none when nobody of this audience is led there.

    `first` is the answer to the first question, when the person gave it and it can lead there.
    """
    choice = _Choice(catalogue, target, facts, alike, frozenset(catalogue.speech.language["heavy"]))
    fitting = [way for way in ways(catalogue).get(target, ()) if way.audience == audience]
    if not fitting:
        return {}
    said = [way for way in fitting if way.steps[:1] == ((catalogue.start, first),)]
    _, _, steps = min(choice.weighed(way) for way in said or fitting)
    return {node: _with_facts(catalogue.nodes[node], answer, audience, facts) for node, answer in steps}


@dataclass(frozen=True, slots=True)
class _Choice:
    catalogue: Catalogue
    target: str
    facts: frozenset[str]
    alike: Likeness
    heavy: frozenset[str]

    def weighed(self, way: Way) -> tuple[float, int, tuple[Step, ...]]:
        before = [self.answer(*step) for step in way.steps]
        cost = TURN * max(0, sum(bool(answer.audience) for answer in before) - 1) + sum(map(self.cost, before))
        last = [self.answer(way.last, answer) for answer in way.answers]
        best = min(last, key=self.cost)
        if len(last) > 1 and not any(fact in self.facts for fact, true in best.sets if true):
            open_cost = LEFT_OPEN + STEP - ALIKE * max(self.alike(answer.text) for answer in last)
            return cost + open_cost, len(way.steps), way.steps
        return cost + self.cost(best), len(way.steps) + 1, (*way.steps, (way.last, best.id))

    def answer(self, node: str, key: str) -> Answer:
        return next(answer for answer in self.catalogue.nodes[node].answers if answer.id == key)

    def cost(self, answer: Answer) -> float:
        """What one answer asserts that the person did not say, less what it shares with their words."""
        said = [fact for fact, true in answer.sets if true]
        confirmed = [fact for fact in said if fact in self.facts]
        fit = self.alike(answer.text)
        cost = STEP + FOREIGN * (not fit) + ALSO * len(answer.also)
        cost -= sum(HEAVY if fact in self.heavy else CONFIRMED for fact in confirmed)
        cost += sum(HEAVY if fact in self.heavy else UNSAID for fact in said if fact not in self.facts)
        if answer.go and answer.urgent and not confirmed:
            cost += URGENT
        if answer.unknown or answer.text.startswith(OTHER):
            cost += UNSURE
        if answer.text == SPECIAL[NONE_OF_THESE]:
            cost += DENIED
        if answer.page and answer.page != self.target:
            cost += PAGE
        return cost - ALIKE * fit


def _with_facts(node: Node, chosen: str, audience: str, facts: frozenset[str]) -> tuple[str, ...]:
    """On a question of several rows, those that only say what the person confirmed are ticked too, none for nothing."""
    if node.kind != MULTI:
        return (chosen,)
    rows = {answer.id: {fact for fact, _ in answer.sets} for answer in node.visible(audience)}
    ticked, said = [chosen], set(rows[chosen])
    beside = [answer for answer in node.visible(audience) if answer.sets and not answer.leads and not answer.alone]
    for answer in sorted(beside, key=lambda answer: -len(answer.sets)):
        confirmed = all(true and fact in facts for fact, true in answer.sets)
        if confirmed and not rows[answer.id] <= said:
            ticked.append(answer.id)
            said |= rows[answer.id]
    return tuple(ticked)
