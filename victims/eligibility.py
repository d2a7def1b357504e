"""Where a complaint can be made, told before it begins: data of `victims/content/eligibility.yaml`.

Each way says its conditions one by one: met, missing, or left for the person to check. What the answers already say is
never asked again, and nothing that they do not say is guessed.
"""

import datetime
import hashlib
from dataclasses import dataclass

import yaml

from diagnostic.conditions import Scene, parse
from victims.complaint_form import CONTENT, Conditional, Key, Spec, Text

NEVER = "not always"
MET, MISSING, TO_CHECK = "remplie", "manque", "a-verifier"
SAID = {MET: "Oui", MISSING: "Non", TO_CHECK: "À vérifier"}
OPEN, CLOSED = "Possible", "Pas possible ici"


class Mode(Spec):
    label_fr: Text
    threats: tuple[Key, ...]


class Requirement(Spec):
    text_fr: Text
    mode: bool = False
    met_if: str = NEVER
    missing_if: str = NEVER

    def model_post_init(self, context) -> None:
        object.__setattr__(self, "_read", (parse(self.met_if), parse(self.missing_if)))

    def answer(self, scene: Scene) -> str:
        yes, no = object.__getattribute__(self, "_read")
        return MISSING if no.holds(scene) else MET if yes.holds(scene) else TO_CHECK


class Also(Conditional):
    text_fr: Text
    source: Text


class Way(Conditional):
    id: Key
    title_fr: Text
    text_fr: Text
    source: Text
    report: bool = False
    conditions: tuple[Requirement, ...]
    also: tuple[Also, ...] = ()


class Confirmation(Conditional):
    """What a person must say of themselves before the complaint begins."""

    id: Key
    text_fr: Text
    error_fr: Text


class Rules(Spec):
    source: Text
    checked_on: datetime.date
    verify: bool
    thesee_modes: tuple[Mode, ...]
    stolen_things: frozenset[Key]
    ways: tuple[Way, ...]
    confirmations: tuple[Confirmation, ...]


RULES = Rules.model_validate(yaml.safe_load((CONTENT / "eligibility.yaml").read_text(encoding="utf-8")))
MODE_OF = {threat: mode.label_fr for mode in RULES.thesee_modes for threat in mode.threats}


@dataclass(frozen=True)
class Told:
    """One way as it is shown: what holds, what is missing, what is left to check."""

    id: str
    title: str
    text: str
    source: str
    conditions: tuple[tuple[str, str], ...]
    also: tuple[Also, ...]
    report: bool
    closed: bool

    @property
    def verdict(self) -> str:
        return "" if not self.conditions else CLOSED if self.closed else OPEN


@dataclass(frozen=True)
class Eligibility:
    ways: tuple[Told, ...]
    confirmations: tuple[Confirmation, ...]

    @property
    def report_first(self) -> bool:
        """Without a parent, the victim may report but not complain: the report is offered before anything else."""
        return any(way.report for way in self.ways)

    @property
    def digest(self) -> str:
        """Of what was shown: kept with the complaint, so that what was told that day can be shown again."""
        shown = [(way.title, way.text, way.conditions, [each.text_fr for each in way.also]) for way in self.ways]
        return hashlib.sha256(repr(shown).encode()).hexdigest()

    def record(self) -> dict:
        """What is kept of it."""
        return {
            "digest": self.digest,
            "ways": {way.id: way.verdict for way in self.ways},
            "confirmed": [each.text_fr for each in self.confirmations],
        }


def facts_of_threats(threats) -> set[str]:
    """The facts that the threats give: the main one decides."""
    main = next(iter(threats), "")
    found = {"thesee_mode"} if main in MODE_OF else set()
    return found | ({"stolen_thing"} if main in RULES.stolen_things else set())


def read_eligibility(scene: Scene, *, main_threat: str) -> Eligibility:
    ways = tuple(_told(way, scene, MODE_OF.get(main_threat, "")) for way in RULES.ways if way.holds(scene))
    return Eligibility(ways, tuple(each for each in RULES.confirmations if each.holds(scene)))


def _told(way: Way, scene: Scene, mode: str) -> Told:
    answers = [(each, each.answer(scene)) for each in way.conditions]
    return Told(
        id=way.id,
        title=way.title_fr,
        text=way.text_fr,
        source=way.source,
        conditions=tuple(
            (f"{each.text_fr} {mode}." if each.mode else each.text_fr, SAID[said]) for each, said in answers
        ),
        also=tuple(each for each in way.also if each.holds(scene)),
        report=way.report,
        closed=any(said == MISSING for _, said in answers),
    )
