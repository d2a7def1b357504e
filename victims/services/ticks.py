"""What the victim has done of the plan: ticked by her alone, seen by the agent who may read the dossier."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from victims.models import Dossier, Tick


def done(dossier: Dossier) -> dict[str, datetime]:
    """Action -> when it was ticked, the oldest first. To read: only `keep` and `start` write."""
    return dict(dossier.ticks.values_list("action", "done_at"))


@transaction.atomic
def keep(*, dossier: Dossier, shown: Iterable[str], ticked: Iterable[str], now: datetime | None = None) -> None:
    """Of the actions that the page showed, those that are done. What it did not show is left as it was."""
    shown = {action["id"] for action in dossier.diagnosis.plan} & set(shown)
    wanted, now = shown & set(ticked), now or timezone.now()
    dossier.ticks.filter(action__in=shown - wanted).delete()
    # Two pages may tick the same box at once: the second changes nothing.
    Tick.objects.bulk_create(
        [Tick(dossier=dossier, action=action, done_at=now) for action in sorted(wanted)], ignore_conflicts=True
    )
    Dossier.objects.filter(pk=dossier.pk).update(touched_at=now)


def start(*, dossier: Dossier, ticked: Iterable[str], now: datetime | None = None) -> None:
    """What was ticked before the dossier was opened comes with it."""
    ticked = set(ticked)
    if ticked:
        keep(dossier=dossier, shown=ticked, ticked=ticked, now=now)
