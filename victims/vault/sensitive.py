"""Where images of minors may come: the dossiers concerned, what is said there, and what goes to quarantine."""

import datetime
from typing import Annotated

import yaml
from pydantic import AfterValidator, Field

from diagnostic import content
from diagnostic.conditions import parse
from victims.complaint_form import CONTENT, Key, Spec, Text
from victims.diagnosed import scene_of
from victims.vault.filetypes import SOUND, TEXT, FileType


def _condition(text: str) -> str:
    parse(text)
    return text


class Step(Spec):
    text: Annotated[str, Field(min_length=1, max_length=200)]
    label: str = ""
    link: str = ""


class Sensitive(Spec):
    checked_on: datetime.date
    source: Text
    verify: bool
    threats: dict[Key, Annotated[str, AfterValidator(_condition)]]
    title_fr: Text
    why_fr: Text
    steps_fr: tuple[Step, ...]
    kept_fr: Text
    procedure_fr: Text


SENSITIVE = Sensitive.model_validate(yaml.safe_load((CONTENT / "vault.yaml").read_text(encoding="utf-8")))


def unknown_threats() -> set[str]:
    return set(SENSITIVE.threats) - set(content.published().threats)


def is_sensitive(diagnosis) -> bool:
    """One threat of this dossier may bring images of minors."""
    found = [SENSITIVE.threats[key] for key in diagnosis.threats if key in SENSITIVE.threats]
    scene = scene_of(diagnosis) if found else None
    return any(parse(condition).holds(scene) for condition in found)


def goes_to_quarantine(diagnosis, file_type: FileType) -> bool:
    """All that can hold an image. Words alone and a recorded voice cannot."""
    return file_type.family not in (TEXT, SOUND) and is_sensitive(diagnosis)
