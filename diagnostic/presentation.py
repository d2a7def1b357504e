"""A plan as the result page shows it: what each component partial takes, nothing decided here."""

from typing import Any

from diagnostic.advice import Fold, Plan, Planned
from diagnostic.catalogue import Channel, Parts
from diagnostic.door import Door, Doors
from diagnostic.engine import Resolution

SOON = 72
TIMES = {"immediat": "Tout de suite", "24h": "Dans les 24 heures", "semaine": "Cette semaine", "prevention": "Ensuite"}
VOICES = ("urgence", "ecoute")


def result_context(resolution: Resolution, plan: Plan, doors: Doors) -> dict[str, Any]:
    return {
        "plan": plan,
        "todos": [_todo(action) for action in plan.first],
        "folds": [_fold(fold) for fold in plan.folds],
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
        "for_other": "for_other" in resolution.facts,
    }


def _todo(action: Planned) -> dict[str, Any]:
    return {"parts": action.parts, "who": action.who, "deadline": _badge(action), "note": _how(action)}


def _badge(action: Planned) -> dict[str, str]:
    """« Dans l'heure » when the clock runs in hours, else the time the plan gives it."""
    if action.deadline and action.deadline.hours <= SOON:
        within = action.deadline.within
        label, state = within[0].upper() + within[1:], "now" if action.deadline.hours <= 24 else ""
        return {"label": label, "text": label, "state": state}
    return {"label": TIMES[action.when], "text": TIMES[action.when], "state": ""}


def _fold(fold: Fold) -> dict[str, Any]:
    count = len(fold.actions)
    return {
        "title": fold.label,
        "note": f"{count} geste{'s' if count > 1 else ''}",
        "items": [{"parts": a.parts, "who": a.who, "note": _limit(a) or _how(a)} for a in fold.actions],
    }


def _limit(action: Planned) -> str:
    if action.deadline is None:
        return ""
    return ("délai légal\u00a0: " if action.deadline.kind == "legal" else "de préférence ") + action.deadline.text


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
    return _plain(channel.contact)


def _plain(parts: Parts) -> str:
    return "".join(words for words, _ in parts)


def _door(door: Door) -> dict[str, Any]:
    channel = door.channel
    return {
        "href": channel.tel if channel.kind in VOICES else channel.url,
        "outside": bool(channel.url) and channel.kind not in VOICES,
        "title": door.title,
        "text": door.reason,
    }


def _voice(channel: Channel) -> dict[str, str]:
    number, _, name = channel.name.partition(" – ")
    return {"tel": channel.tel, "number": number, "who": name or channel.purpose, "hours": channel.hours}


def _helper(channel: Channel) -> dict[str, Any]:
    separator: Parts = (("\u00a0: ", ""),) if channel.contact else ()
    return {"parts": ((channel.name, ""), *separator, *channel.contact), "note": channel.hours}
