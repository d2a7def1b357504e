"""The engine: replays all answers from the root and says where the person stands.

Nothing is stored between two calls. The walk stops at the first answer that is missing or no longer valid, so going
back, changing an answer and resuming need no code of their own. The format it follows is in `content/README.md`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from diagnostic.catalogue import FACTS, MULTI, NONE_OF_THESE, RELATIVE, UNKNOWN, YOUNG, Answer, Catalogue, Node
from diagnostic.conditions import Scene
from diagnostic.moments import AMOUNT, WHEN, Amount, Moment, amount_words, read_amount, read_when, when_words

Answers = Mapping[str, tuple[str, ...]]
NOTHING_TICKED = "Rien de coché"
SPECIAL = {NONE_OF_THESE: "Aucun de ces cas", UNKNOWN: "Je ne sais pas"}
MOST_URGENT = 3
FOR_OTHER, YOUNG_SELF, LONG_AGO = "for_other", "young_self", "long_ago"


@dataclass(frozen=True, slots=True)
class Row:
    """One line a person can choose."""

    id: str
    text: str
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One answered question, with the words the person read."""

    node: str
    question: str
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    asked_at: str = ""

    @property
    def page(self) -> str:
        """The node whose screen asks it."""
        return self.asked_at or self.node


@dataclass(frozen=True, slots=True)
class Ask:
    """When, or how much: asked at the head of a facts screen. `given` is what was answered before."""

    key: str
    label: str
    choices: tuple[tuple[str, str], ...]
    given: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Question:
    """The question to ask now. `given` is what was answered before, when it no longer holds or is being changed."""

    node: Node
    rows: tuple[Row, ...]
    folded: tuple[Row, ...]
    step: int
    at_most: int
    given: tuple[str, ...]
    text: str = ""
    help: str = ""
    asks: tuple[Ask, ...] = ()

    @property
    def is_last(self) -> bool:
        return self.node.kind == FACTS


@dataclass(frozen=True, slots=True)
class Resolution:
    audience: str
    facts: frozenset[str]
    calm: bool
    path: tuple[Step, ...]
    urgent: tuple[str, ...]
    pages: tuple[str, ...]
    question: Question | None
    threat: str | None
    secondaries: tuple[str, ...]
    derived: frozenset[str] = frozenset()
    moment: Moment | None = None
    amount: Amount | None = None
    voice: str = ""

    @property
    def complete(self) -> bool:
        return self.question is None

    @property
    def threats(self) -> tuple[str, ...]:
        return (self.threat, *self.secondaries) if self.threat else ()

    @property
    def scene_facts(self) -> frozenset[str]:
        told = self.facts | self.derived if self.derived else self.facts
        return told | {"calm"} if self.calm else told


def resolve(catalogue: Catalogue, answers: Answers, *, known: Iterable[str] = ()) -> Resolution:
    """Replays `answers` from the root. `known` are facts told elsewhere (for instance, living abroad)."""
    return _Walk(catalogue, answers, known).run()


def question_at(catalogue: Catalogue, answers: Answers, node: str) -> tuple[Resolution, Question] | None:
    """The question of a node already answered, as it was asked; None when the node is not on the path."""
    walk = _Walk(catalogue, {key: value for key, value in answers.items() if key != node}, ())
    resolution = walk.run()
    question = resolution.question
    if question is None or question.node.id != node:
        return None
    return resolution, replace(question, given=tuple(answers.get(node, ())))


def _together(keys: list[str], group: frozenset[str]) -> list[str]:
    """The same boxes, those of one group side by side from the first of them on."""
    inside = [key for key in keys if key in group]
    if len(inside) < 2:
        return keys
    first = keys.index(inside[0])
    outside = [key for key in keys if key not in group]
    return [*outside[:first], *inside, *outside[first:]]


class _Walk:
    __slots__ = (
        "amount",
        "answers",
        "asked",
        "audience",
        "catalogue",
        "derived",
        "facts",
        "moment",
        "pages",
        "path",
        "posed",
        "secondaries",
        "threat",
        "urgent",
    )

    def __init__(self, catalogue: Catalogue, answers: Answers, known: Iterable[str]):
        self.catalogue = catalogue
        self.answers = answers
        self.posed: dict[str, bool] = dict.fromkeys(known, True)
        self.facts: frozenset[str] = frozenset()
        self.audience = ""
        self.asked: set[str] = set()
        self.urgent: set[str] = set()
        self.pages: list[str] = []
        self.path: list[Step] = []
        self.threat: str | None = None
        self.secondaries: list[str] = []
        self.derived: frozenset[str] = frozenset()
        self.moment: Moment | None = None
        self.amount: Amount | None = None

    @property
    def voice(self) -> str:
        """Whose words the screens take: the audience's, those for who helps a relative, or for somebody under 18."""
        if self.audience == "particulier" and self.posed.get(YOUNG_SELF):
            return YOUNG
        return RELATIVE if self.audience == "particulier" and self.posed.get(FOR_OTHER) else self.audience

    def run(self) -> Resolution:
        node: Node | None = self.catalogue.nodes[self.catalogue.start]
        while node is not None:
            ids = self.answers.get(node.id)
            if node.kind == FACTS:
                if not self.answer_facts(node, ids):
                    return self.stop(node, ids)
                break
            chosen = self.chosen(node, ids)
            if chosen is None:
                return self.stop(node, ids)
            node = self.follow(node, self.apply(node, chosen))
        self.close()
        return self.resolution(None, ())

    # --- one answer -------------------------------------------------------------------------------
    def chosen(self, node: Node, ids: tuple[str, ...] | None) -> list[Answer] | None:
        """The answers that count, in the order of the content; None when missing or not valid here."""
        if ids is None or len(ids) > len(node.answers) or (node.kind != MULTI and len(ids) != 1):
            return None
        found = [answer for answer in node.visible(self.audience) if answer.id in ids]
        if len(found) != len(set(ids)):
            return None
        if node.kind != MULTI:
            return found
        together = [answer for answer in found if not answer.alone]
        if not found:
            together = [answer for answer in node.visible(self.audience) if answer.alone]
        self.note(node, tuple(ids), together if found and together else found)
        return together or found

    def note(self, node: Node, ids: tuple[str, ...], shown: list[Answer]) -> None:
        voice = self.voice
        labels = tuple(answer.text_for(voice) for answer in shown) or (NOTHING_TICKED,)
        self.path.append(Step(node.id, node.question_for(voice), ids, labels))

    def apply(self, node: Node, chosen: list[Answer]) -> Answer | None:
        """Poses what the chosen rows pose; returns the one that leads on."""
        if node.kind != MULTI:
            self.note(node, (chosen[0].id,), chosen)
        lead = None
        self.asked |= frozenset() if all(answer.unknown for answer in chosen) else node.asked
        for answer in chosen:
            self.posed.update(answer.sets)
            self.audience = answer.audience or self.audience
            self.urgent.update(answer.urgent)
            self.secondaries.extend(answer.also)
            if answer.page:
                self.pages.append(answer.page)
            if lead is None and answer.leads:
                lead = answer
            elif other := answer.diag or answer.second:
                self.secondaries.append(other)
        return lead or node.otherwise

    def follow(self, node: Node, lead: Answer | None) -> Node | None:
        if lead is None:
            return None
        if lead is node.otherwise and lead.page:
            self.pages.append(lead.page)
        if lead.go:
            return self.catalogue.nodes[lead.go]
        self.threat = lead.diag
        self.settle()
        return self.catalogue.nodes[lead.facts] if lead.facts else None

    # --- facts ------------------------------------------------------------------------------------
    def settle(self) -> None:
        """Facts that are true, with all they imply."""
        closure = self.catalogue.closure
        found: set[str] = set()
        for fact, true in self.posed.items():
            if true:
                found |= closure.get(fact, frozenset())
        self.facts = frozenset(found)

    def fact_keys(self, node: Node) -> tuple[list[str], list[str]]:
        """(visible, folded): the main threat's facts, then the others', then the node's own; none twice."""
        catalogue = self.catalogue
        wanted: dict[str, None] = {}
        for threat in dict.fromkeys((self.threat, *self.secondaries)):
            if threat:
                wanted.update(dict.fromkeys(catalogue.threats[threat].facts_to_ask))
        wanted.update(dict.fromkeys(node.facts))
        wanted.pop(FOR_OTHER, None)
        if node.asks and (once := catalogue.once):
            for derived in (once.recent, once.high):
                wanted.pop(derived, None)
        keys = [key for key in wanted if self.may_ask(key)]
        visible = _together(keys[: catalogue.facts_visible], catalogue.money_facts)
        if self.may_ask(FOR_OTHER):
            visible.insert(0, FOR_OTHER)
        return visible, keys[catalogue.facts_visible :]

    def may_ask(self, key: str) -> bool:
        fact = self.catalogue.facts.get(key)
        return (
            fact is not None
            and key not in self.posed
            and key not in self.facts
            and key not in self.asked
            and self.audience in fact.audiences
        )

    def answer_facts(self, node: Node, ids: tuple[str, ...] | None) -> bool:
        """A fact no longer on the screen is dropped; « aucun » and « je ne sais pas » leave all facts false."""
        visible, folded = self.fact_keys(node)
        if ids is None and (visible or folded):
            return False
        offered = [*visible, *folded]
        wanted = set(ids or ())
        given = tuple(key for key in offered if key in wanted)
        voice = self.voice
        labels = tuple(self.catalogue.facts[key].label_for(voice) for key in given)
        if not given:
            given = tuple(key for key in ids or () if key in SPECIAL)[:1]
            labels = tuple(SPECIAL[key] for key in given) or (NOTHING_TICKED,)
        self.read_once(node)
        if offered:
            self.path.append(Step(node.id, node.question_for(voice), given, labels))
        self.posed.update((key, True) for key in given if key not in SPECIAL)
        return True

    # --- when and how much -------------------------------------------------------------------------
    def asks(self, node: Node) -> tuple[Ask, ...]:
        """Not to somebody in danger, nor to who only wants advice."""
        once, audience = self.catalogue.once, self.audience
        if once is None or not node.asks or self.facts & once.unless:
            return ()
        words = {
            WHEN: (once.when_questions, once.when_choices),
            AMOUNT: (once.amount_questions, once.amount_choices),
        }
        return tuple(
            Ask(key, words[key][0][audience], tuple(words[key][1].items()), tuple(self.answers.get(key, ())))
            for key in node.asks
        )

    def read_once(self, node: Node) -> None:
        once = self.catalogue.once
        for ask in self.asks(node) if once else ():
            if ask.key == WHEN and (moment := read_when(ask.given)):
                self.moment = moment
                labels = (when_words(moment, once.when_choices),)
            elif ask.key == AMOUNT and (ask.given[:1] in [(key,) for key in once.amount_choices] or ask.given[1:]):
                self.amount = read_amount(ask.given, once.amount_steps)
                labels = (amount_words(self.amount, ask.given, once.amount_choices),)
            else:
                continue
            self.path.append(Step(ask.key, ask.label, ask.given, labels, node.id))

    def derive(self) -> None:
        """The facts that time and amount make true: a fact that nobody has to guess."""
        once, amount = self.catalogue.once, self.amount
        self.settle()
        if once is None:
            return
        if amount and amount.least > 0:
            self.posed[once.lost] = True
            if amount.above(once.high_from[self.audience]):
                self.posed[once.high] = True
            if amount.most is not None and amount.most <= once.small_up_to[self.audience]:
                self.derived = frozenset({once.small})
        self.derived |= {LONG_AGO} if self.moment and self.moment.long_ago else set()
        self.settle()
        recent = self.moment is not None and self.moment.within(once.recent_hours)
        if recent and once.recent_if.holds(Scene(self.facts, self.audience)):
            self.posed[once.recent] = True
            self.settle()

    # --- where it stops ---------------------------------------------------------------------------
    def close(self) -> None:
        self.derive()
        scene = Scene(self.facts, self.audience)
        swaps = {swap.source: swap.to for swap in self.catalogue.swaps if swap.condition.holds(scene)}
        if swaps:
            self.threat = swaps.get(self.threat or "", self.threat)
            self.secondaries = [swaps.get(threat, threat) for threat in self.secondaries]
        found = {self.threat, *self.secondaries}
        self.secondaries += [a.to for a in self.catalogue.adds if a.source in found and a.condition.holds(scene)]

    def stop(self, node: Node, ids: tuple[str, ...] | None) -> Resolution:
        self.settle()
        visible, voice = self.catalogue.facts, self.voice
        rows: tuple[Row, ...]
        folded: tuple[Row, ...] = ()
        if node.kind == FACTS:
            first, rest = self.fact_keys(node)
            rows = tuple(Row(key, visible[key].label_for(voice)) for key in first)
            folded = tuple(Row(key, visible[key].label_for(voice)) for key in rest)
        else:
            rows = tuple(
                Row(answer.id, answer.text_for(voice), answer.unknown) for answer in node.visible(self.audience)
            )
        step = len(self.path) + 1
        at_most, given = step + node.remaining - 1, tuple(ids or ())
        text, hint, asks = node.question_for(voice), node.help_for(voice), self.asks(node)
        question = Question(node, rows, folded, step, at_most, given, text, hint, asks)
        return self.resolution(question, node.urgent)

    def resolution(self, question: Question | None, here: tuple[str, ...]) -> Resolution:
        complete = question is None
        threat = self.threat if complete else None
        others = [other for other in dict.fromkeys(self.secondaries) if other != threat] if complete else []
        return Resolution(
            audience=self.audience,
            facts=self.facts,
            calm=complete and not others and self.is_calm(),
            path=tuple(self.path),
            urgent=self.urgent_now(here),
            pages=tuple(dict.fromkeys(self.pages)),
            question=question,
            threat=threat,
            secondaries=tuple(others),
            derived=self.derived,
            moment=self.moment if complete else None,
            amount=self.amount if complete else None,
            voice=self.voice,
        )

    def is_calm(self) -> bool:
        """Nothing supports a harm yet: see `calm` in the settings of the content."""
        catalogue = self.catalogue
        return bool(self.facts & catalogue.calm_any) and self.facts <= catalogue.calm_any | catalogue.calm_beside

    def urgent_now(self, here: tuple[str, ...]) -> tuple[str, ...]:
        scene = Scene(self.facts, self.audience)
        found = self.urgent | set(here)
        found.update(rule.show for rule in self.catalogue.urgent_rules if rule.condition.holds(scene))
        return tuple(sorted(found, key=self.catalogue.urgent_order.__getitem__)[:MOST_URGENT])
