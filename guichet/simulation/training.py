"""Who comes to an agent who trains: people whom the rules in force send to the desks that this agent answers."""

import random
from collections.abc import Collection

from django.utils import timezone

from diagnostic import advice, content, engine
from guichet.simulation.cases import Case, Crowd, Place, draw_place
from guichet.simulation.profiles import Profile
from guichet.territory.models import Commune
from tchat.dispatch import route
from tchat.services import rulebooks

TRIES = 400


class NobodyComes(Exception):
    """No scripted victim would be sent to these desks."""


def victims_for(desks: Collection[str], *, count: int, day: Profile, seed: int) -> list[tuple[Case, Place]]:
    """So many, none twice as long as there are others. Raises NobodyComes."""
    chance, crowd = random.Random(seed), Crowd(day.leans, day.severity_4_share)  # noqa: S311
    rules, communes, found = rulebooks.in_force(), set(Commune.objects.values_list("pk", flat=True)), []
    spare: list[tuple[Case, Place]] = []
    for _ in range(TRIES):
        case, place = crowd.draw_for_tchat(chance), draw_place(chance)
        if _desk_of(case, place if place.code in communes else Place("", ""), rules) not in desks:
            continue
        known = any(case.threat == each.threat for each, _ in found)
        (spare if known else found).append((case, place))
        if len(found) == count:
            return found
    if not found:
        raise NobodyComes
    return [*found, *(spare or found) * count][:count]


def _desk_of(case: Case, place: Place, rules) -> str:
    resolution = engine.resolve(content.published(), case.answers)
    return route(
        commune=place.code,
        abroad=False,
        threat=resolution.threat,
        severity=advice.plan(content.published(), resolution).severity,
        facts=frozenset(resolution.facts),
        when=timezone.now(),
        rules=rules,
    ).desk
