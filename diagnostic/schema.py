"""The shape of the content files, one model per kind of item. Strict: an unknown key is a fault, never ignored."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]


def typographic(text: str) -> str:
    """French signs as printed: curved apostrophe, and no line break before « : ; ? ! » or inside the quotes."""
    text = text.replace("'", "’").replace("« ", "«\u00a0").replace(" »", "\u00a0»")
    return re.sub(r" ([:;?!])", "\u00a0\\1", text)


# Words a person reads; `Text` is for conditions and sources.
Words = Annotated[Text, AfterValidator(typographic)]
Note = Annotated[str, AfterValidator(typographic)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
Audience = Literal["particulier", "entreprise", "collectivite"]
# Whose words: an audience, somebody who helps a relative (« proche »), or somebody under 18 (« jeune »).
Told = Literal["proche", "jeune"]
Voice = Literal["particulier", "entreprise", "collectivite", "proche", "jeune"]
When = Literal["immediat", "24h", "semaine", "prevention"]
Level = Annotated[int, Field(ge=1, le=4)]


class Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class ExitSpec(Spec):
    """Where an answer leads: a node, or a threat and its facts screen."""

    go: Key | None = None
    diag: Key | None = None
    facts: Key | None = None
    page: Key | None = None


class AnswerSpec(ExitSpec):
    id: Annotated[str, StringConstraints(pattern=r"^a[0-9]{1,3}$")]
    t: Words
    set: dict[Key, bool | Audience] = {}
    urgent: tuple[Key, ...] = ()
    only: tuple[Audience, ...] = ()
    also: tuple[Key, ...] = ()
    as_second: Key | None = None
    alone: bool = False
    words: dict[Told, Words] = {}


class NodeSpec(Spec):
    kind: Literal["single", "multi", "facts"] = "single"
    q: Words
    help: Words | None = None
    urgent: tuple[Key, ...] = ()
    asked: tuple[Key, ...] = ()
    a: tuple[AnswerSpec, ...] = ()
    otherwise: ExitSpec | None = Field(None, alias="else")
    facts: tuple[Key, ...] = ()
    asks: tuple[Literal["quand", "somme"], ...] = ()
    words: dict[Told, Words] = {}
    helps: dict[Told, Words] = {}


class UrgentWordsSpec(Spec):
    title: Words | None = None
    text: Words | None = None


class UrgentSpec(Spec):
    level: Literal["urgent", "attention"]
    title: Words
    text: Words
    words: dict[Told, UrgentWordsSpec] = {}


class ShowSpec(Spec):
    condition: Text = Field(alias="if")
    show: Key


class SwapSpec(Spec):
    condition: Text = Field(alias="if")
    source: Key = Field(alias="from")
    to: Key


class CalmSpec(Spec):
    any: tuple[Key, ...]
    beside: tuple[Key, ...]


class SeveritySpec(Spec):
    level: Level
    name_fr: Words
    meaning_fr: Words


class WhenSpec(Spec):
    questions: dict[Audience, Words]
    choices: dict[Literal["aujourdhui", "hier", "semaine", "avant", "inconnu"], Words]
    recent: Key
    recent_hours: Annotated[int, Field(ge=1, le=240)]
    recent_if: Text


class StepSpec(Spec):
    id: Key
    t: Words
    least: Annotated[int, Field(ge=0)] | None = None
    most: Annotated[int, Field(ge=0)] | None = None


class AmountSpec(Spec):
    questions: dict[Audience, Words]
    choices: tuple[StepSpec, ...] = Field(min_length=2)
    lost: Key
    high: Key
    high_from: dict[Audience, int]
    small: Key
    small_up_to: dict[Audience, int]
    source: Text


class OnceSpec(Spec):
    """When and how much. `small` is a derived fact: conditions know it, nobody ticks it."""

    unless: tuple[Key, ...]
    when: WhenSpec
    amount: AmountSpec


class ExpressSpec(Spec):
    """A way in for what cannot wait: the answers given at once, one per question."""

    id: Key
    t: Words
    answers: dict[Key, Key] = Field(min_length=1)


class SettingsSpec(Spec):
    version: int
    start: Key
    express: tuple[ExpressSpec, ...] = ()
    urgent_messages: dict[Key, UrgentSpec]
    urgent_rules: tuple[ShowSpec, ...]
    swaps: tuple[SwapSpec, ...]
    adds: tuple[SwapSpec, ...] = ()
    fact_implies: dict[Key, tuple[Key, ...]]
    calm: CalmSpec
    facts_visible: Annotated[int, Field(ge=3, le=30)]
    money_facts: tuple[Key, ...]
    once: OnceSpec | None = None
    audiences: dict[Audience, Words]
    when_labels: dict[When, Words]
    families: tuple[Key, ...]
    deadline_from: dict[Key, Words]
    severity_scale: tuple[SeveritySpec, ...]
    numbers: dict[str, Annotated[str, StringConstraints(pattern=r"^(tel|sms):\+?[0-9]+$")]]
    who_labels: dict[str, Words]
    who_words: dict[Told, dict[str, Words]] = {}
    notes: dict[Key, str] = {}


class PageWordsSpec(Spec):
    title: Words | None = None
    lines: tuple[Words, ...] = ()


class PageSpec(Spec):
    title: Words
    lines: tuple[Words, ...] = Field(min_length=1)
    channels: tuple[Key, ...] = ()
    words: dict[Told, PageWordsSpec] = {}


class FactSpec(Spec):
    label_fr: Words
    group: Key
    audiences: tuple[Audience, ...] = Field(min_length=1)
    words: dict[Voice, Words] = {}
    use_fr: str = ""


class AlternativeSpec(Spec):
    label_fr: Words
    iso: Annotated[str, AfterValidator(lambda iso: _known_length(iso))]
    hours: int | None = None
    days: int | None = None
    try_after: bool = False


def _known_length(iso: str) -> str:
    if not iso.startswith("P") or iso[-1] not in "HDWMY" or not iso[:-1].lstrip("PT").isdigit():
        raise ValueError("durée attendue : PT72H, P30D, P8W, P13M ou P1Y")
    return iso


class DeadlineSpec(Spec):
    iso: Annotated[str, AfterValidator(_known_length)]
    start: Key = Field(alias="from")
    kind: Literal["legal", "practical"]
    source: Text
    hours: int | None = None
    days: int | None = None
    working: bool = False
    late: Literal["perdu", "droit", "utile"] = "utile"
    alternatives: tuple[AlternativeSpec, ...] = ()


class ActionSpec(Spec):
    text_fr: Words
    by_fr: Text
    when: When
    condition: Text = Field(alias="if")
    family: Key | None = None
    first_if: Text | None = None
    aside: bool = False
    channel: Key | None = None
    deadline: DeadlineSpec | None = None
    words: dict[Told, Words] = {}


class UseSpec(Spec):
    """How one threat uses an action: the condition or the time that differs from the action's own."""

    condition: Text | None = Field(None, alias="if")
    when: When | None = None


class RaiseSpec(Spec):
    condition: Text = Field(alias="if")
    to: Level


class ThreatWordsSpec(Spec):
    name_fr: Words | None = None
    definition_fr: Words | None = None


class ThreatSpec(Spec):
    name_fr: Words
    audiences: tuple[Audience, ...] = Field(min_length=1)
    definition_fr: Words
    signs_fr: tuple[Words, ...] = Field(min_length=1)
    neighbours: tuple[Key, ...] = ()
    severity: Level
    raises: tuple[RaiseSpec, ...] = ()
    lowers: tuple[RaiseSpec, ...] = ()
    facts_to_ask: tuple[Key, ...]
    channels: tuple[Key, ...]
    thesee: bool
    perceval: bool
    chat: bool
    provider: bool
    thesee_form_fr: Words | None = None
    offences: tuple[Key, ...]
    evidence: tuple[Key, ...]
    actions: tuple[Key | dict[Key, UseSpec], ...]
    words: dict[Told, ThreatWordsSpec] = {}


class ChannelSpec(Spec):
    name_fr: Words
    kind: Key
    purpose_fr: Words
    who_fr: Note
    hours_fr: Note
    contact: Note
    limits_fr: Note
    source: Text
    dated: Text
    checked: Annotated[str, Field(pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")] = ""
    url: Annotated[str, StringConstraints(pattern=r"^https://[^\s\"'<>]+$")] = ""
    tel: Annotated[str, StringConstraints(pattern=r"^(tel|sms):\+?[0-9]+$")] = ""
    internal: bool = False


class OffenceSpec(Spec):
    article: Text
    infraction_fr: Words
    peine_max_fr: Words
    source: Text


class DoorWordsSpec(Spec):
    title_fr: Words | None = None
    reason_fr: Words | None = None
    beside_fr: Words | None = None


class DoorSpec(Spec):
    id: Key
    channel: Key
    first: Text | None = None
    beside: Text | None = None
    title_fr: Words | None = None
    reason_fr: Words
    beside_fr: Words | None = None
    words: dict[Told, DoorWordsSpec] = {}


class DoorsSpec(Spec):
    kinds: dict[Key, tuple[Key, ...]]
    doors: tuple[DoorSpec, ...]


class NowSpec(Spec):
    least: int
    most: int
    per_family: int
    money_family: int


class SayingSpec(Spec):
    condition: Text = Field(alias="if")
    text: Words


class PlanSpec(Spec):
    everywhere: tuple[Key | dict[Key, UseSpec], ...]
    now: NowSpec
    forgiving: tuple[SayingSpec, ...] = Field(min_length=1)


class ExpectSpec(Spec):
    """What a recorded journey must lead to. What is not written is not checked."""

    threat: Key
    also: tuple[Key, ...] | None = None
    audience: Audience | None = None
    severity: Level | None = None
    chat: bool | None = None
    calm: bool | None = None
    door: Key | None = None
    first: tuple[Key, ...] | None = None
    has: tuple[Key, ...] = ()
    hasnt: tuple[Key, ...] = ()
    urgent: tuple[Key, ...] | None = None
    pages: tuple[Key, ...] | None = None


class JourneySpec(Spec):
    """A journey a gendarme can read: node -> the answers' ids with the words they had when it was recorded."""

    title: Words
    answers: dict[Key, dict[Key, Words]]
    expect: ExpectSpec
