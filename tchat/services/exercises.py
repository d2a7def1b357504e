"""Desks for exercises: each real desk may have a twin, with a queue, a pace and agents of its own.

So an exercise takes no place before a real victim, moves nothing in the waits told to them, and is shown only to the
agents who train. The same code routes, claims, overflows and transfers in both.
"""

from dataclasses import replace

from django.db import transaction

from guichet.lib.exercise import WORD
from tchat.dispatch import Overflow
from tchat.models import Conversation, Desk

PREFIX = "ex-"


def twin_of(desk: Desk) -> Desk:
    """The desk that stands for this one in exercises, made when it is first asked for."""
    twin, _ = Desk.objects.get_or_create(
        stands_for=desk,
        defaults={
            "slug": f"{PREFIX}{desk.pk}"[:20],
            "name": f"{WORD} : {desk.name}"[:80],
            "kind": desk.kind,
            "institution": desk.institution,
            "capacity": desk.capacity,
            "assignment": desk.assignment,
        },
    )
    return twin


def real_desks() -> dict[str, str]:
    """Twin → the desk that it stands for."""
    return dict(Desk.objects.exclude(stands_for=None).values_list("pk", "stands_for_id"))


def twin_step(step: Overflow) -> Overflow:
    """The same overflow between twins."""
    target = twin_of(Desk.objects.get(pk=step.target)).pk if step.target else ""
    return replace(step, desk=twin_of(Desk.objects.get(pk=step.desk)).pk, target=target)


@transaction.atomic
def remove_desks() -> int:
    """Every twin that no conversation stands at any more: call it once the dossiers of the exercise are gone."""
    twins, held = Desk.objects.exclude(stands_for=None), Conversation.objects.exclude(desk__stands_for=None)
    unused = twins.exclude(pk__in=held.values("desk")).exclude(pk__in=held.values("first_desk"))
    removed = unused.count()
    unused.delete()
    return removed
