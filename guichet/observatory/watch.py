"""Surges by threat, in France and in each département: the day's count as it grows against the four weeks before.

Looked at every hour, the day and the day before: what began at a quarter to midnight is seen at midnight.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from guichet.observatory.models import Count, ThreatSurge
from guichet.observatory.surges import is_surge

EVERYWHERE = ""
WEEKS, LEARN = 28, 7
QUIET = timedelta(days=7)
NATIONAL, LOCAL = "diagnostic", "dossier-lieu"
# (threat, place): place is a département, or nothing for all of France.
Place = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    threat: str
    place: str
    observed: int
    expected: float
    day: date


def expected(before: int, days: int) -> float:
    """What a day usually has. One more than was seen: four weeks of nothing do not mean never."""
    return (before + 1) / days


def surges(day: date, counts: Mapping[Place, int], before: Mapping[Place, int], days: int) -> list[Seen]:
    """The pure rule over all places of a day, the widest gap first."""
    found = [
        Seen(threat, place, n, usual, day)
        for (threat, place), n in counts.items()
        if is_surge(n, usual := expected(before.get((threat, place), 0), days))
    ]
    return sorted(found, key=lambda seen: (-seen.observed / seen.expected, seen.threat, seen.place))


def look(*, now: datetime | None = None) -> list[Seen]:
    """Two statements. Nothing before the guichet has counted for a week: nobody knows yet what is usual."""
    today = timezone.localdate(now or timezone.now())
    yesterday = today - timedelta(days=1)
    first = Count.objects.filter(key__in=(NATIONAL, LOCAL)).order_by("day").values_list("day", flat=True).first()
    days = min(WEEKS, (yesterday - first).days) if first else 0
    if days < LEARN:
        return []
    since = yesterday - timedelta(days=days)
    per_day: dict[date, Counter[Place]] = {today: Counter(), yesterday: Counter()}
    before: Counter[Place] = Counter()
    rows = Count.objects.filter(key__in=(NATIONAL, LOCAL), day__gte=since, day__lte=today)
    for day, key, value, n in rows.values_list("day", "key", "value", "n"):
        per_day.get(day, before)[_place(key, value)] += n
    return [seen for day, counts in per_day.items() for seen in surges(day, counts, before, days)]


def _place(key: str, value: str) -> Place:
    if key == NATIONAL:
        return value, EVERYWHERE
    place, _, threat = value.partition("/")
    return threat, place


def keep(seen: Seen, *, now: datetime) -> bool:
    """Whether it is new: the same is not told again for a week, nor by two processes at once."""
    if ThreatSurge.objects.filter(threat=seen.threat, place=seen.place, raised_at__gt=now - QUIET).exists():
        return False
    try:
        with transaction.atomic():
            ThreatSurge.objects.create(
                threat=seen.threat,
                place=seen.place,
                day=seen.day,
                observed=seen.observed,
                expected=seen.expected,
                raised_at=now,
            )
    except IntegrityError:
        return False
    return True
