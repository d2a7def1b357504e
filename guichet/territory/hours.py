"""Opening hours, read from the words of a list or of a unit. What cannot be read stays words: nothing is guessed.

A line is one day, or several in a row (« Lundi au vendredi »), a colon, then spans: « 8h00-12h00 14h00-18h00 »,
« 09:00 à 12:00 », « 24h/24 », « fermé ». Pure functions.
"""

import re
from dataclasses import dataclass

from guichet.lib.text import fold

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
HOLIDAYS = 7
DAY_END = 24 * 60
EVERY_DAY = {"tous les jours", "7j 7", "7 j 7", "7 jours sur 7"}
HOLIDAY_NAMES = {"jours feries", "jour ferie", "feries"}
CLOSED = {"ferme", "fermee"}
ROUND_THE_CLOCK = re.compile(r"24 ?h? ?(/|sur) ?24 ?h?", re.I)
_HOUR = r"(\d{1,2})\s*(?:[h:]\s*(\d{2})?)"
SPAN = re.compile(rf"{_HOUR}\s*(?:-|–|—|à|a)\s*{_HOUR}", re.I)
BETWEEN = re.compile(r"[\s,;/.]*(?:et|puis)?[\s,;/.]*", re.I)
FROM_TO = re.compile(r"(?:du )?(\w+) (?:au|a) (\w+)")


@dataclass(frozen=True, slots=True)
class Week:
    """Spans in minutes of the day, by day: 0 is Monday, 6 Sunday, 7 a public holiday. `unread`: lines kept as words."""

    days: dict[int, tuple[tuple[int, int], ...]]
    unread: tuple[str, ...]

    def spans(self, day: int) -> tuple[tuple[int, int], ...]:
        return self.days.get(day, ())


def read_hours(text: str) -> Week:
    """A day that two lines tell differently is told by neither."""
    days: dict[int, tuple] = {}
    lines: dict[int, str] = {}
    unread: list[str] = []
    for line in filter(None, (each.strip() for each in text.splitlines())):
        name, _, told = line.partition(":")
        named, spans = _days(name), _spans(told)
        if not named or spans is None:
            unread.append(line)
            continue
        for day in named:
            if day in lines and days.get(day, spans) != spans:
                days.pop(day, None)
                unread += [each for each in (lines[day], line) if each not in unread]
            elif day not in lines:
                days[day] = spans
                lines[day] = line
    return Week(days, tuple(unread))


def _days(name: str) -> list[int]:
    words = fold(name)
    if words in HOLIDAY_NAMES:
        return [HOLIDAYS]
    if words in EVERY_DAY:
        return list(range(7))
    if words in DAYS:
        return [DAYS.index(words)]
    found = FROM_TO.fullmatch(words)
    if found and found[1] in DAYS and found[2] in DAYS:
        first, last = DAYS.index(found[1]), DAYS.index(found[2])
        return list(range(first, last + 1)) if first < last else []
    return []


def _spans(told: str) -> tuple[tuple[int, int], ...] | None:
    """None when one character of it is not understood."""
    told = told.strip().rstrip(".")
    if fold(told) in CLOSED:
        return ()
    if ROUND_THE_CLOCK.fullmatch(told):
        return ((0, DAY_END),)
    spans, at = [], 0
    while at < len(told):
        found = SPAN.match(told, at)
        begin, end = (_minutes(found[1], found[2]), _minutes(found[3], found[4])) if found else (None, None)
        if begin is None or end is None or begin >= end or (spans and begin < spans[-1][1]):
            return None
        spans.append((begin, end))
        at = BETWEEN.match(told, found.end()).end()
    return tuple(spans) or None


def _minutes(hour: str, minute: str | None) -> int | None:
    total = int(hour) * 60 + int(minute or 0)
    return total if int(minute or 0) < 60 and total <= DAY_END else None
