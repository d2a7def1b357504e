"""A plan as the result page shows it: what each component partial takes, nothing decided here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from diagnostic.advice import Fold, Plan, Planned
from diagnostic.catalogue import RELATIVE, YOUNG, Channel, Parts
from diagnostic.deadlines import Due, date_words, left_words, unpacked
from diagnostic.door import Door, Doors
from diagnostic.engine import Resolution
from diagnostic.phones import Linker

SOON = 72
NO_LETTER: Mapping[str, str] = {}
TIMES = {"immediat": "Tout de suite", "24h": "Dans les 24 heures", "semaine": "Cette semaine", "prevention": "Ensuite"}
VOICES = ("urgence", "ecoute")


def result_context(
    resolution: Resolution,
    plan: Plan,
    doors: Doors,
    *,
    now: datetime,
    letters: Mapping[str, str] = NO_LETTER,
    done: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """`letters`: action -> the letter that does it; `done`: the actions ticked."""

    def shown(action: Planned) -> dict[str, Any]:
        return gesture(action, now, letter=letters.get(action.id, ""), done=action.id in done)

    return {
        "plan": plan,
        "todos": [shown(action) for action in plan.first],
        "folds": [_fold(fold, [shown(action) for action in fold.actions]) for fold in plan.folds],
        "dated": any(action.due for action in plan.actions),
        "evidence": plan.evidence,
        "evidence_note": f"{len(plan.evidence)} pièces",
        "offences": [{"text": f"{o.name} ({o.article})\u00a0: {o.penalty}."} for o in plan.offences],
        "door": _door(doors.first),
        "door_kind": doors.first.channel.kind,
        "other_doors": [_door(other) for other in doors.others],
        "voices": [_voice(channel) for channel in plan.channels if channel.kind in VOICES and channel.tel],
        "helpers": [_helper(channel) for channel in plan.channels if channel.kind not in VOICES],
        "steps": resolution.path,
        "others": plan.threats[1:],
        "for_other": resolution.voice == RELATIVE,
        "young": resolution.voice == YOUNG,
    }


def gesture(action: Planned, now: datetime, *, letter: str, done: bool) -> dict[str, Any]:
    return {
        "id": action.id,
        "parts": action.parts,
        "who": action.who,
        "when": TIMES[action.when],
        "limit": limit_of(action.due, now) if action.due else _undated(action),
        "note": _how(action),
        "letter": letter,
        "done": done,
        "reminder": bool(action.due and not action.due.past(now)),
    }


def saved_gesture(
    action: Mapping[str, Any], now: datetime, *, letter: str, done: bool, linker: Linker
) -> dict[str, Any]:
    """The same from a saved diagnosis, in the words of that day; one saved without a date keeps its length in words."""
    due, words = unpacked(action.get("due")), action.get("deadline", "")
    undated = {"kind": "Délai", "date": words, "left": "", "until": None, "state": ""} if words else None
    return {
        "id": action["id"],
        "parts": linker.parts(action["text"]),
        "who": action["who"],
        "when": TIMES.get(action["when"], ""),
        "limit": limit_of(due, now) if due else undated,
        "note": action.get("channel", ""),
        "letter": letter,
        "done": done,
        "reminder": bool(due and not due.past(now)),
    }


def limit_of(due: Due, now: datetime) -> dict[str, Any]:
    """« Délai légal : avant le jeudi 27 novembre à 14 h 30 : il reste 46 heures »; `until` only when a clock runs."""
    past = due.past(now)
    running = not past and (due.at - now).total_seconds() < SOON * 3600
    kind = "Délai légal" if due.legal else "Conseillé"
    about = f" ({due.about})" if due.about else ""
    return {
        "kind": kind + about,
        "date": "" if past else date_words(due, now),
        "left": left_words(due, now),
        "until": due.at if running else None,
        "state": "late" if past else "now" if running else "",
    }


def _undated(action: Planned) -> dict[str, Any] | None:
    """A time limit whose start nobody told: its length in words."""
    deadline = action.deadline
    if deadline is None:
        return None
    kind = "Délai légal" if deadline.kind == "legal" else "Conseillé"
    state = "now" if deadline.hours <= 24 else ""
    return {"kind": kind, "date": deadline.text, "left": "", "until": None, "state": state}


def _fold(fold: Fold, items: list[dict[str, Any]]) -> dict[str, Any]:
    count = len(items)
    return {"title": fold.label, "note": f"{count} geste{'s' if count > 1 else ''}", "items": items}


def _how(action: Planned) -> str:
    """How to reach whom, when the text of the action does not already say it."""
    channel = action.channel
    if channel is None or not channel.contact:
        return ""
    said = [words for words, link in channel.contact if link]
    if channel.url:
        said.append(channel.url.split("/")[2].removeprefix("www."))
    if any(words in action.text for words in said):
        return ""
    return plain(channel.contact)


def plain(parts: Parts) -> str:
    return "".join(words for words, _ in parts)


def is_in_person(door: Door) -> bool:
    """A commissariat or a brigade: an hour can be chosen there."""
    return door.channel.id == "commissariat"


def _door(door: Door) -> dict[str, Any]:
    channel = door.channel
    return {
        "href": channel.tel if channel.kind in VOICES else channel.url,
        "outside": bool(channel.url) and channel.kind not in VOICES,
        "in_person": is_in_person(door),
        "title": door.title,
        "text": door.reason,
    }


def _voice(channel: Channel) -> dict[str, str]:
    number, _, name = channel.name.partition(" – ")
    return {"tel": channel.tel, "number": number, "who": name or channel.purpose, "hours": channel.hours}


def _helper(channel: Channel) -> dict[str, Any]:
    separator: Parts = (("\u00a0: ", ""),) if channel.contact else ()
    return {"parts": ((channel.name, ""), *separator, *channel.contact), "note": channel.hours}
