"""The compiled content: plain frozen objects that a request reads and never changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from diagnostic.conditions import Condition

FACTS, MULTI, SINGLE = "facts", "multi", "single"
NONE_OF_THESE, UNKNOWN = "aucun", "inconnu"
RELATIVE, YOUNG = VOICES = ("proche", "jeune")
WHENS = ("immediat", "24h", "semaine", "prevention")

# A text cut where a phone number stands: (text, link or "").
Parts = tuple[tuple[str, str], ...]


class Told:
    """Words that change with who reads: the item itself, or its wording for a voice (« proche », « jeune »)."""

    __slots__ = ()
    voices: Mapping[str, Any]

    def said(self, voice: str) -> Self:
        return self.voices.get(voice, self)


@dataclass(frozen=True, slots=True)
class Answer:
    id: str
    text: str
    go: str | None
    diag: str | None
    facts: str | None
    page: str | None
    sets: tuple[tuple[str, bool], ...]
    audience: str | None
    urgent: tuple[str, ...]
    only: frozenset[str]
    also: tuple[str, ...]
    second: str | None
    alone: bool
    unknown: bool
    words: dict[str, str] = field(compare=False)

    def text_for(self, voice: str) -> str:
        return self.words.get(voice, self.text)

    @property
    def leads(self) -> bool:
        return bool(self.go or self.diag)


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    kind: str
    question: str
    help: str
    urgent: tuple[str, ...]
    asked: frozenset[str]
    answers: tuple[Answer, ...]
    otherwise: Answer | None
    facts: tuple[str, ...]
    remaining: int
    file: str
    asks: tuple[str, ...]
    words: dict[str, str] = field(compare=False)
    helps: dict[str, str] = field(compare=False)
    by_audience: dict[str, tuple[Answer, ...]] = field(compare=False, repr=False)

    def question_for(self, voice: str) -> str:
        return self.words.get(voice, self.question)

    def help_for(self, voice: str) -> str:
        return self.helps.get(voice, self.help)

    def visible(self, audience: str) -> tuple[Answer, ...]:
        return self.by_audience.get(audience, self.answers)


@dataclass(frozen=True, slots=True)
class Urgent(Told):
    key: str
    level: str
    title: str
    title_parts: Parts
    parts: Parts
    voices: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fact:
    key: str
    label: str
    group: str
    audiences: frozenset[str]
    words: dict[str, str] = field(compare=False)

    def label_for(self, voice: str) -> str:
        """`voice`: an audience, or one of the voices of a person, which fall back on the person's own words."""
        return self.words.get(voice) or self.words.get("particulier" if voice in VOICES else voice, self.label)


@dataclass(frozen=True, slots=True)
class Page(Told):
    key: str
    title: str
    lines: tuple[Parts, ...]
    channels: tuple[str, ...]
    voices: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Deadline:
    """`text` is what a person reads; `kind` says whether the law or good sense sets it; `source` keeps its mark.

    `alternatives`: (which limit it is, its length, whether it is worth trying once the first one has passed).
    `late`: what lateness costs, 0 is the worst (money or traces gone for good), then a right, then comfort.
    """

    within: str
    text: str
    hours: int
    kind: str
    source: str
    start: str
    iso: str
    working: bool
    late: int
    alternatives: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Action(Told):
    id: str
    text: str
    parts: Parts
    who: str
    when: str
    condition: Condition
    family: str
    first_if: Condition | None
    aside: bool
    channel: str | None
    deadline: Deadline | None
    voices: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Use:
    """One action as one threat uses it."""

    action: str
    condition: Condition
    when: str


@dataclass(frozen=True, slots=True)
class Raise:
    condition: Condition
    to: int


@dataclass(frozen=True, slots=True)
class Threat(Told):
    id: str
    name: str
    audiences: frozenset[str]
    definition: str
    signs: tuple[str, ...]
    neighbours: tuple[str, ...]
    severity: int
    raises: tuple[Raise, ...]
    lowers: tuple[Raise, ...]
    facts_to_ask: tuple[str, ...]
    channels: tuple[str, ...]
    thesee: bool
    perceval: bool
    chat: bool
    provider: bool
    thesee_form: str
    offences: tuple[str, ...]
    evidence: tuple[str, ...]
    actions: tuple[Use, ...]
    voices: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """`checked`: the date of the source that says so (year, month or day); empty when nobody ever checked."""

    id: str
    name: str
    kind: str
    purpose: str
    who: str
    hours: str
    contact: Parts
    limits: str
    source: str
    checked: str
    url: str
    tel: str
    internal: bool

    @property
    def to_verify(self) -> bool:
        return "verify" in self.source


@dataclass(frozen=True, slots=True)
class Offence:
    id: str
    article: str
    name: str
    penalty: str
    source: str

    @property
    def to_verify(self) -> bool:
        return "verify" in self.source


@dataclass(frozen=True, slots=True)
class DoorRule(Told):
    id: str
    channel: str
    first: Condition | None
    beside: Condition | None
    title: str
    reason: str
    beside_reason: str
    voices: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class UrgentRule:
    condition: Condition
    show: str


@dataclass(frozen=True, slots=True)
class Swap:
    condition: Condition
    source: str
    to: str


@dataclass(frozen=True, slots=True)
class Saying:
    condition: Condition
    text: str


@dataclass(frozen=True, slots=True)
class Now:
    """How many actions are shown first, and how many of them one family may take."""

    least: int
    most: int
    per_family: int
    money_family: int


@dataclass(frozen=True, slots=True)
class Once:
    """What is asked once, on the facts screen: when it happened, and how much was lost."""

    unless: frozenset[str]
    when_questions: dict[str, str]
    when_choices: dict[str, str]
    recent: str
    recent_hours: int
    recent_if: Condition
    amount_questions: dict[str, str]
    amount_choices: dict[str, str]
    amount_steps: dict[str, tuple[int, int | None] | None]
    lost: str
    high: str
    high_from: dict[str, int]
    small: str
    small_up_to: dict[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph of a letter, or what is sent with it."""

    condition: Condition
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    id: str
    title: str
    actions: tuple[str, ...]
    condition: Condition
    to: tuple[str, ...]
    subject: str
    how: str
    body: tuple[Part, ...]
    enclosures: tuple[Part, ...]
    source: str
    dated: str

    @property
    def to_verify(self) -> bool:
        return "verify" in self.source


@dataclass(frozen=True, slots=True)
class Speech:
    """How people speak, and what they say of each target: (cues, sentences). `needs`: without one, hardly proposed."""

    language: Mapping[str, Any]
    said: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    needs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Express:
    """A way in for what cannot wait: these answers are given, and can be changed like any other."""

    id: str
    text: str
    answers: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    version: str
    start: str
    nodes: dict[str, Node]
    threats: dict[str, Threat]
    actions: dict[str, Action]
    facts: dict[str, Fact]
    channels: dict[str, Channel]
    offences: dict[str, Offence]
    evidence: dict[str, str]
    pages: dict[str, Page]
    urgent: dict[str, Urgent]
    urgent_order: dict[str, int]
    urgent_rules: tuple[UrgentRule, ...]
    swaps: tuple[Swap, ...]
    adds: tuple[Swap, ...]
    closure: dict[str, frozenset[str]]
    calm_any: frozenset[str]
    calm_beside: frozenset[str]
    facts_visible: int
    money_facts: frozenset[str]
    once: Once | None
    doors: tuple[DoorRule, ...]
    kinds: dict[str, frozenset[str]]
    everywhere: tuple[Use, ...]
    now: Now
    forgiving: tuple[Saying, ...]
    families: dict[str, int]
    audience_labels: dict[str, str]
    when_labels: dict[str, str]
    severity_names: dict[int, str]
    severity_meanings: dict[int, str]
    letters: dict[str, Letter]
    speech: Speech
    express: tuple[Express, ...] = ()

    def notices(self, keys: Iterable[str], voice: str) -> list[Urgent]:
        """Urgent messages in the words of who reads."""
        return [self.urgent[key].said(voice) for key in keys]
