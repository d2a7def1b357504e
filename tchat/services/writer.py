"""Group commit: one transaction stores what many sockets of this process sent at the same moment.

A commit costs the same for one message as for sixty. The writer takes what has arrived while the last batch was being
written, locks its conversations in one statement, and acknowledges after the commit. A conversation locked by
somebody else is left out of the batch (SKIP LOCKED) and stored alone, so that one stuck row never delays the others.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, IntegrityError, close_old_connections, connection
from django.utils import timezone

from guichet.lib.crypto import CannotOpen
from tchat import events
from tchat.exceptions import Refusal
from tchat.models import Conversation, Message
from tchat.services import batch_rows
from tchat.services.messages import Sender, checked_text, may_write, next_line, same_sender, send_message

log = logging.getLogger("tchat.writer")
BATCH = 64
KEPT_SECONDS = 1.0
Result = Message | Refusal


@dataclass
class Sending:
    """One message on its way; `result` is set once it is stored or refused. None: its conversation was locked."""

    conversation_id: uuid.UUID
    sender: Sender
    client_id: uuid.UUID
    text: str
    result: Result | None = field(default=None)
    fresh: bool = False


def store_batch(sendings: list[Sending], now: datetime | None = None) -> None:
    """Store what can be stored in one transaction and set each `result`. Raises DatabaseError: nothing was stored."""
    now = now or timezone.now()
    for sending in sendings:
        try:
            sending.text = checked_text(sending.text, sending.sender.author)
        except Refusal as refusal:
            sending.result = refusal
    waiting = [sending for sending in sendings if sending.result is None]
    ids, names = {sending.conversation_id for sending in waiting}, [sending.client_id for sending in waiting]
    with batch_rows.stored_together():
        conversations, known = batch_rows.locked(ids, names)
        results = [(sending, _next(sending, conversations, known, now)) for sending in waiting]
        fresh = list({id(one): one for _, one in results if isinstance(one, Message) and one._state.adding}.values())
        touched = {message.conversation_id: conversations[message.conversation_id] for message in fresh}
        batch_rows.add(fresh, touched.values())
    stored = set(map(id, fresh))
    for sending, result in results:
        sending.result, sending.fresh = result, id(result) in stored


def store(sendings: list[Sending]) -> None:
    """The batch, or each message on its own when one of them stands in the way of the others."""
    try:
        store_batch(sendings)
    except IntegrityError:
        _one_by_one(sendings)


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
    """One per process, on its loop. What one socket hands over together stays together: stored in order in one
    transaction, or answered « retry » as a whole when the database could not be reached (the client sends again).

    `tell` is called with each message stored in a batch, and its text: the bell of a batch rings in the other
    processes only.
    """

    def __init__(self) -> None:
        self.tell: Callable[[Message, str], None] | None = None
        self._waiting: list[Parcel] = []
        self._task: asyncio.Task | None = None
        self._stored_at = 0.0
        self._batches = ThreadPoolExecutor(1, thread_name_prefix="tchat-writer")
        self._bells = ThreadPoolExecutor(1, thread_name_prefix="tchat-bell")
        self._singles = ThreadPoolExecutor(4, thread_name_prefix="tchat-single")

    async def send_all(self, sendings: list[Sending]) -> list[Message | Refusal]:
        """One result for each, in order. All are of the same conversation."""
        loop = asyncio.get_running_loop()
        parcel = Parcel(sendings, loop.create_future())
        self._waiting.append(parcel)
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._write())
        await parcel.done
        return [sending.result or Refusal("retry") for sending in sendings]

    async def _write(self) -> None:
        while self._waiting:
            parcels = self._next_parcels()
            sendings = [each for parcel in parcels for each in parcel.sendings]
            await self._run(self._batches, self._store_in_turn, sendings)
            for parcel in parcels:
                self._tell(parcel)
                if any(sending.result is None for sending in parcel.sendings):
                    asyncio.get_running_loop().create_task(self._store_alone(parcel))
                else:
                    parcel.settle()
            self._ring(sendings)

    def _ring(self, sendings: list[Sending]) -> None:
        """For the other processes, while the next batch is written: who is here was told with the lines in hand."""
        touched = {each.result.conversation_id: each.result.conversation for each in sendings if each.fresh}
        if touched:
            self._bells.submit(events.lines_committed, list(touched.values()))

    def _tell(self, parcel: "Parcel") -> None:
        for sending in parcel.sendings:
            if self.tell and sending.fresh:
                try:
                    self.tell(sending.result, sending.text)
                except Exception:  # the sender must still get the acknowledgement; the tick tells the others
                    log.exception("not told")

    def _next_parcels(self) -> list["Parcel"]:
        """The oldest parcels, up to a batch; at least one."""
        count, size = 0, 0
        for parcel in self._waiting:
            size += len(parcel.sendings)
            if count and size > BATCH:
                break
            count += 1
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    async def _store_alone(self, parcel: "Parcel") -> None:
        await self._run(self._singles, _store_apart, parcel.sendings)
        parcel.settle()

    def _store_in_turn(self, sendings: list[Sending]) -> None:
        """On the one connection of the batches. In steady use it is kept: to ask for its health each time would cost
        as much as the batch. A dead one shows at once and a fresh one is taken; what had been stored all the same is
        found by its name."""
        kept = time.monotonic() - self._stored_at < KEPT_SECONDS
        if not kept:
            close_old_connections()
        try:
            try:
                store(sendings)
            except DatabaseError:
                if not (kept and getattr(connection.connection, "broken", False)):
                    raise
                connection.close()
                store(sendings)
        except DatabaseError:
            connection.close()
            raise
        self._stored_at = time.monotonic()

    async def _run(self, pool: ThreadPoolExecutor, work: Callable, sendings: list[Sending]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(pool, work, sendings)
        except Exception as error:  # whatever it is, every sender gets an answer and sends again
            log.warning("batch of %d not stored: %s", len(sendings), type(error).__name__)
            for sending in sendings:
                sending.result = sending.result or Refusal("retry")


@dataclass
class Parcel:
    """What one socket hands over at once."""

    sendings: list[Sending]
    done: asyncio.Future

    def settle(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _one_by_one(sendings: list[Sending]) -> None:
    for sending in sendings:
        if sending.result is None:
            _alone(sending)


def _store_apart(sendings: list[Sending]) -> None:
    close_old_connections()
    try:
        _one_by_one(sendings)
    except DatabaseError:
        connection.close()
        raise
    finally:
        close_old_connections()


writer = Writer()
