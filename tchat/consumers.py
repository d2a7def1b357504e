"""The two websockets. They say who sits there, translate frames, and leave the rest to services and to the pulse."""

import asyncio
import logging
import time
import uuid
from contextlib import suppress
from urllib.parse import parse_qs

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http.cookie import parse_cookie

from tchat import frames
from tchat.enums import State
from tchat.exceptions import Refusal
from tchat.models import Message
from tchat.pulse import pulse
from tchat.seats import RESTART, TOO_FAST, NoSeat, Seat, console_seat, take_seat
from tchat.services import messages
from tchat.services.writer import Sending, writer
from tchat.shown import Shown
from tchat.threads import MARKS, UNREACHABLE, in_thread

log = logging.getLogger("tchat.sockets")
RATE, BURST = 20.0, 60.0
writer.tell = lambda message, text: pulse().stored(message, text)
STUCK_FOR = 4.0
PARCEL = 10
# A client keeps ten lines in flight; whoever piles up more while the database is slow comes again later.
PILED_UP = 30
TYPING_EVERY = 2.0


class Socket(AsyncWebsocketConsumer):
    """What both sockets share: no thread hop per event, a token bucket, one answer for every bad frame."""

    seat: Seat | None = None
    gone = False

    async def __call__(self, scope, receive, send):
        """One event after the other, as Channels does, without its task for each and its hop to the process's single
        database thread before each. No channel layer is read here: the hub rings, and the pulse looks."""
        self.scope, self.base_send = scope, send
        with suppress(StopConsumer):
            while True:
                await self.dispatch(await receive())

    async def dispatch(self, message):
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message):
        self.heard = self._refilled = time.monotonic()
        self._tokens = BURST
        await self.accept()
        try:
            await self.sit()
        except NoSeat as refused:
            await self.end(refused.code)
        except UNREACHABLE as error:
            log.warning("no seat: %s", type(error).__name__)
            await self.end(RESTART)

    async def websocket_receive(self, message):
        if self.gone:
            return
        self.heard = time.monotonic()
        if not self._may_speak():
            await self.say(frames.err(Refusal("too-fast")))
            await self.end(TOO_FAST)
            return
        await self._hear(frames.parse(message.get("text")))

    async def _hear(self, frame: frames.Frame) -> None:
        try:
            await self.hear(frame)
        except Exception as error:  # whatever happened, the socket lives and the client sends again
            if not isinstance(error, UNREACHABLE):
                log.exception("frame not handled")
            await self.say(frames.err(Refusal("retry"), _id_of(frame)))

    async def websocket_disconnect(self, message):
        self._leave()
        raise StopConsumer

    def _leave(self) -> None:
        self.gone = True
        pulse().leave(self)

    def _may_speak(self) -> bool:
        self._tokens = min(BURST, self._tokens + (self.heard - self._refilled) * RATE)
        self._refilled = self.heard
        self._tokens -= 1
        return self._tokens >= 0

    async def say(self, frame: dict) -> None:
        await self.say_text(frames.written(frame))

    async def say_text(self, text: str) -> None:
        if not self.gone:
            await self.base_send({"type": "websocket.send", "text": text})

    def last_sign(self) -> float:
        """When this peer was last heard: a frame, or what our server says of the answers to its pings."""
        return max(self.heard, self.scope.get("last_pong", lambda: 0.0)())

    async def beat(self) -> None:
        await self.say(frames.beat())

    async def end(self, code: int) -> None:
        if not self.gone:
            self._leave()
            await self.close(code)

    def cookies(self) -> dict[str, str]:
        found = [value.decode("latin-1") for name, value in self.scope["headers"] if name == b"cookie"]
        return parse_cookie("; ".join(found))

    async def sit(self) -> None:
        raise NotImplementedError

    async def hear(self, frame: frames.Frame) -> None:
        raise NotImplementedError


def _id_of(frame: frames.Frame) -> str | None:
    name = getattr(frame, "id", None)
    return str(name) if name else None


class TchatSocket(Socket):
    """One side of a conversation. `after` is the last sequence sent here; None until the client says where it is."""

    after: int | None = None
    stated: dict | None = None
    next_typing = 0.0

    async def sit(self) -> None:
        self.conversation_id: uuid.UUID = self.scope["url_route"]["kwargs"]["conversation"]
        self._sending, self._stuck = asyncio.Lock(), ("", 0.0)
        self._outbox: list[frames.Send] = []
        self._posting: asyncio.Task | None = None
        as_agent = parse_qs(self.scope["query_string"]).get(b"cote") == [b"agent"]
        self.seat = await in_thread(lambda: take_seat(self.cookies(), self.conversation_id, as_agent=as_agent))
        pulse().join_conversation(self)

    async def hear(self, frame: frames.Frame) -> None:
        match frame:
            case frames.Send() if len(self._outbox) >= PILED_UP:
                await self.end(TOO_FAST)
            case frames.Send():
                self._store(frame)
            case frames.Ping():
                await self.say(frames.pong(self.after or 0))
            case frames.Resume():
                self.after, self.stated = frame.after, None
                pulse().look_at(self.conversation_id)
            case frames.Read():
                await in_thread(self._mark_read, frame.seq, pool=MARKS)
            case frames.Typing():
                self._typed()
            case frames.Bad():
                await self.say(frames.err(Refusal("bad-frame"), frame.id))

    def _store(self, frame: frames.Send) -> None:
        """Kept in the order of arrival; what arrives while a parcel is being stored leaves together in the next. A line
        sent again while it still waits here waits once."""
        if all(each.id != frame.id for each in self._outbox):
            self._outbox.append(frame)
        if self._posting is None or self._posting.done():
            self._posting = asyncio.get_running_loop().create_task(self._post())

    async def _post(self) -> None:
        while self._outbox and not self.gone:
            parcel, self._outbox = self._outbox[:PARCEL], self._outbox[PARCEL:]
            sendings = [
                Sending(self.conversation_id, self.seat.sender, frame.id, frame.body)
                for frame in parcel
                if await self._may_pass(frame)
            ]
            for sending, result in zip(sendings, await writer.send_all(sendings) if sendings else [], strict=True):
                await self._answer(str(sending.client_id), result)

    async def _may_pass(self, frame: frames.Send) -> bool:
        """Behind a message that must come again, the next ones wait their turn: order is the sender's."""
        name, (stuck, until) = str(frame.id), self._stuck
        if stuck and stuck != name and time.monotonic() < until:
            await self.say(frames.err(Refusal("retry"), name))
            return False
        self._stuck = ("", 0.0)
        return True

    async def _answer(self, name: str, result: Message | Refusal) -> None:
        """Acknowledged after the commit only."""
        if isinstance(result, Message):
            await self.say(frames.ack(result))
            return
        if result.code == "retry" and not self._stuck[0]:
            self._stuck = (name, time.monotonic() + STUCK_FOR)
        await self.say(frames.err(result, name))

    def _mark_read(self, seq: int) -> None:
        messages.mark_read(conversation_id=self.conversation_id, author=self.seat.sender.author, seq=seq)

    def _typed(self) -> None:
        """Passed on now and then, and only while two people talk."""
        talks = self.stated is not None and self.stated["state"] == State.ACTIVE
        if talks and self.heard >= self.next_typing:
            self.next_typing = self.heard + TYPING_EVERY
            pulse().typed(self)

    async def typing(self) -> None:
        if self.after is not None:
            await self.say(frames.typing())

    def is_behind(self, last_seq: int) -> bool:
        return self.after is not None and (self.stated is None or self.after < last_seq)

    async def show(self, shown: Shown) -> None:
        """The lines that come next, then the state if it changed. A line that would leave a hole waits for its turn."""
        if self.after is None:
            return
        async with self._sending:
            before, last_seq = self.after, shown.seen.last_seq
            for line in shown.seen.lines:
                if line.seq == self.after + 1:
                    self.after = line.seq
                    await self.say_text(shown.line_text(line))
            if self.stated != shown.standing:
                self.stated = shown.standing
                await self.say_text(shown.state_text)
            if before < self.after < last_seq:
                pulse().look_at(self.conversation_id)


class ConsoleSocket(Socket):
    """Tells an agent's browser that the queue or a conversation changed; the page asks for the fragment itself."""

    queues: dict | None = None
    own: dict | None = None

    async def sit(self) -> None:
        key = self.cookies().get(settings.SESSION_COOKIE_NAME, "")
        self.seat, self.desks = await in_thread(console_seat, key)
        pulse().join_console(self)

    async def hear(self, frame: frames.Frame) -> None:
        if isinstance(frame, frames.Ping):
            await self.say(frames.pong(0))
        else:
            await self.say(frames.err(Refusal("bad-frame"), _id_of(frame)))

    async def tell(self, queues: dict, own: dict) -> None:
        """Says what changed since the last time; the first time it says « look » whatever there is: somebody may
        have come between the page and its socket, or while the link was cut."""
        if self.queues != queues:
            await self.say({"t": "queue"})
        for key in [] if self.own is None else sorted(own.keys() | self.own.keys()):
            if own.get(key) != self.own.get(key):
                await self.say({"t": "conversation", "id": key})
        self.queues, self.own = queues, own
