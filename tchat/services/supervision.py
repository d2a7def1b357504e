"""What a supervisor sees and does at their desks: who waits, who is there, a conversation read along, one put first."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BooleanField, Count, ExpressionWrapper
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib.exercise import WORD
from guichet.territory.departements import departement_name
from tchat import events, rules
from tchat.enums import Outcome, State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Desk, Presence, ReadAlong
from tchat.models.talks import is_live
from tchat.services.conversations import locked
from tchat.services.reading import note_reading
from tchat.services.reports import DAY, period_of, report

LEASE = timedelta(seconds=20)
HEAD = timedelta(days=1)


@dataclass
class Load:
    """One desk, or one département, now."""

    name: str
    waiting: int = 0
    later: int = 0
    longest: timedelta = timedelta()
    active: int = 0
    abandoned: int = 0
    present: int = 0
    paused: int = 0
    agents: list[str] = field(default_factory=list)
    told: float | None = None
    real: float | None = None

    @property
    def minutes(self) -> int:
        return int(self.longest.total_seconds() // 60)

    @property
    def available(self) -> int:
        return self.present - self.paused

    @property
    def is_deserted(self) -> bool:
        return bool(self.waiting) and not self.available

    @property
    def load(self) -> str:
        """Conversations per agent on duty; said in words when nobody is."""
        if not self.available:
            return "personne en service" if self.active or self.waiting else ""
        return f"{self.active / self.available:.1f}".replace(".", ",")


@dataclass(frozen=True)
class Live:
    desks: list[Load]
    zones: list[Load]
    talks: list[Conversation]


def live(supervisor, *, now: datetime | None = None) -> Live:
    """Eight statements, however many conversations there are."""
    now = now or timezone.now()
    desks = list(Desk.objects.filter(agents=supervisor).order_by("slug"))
    loads = {desk.pk: Load(desk.name) for desk in desks}
    zones: dict[str, Load] = {}
    talks = list(
        Conversation.objects.open()
        .filter(desk__in=loads)
        .select_related("dossier__diagnosis", "dossier__commune", "desk", "agent")
        .annotate(waits_now=ExpressionWrapper(is_live(), BooleanField()))
        .order_by("rank_at", "pk")
    )
    held = _count_open(talks, loads, zones, now)
    _count_abandoned(loads, zones, now)
    _count_agents(loads, held)
    today = report(desks, period_of(DAY, timezone.localdate(now)))
    for load, row in zip(loads.values(), today, strict=False):
        load.told, load.real = row.told_median, row.told_real_median
    return Live(list(loads.values()), sorted(zones.values(), key=lambda zone: zone.name), talks)


def zone_of(departement: str | None) -> str:
    """« 59 Nord »."""
    return f"{departement} {departement_name(departement)}".strip() if departement else "Inconnu ou étranger"


def _count_open(talks: list[Conversation], loads: dict[str, Load], zones: dict[str, Load], now: datetime) -> Counter:
    """How many conversations each agent holds."""
    held: Counter = Counter()
    for talk in talks:
        zone = zone_of(talk.dossier.commune.departement if talk.dossier.commune else None)
        if talk.dossier.exercise:
            zone = f"{WORD} : {zone}"
        for load in (loads[talk.desk_id], zones.setdefault(zone, Load(zone))):
            if talk.state == State.ACTIVE:
                load.active += 1
            elif not talk.waits_now:
                load.later += 1
            else:
                load.waiting += 1
                load.longest = max(load.longest, now - talk.created_at)
        held[talk.agent_id] += 1
    return held


def _count_abandoned(loads: dict[str, Load], zones: dict[str, Load], now: datetime) -> None:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    left = Conversation.objects.filter(
        desk__in=loads, dossier__exercise=False, outcome=Outcome.ABANDONED, closed_at__gte=midnight
    )
    rows = left.order_by().values_list("desk_id", "dossier__commune__departement").annotate(n=Count("pk"))
    for desk, departement, count in rows:
        loads[desk].abandoned += count
        zones.setdefault(zone_of(departement), Load(zone_of(departement))).abandoned += count


def _count_agents(loads: dict[str, Load], held: Counter) -> None:
    answers: dict[int, list[str]] = defaultdict(list)
    for desk, agent in Desk.agents.through.objects.filter(desk__in=loads).values_list("desk_id", "agent_id"):
        answers[agent].append(desk)
    there = Presence.objects.there().filter(agent__in=answers).select_related("agent")
    for presence in there.order_by("agent__service_number"):
        for desk in answers[presence.agent_id]:
            load = loads[desk]
            load.present += 1
            load.paused += presence.paused_at is not None
            pause = ", en pause" if presence.paused_at else ""
            load.agents.append(f"{presence.agent.service_number} ({held[presence.agent_id]}{pause})")


# --- read along


@transaction.atomic
def read_along(*, supervisor, conversation: Conversation, now: datetime | None = None) -> None:
    """Says that the supervisor reads, to the agent and to the journal. Asked again by the page as long as it is open.
    Raises Refusal (not-yours)."""
    now = now or timezone.now()
    if not rules.can_read_along(supervisor, conversation):
        raise Refusal("not-yours")
    reads = ReadAlong.objects.filter(conversation=conversation, supervisor=supervisor)
    if reads.filter(lease_until__gt=now).update(lease_until=now + LEASE):
        return
    ReadAlong.objects.update_or_create(
        conversation=conversation, supervisor=supervisor, defaults={"since": now, "lease_until": now + LEASE}
    )
    note_reading(agent=supervisor, verb="tchat suivi", dossier=conversation.dossier, target=str(conversation.pk))
    events.message_stored(conversation)


def readers_of(conversation: Conversation, *, now: datetime | None = None) -> list[str]:
    """The service numbers of the supervisors who read it now."""
    found = conversation.readings.filter(lease_until__gt=now or timezone.now()).order_by("since")
    return list(found.values_list("supervisor__service_number", flat=True))


def readings(agents: Iterable[int], *, now: datetime | None = None) -> dict[str, int]:
    """Conversation of these agents -> how many supervisors read it now; those that nobody reads are left out."""
    found = ReadAlong.objects.filter(
        conversation__agent_id__in=agents, conversation__state=State.ACTIVE, lease_until__gt=now or timezone.now()
    )
    return {str(key): n for key, n in found.values_list("conversation_id").annotate(n=Count("pk")).order_by()}


# --- put first


@transaction.atomic
def put_first(*, supervisor, conversation_id, now: datetime | None = None) -> Conversation:
    """Whoever waits is taken next. Raises Refusal (not-yours, already-taken)."""
    conversation = locked(conversation_id)
    if not rules.can_supervise(supervisor, conversation.desk):
        raise Refusal("not-yours")
    first = Conversation.objects.live().filter(desk=conversation.desk_id).in_queue_order().first()
    conversation.rank_at = min(first.rank_at if first else conversation.rank_at, conversation.rank_at) - HEAD
    conversation.reasons = [*conversation.reasons, f"passé en tête par le superviseur {supervisor.service_number}"]
    changed = Conversation.objects.live().filter(pk=conversation.pk, claim_version=conversation.claim_version)
    if changed.update(rank_at=conversation.rank_at, reasons=conversation.reasons) != 1:
        raise Refusal("already-taken")
    audit.record(
        actor=supervisor.audit_name,
        verb="tchat passé en tête",
        chain=conversation.dossier.chain,
        target=str(conversation.pk),
        now=now,
    )
    events.queue_changed(conversation)
    return conversation
