"""Group commit: one transaction stores what many sockets of this process sent at the same moment.

A commit costs the same for one message as for sixty. The writer takes what has arrived while the last batch was being
written, locks its conversations in one statement, and acknowledges after the commit. A conversation locked by
somebody else is left out of the batch (SKIP LOCKED) and stored alone, so that one stuck row never delays the others.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, IntegrityError, close_old_connections, connection, transaction
from django.utils import timezone

from guichet.lib.crypto import CannotOpen
from tchat import events
from tchat.exceptions import Refusal
from tchat.models import Conversation, Message
from tchat.services.messages import Sender, checked_text, may_write, next_line, same_sender, send_message

log = logging.getLogger("tchat.writer")
BATCH = 64
Result = Message | Refusal


@dataclass
class Sending:
    """One message on its way; `result` is set once it is stored or refused. None: its conversation was locked."""

    conversation_id: uuid.UUID
    sender: Sender
    client_id: uuid.UUID
    text: str
    done: asyncio.Future | None = None
    result: Result | None = field(default=None)


def store_batch(sendings: list[Sending], now: datetime | None = None) -> None:
    """Store what can be stored in one transaction and set each `result`. Raises DatabaseError: nothing was stored."""
    now = now or timezone.now()
    for sending in sendings:
        try:
            sending.text = checked_text(sending.text)
        except Refusal as refusal:
            sending.result = refusal
    waiting = [sending for sending in sendings if sending.result is None]
    with transaction.atomic():
        conversations = _locked({sending.conversation_id for sending in waiting})
        known = {
            (message.conversation_id, message.client_id): message
            for message in Message.objects.filter(
                conversation__in=conversations, client_id__in=[sending.client_id for sending in waiting]
            )
        }
        results = [(sending, _next(sending, conversations, known, now)) for sending in waiting]
        fresh = list({id(one): one for _, one in results if isinstance(one, Message) and one._state.adding}.values())
        touched = {message.conversation_id: conversations[message.conversation_id] for message in fresh}
        Message.objects.bulk_create(fresh)
        Conversation.objects.bulk_update(touched.values(), ["last_seq", "chain_head"])
        events.messages_stored(touched.values())
    for sending, result in results:
        sending.result = result


def store(sendings: list[Sending]) -> None:
    """The batch, or each message on its own when one of them stands in the way of the others."""
    try:
        store_batch(sendings)
    except IntegrityError:
        for sending in sendings:
            if sending.result is None:
                _alone(sending)


def _locked(ids: set[uuid.UUID]) -> dict[uuid.UUID, Conversation]:
    skip = connection.features.has_select_for_update_skip_locked
    found = (
        Conversation.objects.select_for_update(of=("self",), skip_locked=skip)
        .select_related("dossier")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    return {conversation.pk: conversation for conversation in found}


def _next(sending: Sending, conversations: dict, known: dict, now: datetime) -> Result | None:
    conversation = conversations.get(sending.conversation_id)
    if conversation is None:
        return None
    place = (conversation.pk, sending.client_id)
    try:
        if place in known:
            return same_sender(known[place], sending.sender)
        may_write(conversation, sending.sender)
        known[place] = next_line(conversation, sending.sender, sending.client_id, sending.text, now)
    except CannotOpen:
        return Refusal("closed")
    except Refusal as refusal:
        return refusal
    return known[place]


def _alone(sending: Sending) -> None:
    """A conversation that another transaction held: wait for it, but only for it."""
    try:
        sending.result = send_message(
            conversation_id=sending.conversation_id,
            sender=sending.sender,
            client_id=sending.client_id,
            text=sending.text,
        )
    except Refusal as refusal:
        sending.result = refusal
    except Conversation.DoesNotExist:
        sending.result = Refusal("closed")


class Writer:
    """One per process, on its loop: `await send(...)` returns the stored message, or raises Refusal (« retry » when
    the database could not be reached: the client sends the same id again)."""

    def __init__(self) -> None:
        self._waiting: list[Sending] = []
        self._task: asyncio.Task | None = None
        self._batches = ThreadPoolExecutor(1, thread_name_prefix="tchat-writer")
        self._singles = ThreadPoolExecutor(4, thread_name_prefix="tchat-single")

    async def send(self, *, conversation_id, sender: Sender, client_id: uuid.UUID, text: str) -> Message:
        loop = asyncio.get_running_loop()
        sending = Sending(conversation_id, sender, client_id, text, done=loop.create_future())
        self._waiting.append(sending)
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._write())
        return await sending.done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            await self._run(self._batches, store, batch)
            for sending in batch:
                if sending.result is None:
                    asyncio.get_running_loop().create_task(self._store_alone(sending))
                else:
                    _settle(sending)

    async def _store_alone(self, sending: Sending) -> None:
        await self._run(self._singles, lambda one: _alone(one[0]), [sending])
        _settle(sending)

    async def _run(self, pool: ThreadPoolExecutor, work: Callable, batch: list[Sending]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(pool, _with_fresh_connection, work, batch)
        except Exception as error:  # whatever it is, every sender gets an answer and sends again
            log.warning("batch of %d not stored: %s", len(batch), type(error).__name__)
            for sending in batch:
                sending.result = Refusal("retry")


def _with_fresh_connection(work: Callable, batch: list[Sending]) -> None:
    close_old_connections()
    try:
        work(batch)
    except DatabaseError:
        connection.close()
        raise
    finally:
        close_old_connections()


def _settle(sending: Sending) -> None:
    if sending.done is None or sending.done.done():
        return
    if isinstance(sending.result, Message):
        sending.done.set_result(sending.result)
    else:
        sending.done.set_exception(sending.result or Refusal("retry"))


writer = Writer()
