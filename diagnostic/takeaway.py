"""What a person takes away: the plan as a sheet, and a link that carries a journey to another device, once.

The link holds a random token and nothing else. The journey waits in the cache, sealed with a key made from the token:
the cache alone cannot read it, and it forgets it by itself. The first use ends it. See docs/decisions/0006.
"""

import hashlib
import secrets

from django.core.cache import cache

from diagnostic.deadlines import date_words, left_words
from diagnostic.journey import Journey, packed, unpacked
from diagnostic.outcome import Outcome
from diagnostic.presentation import plain
from guichet.lib import crypto

DEVICE_LIFE = 10 * 60
MAIL_LIFE = 24 * 3600
BOUND = "takeaway"


def keep(journey: Journey, *, life: int) -> str:
    """The token of a new link."""
    token = secrets.token_urlsafe(24)
    cache.set(_name(token), crypto.seal(_key(token), packed(journey), bound=BOUND), timeout=life)
    return token


def waits(token: str) -> bool:
    return cache.get(_name(token)) is not None and cache.get(_used(token)) is None


def take(token: str) -> Journey | None:
    """The journey, to the first who asks; None when the link was used, is too old or never was."""
    blob = cache.get(_name(token))
    if blob is None or not cache.add(_used(token), 1, timeout=MAIL_LIFE):
        return None
    cache.delete(_name(token))
    try:
        return unpacked(crypto.unseal(_key(token), blob, bound=BOUND))
    except crypto.CannotOpen:
        return None


def _key(token: str) -> bytes:
    return hashlib.sha256(f"guichet:{BOUND}:{token}".encode()).digest()


def _name(token: str) -> str:
    return f"{BOUND}:{crypto.fingerprint(BOUND, token)[:40]}"


def _used(token: str) -> str:
    return _name(token) + ":used"


# --- the sheet ----------------------------------------------------------------------------------------
def sheet(outcome: Outcome) -> dict:
    """The whole plan for paper and for a file: nothing folded, nothing dropped."""
    plan, now, done = outcome.plan, outcome.now, set(outcome.journey.done)

    def gesture(action) -> dict:
        who = [action.who] if action.who else []
        channel = action.channel
        reach = [f"{channel.name}\u00a0: {plain(channel.contact)}"] if channel and channel.contact else []
        return {
            "text": action.text,
            "limit": _limit(action, now),
            "note": " · ".join([*who, *reach]),
            "done": action.id in done,
        }

    groups = [{"title": "À faire maintenant", "gestures": [gesture(action) for action in plan.first]}]
    groups += [{"title": fold.label, "gestures": [gesture(action) for action in fold.actions]} for fold in plan.folds]
    doors = (outcome.doors.first, *outcome.doors.others)
    urgent = outcome.catalogue.notices(outcome.resolution.urgent, outcome.resolution.voice)
    return {
        "title": plan.pages[0].title if plan.calm and plan.pages else plan.main.name,
        "kind": plan.forgiving,
        "urgent": [{"title": each.title, "text": plain(each.parts)} for each in urgent],
        "groups": [group for group in groups if group["gestures"]],
        "evidence": list(plan.evidence),
        "doors": [_door(door) for door in doors],
        "voices": [
            f"{channel.name}\u00a0: {plain(channel.contact)}" + (f" ({channel.hours})" if channel.hours else "")
            for channel in plan.channels
            if channel.tel
        ],
        "answers": [{"label": step.question, "value": ", ".join(step.labels)} for step in outcome.resolution.path],
    }


def _limit(action, now) -> str:
    if action.due is None:
        if action.deadline is None:
            return ""
        return (
            "Délai légal\u00a0: " if action.deadline.kind == "legal" else "Conseillé\u00a0: "
        ) + action.deadline.text
    kind = "Délai légal" if action.due.legal else "Conseillé"
    if action.due.past(now):
        return f"{kind}\u00a0: {left_words(action.due, now)}"
    return f"{kind}\u00a0: {date_words(action.due, now)}"


def _door(door) -> dict:
    return {"title": door.title, "reason": door.reason, "contact": plain(door.channel.contact)}
