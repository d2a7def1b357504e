"""One per process: looks at the database for all its sockets together, on a bell and on a tick.

A bell only says « look ». What is due is looked at in batches of two statements; once in a tick, in slices, a short row
of every conversation here is asked for and only those whose row changed are looked at. So a lost bell, Redis away or a
deaf subscription cost at most a tick, a message costs the same however many sockets there are, and never waits behind
a thousand of them.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from weakref import WeakKeyDictionary

from tchat.enums import State
from tchat.events import TYPING, agent_group, conversation_group, desk_group, typing
from tchat.hub import RECOVERED, hub
from tchat.models import Conversation, Message
from tchat.seats import NOT_YOURS, RESTART, SIGN_IN_AGAIN, TAKEN, still_valid
from tchat.services import presence, watch
from tchat.shown import Shown
from tchat.threads import LEASES, SIGNS, UNREACHABLE, in_thread

log = logging.getLogger("tchat.pulse")
TICK = 3.0
CHECK_SEATS = 2.5
RENEW_PRESENCE = 1.5
RENEW_LEASES = 12.0
LEASES_AT_ONCE = 40
BEAT, SILENCE = 12.0, 40.0
BATCH = 64
SLICE = 100
QUIET = 0.3


class Circle:
    """The sockets of this process that one group of the hub wakes."""

    def __init__(self, wake: Callable[[str], None]) -> None:
        self.wake = wake
        self.sockets: set = set()


class Room:
    """A conversation that sockets of this process show."""

    def __init__(self, circle: Circle) -> None:
        self.circle = circle
        self.mark: watch.Mark | None = None
        self.conversation: Conversation | None = None
        self.waits_at = ""
        self.place: watch.Place | None = None

    @property
    def after(self) -> int | None:
        """Where the most backward socket stands; None: nobody asked for anything yet."""
        return min((socket.after for socket in self.circle.sockets if socket.after is not None), default=None)

    def is_stale(self, mark: watch.Mark | None) -> bool:
        last = mark[1] if mark else 0
        return mark != self.mark or any(socket.is_behind(last) for socket in self.circle.sockets)


class Pulse:
    def __init__(self) -> None:
        self.rooms: dict[uuid.UUID, Room] = {}
        self.consoles: set = set()
        self._circles: dict[str, Circle] = {}
        self._groups: dict[object, list[str]] = {}
        self._due: dict[uuid.UUID, None] = {}
        self._tasks: set[asyncio.Task] = set()
        self._reader: asyncio.Task | None = None
        self._teller: asyncio.Task | None = None
        self._beat: asyncio.Task | None = None
        self._leases: asyncio.Task | None = None
        self._soon = asyncio.Event()
        self._checked = self._renewed = 0.0
        self._check_now = self._checking = self._renewing = False

    # --- who is here

    def join_conversation(self, socket) -> None:
        key = socket.conversation_id
        circle = self._join(conversation_group(key), socket, lambda kind: self._rung(kind, key))
        self.rooms.setdefault(key, Room(circle))
        if socket.seat.is_agent:
            self._join_agent(socket)

    def join_console(self, socket) -> None:
        self.consoles.add(socket)
        for desk in socket.desks:
            self._join(desk_group(desk), socket, lambda kind: self._tell_soon())
        self._join_agent(socket)
        self._tell_soon()

    def _join_agent(self, socket) -> None:
        self._join(agent_group(socket.seat.sender.agent_id), socket, self._agent_rung)

    def _join(self, group: str, socket, wake: Callable[[str], None]) -> Circle:
        circle = self._circles.get(group)
        if circle is None:
            circle = self._circles[group] = Circle(wake)
            hub.join(group, wake)
        circle.sockets.add(socket)
        self._groups.setdefault(socket, []).append(group)
        if self._beat is None or self._beat.done():
            self._beat = self._start(self._keep_beating())
            self._leases = self._start(self._keep_leases())
        return circle

    def leave(self, socket) -> None:
        self.consoles.discard(socket)
        for group in self._groups.pop(socket, []):
            circle = self._circles[group]
            circle.sockets.discard(socket)
            if not circle.sockets:
                hub.leave(group, circle.wake)
                del self._circles[group]
        room = self.rooms.get(getattr(socket, "conversation_id", None))
        if room and not room.circle.sockets:
            del self.rooms[socket.conversation_id]
        if not self._circles and self._beat:
            self._beat.cancel()
            self._leases.cancel()

    # --- bells

    def _rung(self, kind: str, key: uuid.UUID) -> None:
        if kind == RECOVERED:
            self._soon.set()
        elif kind.startswith(TYPING):
            self._start(self._tell_typing(key, kind.removeprefix(TYPING)))
        else:
            self.look_at(key)

    def _agent_rung(self, kind: str) -> None:
        if kind in {"recheck", RECOVERED}:
            self._check_now = True
            self._soon.set()
        self._tell_soon()

    def look_at(self, key: uuid.UUID) -> None:
        self._due[key] = None
        if self._reader is None or self._reader.done():
            self._reader = self._start(self._look())

    def stored(self, message: Message, text: str) -> None:
        """A line that this process has just committed goes straight to its sockets, if it is the next one here and
        nothing else changed in the row that was locked for it; otherwise they look, as on any bell."""
        self._tell_soon()
        room = self.rooms.get(message.conversation_id)
        if room is None:
            return
        mark = watch.mark_of(message.conversation, last_seq=message.seq)
        before = watch.mark_of(message.conversation, last_seq=message.seq - 1)
        if room.mark != before or room.conversation is None:
            self.look_at(message.conversation_id)
            return
        room.conversation.last_seq = message.seq
        line = watch.line_of(message, text, agent=room.conversation.agent)
        self._show(message.conversation_id, watch.Seen(mark, room.conversation, [line]))

    def typed(self, socket) -> None:
        """Who sits there writes: the sockets of the other side are told, here and in the other processes."""
        author = socket.seat.sender.author
        asyncio.get_running_loop().run_in_executor(SIGNS, typing, socket.conversation_id, author)

    async def _tell_typing(self, key: uuid.UUID, author: str) -> None:
        room = self.rooms.get(key)
        for socket in list(room.circle.sockets) if room else []:
            if socket.seat.sender.author != author:
                await socket.typing()

    def _tell_soon(self) -> None:
        if self.consoles and (self._teller is None or self._teller.done()):
            self._teller = self._start(self._tell_consoles(QUIET))

    def _start(self, work) -> asyncio.Task:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- looking

    async def _look(self) -> None:
        while self._due:
            keys = list(self._due)[:BATCH]
            for key in keys:
                del self._due[key]
            after = {key: self.rooms[key].after for key in keys if key in self.rooms}
            try:
                seen = await in_thread(watch.look, after)
                await self._find_places({s.conversation.desk_id for s in seen.values() if self._is_placeless(s)})
            except UNREACHABLE as error:
                log.warning("not read: %s", type(error).__name__)
                self._due.update(dict.fromkeys(key for key in after if key in self.rooms))
                await asyncio.sleep(1)
                continue
            except Exception:  # one row that cannot be read must not leave the others deaf; the tick asks again
                log.exception("not read")
                continue
            for key in after:
                self._show(key, seen.get(key))

    def _is_placeless(self, seen: watch.Seen) -> bool:
        room = self.rooms.get(seen.conversation.pk)
        waits = seen.conversation.state == State.WAITING
        return bool(room) and waits and (room.place is None or room.waits_at != seen.conversation.desk_id)

    async def _find_places(self, desks: set[str]) -> None:
        if not desks:
            return
        found = await in_thread(watch.places, desks)
        for key, room in self.rooms.items():
            if key in found or room.waits_at in desks:
                room.place = found.get(key)

    def _show(self, key: uuid.UUID, seen: watch.Seen | None) -> None:
        room = self.rooms.get(key)
        if room is None:
            return
        waits = seen is not None and seen.conversation.state == State.WAITING
        room.mark = seen.mark if seen else None
        room.conversation = seen.conversation if seen else None
        room.waits_at = seen.conversation.desk_id if waits else ""
        room.place = room.place if waits else None
        self._start(self._show_all(list(room.circle.sockets), seen, room.place))

    async def _show_all(self, sockets: list, seen: watch.Seen | None, place: watch.Place | None) -> None:
        shown = Shown(seen, place) if seen else None
        for socket in sockets:
            code = _code_for(socket.seat, seen)
            try:
                await (socket.end(code) if code else socket.show(shown))
            except Exception:  # the other sockets of this conversation are shown all the same
                log.exception("not shown")

    async def _tell_consoles(self, pause: float = 0.0) -> None:
        await asyncio.sleep(pause)
        consoles = list(self.consoles)
        desks = {desk for socket in consoles for desk in socket.desks}
        agents = {socket.seat.sender.agent_id for socket in consoles}
        try:
            queues, own = await in_thread(lambda: (watch.queue_marks(desks), watch.own_marks(agents)))
        except UNREACHABLE:
            return
        for socket in consoles:
            await socket.tell({desk: queues.get(desk) for desk in socket.desks}, own[socket.seat.sender.agent_id])

    # --- the beat

    async def _keep_beating(self) -> None:
        """A round in a tick, a slice of the conversations at a time; a whole round at once when something woke it."""
        at_once = False
        while True:
            at_once = await self._round(at_once)

    async def _round(self, at_once: bool) -> bool:
        """Whether it was woken before its end: then the next one comes at once, and sees again whom this one saw."""
        keys = list(self.rooms)
        slices = [keys[start : start + SLICE] for start in range(0, len(keys), SLICE)] or [[]]
        whole = True
        for part in slices:
            if not at_once and await self._is_woken(within=TICK / len(slices)):
                return True
            await self._tick(part, whole=whole)
            whole = False
        return False

    async def _is_woken(self, within: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._soon.wait()
        woken = self._soon.is_set()
        self._soon.clear()
        return woken

    async def _tick(self, keys: list[uuid.UUID], *, whole: bool) -> None:
        try:
            if whole:
                await self._look_around(time.monotonic())
            await self._look_over(keys)
        except UNREACHABLE as error:
            log.warning("tick without database: %s", type(error).__name__)
        except Exception:
            log.exception("tick failed")

    async def _look_around(self, now: float) -> None:
        """What is asked once in a round, for everybody here."""
        sockets = set(self._groups)
        for socket in [each for each in sockets if now - each.heard > SILENCE]:
            self._start(socket.end(RESTART))
        for socket in [each for each in sockets if BEAT < now - each.heard <= SILENCE]:
            self._start(socket.beat())
        self._checking = self._check_now or now - self._checked > CHECK_SEATS
        self._renewing = now - self._renewed > RENEW_LEASES
        if self._checking:
            self._checked, self._check_now = now, False
            await self._check_seats(self.consoles)
        if self._renewing:
            self._renewed = now
        before = {key: room.place for key, room in self.rooms.items()}
        await self._find_places({room.waits_at for room in self.rooms.values() if room.waits_at})
        for key, place in before.items():
            if key in self.rooms and self.rooms[key].place != place:
                self.look_at(key)
        if self.consoles:
            await self._tell_consoles()

    async def _look_over(self, keys: list[uuid.UUID]) -> None:
        found = await in_thread(watch.marks, keys)
        here = [key for key in keys if key in self.rooms]
        for key in here:
            if self.rooms[key].is_stale(found.get(key)):
                self.look_at(key)
        if self._checking:
            await self._check_seats({socket for key in here for socket in self.rooms[key].circle.sockets})
        if self._renewing:
            await self._renew_leases([key for key in here if key in self.rooms])

    async def _keep_leases(self) -> None:
        """Apart from the rounds: however long a look takes, whoever is here stays here. Not while somebody's right is
        about to be asked again: who signed out is not kept."""
        while True:
            due = time.monotonic() + RENEW_PRESENCE
            await asyncio.sleep(RENEW_PRESENCE)
            if self._check_now:
                continue
            try:
                await in_thread(presence.renew, self._leases_at(due), pool=LEASES)
            except UNREACHABLE as error:
                log.warning("leases not renewed: %s", type(error).__name__)
            except Exception:
                log.exception("leases not renewed")

    def _leases_at(self, now: float) -> dict[int, timedelta]:
        """From the moment each agent was last heard, by a word or by the answer to the server's ping: a machine that
        died keeps its agent no longer than a connection that was closed. `now` is when this was due: a process that
        stood still heard nobody meanwhile, and counts that against nobody."""
        found: dict[int, timedelta] = {}
        for socket in [each for each in self._groups if each.seat.is_agent]:
            left = presence.LEASE - timedelta(seconds=now - socket.last_sign())
            agent = socket.seat.sender.agent_id
            if left > timedelta() and left > found.get(agent, timedelta()):
                found[agent] = left
        return found

    async def _check_seats(self, sockets: set) -> None:
        if not sockets:
            return
        valid = await in_thread(still_valid, {socket.seat for socket in sockets})
        for socket in [each for each in sockets if each.seat not in valid]:
            self._start(socket.end(SIGN_IN_AGAIN))

    async def _renew_leases(self, keys: list[uuid.UUID]) -> None:
        victims = [key for key in keys if any(not each.seat.is_agent for each in self.rooms[key].circle.sockets)]
        for start in range(0, len(victims), LEASES_AT_ONCE):  # few rows held at a time: a message never waits for them
            await in_thread(watch.victims_seen, victims[start : start + LEASES_AT_ONCE])


def _code_for(seat, seen: watch.Seen | None) -> int | None:
    """Why this socket must close, or None. Asked before every line: who lost the conversation hears nothing more. What
    was read before an agent took the conversation back does not close the agent's socket."""
    if seen is None or seen.conversation.dossier.erased_at:
        return NOT_YOURS
    if not seat.is_agent or seen.conversation.claim_version < seat.claim_version:
        return None
    agent = seat.sender.agent_id
    held = seen.conversation.agent_id == agent and seen.conversation.dossier.assigned_agent_id == agent
    return None if held else TAKEN


_pulses: WeakKeyDictionary = WeakKeyDictionary()


def pulse() -> Pulse:
    """The one of this loop."""
    loop = asyncio.get_running_loop()
    if loop not in _pulses:
        _pulses[loop] = Pulse()
    return _pulses[loop]
