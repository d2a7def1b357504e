"""What other services ask of the diagnostic: the journey of this visitor, and a diagnosis saved from it."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone

from diagnostic import advice, door, engine
from diagnostic.catalogue import Catalogue
from diagnostic.deadlines import date_words, packed
from diagnostic.exceptions import JourneyIncomplete
from diagnostic.journey import Journey, catalogue_of, load
from diagnostic.models import Diagnosis
from guichet.observatory.services import count_all

__all__ = ["JourneyIncomplete", "current_journey", "report_outcome", "save_diagnosis"]

ABROAD = "abroad"
log = logging.getLogger("guichet.diagnostic")


def current_journey(request: HttpRequest) -> Journey | None:
    """The journey in this visitor's cookie; None when there is none, or when it no longer opens."""
    return load(request).journey


def save_diagnosis(*, journey: Journey, commune_code: str = "", abroad: bool = False) -> Diagnosis:
    """Replays the journey and keeps what was shown. Raises JourneyIncomplete when questions remain."""
    catalogue = catalogue_of(journey.version)
    resolution = engine.resolve(catalogue, journey.answers, known=[ABROAD] if abroad else [])
    if not resolution.complete:
        raise JourneyIncomplete
    now = timezone.now()
    plan = advice.plan(catalogue, resolution, now=now)
    doors = door.choose(catalogue, resolution, plan)
    return Diagnosis.objects.create(
        tree_version=catalogue.version,
        audience=resolution.audience,
        answers={step.node: list(step.ids) for step in resolution.path},
        path=[{"node": step.node, "question": step.question, "answers": list(step.labels)} for step in resolution.path],
        facts=sorted(resolution.facts),
        threats=list(resolution.threats),
        threat_names=[threat.name for threat in plan.threats],
        pages=list(resolution.pages),
        severity=plan.severity,
        chat_offered=plan.chat_offered,
        plan=[_action(action, now, first=action in plan.first) for action in plan.actions],
        doors=[_door(doors.first, first=True), *(_door(other, first=False) for other in doors.others)],
        commune_code=commune_code,
        abroad=abroad,
    )


def _action(action: advice.Planned, now: datetime, *, first: bool) -> dict:
    return {
        "id": action.id,
        "text": action.text,
        "who": action.who,
        "when": action.when,
        "deadline": _limit(action, now),
        "due": packed(action.due),
        "channel": action.channel.name if action.channel else "",
        "first": first,
    }


def _limit(action: advice.Planned, now: datetime) -> str:
    """Read later, by the person and by an agent: a date, not a time left."""
    if action.due is None:
        return action.deadline.text if action.deadline else ""
    kind = "délai légal" if action.due.legal else "conseillé"
    if action.due.past(now):
        return f"{kind}, déjà passé le jour du diagnostic"
    return f"{kind}\u00a0: {date_words(action.due, now)}"


def _door(found: door.Door, *, first: bool) -> dict:
    return {
        "id": found.id,
        "channel": found.channel.id,
        "title": found.title,
        "reason": found.reason,
        "first": first,
    }


def report_outcome(
    catalogue: Catalogue, resolution: engine.Resolution, *, also: Iterable[tuple[str, str]] = ()
) -> bool:
    """One count of the outcome, and of what is `also` told then, in one statement. A database that does not answer
    never hides the advice."""
    plan = advice.plan(catalogue, resolution)
    pairs = [
        ("diagnostic", plan.main.id),
        ("diagnostic-gravite", str(plan.severity)),
        ("diagnostic-public", resolution.audience),
        ("diagnostic-porte", door.choose(catalogue, resolution, plan).first.channel.id),
        *also,
    ]
    try:
        count_all(pairs)
    except DatabaseError:
        log.warning("diagnostic: outcome not counted")
        return False
    return True
