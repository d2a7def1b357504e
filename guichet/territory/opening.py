"""The hours at which a unit opens to the public, with who says so and when: the unit itself, else the official list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from guichet.lib.text import clean_text
from guichet.territory.enums import UNIT_TOPICS
from guichet.territory.hours import read_hours
from guichet.territory.models import Edition, Unit

OWN = "Horaires donnés par l'unité"
LISTED = "Horaires de la liste officielle du ministère de l'Intérieur, {edition}."


@dataclass(frozen=True, slots=True)
class Opening:
    """`unread`: the lines that no program reads, shown to people as they are and never turned into an appointment."""

    lines: list[str]
    unread: list[str]
    source: str


def openings(units: Iterable[Unit]) -> dict[int, Opening]:
    """By unit, those only whose hours are known. One statement."""
    listed = {edition.topic: edition.name for edition in _latest()}
    found = {}
    for unit in units:
        lines = [line.strip() for line in unit.hours_in_force.splitlines() if line.strip()]
        if lines:
            week = read_hours(unit.hours_in_force)
            found[unit.pk] = Opening(lines, list(week.unread), _source(unit, listed))
    return found


def set_own_hours(unit: Unit, text: str, *, day: date) -> bool:
    """What the unit says of itself; empty gives the list its place again. Whether anything changed."""
    text = "\n".join(filter(None, (line.strip() for line in clean_text(text).splitlines())))
    if text == unit.own_hours:
        return False
    unit.own_hours, unit.own_hours_on = text, day if text else None
    Unit.objects.filter(pk=unit.pk).update(own_hours=text, own_hours_on=unit.own_hours_on)
    return True


def _latest() -> Iterable[Edition]:
    """The oldest first, so that the last one of each list stays."""
    return Edition.objects.filter(topic__in=UNIT_TOPICS.values()).order_by("loaded_at", "id")


def _source(unit: Unit, listed: dict[str, str]) -> str:
    if unit.own_hours:
        return f"{OWN} le {date_format(unit.own_hours_on, 'j F Y')}." if unit.own_hours_on else f"{OWN}."
    name = listed.get(UNIT_TOPICS[unit.institution], "")
    return LISTED.format(edition=_edition_words(name)) if name else ""


def _edition_words(name: str) -> str:
    """« 2027-02 » is the edition of février 2027; a name of another shape is told as it is."""
    year, _, month = name.partition("-")
    if year.isdigit() and month.isdigit() and 1 <= int(month) <= 12:
        return f"édition de {date_format(date(int(year), int(month), 1), 'F Y')}"
    return f"édition {name}"
