"""Store a message, then acknowledge it; read messages back in order.

Promises (DESIGN 5.1): the sequence is given under the conversation's row lock; the same client id gives the same
message back; every line carries the digest of the one before. Nothing is told to anyone before the commit.
"""

import functools
import hashlib
import json
import operator
import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from guichet.lib import crypto
from guichet.lib.text import clean_text
from tchat import events, guard
from tchat.enums import Author, State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Message

LIMIT = 4000
# A row changed in the database: the conversation goes on, and its digest tells on it in the transcript.
DAMAGED = "Ce message ne correspond plus à son empreinte : il n'est pas montré."


@dataclass(frozen=True)
class Sender:
    """Who writes: the victim of this dossier, an agent, or the house itself."""

    author: Author
    agent_id: int | None = None


@dataclass(frozen=True)
class Line:
    """One message, opened. `who` is what the other side may read: never an agent's name."""

    seq: int
    client_id: str
    author: str
    who: str
    body: str
    salt: str
    at: datetime
    digest: str


VICTIM = Sender(Author.VICTIM)
HOUSE = Sender(Author.HOUSE)


def bound_of(conversation_id, seq: int) -> str:
    return f"tchat_message.sealed_body:{conversation_id}:{seq}"


def digest_of(*, previous: str, seq: int, client_id: str, author: str, at: str, salt: str, body: str) -> str:
    """SHA-256 over the previous digest and this line. The salt, sealed with the text, keeps a stolen database from
    guessing short messages; it is in the transcript, so that anyone who holds it can verify the chain offline."""
    text = json.dumps([seq, client_id, author, at, salt, body], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def checked_text(text: str, author: str = "") -> str:
    """The text as it will be stored. Raises Refusal: empty, too long, or what the guard does not let through."""
    text = clean_text(text).strip()
    if not text:
        raise Refusal("empty")
    if len(text) > LIMIT:
        raise Refusal("too-long")
    guard.check(text, author)
    return text


def same_sender(known: Message, sender: Sender) -> Message:
    """The message that this id already names, if the same person sent it. Raises Refusal (id-taken)."""
    if (known.author, known.agent_id) != (sender.author, sender.agent_id):
        raise Refusal("id-taken")
    return known


def may_write(conversation: Conversation, sender: Sender) -> None:
    if conversation.state == State.CLOSED:
        raise Refusal("closed")
    if sender.author == Author.AGENT and conversation.agent_id != sender.agent_id:
        raise Refusal("not-yours")


def next_line(conversation: Conversation, sender: Sender, client_id: uuid.UUID, text: str, now: datetime) -> Message:
    """The next message, sealed and chained, not yet stored; moves the conversation's head. Under its lock only."""
    seq, salt = conversation.last_seq + 1, secrets.token_hex(8)
    payload = json.dumps({"b": text, "s": salt}, ensure_ascii=False)
    message = Message(
        conversation=conversation,
        seq=seq,
        client_id=client_id,
        author=sender.author,
        agent_id=sender.agent_id,
        sealed_body=crypto.seal(conversation.dossier.key, payload, bound=bound_of(conversation.pk, seq)),
        digest=digest_of(
            previous=conversation.chain_head,
            seq=seq,
            client_id=str(client_id),
            author=sender.author,
            at=now.isoformat(),
            salt=salt,
            body=text,
        ),
        at=now,
    )
    conversation.last_seq, conversation.chain_head = seq, message.digest
    return message


def _append(conversation: Conversation, sender: Sender, client_id: uuid.UUID, text: str, now: datetime) -> Message:
    """Under the conversation's lock only."""
    message = next_line(conversation, sender, client_id, text, now)
    message.save(force_insert=True)
    conversation.save(update_fields=["last_seq", "chain_head"])
    return message


@transaction.atomic
def send_message(
    *, conversation_id, sender: Sender, client_id: uuid.UUID, text: str, now: datetime | None = None
) -> Message:
    """The stored message, once, however often it is sent. Raises Refusal."""
    text = checked_text(text, sender.author)
    conversation = (
        Conversation.objects.select_for_update(of=("self",)).select_related("dossier").get(pk=conversation_id)
    )
    known = Message.objects.filter(conversation=conversation, client_id=client_id).first()
    if known:
        return same_sender(known, sender)
    may_write(conversation, sender)
    message = _append(conversation, sender, client_id, text, now or timezone.now())
    events.message_stored(conversation)
    return message


def note(conversation: Conversation, text: str, *, now: datetime | None = None) -> Message:
    """A line of the house itself (« un agent a rejoint la conversation »), under the lock of the caller."""
    return _append(conversation, HOUSE, uuid.uuid4(), text, now or timezone.now())


def messages_after(*, conversation: Conversation, seq: int, limit: int = 200) -> list[Line]:
    """The lines after `seq`, in order, opened: one statement."""
    key = conversation.dossier.key
    found = conversation.messages.filter(seq__gt=seq).select_related("agent").order_by("seq")[:limit]
    return [_opened(conversation.pk, key, message) for message in found]


def lines_of(*, wanted: list[tuple[Conversation, int]], span: int = 200) -> dict[uuid.UUID, list[Line]]:
    """The next lines of many conversations, each after its own sequence: one statement.

    Nothing after the row as it was read, and nothing of an erased dossier.
    """
    ranges = [
        Q(conversation_id=conversation.pk, seq__gt=seq, seq__lte=min(seq + span, conversation.last_seq))
        for conversation, seq in wanted
    ]
    found: dict[uuid.UUID, list[Line]] = {conversation.pk: [] for conversation, _ in wanted}
    keys: dict[uuid.UUID, bytes] = {}
    for conversation, _ in wanted:
        with suppress(crypto.CannotOpen):
            keys[conversation.pk] = conversation.dossier.key
    for message in (
        Message.objects.filter(functools.reduce(operator.or_, ranges))
        .select_related("agent")
        .order_by("conversation_id", "seq")
    ):
        if message.conversation_id in keys:
            found[message.conversation_id].append(
                _opened(message.conversation_id, keys[message.conversation_id], message)
            )
    return found


def _opened(conversation_id, key: bytes, message: Message) -> Line:
    try:
        payload = json.loads(crypto.unseal(key, message.sealed_body, bound=bound_of(conversation_id, message.seq)))
    except crypto.CannotOpen:
        payload = {"b": DAMAGED, "s": ""}
    who = message.agent.public_name if message.agent_id else Author(message.author).label
    return Line(
        seq=message.seq,
        client_id=str(message.client_id),
        author=message.author,
        who=who,
        body=payload["b"],
        salt=payload["s"],
        at=message.at,
        digest=message.digest,
    )


def mark_read(*, conversation_id, author: Author, seq: int) -> None:
    """This side has seen everything up to `seq`; it never goes back."""
    column = "victim_read" if author == Author.VICTIM else "agent_read"
    changed = Conversation.objects.filter(pk=conversation_id, last_seq__gte=seq, **{f"{column}__lt": seq}).update(
        **{column: seq}
    )
    if changed:
        events.message_stored(Conversation.objects.only("pk", "agent_id").get(pk=conversation_id))
