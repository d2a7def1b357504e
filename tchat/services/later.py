"""When the whole service is saturated: an answer later, in the same dossier, or a call back. Nothing is lost."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import crypto
from guichet.observatory.services import count
from tchat import events
from tchat.enums import State
from tchat.exceptions import Refusal
from tchat.models import Conversation
from tchat.services import messages, rulebooks
from tchat.services.conversations import locked
from victims.models import Dossier
from victims.services.dossiers import VICTIM
from victims.typed import Unreadable, read_phone


def _bound(conversation: Conversation) -> str:
    return f"tchat_conversation.sealed_callback:{conversation.pk}"


@transaction.atomic
def defer(*, dossier: Dossier, conversation_id, phone: str = "", now: datetime | None = None) -> Conversation:
    """The victim no longer waits in front of the page. Raises Refusal (bad-phone, closed).

    Only where the service offered it: with agents free, waiting is shorter. The number is sealed with the dossier.
    """
    now = now or timezone.now()
    conversation = locked(conversation_id)
    if conversation.dossier_id != dossier.pk or conversation.state != State.WAITING:
        raise Refusal("closed")
    if conversation.saturated_at is None:
        raise Refusal("not-saturated")
    conversation.sealed_callback = _sealed_phone(conversation, phone) if phone.strip() else None
    first = not conversation.is_deferred
    conversation.deferred_at, conversation.returned_from = conversation.deferred_at or now, None
    conversation.save(update_fields=["deferred_at", "returned_from", "sealed_callback"])
    if first:
        messages.note(conversation, "La victime demande une réponse plus tard.", now=now)
        audit.record(actor=VICTIM, verb="tchat différé", chain=dossier.chain, target=str(conversation.pk))
        count("tchat-differe", conversation.desk_id, exercise=dossier.exercise)
    events.queue_changed(conversation)
    return conversation


def _sealed_phone(conversation: Conversation, phone: str) -> bytes:
    try:
        return crypto.seal(conversation.dossier.key, read_phone(phone), bound=_bound(conversation))
    except Unreadable:
        raise Refusal("bad-phone")


@transaction.atomic
def wait_again(*, dossier: Dossier, conversation_id, now: datetime | None = None) -> None:
    """Back in the live queue, at the place that asking earned."""
    conversation = locked(conversation_id)
    if conversation.dossier_id != dossier.pk or not conversation.is_deferred:
        return
    if conversation.owed_at:
        asked = rulebooks.in_force().rank_at(conversation.severity, conversation.created_at)
        conversation.rank_at = min(conversation.rank_at, asked)
    conversation.deferred_at, conversation.owed_at, conversation.desk_since = None, None, now or timezone.now()
    conversation.save(update_fields=["deferred_at", "owed_at", "rank_at", "desk_since"])
    messages.note(conversation, "La victime attend de nouveau en direct.", now=now or timezone.now())
    events.queue_changed(conversation)


def callback_of(conversation: Conversation) -> str:
    """The number to call, for the agent who holds the conversation; empty when none was left."""
    if not conversation.sealed_callback or conversation.dossier.erased_at:
        return ""
    return crypto.unseal(
        conversation.dossier.key, bytes(conversation.sealed_callback), bound=_bound(conversation)
    ).decode()


def count_for(agent) -> int:
    """How many are answered later at the agent's desks."""
    return Conversation.objects.takeable_by(agent).deferred().count()


def deferred_for(agent):
    """Who is answered later at the agent's desks, in the order of the queue."""
    found = Conversation.objects.takeable_by(agent).deferred()
    return found.select_related("dossier__diagnosis", "dossier__commune", "desk").in_queue_order()
