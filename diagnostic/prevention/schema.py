"""The shape of the prevention files. Strict, like the rest of the content: an unknown key is a fault."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from diagnostic.schema import Key, Spec, Words, typographic

Body = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=6000),
    AfterValidator(typographic),
]
Edition = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]
# A gesture of the kit: its name, then how.
Gesture = tuple[Words, Words]


class SheetSpec(Spec):
    how: Words
    avoid: tuple[Words, ...] = Field(min_length=2, max_length=6)
    know: Body


class FamilySpec(Spec):
    title: Words
    sheets: dict[Key, SheetSpec] = Field(min_length=1)


class PairSpec(Spec):
    ask: Words
    answers: tuple[Words, Words]


class PracticeSpec(Spec):
    title: Words
    summary: Words
    threats: tuple[Key, ...] = Field(min_length=1)
    body: Body
    avoid: tuple[Words, ...] = Field(min_length=2, max_length=6)


class ThemeSpec(Spec):
    title: Words
    lead: Words
    do: tuple[Gesture, ...] = Field(min_length=4, max_length=8)
    avoid: tuple[Words, ...] = Field(min_length=2, max_length=5)
    trouble: tuple[Words, ...] = Field(min_length=2, max_length=5)
    sheet: Key


class CaseSpec(Spec):
    title: Words
    facts: dict[Key, Words] = Field(min_length=1)


class SettingsSpec(Spec):
    edition: Edition
    families: tuple[Key, ...] = Field(min_length=1)
    practices: tuple[Key, ...] = Field(min_length=1)
    cases: dict[Key, CaseSpec] = Field(min_length=1)
    synonyms: dict[Key, tuple[Words, ...]]
