"""Internal notes of a conversation: sealed, read by whoever may read the conversation, carried with a transfer."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import crypto
from guichet.lib.text import clean_text
from tchat import events, guard, rules
from tchat.console_exceptions import ConsoleRefusal
from tchat.enums import Author
from tchat.exceptions import Refusal
from tchat.models import Conversation, Note
from tchat.services.conversations import locked

LIMIT = 2000
DAMAGED = "Cette note ne peut plus être lue."


@dataclass(frozen=True, slots=True)
class Written:
    """A note, opened. `who` is a service number."""

    who: str
    text: str
    at: datetime
    with_transfer: bool


def checked(text: str) -> str:
    """Raises Refusal: empty, too long, or a card number, which nobody needs to keep."""
    text = clean_text(text).strip()
    if not text:
        raise Refusal("empty")
    if len(text) > LIMIT:
        raise ConsoleRefusal("note-too-long")
    guard.check(text, Author.HOUSE)
    return text


@transaction.atomic
def add(*, agent, conversation_id, text: str, with_transfer: bool = False, now: datetime | None = None) -> Note:
    """Raises Refusal. `with_transfer`: written by whoever gives the conversation away, before it goes."""
    conversation = locked(conversation_id)
    may = rules.can_transfer if with_transfer else rules.can_annotate
    if not may(agent, conversation):
        raise Refusal("not-yours")
    note = Note(conversation=conversation, agent=agent, with_transfer=with_transfer, at=now or timezone.now())
    note.sealed_text = crypto.seal(conversation.dossier.key, checked(text), bound=note.bound)
    note.save(force_insert=True)
    audit.record(
        actor=agent.audit_name, verb="note ajoutée", chain=conversation.dossier.chain, target=str(conversation.pk)
    )
    events.noted(conversation)
    return note


def of(conversation: Conversation) -> list[Written]:
    """Every note, the oldest first: one statement. The caller has asked who reads."""
    key = conversation.dossier.key
    return [_opened(note, key) for note in conversation.notes.select_related("agent")]


def _opened(note: Note, key: bytes) -> Written:
    try:
        text = crypto.unseal(key, note.sealed_text, bound=note.bound).decode()
    except crypto.CannotOpen:
        text = DAMAGED
    return Written(note.agent.service_number, text, note.at, note.with_transfer)
