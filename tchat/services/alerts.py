"""« Urgence 17 » and « intervention »: raised by the agent who talks, shown at once to the supervisors of the desk,
until one of them takes it. It never replaces calling 17: the page says so."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from guichet.accounts import rules as account_rules
from guichet.audit import services as audit
from guichet.lib import crypto
from guichet.lib.text import clean_text
from guichet.observatory.services import count
from tchat import events, rules
from tchat.console_exceptions import ConsoleRefusal
from tchat.enums import State
from tchat.exceptions import Refusal
from tchat.models import Alert
from tchat.services.conversations import locked

DAMAGED = "Ces mots ne peuvent plus être lus."
STILL_SHOWN = timedelta(minutes=30)
TWICE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert, opened. Agents are service numbers. `readable`: the reader supervises the desk of the talk."""

    alert: Alert
    place: str
    facts: str
    readable: bool = False

    @property
    def waits(self) -> bool:
        return self.alert.acknowledged_at is None

    @property
    def told_by(self) -> set[int]:
        """Who gave it, and who holds the talk now: they call, they are not called."""
        return {self.alert.agent_id, self.alert.conversation.agent_id}


@transaction.atomic
def raise_alert(*, agent, conversation_id, kind: str, place: str, facts: str, now: datetime | None = None) -> Alert:
    """The same words twice within half a minute, not yet taken, are one alert. Raises Refusal (not-yours, closed)."""
    now, conversation = now or timezone.now(), locked(conversation_id)
    if conversation.state == State.CLOSED:
        raise Refusal("closed")
    if not rules.can_follow(agent, conversation):
        raise Refusal("not-yours")
    told = {"place": clean_text(place).strip(), "facts": clean_text(facts).strip()}
    just = Alert.objects.open().filter(conversation=conversation, agent=agent, kind=kind, raised_at__gt=now - TWICE)
    for alert in just.select_related("conversation__dossier"):
        if _told(alert) == told:
            return alert
    alert = Alert(conversation=conversation, desk=conversation.desk, kind=kind, agent=agent, raised_at=now)
    words = json.dumps(told, ensure_ascii=False)
    alert.sealed_told = crypto.seal(conversation.dossier.key, words, bound=alert.bound)
    alert.save(force_insert=True)
    _record(agent, "urgence donnée", alert)
    count("tchat-urgence", kind, exercise=conversation.dossier.exercise)
    events.queue_changed(conversation)
    return alert


@transaction.atomic
def acknowledge(*, agent, alert_id, now: datetime | None = None) -> Alert:
    """One takes it: compare and set. Raises Refusal (not-yours, already-acknowledged)."""
    alert = Alert.objects.select_related("conversation__dossier", "conversation__agent", "desk").get(pk=alert_id)
    if not rules.can_acknowledge(agent, alert):
        raise Refusal("not-yours")
    alert.acknowledged_by, alert.acknowledged_at = agent, now or timezone.now()
    changed = Alert.objects.open().filter(pk=alert.pk)
    if changed.update(acknowledged_by=agent, acknowledged_at=alert.acknowledged_at) != 1:
        raise ConsoleRefusal("already-acknowledged")
    _record(agent, "urgence prise en compte", alert)
    events.moved(alert.conversation, from_desk=alert.desk_id, from_agent=alert.agent_id)
    return alert


def _record(agent, verb: str, alert: Alert) -> None:
    dossier = alert.conversation.dossier
    audit.record(
        actor=agent.audit_name, verb=verb, chain=dossier.chain, target=str(alert.pk), detail={"nature": alert.kind}
    )


def shown_to(agent, *, now: datetime | None = None) -> list[Raised]:
    """What this agent must see now, those that nobody took first: a supervisor, those that wait at their desks;
    anybody, those they gave or took, and those of a conversation that was handed to them. One statement."""
    recent = (now or timezone.now()) - STILL_SHOWN
    mine = Q(agent=agent) | Q(acknowledged_by=agent) | Q(conversation__agent=agent, conversation__state=State.ACTIVE)
    wanted = mine & (Q(acknowledged_at=None) | Q(acknowledged_at__gt=recent))
    supervises = account_rules.can_supervise(agent)
    if supervises:
        wanted |= Q(acknowledged_at=None, desk__in=agent.desks.all())
    readable = Q(conversation__state=State.ACTIVE, conversation__desk__in=agent.desks.all())
    found = (
        Alert.objects.filter(wanted, conversation__dossier__erased_at=None)
        .annotate(readable=readable)
        .select_related("conversation__dossier", "conversation__agent", "desk", "agent", "acknowledged_by")
        .order_by("-acknowledged_at", "raised_at")
    )
    opened = (_opened(alert, readable=supervises and alert.readable) for alert in found)
    return sorted(opened, key=lambda each: (not each.waits, each.alert.raised_at))


def _opened(alert: Alert, *, readable: bool) -> Raised:
    told = _told(alert)
    return Raised(alert, told["place"], told["facts"], readable)


def _told(alert: Alert) -> dict[str, str]:
    try:
        return json.loads(crypto.unseal(alert.conversation.dossier.key, alert.sealed_told, bound=alert.bound))
    except crypto.CannotOpen:
        return {"place": DAMAGED, "facts": DAMAGED}


def marks(desks: Iterable[str]) -> dict[str, tuple]:
    """The alerts of each desk, in short: it changes when one is given or taken."""
    rows = Alert.objects.filter(desk_id__in=desks).order_by().values("desk_id")
    found = rows.annotate(n=Count("pk"), given=Max("raised_at"), taken=Max("acknowledged_at"))
    return {row["desk_id"]: (row["n"], row["given"], row["taken"]) for row in found}
