"""Which agents are there: leases in the database, so that whoever vanished is known to be gone.

A socket renews its agent's lease every tick for a short time; a page alone, without script, gives a long one.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from guichet.audit import services as audit
from tchat.models import Presence

LEASE = timedelta(seconds=12)
PAGE_LEASE = timedelta(minutes=10)


def touch(agent_ids: set[int], *, lease: timedelta = LEASE, now: datetime | None = None) -> None:
    """One statement. The last word counts: a socket that opens shortens the long lease of its page."""
    until = (now or timezone.now()) + lease
    if agent_ids:
        Presence.objects.bulk_create(
            [Presence(agent_id=agent_id, lease_until=until) for agent_id in sorted(agent_ids)],
            update_conflicts=True,
            unique_fields=["agent"],
            update_fields=["lease_until"],
        )


def page_seen(agent, *, now: datetime | None = None) -> None:
    """An agent who works without script is there as long as pages are asked for."""
    touch({agent.pk}, lease=PAGE_LEASE, now=now)


def left(agent, *, now: datetime | None = None) -> None:
    """Signed out: the lease ends now, and what the agent held goes back to the queue."""
    Presence.objects.filter(agent=agent).update(lease_until=now or timezone.now())


def present(agent_ids: set[int], *, now: datetime | None = None) -> set[int]:
    """Those whose lease runs, in pause or not."""
    found = Presence.objects.filter(agent__in=agent_ids, lease_until__gt=now or timezone.now())
    return set(found.values_list("pk", flat=True))


def is_paused(agent) -> bool:
    return Presence.objects.filter(agent=agent).exclude(paused_at=None).exists()


def pause(*, agent, now: datetime | None = None) -> None:
    """Nothing new is given to the agent; the conversations held go on."""
    now = now or timezone.now()
    Presence.objects.get_or_create(agent=agent, defaults={"lease_until": now + PAGE_LEASE})
    if Presence.objects.filter(agent=agent, paused_at=None).update(paused_at=now):
        audit.record(actor=agent.audit_name, verb="pause")


def resume(*, agent) -> None:
    if Presence.objects.filter(agent=agent).exclude(paused_at=None).update(paused_at=None):
        audit.record(actor=agent.audit_name, verb="reprise")
