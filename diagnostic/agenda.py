"""Time limits as a calendar file (RFC 5545). A calendar is often shared: its words say nothing of the matter."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from diagnostic.deadlines import UTC, Due, date_words

MEDIA_TYPE = "text/calendar; charset=utf-8"
FILE_NAME = "rappels.ics"
FAR = timedelta(days=425)
_SPACE = uuid.UUID("6b0f6f5e-2f0e-4b8e-9a53-3c1f7f0f5a11")


@dataclass(frozen=True, slots=True)
class Reminder:
    """`number`: the place of the action in the plan, the only thing that the calendar says of it."""

    key: str
    number: int
    due: Due


def reminders(owner: str, dues: Iterable[tuple[str, Due | None]], now: datetime) -> list[Reminder]:
    """Those still to come, in the order of the plan. `owner` makes the ids stable: importing twice changes nothing."""
    return [
        Reminder(str(uuid.uuid5(_SPACE, f"{owner}:{action}")), number, due)
        for number, (action, due) in enumerate(dues, start=1)
        if due and not due.past(now)
    ]


def near(found: Iterable[Reminder], now: datetime) -> list[Reminder]:
    """Without the limits that lie years ahead: nobody is helped by an alarm in six years."""
    return [each for each in found if each.due.at - now <= FAR]


def ics(found: Iterable[Reminder], now: datetime) -> bytes:
    return _calendar([line for each in found for line in _event(each, now)])


@dataclass(frozen=True, slots=True)
class Meeting:
    """An appointment: when and at which address, never with whom nor why. The same key, with a higher revision, moves
    it or cancels it in the calendar that has it (RFC 5545, 3.8.7.4)."""

    key: str
    start: datetime
    end: datetime
    place: str
    revision: int = 0
    cancelled: bool = False

    @property
    def method(self) -> str:
        return "CANCEL" if self.cancelled else "PUBLISH"

    @property
    def media_type(self) -> str:
        """RFC 5545, 8.1: the media type names the method of the file."""
        return f"{MEDIA_TYPE}; method={self.method}"


def meeting(each: Meeting, now: datetime) -> bytes:
    """RFC 5546, 3.2.1 and 3.2.5: both methods want an organizer; nobody can be written to at this one."""
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Rendez-vous"]
    alarms = [line for before in ("P1D", "PT2H") for line in (*alarm, f"TRIGGER:-{before}", "END:VALARM")]
    event = [
        "BEGIN:VEVENT",
        f"UID:{uuid.uuid5(_SPACE, each.key)}@agenda.invalid",
        f"DTSTAMP:{_utc(now)}",
        f"SEQUENCE:{each.revision}",
        "ORGANIZER:mailto:agenda@agenda.invalid",
        f"STATUS:{'CANCELLED' if each.cancelled else 'CONFIRMED'}",
        f"DTSTART:{_utc(each.start)}",
        f"DTEND:{_utc(each.end)}",
        "SUMMARY:Rendez-vous",
        f"LOCATION:{_escaped(each.place)}",
        "CLASS:PRIVATE",
        *([] if each.cancelled else alarms),
        "END:VEVENT",
    ]
    return _calendar(event, each.method)


def _calendar(events: list[str], method: str = "PUBLISH") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Agenda//FR", "CALSCALE:GREGORIAN", f"METHOD:{method}"]
    lines += [*events, "END:VCALENDAR"]
    return "".join(_folded(line) + "\r\n" for line in lines).encode()


def _event(each: Reminder, now: datetime) -> list[str]:
    said = f"{date_words(each.due, now)}. Voir votre mémo, ligne {each.number}."
    lines = [
        "BEGIN:VEVENT",
        f"UID:{each.key}@agenda.invalid",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(each.due.at - timedelta(minutes=15))}",
        f"DTEND:{_utc(each.due.at)}",
        f"SUMMARY:Rappel : démarche n° {each.number}",
        f"DESCRIPTION:{_escaped(said[0].upper() + said[1:])}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
    ]
    for before in _alarms(each.due, now):
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:Rappel : démarche n° {each.number}",
            f"TRIGGER:-PT{before}M",
            "END:VALARM",
        ]
    return [*lines, "END:VEVENT"]


def _alarms(due: Due, now: datetime) -> list[int]:
    """Minutes before: what is near rings the same day, what is far rings a week, then a day before, at 9 o'clock."""
    if due.timed:
        wanted = (24 * 60, 120)
    else:
        wanted = (7 * 1440 + 884, 1440 + 884)
    left = (due.at - now).total_seconds() / 60
    return [minutes for minutes in wanted if minutes < left] or [15]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 bytes a line, never inside a character."""
    out, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > 75:
            out, size = f"{out}\r\n ", 1
        out, size = out + char, size + width
    return out
