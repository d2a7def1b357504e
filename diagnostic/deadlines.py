"""By when: a time limit counted from when it happened, in Paris time, summer time included. Pure functions.

Hours run through nights and Sundays (a 72-hour limit is not moved by a holiday). Days, weeks, months and years end at
the last minute of their last day; the day it happened does not count. Working days skip week-ends and public holidays.
Where only a period is known, the earliest day is taken: a limit is never told too late.
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from diagnostic.catalogue import Deadline
from diagnostic.moments import PARIS, Moment, day_words, hour_words

UTC = ZoneInfo("UTC")
FROM_FACTS = frozenset({"facts", "debit", "payment", "publication"})
KNOWLEDGE = "knowledge"
LEGAL = "legal"
LATE = "le délai est passé\u00a0: faites-le quand même, et dites-le"
LATE_ADVICE = "le mieux était plus tôt\u00a0: faites-le quand même"
SHORT = timedelta(days=7)
ALSACE_MOSELLE = frozenset({"57", "67", "68"})
END_OF_SLAVERY = {
    "971": (5, 27),
    "972": (5, 22),
    "973": (6, 10),
    "974": (12, 20),
    "976": (4, 27),
    "977": (10, 9),
    "978": (5, 27),
}


@dataclass(frozen=True, slots=True)
class Due:
    """The end of one time limit. `timed`: the hour counts; `legal`: the law sets it; `about`: which limit it is."""

    at: datetime
    legal: bool
    timed: bool
    about: str = ""

    def past(self, now: datetime) -> bool:
        return now >= self.at


def due_of(deadline: Deadline | None, moment: Moment | None, *, audience: str, now: datetime) -> Due | None:
    """When this limit ends; None when nothing says when it began.

    A limit that has passed gives way to the first of its alternatives that still runs, when both have the same start.
    """
    if deadline is None:
        return None
    start = _start(deadline.start, moment, audience)
    if start is None:
        return None
    legal = deadline.kind == LEGAL
    found = Due(end_of(deadline.iso, start, working=deadline.working), legal, deadline.iso.startswith("PT"))
    if not found.past(now):
        return found
    for about, iso, try_after in deadline.alternatives:
        other = Due(end_of(iso, start), legal, iso.startswith("PT"), about)
        if try_after and not other.past(now):
            return other
    return found


def _start(key: str, moment: Moment | None, audience: str) -> datetime | None:
    """Organisations are asked when they found out; a person who asks for help has just found out."""
    if moment is None:
        return None
    if key == KNOWLEDGE and audience == "particulier":
        return moment.asked
    if key == KNOWLEDGE or key in FROM_FACTS:
        return moment.start
    return None


def end_of(iso: str, start: datetime, *, working: bool = False) -> datetime:
    """The last moment of « PT72H », « P30D », « P8W », « P13M » or « P1Y » from this start."""
    count, unit = int(iso[:-1].lstrip("PT")), iso[-1]
    if unit == "H":
        return (start.astimezone(UTC) + timedelta(hours=count)).astimezone(PARIS)
    first = start.astimezone(PARIS).date()
    if unit in "DW":
        last = _working(first, count) if working else first + timedelta(days=count * (7 if unit == "W" else 1))
    else:
        last = _months(first, count * (12 if unit == "Y" else 1))
    return datetime.combine(last, time(23, 59), PARIS)


def _months(day: date, count: int) -> date:
    """The same day of a later month, or that month's last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_before(day: date, count: int) -> date:
    return _months(day, -count)


def _working(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5 and day not in holidays(day.year)
    return day


def holidays(year: int, departement: str = "") -> frozenset[date]:
    """The public holidays of France (Code du travail, L3133-1), and those of one département where it has its own.

    Its own: 26 December and Good Friday in Bas-Rhin, Haut-Rhin and Moselle (L3134-13, which says Good Friday only
    where there is a Protestant church: here everywhere); the end of slavery overseas (L3422-2, as read on 2019-05-21).
    Those of the Pacific and of Saint-Pierre-et-Miquelon are not known.
    """
    easter = _easter(year)
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    gaps = [1, 39, 50]
    if departement in ALSACE_MOSELLE:
        fixed.append((12, 26))
        gaps.append(-2)
    elif departement in END_OF_SLAVERY:
        fixed.append(END_OF_SLAVERY[departement])
    return frozenset({date(year, *each) for each in fixed} | {easter + timedelta(days=gap) for gap in gaps})


def _easter(year: int) -> date:
    """Gauss, as corrected for the Gregorian calendar."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + weekday - 7 * ((a + 11 * h + 22 * weekday) // 451) + 114, 31)
    return date(year, month, day + 1)


# --- words --------------------------------------------------------------------------------------------
def left(until: datetime, now: datetime) -> str:
    """« 46 heures », « 12 jours », « 13 mois ». Rounded down; empty when nothing is left."""
    seconds = int((until - now).total_seconds())
    if seconds <= 0:
        return ""
    if seconds < 3600:
        return _several(max(1, seconds // 60), "minute")
    if seconds < 73 * 3600:
        return _several(seconds // 3600, "heure")
    days = seconds // 86400
    if days < 62:
        return _several(days, "jour")
    months = int(days / 30.44)
    return f"{months} mois" if months < 24 else _several(months // 12, "an")


def _several(count: int, unit: str) -> str:
    return f"{count}\u00a0{unit}{'s' if count > 1 else ''}"


def date_words(due: Due, now: datetime) -> str:
    """« avant le jeudi 27 novembre à 14 h 30 », « au plus tard le vendredi 25 décembre 2027 »."""
    at = due.at.astimezone(PARIS)
    day = day_words(at, year=at.year != now.astimezone(PARIS).year)
    return f"avant le {day} à {hour_words(at)}" if due.timed else f"au plus tard le {day}"


def left_words(due: Due, now: datetime) -> str:
    """Never a negative time: past is said, with what to do."""
    if due.past(now):
        return LATE if due.legal else LATE_ADVICE
    return f"il reste {left(due.at, now)}"


def words(due: Due, now: datetime) -> str:
    if due.past(now):
        return left_words(due, now)
    return f"{date_words(due, now)}\u00a0: {left_words(due, now)}"


# --- kept with a diagnosis ----------------------------------------------------------------------------
def packed(due: Due | None) -> dict | None:
    return due and {
        "at": due.at.astimezone(UTC).isoformat(),
        "legal": due.legal,
        "timed": due.timed,
        "about": due.about,
    }


def unpacked(kept: dict | None) -> Due | None:
    if not kept:
        return None
    at = datetime.fromisoformat(kept["at"]).astimezone(PARIS)
    return Due(at, legal=kept["legal"], timed=kept["timed"], about=kept["about"])
