"""The states of a complaint and of a report: data of `victims/content/states.yaml`, checked when the house starts."""

from typing import Literal

import yaml
from pydantic import Field, model_validator

from victims.complaint_form import CONTENT, Key, Spec, Text
from victims.enums import ComplaintState, ReportState

Who = Literal["victim", "unit", "supervisor", "guichet"]


class Refused(Exception):
    """What the state, or the right of who asks, does not allow. The text is for a person."""

    TEXTS = {
        "not-filed": "Cette plainte n'est pas déposée, ou elle est retirée.",
        "not-yours": "Ce document est destiné à une autre unité.",
        "taken": "Cette plainte est déjà prise en charge.",
        "empty": "Écrivez ce que vous voulez ajouter.",
        "too-long": "Ce texte dépasse 10 000 caractères. Ajoutez-le en plusieurs fois.",
        "no-proof": "Aucun justificatif n'est à montrer à l'unité, ou il est déjà noté comme vu.",
        "has-unit": "Cette plainte a déjà son unité.",
    }

    def __init__(self, code: str, text: str = ""):
        super().__init__(code)
        self.code, self.text = code, text or self.TEXTS[code]


class State(Spec):
    told_fr: Text


class Act(Spec):
    by: tuple[Who, ...]
    before: tuple[Key, ...] = Field(alias="from")
    to: Key | None = None
    mail: bool = False


class Machine(Spec):
    states: dict[Key, State]
    acts: dict[Key, Act]
    refusals: dict[Key, Text]

    @model_validator(mode="after")
    def _closed(self):
        named = {name for act in self.acts.values() for name in (*act.before, act.to) if name}
        if named - set(self.states) or set(self.acts) != set(self.refusals):
            raise ValueError("states.yaml: an act leads nowhere, or has no refusal")
        return self

    def allows(self, act: str, state: str, who: Who) -> bool:
        return who in self.acts[act].by and state in self.acts[act].before

    def after(self, act: str, state: str, who: Who) -> str:
        """The state that follows. Raises Refused."""
        if not self.allows(act, state, who):
            raise Refused(act, self.refusals[act])
        return self.acts[act].to or state


class States(Spec):
    complaint: Machine
    report: Machine


_READ = States.model_validate(yaml.safe_load((CONTENT / "states.yaml").read_text(encoding="utf-8")))
COMPLAINT, REPORT = _READ.complaint, _READ.report
AFTER_FILING = COMPLAINT.acts["add"].before


def check() -> None:
    """Every state of the data is one of the code, and the other way round."""
    for machine, choices in ((COMPLAINT, ComplaintState), (REPORT, ReportState)):
        if set(machine.states) != set(choices.values):
            raise ValueError("states.yaml and enums.py do not name the same states")


check()
