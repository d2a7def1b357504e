"""Give a conversation to a named colleague of the same desk, who is there."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guichet.accounts.models import Agent
from guichet.accounts.rules import can_use_console
from guichet.audit import services as audit
from tchat import events, rules
from tchat.console_exceptions import ConsoleRefusal
from tchat.enums import State
from tchat.exceptions import Refusal
from tchat.models import Conversation
from tchat.services import messages, presence
from tchat.services.conversations import change_hands, has_room, locked
from victims.services.dossiers import assign, withdraw


def colleagues(conversation: Conversation, *, but: Agent | None = None) -> list[Agent]:
    """Who may receive it now: agents of its desk, there and not in pause. Two statements."""
    at_desk = [
        agent
        for agent in conversation.desk.agents.select_related("presence").order_by("service_number")
        if can_use_console(agent) and agent != but and agent.pk != conversation.agent_id
    ]
    there = presence.present({agent.pk for agent in at_desk})
    return [agent for agent in at_desk if agent.pk in there and agent.presence.paused_at is None]


@transaction.atomic
def hand_over(*, agent, conversation_id, to: int, now: datetime | None = None) -> Conversation:
    """Compare and set, as a transfer is. The victim keeps the talk, and is told who goes on with it. Raises Refusal."""
    now = now or timezone.now()
    conversation = locked(conversation_id)
    if conversation.state == State.CLOSED:
        raise Refusal("closed")
    if not rules.can_hand_over(agent, conversation):
        raise Refusal("not-yours")
    target = next((each for each in colleagues(conversation) if each.pk == to), None)
    if target is None or not has_room(target, conversation.pk):
        raise ConsoleRefusal("bad-agent")
    holder = conversation.agent
    _give(conversation, agent, target, now)
    if holder:
        withdraw(dossier=conversation.dossier, agent=holder)
    assign(dossier=conversation.dossier, agent=target)
    verb = "a pris la suite de" if holder else "a rejoint"
    messages.note(conversation, f"{target.public_name} {verb} la conversation.", now=now)
    audit.record(
        actor=agent.audit_name,
        verb="tchat transféré",
        chain=conversation.dossier.chain,
        target=str(conversation.pk),
        detail={"de": holder.service_number if holder else "", "à": target.service_number},
    )
    events.moved(conversation, from_desk=conversation.desk_id, from_agent=holder.pk if holder else None)
    return conversation


def _give(conversation: Conversation, agent, target: Agent, now: datetime) -> None:
    why = f"confié à l'agent {target.service_number} par le {agent.service_number}"
    change_hands(
        conversation,
        state=State.ACTIVE,
        agent=target,
        taken_at=conversation.taken_at or now,
        waited=conversation.waited if conversation.waited is not None else now - conversation.created_at,
        transfers=conversation.transfers + (1 if conversation.agent_id else 0),
        reasons=[*conversation.reasons, why],
    )
