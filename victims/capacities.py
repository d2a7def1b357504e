"""Who complains, and in what capacity: the closed list of `victims/content/capacities.yaml`, told before it begins."""

import datetime
from typing import Annotated

import yaml
from pydantic import AfterValidator

from diagnostic.conditions import Scene
from diagnostic.schema import typographic
from victims.complaint_form import CONTENT, Conditional, Key, Spec, Text

BLOCK = "capacity"
PIECE, UNIT = "piece", "unite"
SELF = "victime"
CHOOSE = "Dites à quel titre vous portez plainte."
WHOM = "Dites qui vous représentez : nom, prénoms et date de naissance."
Words = Annotated[str, AfterValidator(typographic)]


class Proof(Spec):
    """The document that shows the right to act; `at_unit`: it may also be shown there, later."""

    name_fr: Text
    at_unit: bool


class Capacity(Conditional):
    id: Key
    label_fr: Text
    says_fr: Text
    represented: bool = False
    proof: Proof | None = None
    source: Text

    @property
    def told(self) -> str:
        """What is wanted, said before it is asked."""
        if self.proof is None:
            return ""
        where = "à joindre, ou à montrer à l’unité" if self.proof.at_unit else "à joindre à la plainte"
        return f"{self.proof.name_fr} : {where}."


class Capacities(Spec):
    source: Text
    checked_on: datetime.date
    verify: bool
    capacities: tuple[Capacity, ...]


CAPACITIES = Capacities.model_validate(yaml.safe_load((CONTENT / "capacities.yaml").read_text(encoding="utf-8")))


def open_to(scene: Scene) -> list[Capacity]:
    return [each for each in CAPACITIES.capacities if each.holds(scene)]


def capacity_of(scene: Scene, chosen: str) -> Capacity | None:
    """The one chosen, where this situation allows it."""
    return next((each for each in open_to(scene) if each.id == chosen), None)
