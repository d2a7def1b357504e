"""Give a conversation to another desk: the other force where competence was in doubt, or one that knows better."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.observatory.services import count
from guichet.territory.services import competence_of
from tchat import events, rules
from tchat.enums import State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Desk
from tchat.services import messages
from tchat.services.conversations import change_hands, locked
from victims.services.dossiers import withdraw

# What an agent decided is not what the official file says.
BY_AGENT = "agent"


@transaction.atomic
def transfer(*, agent, conversation_id, to: str, now: datetime | None = None) -> Conversation:
    """Compare and set, as a claim is. The victim keeps the place that waiting has earned. Raises Refusal."""
    conversation = locked(conversation_id)
    if conversation.state == State.CLOSED:
        raise Refusal("closed")
    if not rules.can_transfer(agent, conversation):
        raise Refusal("not-yours")
    others = Desk.objects.kin(conversation.desk).exclude(slug=conversation.desk_id)
    target = others.filter(slug=to).first()
    if target is None:
        raise Refusal("bad-desk")
    now = now or timezone.now()
    left, holder = conversation.desk, conversation.agent
    _move(conversation, agent, target, now)
    if holder:
        withdraw(dossier=conversation.dossier, agent=holder)
    messages.note(conversation, f"Votre conversation passe à un autre bureau : {target.name}.", now=now)
    audit.record(
        actor=agent.audit_name,
        verb="tchat transféré",
        chain=conversation.dossier.chain,
        target=str(conversation.pk),
        detail={"de": left.pk, "vers": target.pk},
    )
    count("tchat-transmis", f"{left.pk}>{target.pk}", exercise=conversation.dossier.exercise)
    events.moved(conversation, from_desk=left.pk, from_agent=holder.pk if holder else None)
    return conversation


def _move(conversation: Conversation, agent, target: Desk, now: datetime) -> None:
    who = f"{agent.public_name[0].lower()}{agent.public_name[1:]}"
    values = {
        "desk": target,
        "state": State.WAITING,
        "agent": None,
        "taken_at": None,
        "transfers": conversation.transfers + 1,
        "desk_since": now,
        "reasons": [*conversation.reasons, f"transmis par l'{who}"],
    }
    if target.institution:
        values |= {"institution": target.institution, "service": _service(conversation, target.institution)}
    if target.institution not in {"", conversation.institution}:
        values["competence_source"] = BY_AGENT
    change_hands(conversation, **values)


def _service(conversation: Conversation, institution: str):
    """The service of that force where the commune has one: shared communes do."""
    commune = conversation.dossier.commune_id
    services = competence_of(commune).services if commune else ()
    found = [service for service in services if service.institution == institution]
    return found[0] if len(found) == 1 else None
