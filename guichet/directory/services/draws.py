"""Who may help, drawn by the published rule, kept so that anybody may replay it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from guichet.directory import drawing
from guichet.directory.enums import Mode
from guichet.directory.models import AUDIENCES, Draw, Provider
from guichet.directory.rulebook import RULE, VETTING, Rule
from guichet.territory.models import Commune


@dataclass(frozen=True)
class Asked:
    """What is asked for. `held`: requests that each provider already has, told by the floor that knows them."""

    threat: str
    audience: str
    mode: str
    commune: Commune | None
    held: Mapping[int, int]

    @property
    def skill(self) -> str:
        return VETTING.skill_of(self.threat)

    @property
    def departement(self) -> str:
        return self.commune.departement if self.commune else ""


def eligible(asked: Asked) -> list[Provider]:
    """Listed, able, for this audience, near or remote, with room for one more. Three statements."""
    if asked.audience not in AUDIENCES:
        return []
    found = Provider.objects.listed().for_audience(asked.audience).skilled_in(asked.skill)
    found = found.helping(asked.mode, asked.departement).select_related("commune").prefetch_related("skills", "zones")
    return [each for each in found.order_by("pk") if asked.held.get(each.pk, 0) < each.capacity]


def points(provider: Provider, asked: Asked, *, today, rule: Rule = RULE) -> dict[str, int]:
    level = next(skill.level for skill in provider.skills.all() if skill.kind == asked.skill)
    labelled = asked.audience in rule.label_audiences and provider.has_label(today)
    return {
        "skill": rule.skill_levels[level],
        "distance": _distance(provider, asked, rule),
        "answer": drawing.answer_points(
            provider.answer_minutes,
            full=rule.answer.full_minutes,
            zero=rule.answer.zero_minutes,
            newcomer=rule.answer.newcomer,
        ),
        "label": 100 if labelled else 0,
        "base": 100,
    }


def _distance(provider: Provider, asked: Asked, rule: Rule) -> int:
    comes = provider.on_site and any(zone.departement == asked.departement for zone in provider.zones.all())
    if asked.mode == Mode.REMOTE or not comes:
        return rule.distance.remote
    known = asked.commune and asked.commune.lat is not None and asked.commune.lng is not None and provider.place
    km = drawing.kilometres(provider.place, (asked.commune.lat, asked.commune.lng)) if known else None
    return drawing.distance_points(km, zero_km=rule.distance.zero_km, unknown=rule.distance.unknown)


@transaction.atomic
def draw(*, asked: Asked, seed: str, now: datetime | None = None) -> Draw:
    """Everyone who may help, in the order drawn. The digest covers all that a replay reads."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    lines = []
    for provider in eligible(asked):
        given = points(provider, asked, today=today)
        lines.append({"provider": provider.pk, "points": given, "weight": drawing.weight(given, RULE.weights)})
    made = Draw(
        seed=seed,
        asked={
            "threat": asked.threat,
            "skill": asked.skill,
            "audience": asked.audience,
            "mode": str(asked.mode),
            "departement": asked.departement,
        },
        rule={"version": RULE.version, "weights": dict(RULE.weights), "shown": RULE.shown},
        eligible=lines,
        order=drawing.order(seed, {line["provider"]: line["weight"] for line in lines}),
        made_at=now,
    )
    made.sha256 = digest(made)
    made.save(force_insert=True)
    return made


def digest(made: Draw) -> str:
    content = [made.seed, made.asked, made.rule, made.eligible, made.order]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def replay(made: Draw) -> list[int]:
    """The order again, from what was kept alone: points, weights of that day, seed."""
    weights = {line["provider"]: drawing.weight(line["points"], made.rule["weights"]) for line in made.eligible}
    return drawing.order(made.seed, weights)


def is_intact(made: Draw) -> bool:
    same_weights = all(line["weight"] == drawing.weight(line["points"], made.rule["weights"]) for line in made.eligible)
    return same_weights and replay(made) == made.order and digest(made) == made.sha256


def forget(*, life: timedelta, now: datetime | None = None) -> int:
    """Draws that nothing points at any more and whose time is over."""
    now = now or timezone.now()
    gone, _ = Draw.objects.filter(made_at__lt=now - life, shortlist=None).delete()
    return gone
