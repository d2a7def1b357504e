"""The blocks of a complaint and what must be read before it: data of `victims/content/`, checked when the house starts.

Which block and which field is asked is a condition over the diagnosis, in the language of the diagnostic.
"""

import datetime
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from diagnostic.conditions import Condition, Scene, parse
from diagnostic.schema import typographic

CONTENT = Path(__file__).resolve().parent / "content"
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600), AfterValidator(typographic)
]
Hint = Annotated[str, AfterValidator(typographic)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]
Kind = Literal["text", "lines", "date", "time", "amount", "email", "phone", "iban", "siren", "choice", "check"]


class Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Conditional(Spec):
    when: str = "always"

    def model_post_init(self, context) -> None:
        object.__setattr__(self, "_condition", parse(self.when))

    def holds(self, scene: Scene) -> bool:
        condition: Condition = object.__getattribute__(self, "_condition")
        return condition.holds(scene)


class Question(Conditional):
    """One field of the form."""

    id: Key
    kind: Kind
    label_fr: Text
    hint_fr: Hint = ""
    required: bool = False
    needed_with: dict[Key, tuple[Key, ...]] = {}
    max: int = Field(200, ge=10, le=10_000)
    rows: int = 4
    choices: dict[Key, Text] = {}
    closed: dict[Key, str] = {}
    autocomplete: str = "off"

    def model_post_init(self, context) -> None:
        super().model_post_init(context)
        object.__setattr__(self, "_closed", {name: parse(when) for name, when in self.closed.items()})

    def within(self, scene: Scene) -> "Question":
        """The question without the choices that this situation closes."""
        closed = {
            name for name, condition in object.__getattribute__(self, "_closed").items() if condition.holds(scene)
        }
        if not closed:
            return self
        return self.model_copy(
            update={"choices": {key: words for key, words in self.choices.items() if key not in closed}}
        )


class OneOf(Spec):
    """At least one of these fields is filled."""

    fields: tuple[Key, ...]
    message_fr: Text


class Repeat(Spec):
    """The same fields, several times: the payments."""

    id: Key
    title_fr: Text
    add_fr: Text
    max: int = Field(ge=1, le=20)
    fields: tuple[Question, ...]


class Section(Conditional):
    id: Key
    title_fr: Text
    intro_fr: Hint = ""
    in_report: bool = False
    fields: tuple[Question, ...]
    repeat: Repeat | None = None
    one_of: OneOf | None = None

    def asked(self, scene: Scene) -> list[Question]:
        return [question.within(scene) for question in self.fields if question.holds(scene)]


class Blocks(Spec):
    sections: tuple[Section, ...]
    money_facts: frozenset[Key]
    card_facts: frozenset[Key]
    required_choice_fr: Text


class Notice(Spec):
    id: Key
    text_fr: Text
    source: Text


class Truth(Spec):
    text_fr: Text
    source: Text
    checked_on: datetime.date
    verify: bool


class Notices(Spec):
    """What the law wants read first, dated, with the mark that someone must still check it."""

    source: Text
    checked_on: datetime.date
    verify: bool
    notices: tuple[Notice, ...]
    demonstration_fr: Text
    truth: Truth
    withdrawal: Truth


def _read(name: str) -> dict:
    return yaml.safe_load((CONTENT / name).read_text(encoding="utf-8"))


BLOCKS = Blocks.model_validate(_read("complaint.yaml"))
NOTICES = Notices.model_validate(_read("notices.yaml"))


def scene_of(*, facts, audience: str, severity: int, asked=()) -> Scene:
    """What conditions look at: the facts of the diagnosis, and whether money or a card comes into this threat."""
    known, possible = set(facts), set(facts) | set(asked)
    if possible & BLOCKS.money_facts:
        known.add("money")
    if possible & BLOCKS.card_facts:
        known.add("card")
    return Scene(frozenset(known), audience, severity)


def sections_for(scene: Scene) -> list[Section]:
    return [section for section in BLOCKS.sections if section.holds(scene)]
