"""When it happened and how much: asked once, on the facts screen; facts about time and amount are derived from it.

An answer is a tuple of words, like the others: the choice, then what was typed (`j2026-11-20T14:30`, `n1250`), then the
moment it was asked (`a2026-11-25T15:41`), since « today » means nothing later. Hours are those of Paris.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WHEN, AMOUNT = "quand", "somme"
ONCE = (WHEN, AMOUNT)
PARIS = ZoneInfo("Europe/Paris")
TODAY, RECENTLY, WEEK, BEFORE, DATED, UNKNOWN_WHEN = "aujourdhui", "hier", "semaine", "avant", "date", "inconnu"
EXACT = "nombre"
MOST = 999_999_999
# How many days back each choice may reach: the earliest day counts, so that no time limit is told too late.
_BACK = {TODAY: 0, RECENTLY: 2, WEEK: 7}
_TYPED = re.compile(r"j(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}))?")
_MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin"]
_MONTHS += ["juillet", "août", "septembre", "octobre", "novembre", "décembre"]
_DAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]


@dataclass(frozen=True, slots=True)
class Moment:
    """`start` is the earliest moment that fits the answer; None when nothing is known. `told`: a day was given."""

    choice: str
    start: datetime | None
    timed: bool
    told: bool
    asked: datetime | None

    def within(self, hours: int) -> bool:
        if self.choice in (TODAY, RECENTLY):
            return True
        if self.start is None or self.asked is None or not self.told:
            return False
        # A day without its hour may have been at its very end.
        start = self.start if self.timed else self.start + timedelta(days=1)
        return self.asked - start <= timedelta(hours=hours)

    @property
    def long_ago(self) -> bool:
        """More than a week: what could be caught back has gone; how grave it is no longer rests on haste."""
        known = self.start is not None and self.asked is not None and self.told
        return self.choice == BEFORE or (known and not self.within(_BACK[WEEK] * 24))


@dataclass(frozen=True, slots=True)
class Amount:
    """In euros. `exact` when a number was typed; `most` is None above the last step."""

    least: int
    most: int | None
    exact: bool

    def above(self, threshold: int) -> bool:
        """A step that begins at the threshold is above it; an exact sum must be greater."""
        return self.least > threshold if self.exact else self.least >= threshold


def when_ids(choice: str, day: date | None, hour: time | None, asked: datetime) -> tuple[str, ...]:
    """The answer as kept. A typed day counts more than the choice; an hour alone goes with today."""
    at = f"a{asked.astimezone(PARIS):%Y-%m-%dT%H:%M}"
    if day is None and hour is not None and choice in ("", TODAY):
        day = asked.astimezone(PARIS).date()
    if day is not None:
        return DATED, f"j{day:%Y-%m-%d}" + (f"T{hour:%H:%M}" if hour else ""), at
    return (choice, at) if choice else ()


def read_when(ids: tuple[str, ...]) -> Moment | None:
    if not ids:
        return None
    choice, asked = ids[0], _asked(ids)
    if choice == DATED:
        return _dated(ids, asked)
    if choice in _BACK:
        start = None
        if asked:
            day = asked.date() - timedelta(days=_BACK[choice])
            start = datetime.combine(day, time(), PARIS)
        return Moment(choice, start, timed=False, told=False, asked=asked)
    if choice in (BEFORE, UNKNOWN_WHEN):
        return Moment(choice, None, timed=False, told=False, asked=asked)
    return None


def _dated(ids: tuple[str, ...], asked: datetime | None) -> Moment | None:
    typed = next((found for word in ids if (found := _TYPED.fullmatch(word))), None)
    if typed is None:
        return None
    try:
        start = datetime.fromisoformat(f"{typed[1]}T{typed[2] or '00:00'}").replace(tzinfo=PARIS)
    except ValueError:
        return None
    return Moment(DATED, start, timed=bool(typed[2]), told=True, asked=asked)


def _asked(ids: tuple[str, ...]) -> datetime | None:
    for word in ids:
        if word.startswith("a20"):
            try:
                return datetime.fromisoformat(word[1:]).replace(tzinfo=PARIS)
            except ValueError:
                return None
    return None


def day_words(moment: date, *, year: bool = True) -> str:
    """« jeudi 27 novembre 2026 »."""
    first = "1er" if moment.day == 1 else str(moment.day)
    return f"{_DAYS[moment.weekday()]} {first} {_MONTHS[moment.month - 1]}" + (f" {moment.year}" if year else "")


def hour_words(moment: datetime) -> str:
    return f"{moment.hour}\u00a0h\u00a0{moment.minute:02d}"


def when_words(moment: Moment, choices: dict[str, str]) -> str:
    """The answer as it will still be understood next month."""
    if moment.told and moment.start:
        said = f"Le {day_words(moment.start)}"
        return f"{said} à {hour_words(moment.start)}" if moment.timed else said
    said = choices.get(moment.choice, "")
    if moment.asked and moment.choice != UNKNOWN_WHEN:
        return f"{said} (dit le {day_words(moment.asked)})"
    return said


def amount_ids(choice: str, exact: int | None) -> tuple[str, ...]:
    if exact is not None:
        return EXACT, f"n{exact}"
    return (choice,) if choice else ()


def read_amount(ids: tuple[str, ...], steps: dict[str, tuple[int, int | None] | None]) -> Amount | None:
    """None when the amount is not known. `steps`: id -> (least, most), or None for « je ne sais pas »."""
    if not ids:
        return None
    if ids[0] == EXACT:
        typed = next((word[1:] for word in ids[1:] if word[:1] == "n" and word[1:].isdecimal() and word.isascii()), "")
        return Amount(int(typed), int(typed), exact=True) if typed and len(typed) <= len(str(MOST)) else None
    step = steps.get(ids[0])
    return Amount(step[0], step[1], exact=False) if step else None


def amount_words(amount: Amount | None, ids: tuple[str, ...], choices: dict[str, str]) -> str:
    return euros(amount.least) if amount and amount.exact else choices.get(ids[0], "")


def euros(amount: int) -> str:
    return f"{amount:,}".replace(",", "\u202f") + "\u00a0€"
