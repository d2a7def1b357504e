"""Where one stands in the queue, and how long it may take: told honestly, or « unknown »."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from tchat.models import Conversation

WINDOW = timedelta(hours=2)
ENOUGH = 5


@dataclass(frozen=True)
class Place:
    """`position` counts from 1; `minutes` is None when too few were taken lately to know."""

    position: int
    minutes: int | None


def place_of(*, conversation: Conversation, now: datetime | None = None) -> Place:
    """Two statements: who is before, and the pace at which this desk took conversations in the last two hours."""
    now = now or timezone.now()
    before = Q(rank_at__lt=conversation.rank_at) | Q(rank_at=conversation.rank_at, pk__lt=conversation.pk)
    position = 1 + Conversation.objects.live().filter(before, desk_id=conversation.desk_id).count()
    return Place(position, _minutes_at(_pace(conversation.desk_id, now), position))


def places_at(*, desks: set[str], now: datetime | None = None) -> dict[uuid.UUID, Place]:
    """Everybody's place at these desks: one statement for the order, one per desk for its pace."""
    now = now or timezone.now()
    paces = {desk: _pace(desk, now) for desk in desks}
    positions: Counter[str] = Counter()
    found = {}
    waiting = Conversation.objects.live().filter(desk_id__in=desks).in_queue_order()
    for conversation_id, desk in waiting.values_list("pk", "desk_id"):
        positions[desk] += 1
        found[conversation_id] = Place(positions[desk], _minutes_at(paces[desk], positions[desk]))
    return found


def _minutes_at(pace: float | None, position: int) -> int | None:
    return None if pace is None else max(1, round(position * pace / 60))


def _pace(desk: str, now: datetime) -> float | None:
    """Seconds between two takings at this desk, lately; None when too few were taken to know."""
    taken = list(
        Conversation.objects.filter(desk_id=desk, taken_at__gt=now - WINDOW)
        .order_by("-taken_at")
        .values_list("taken_at", flat=True)[:20]
    )
    return (now - taken[-1]).total_seconds() / len(taken) if len(taken) >= ENOUGH else None
