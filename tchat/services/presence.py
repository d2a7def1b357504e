"""Which agents are there: leases in the database, so that whoever vanished is known to be gone.

A socket renews its agent's lease every tick, for a short time from the moment the agent's machine was last heard; a
page alone, without script, gives a long one. Leases are written and judged by the database's clock: those of the hosts
may differ, or jump.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Count, DateTimeField, ExpressionWrapper, F, Max, Value, When
from django.db.models.functions import Greatest, Least, Now

from guichet.audit import services as audit
from tchat import events
from tchat.models import Presence

# With the ping's gap (guichet/server.py) and a round of the tender it must stay under the fifteen seconds promised.
LEASE = timedelta(seconds=11)
PAGE_LEASE = timedelta(minutes=10)
SCRIPT_LEASE = timedelta(seconds=75)


def touch(agent_ids: set[int], *, lease: timedelta = LEASE, now: datetime | None = None) -> None:
    """One statement. The last word counts: a socket that opens shortens the long lease of its page."""
    if agent_ids:
        Presence.objects.bulk_create(
            [Presence(agent_id=agent_id, lease_until=(now or Now()) + lease) for agent_id in sorted(agent_ids)],
            update_conflicts=True,
            unique_fields=["agent"],
            update_fields=["lease_until"],
        )


def renew(leases: dict[int, timedelta], *, now: datetime | None = None) -> None:
    """Agent -> how long from now, as the sockets of one process know it. One statement. The agent's other socket,
    elsewhere, may know better: what it gave is kept; what a page gave is cut to a socket's lease."""
    if not leases:
        return
    now = Value(now) if now else Now()
    ours = Case(*(When(agent=agent, then=_after(now, lease)) for agent, lease in leases.items()))
    theirs = Least(F("lease_until"), _after(now, LEASE))
    Presence.objects.filter(agent__in=leases).update(lease_until=Greatest(theirs, ours))


def _after(moment, lease: timedelta) -> ExpressionWrapper:
    return ExpressionWrapper(moment + lease, DateTimeField())


def page_seen(agent, *, by_script: bool = False, now: datetime | None = None) -> None:
    """An agent who works without script is there as long as pages are asked for. A script that asks for the next lines
    asks again soon: even once a minute, when its page is hidden."""
    touch({agent.pk}, lease=SCRIPT_LEASE if by_script else PAGE_LEASE, now=now)


def left(agent, *, now: datetime | None = None) -> None:
    """Signed out: the lease ends now, and what the agent held goes back to the queue."""
    Presence.objects.filter(agent=agent).update(lease_until=now or Now())
    events.duty_changed(agent)


def present(agent_ids: set[int], *, now: datetime | None = None) -> set[int]:
    """Those whose lease runs, in pause or not."""
    found = Presence.objects.there(now=now).filter(agent__in=agent_ids)
    return set(found.values_list("pk", flat=True))


def is_paused(agent) -> bool:
    return Presence.objects.filter(agent=agent).exclude(paused_at=None).exists()


@transaction.atomic
def pause(*, agent, now: datetime | None = None) -> None:
    """Nothing new is given to the agent; the conversations held go on. Kept with its trace, or not at all."""
    Presence.objects.get_or_create(agent=agent, defaults={"lease_until": (now or Now()) + PAGE_LEASE})
    if Presence.objects.filter(agent=agent, paused_at=None).update(paused_at=now or Now()):
        audit.record(actor=agent.audit_name, verb="pause")
        events.duty_changed(agent)


@transaction.atomic
def resume(*, agent) -> None:
    if Presence.objects.filter(agent=agent).exclude(paused_at=None).update(paused_at=None):
        audit.record(actor=agent.audit_name, verb="reprise")
        events.duty_changed(agent)


def marks(desks: set[str], *, now: datetime | None = None) -> dict[str, tuple]:
    """How many are there and how many in pause at each desk, in short: it changes when a colleague comes or rests."""
    there = Presence.objects.there(now=now).filter(agent__desks__in=desks).order_by()
    rows = there.values("agent__desks").annotate(n=Count("pk"), paused=Count("paused_at"), last=Max("paused_at"))
    return {row["agent__desks"]: (row["n"], row["paused"], row["last"]) for row in rows if row["agent__desks"] in desks}
