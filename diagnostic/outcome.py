"""The end of this visitor's journey: the plan as of now, for the result page and all that is taken away from it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from diagnostic import advice, door, engine
from diagnostic.advice import Plan
from diagnostic.catalogue import Catalogue
from diagnostic.door import Doors
from diagnostic.engine import Resolution
from diagnostic.journey import Journey, Loaded, load


@dataclass(frozen=True, slots=True)
class Outcome:
    catalogue: Catalogue
    journey: Journey
    resolution: Resolution
    plan: Plan
    doors: Doors
    now: datetime


def outcome_of(request: HttpRequest) -> Outcome | None:
    """None when there is no journey, or when questions remain."""
    loaded: Loaded = load(request)
    if loaded.journey is None:
        return None
    catalogue = loaded.catalogue
    resolution = engine.resolve(catalogue, loaded.journey.answers)
    if not resolution.complete:
        return None
    now = timezone.now()
    plan = advice.plan(catalogue, resolution, now=now)
    return Outcome(catalogue, loaded.journey, resolution, plan, door.choose(catalogue, resolution, plan), now)
