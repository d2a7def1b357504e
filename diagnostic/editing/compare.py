"""What changed between two contents, in words: what is new, what is gone, what reads otherwise. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from diagnostic.content import Document
from diagnostic.editing.items import FIELDS, SECTIONS, title_of

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SIGNS = {ADDED: "+", REMOVED: "−", CHANGED: "≠"}
WORDS = {ADDED: "ajouté", REMOVED: "retiré", CHANGED: "changé"}


@dataclass(frozen=True, slots=True)
class Line:
    """One text before and after; empty when there was none."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    section: str
    key: str
    kind: str
    title: str
    lines: tuple[Line, ...]

    @property
    def sign(self) -> str:
        return SIGNS[self.kind]

    @property
    def words(self) -> str:
        return WORDS[self.kind]

    @property
    def section_name(self) -> str:
        return SECTIONS.get(self.section, self.section)


def compare(before: Document, after: Document) -> list[Difference]:
    return [difference for section in after.data for difference in _section(section, before, after)]


def _section(section: str, before: Document, after: Document) -> Iterator[Difference]:
    old, new = before.data.get(section, {}), after.data[section]
    for key in [*new, *(key for key in old if key not in new)]:
        if key not in old:
            yield Difference(section, key, ADDED, title_of(section, key, new[key]), _lines({}, _flat(new[key])))
        elif key not in new:
            yield Difference(section, key, REMOVED, title_of(section, key, old[key]), _lines(_flat(old[key]), {}))
        elif lines := _lines(_flat(old[key]), _flat(new[key])):
            yield Difference(section, key, CHANGED, title_of(section, key, new[key]), lines)
        elif list(_flat(old[key])) != list(_flat(new[key])):
            line = Line("Ordre", _order(old[key]), _order(new[key]))
            yield Difference(section, key, CHANGED, title_of(section, key, new[key]), (line,))
    shared = [key for key in new if key in old]
    if shared != [key for key in old if key in new]:
        yield Difference(section, "", CHANGED, "Ordre des éléments", (Line("Ordre", "", ", ".join(shared[:20])),))


def _lines(old: dict[str, str], new: dict[str, str]) -> tuple[Line, ...]:
    return tuple(
        Line(name, old.get(name, ""), new.get(name, ""))
        for name in [*new, *(name for name in old if name not in new)]
        if old.get(name, "") != new.get(name, "")
    )


def _order(value: Any) -> str:
    answers = value.get("a", []) if isinstance(value, dict) else []
    return ", ".join(str(answer.get("id", "?")) for answer in answers if isinstance(answer, dict)) or "autre ordre"


def _flat(value: Any, name: str = "") -> dict[str, str]:
    """Field in words -> its text. A row with an id keeps it whatever its place; a plain list is one text."""
    if isinstance(value, dict):
        found: dict[str, str] = {}
        for key, inner in value.items():
            label = FIELDS.get(key, key)
            found |= _flat(inner, f"{name}, {label}" if name else label)
        return found
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        found = {}
        for rank, each in enumerate(value, 1):
            own = each.get("id", rank) if isinstance(each, dict) else each
            if isinstance(each, dict):
                own_value = {key: inner for key, inner in each.items() if key != "id"}
                found |= _flat(own_value, f"{name} {own}")
            else:
                found[f"{name} {rank}"] = str(each)
        return found
    return {name or "Texte": said(value)}


def said(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(said(each) for each in value)
    return "" if value is None else str(value)
