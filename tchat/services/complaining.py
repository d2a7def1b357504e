"""From the conversation to a complaint that the victim completes."""

from django.db import transaction

from tchat import events, rules
from tchat.exceptions import Refusal
from tchat.services import messages
from tchat.services.conversations import locked
from victims.models import Complaint
from victims.services import complaints

READY = "Votre plainte est préparée avec vos réponses. Elle est dans votre dossier : vous la complétez et vous décidez."
EVERYTHING = 1_000_000


@transaction.atomic
def prepare_complaint(*, agent, conversation_id) -> Complaint:
    """The draft of the dossier, begun or completed from what was said; the victim is told once. Raises Refusal."""
    conversation = locked(conversation_id)
    if not rules.can_follow(agent, conversation):
        raise Refusal("not-yours")
    lines = messages.messages_after(conversation=conversation, seq=0, limit=EVERYTHING)
    try:
        complaint = complaints.prepare(agent=agent, dossier=conversation.dossier, messages=lines)
    except complaints.AlreadyFiled:
        raise Refusal("already-filed")
    if conversation.is_open and all(line.body != READY for line in lines):
        messages.note(conversation, READY)
        events.message_stored(conversation)
    return complaint
