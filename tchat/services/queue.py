"""Where one stands in the queue, and how long it may take: told honestly, or « unknown »."""

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
    before = Q(severity__gt=conversation.severity) | Q(
        severity=conversation.severity, created_at__lt=conversation.created_at
    )
    position = 1 + Conversation.objects.waiting().filter(before, desk_id=conversation.desk_id).count()
    return Place(position, _minutes(conversation.desk_id, position, now))


def _minutes(desk: str, position: int, now: datetime) -> int | None:
    taken = list(
        Conversation.objects.filter(desk_id=desk, taken_at__gt=now - WINDOW)
        .order_by("-taken_at")
        .values_list("taken_at", flat=True)[:20]
    )
    if len(taken) < ENOUGH:
        return None
    pace = (now - taken[-1]) / len(taken)
    return max(1, round(position * pace.total_seconds() / 60))
