"""Letters ready to send: the words are content (`content/letters/*.yaml`), filled with what the person answered.

What is not known stays visible as « [à compléter : …] ». A letter keeps its legal source and its mark « verify ».
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from diagnostic import schema
from diagnostic.catalogue import Catalogue, Letter, Part
from diagnostic.conditions import Scene, parse
from diagnostic.exceptions import Problem
from diagnostic.moments import PARIS, Amount, Moment, day_words, euros, hour_words
from diagnostic.schema import typographic

BLANK = "[à compléter\u00a0: {}]"
_FIELD = re.compile(r"\{([^{}]*)\}")
# What a text may ask for: what is known from the answers, then what only the person knows.
KNOWN = ("date_faits", "heure_faits", "montant", "date_du_jour")


class PartSpec(schema.Spec):
    condition: schema.Text = Field("always", alias="if")
    text: Annotated[schema.Words, Field(max_length=900)]


class LetterSpec(schema.Spec):
    title_fr: schema.Words
    actions: tuple[schema.Key, ...] = Field(min_length=1)
    condition: schema.Text = Field("always", alias="if")
    rank: int = 0
    to_fr: tuple[schema.Words, ...] = Field(min_length=1)
    subject_fr: schema.Words
    how_fr: schema.Words
    body: tuple[PartSpec, ...] = Field(min_length=2)
    enclosures: tuple[PartSpec, ...] = ()
    source: schema.Text
    dated: Annotated[str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$")]


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as read, copied, printed or sent. A paragraph is plain text."""

    id: str
    title: str
    how: str
    sender: tuple[str, ...]
    to: tuple[str, ...]
    place_and_date: str
    subject: str
    body: tuple[str, ...]
    enclosures: tuple[str, ...]

    @property
    def text(self) -> str:
        parts = ["\n".join(self.sender), "\n".join(self.to), self.place_and_date, f"Objet\u00a0: {self.subject}"]
        parts += self.body
        parts.append(self.sender[0])
        if self.enclosures:
            parts.append("Pièces jointes\u00a0:\n" + "\n".join(f"- {each}" for each in self.enclosures))
        return "\n\n".join(parts) + "\n"


def letter_of(key: str, spec: LetterSpec) -> Letter:
    return Letter(
        id=key,
        title=spec.title_fr,
        actions=spec.actions,
        condition=parse(spec.condition),
        to=spec.to_fr,
        subject=spec.subject_fr,
        how=spec.how_fr,
        body=tuple(Part(parse(part.condition), part.text) for part in spec.body),
        enclosures=tuple(Part(parse(part.condition), part.text) for part in spec.enclosures),
        source=spec.source,
        dated=spec.dated,
    )


def problems(catalogue: Catalogue) -> list[Problem]:
    """A letter that names an action or a fact that does not exist."""
    facts = {*catalogue.facts, *([catalogue.once.small] if catalogue.once else [])}
    found = []
    for letter in catalogue.letters.values():
        conditions = [letter.condition, *(part.condition for part in (*letter.body, *letter.enclosures))]
        unknown = sorted({fact for each in conditions for fact in each.facts} - facts)
        gone = [action for action in letter.actions if action not in catalogue.actions]
        found += [Problem("letters", letter.id, f"le fait « {name} » n'existe pas") for name in unknown]
        found += [Problem("letters", letter.id, f"le geste « {name} » n'existe pas") for name in gone]
    return found


def for_actions(catalogue: Catalogue, scene: Scene) -> dict[str, str]:
    """Action -> the letter that does it, for these facts; the first that fits, in the order of the content."""
    found: dict[str, str] = {}
    for letter in catalogue.letters.values():
        if letter.condition.holds(scene):
            for action in letter.actions:
                found.setdefault(action, letter.id)
    return found


def write(letter: Letter, scene: Scene, *, moment: Moment | None, amount: Amount | None, now: datetime) -> Written:
    known = _known(moment, amount, now)

    def fill(text: str) -> str:
        return _FIELD.sub(lambda field: known.get(field[1]) or BLANK.format(_asked(field[1])), text)

    def those(parts: tuple[Part, ...]) -> tuple[str, ...]:
        return tuple(fill(part.text) for part in parts if part.condition.holds(scene))

    who = "vos nom et prénom" if scene.audience == "particulier" else "nom de l'organisation et du représentant"
    sender = tuple(BLANK.format(typographic(each)) for each in (who, "votre adresse", "votre téléphone ou e-mail"))
    place = f"{BLANK.format('la ville')}, le {day_words(now.astimezone(PARIS))}"
    to = tuple(fill(line) for line in letter.to)
    return Written(
        letter.id, letter.title, letter.how, sender, to, place, fill(letter.subject), those(letter.body),
        those(letter.enclosures),
    )  # fmt: skip


def _asked(name: str) -> str:
    return {
        "date_faits": "la date",
        "heure_faits": "l’heure",
        "montant": "le montant",
    }.get(name, name)


def _known(moment: Moment | None, amount: Amount | None, now: datetime) -> dict[str, str]:
    known = {"date_du_jour": day_words(now.astimezone(PARIS))}
    if moment and moment.told and moment.start:
        known["date_faits"] = day_words(moment.start)
        if moment.timed:
            known["heure_faits"] = hour_words(moment.start)
    elif moment and moment.choice == "aujourdhui" and moment.asked:
        known["date_faits"] = day_words(moment.asked)
    if amount and amount.exact and amount.least:
        known["montant"] = euros(amount.least)
    return known
