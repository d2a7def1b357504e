"""A request that waits for the next line: the tchat where the network lets no websocket pass.

It sits at the pulse of its process as a socket does, so a bell, a tick and the check of rights wake it too; it holds
no thread and no database connection meanwhile. Too many at once: it answers without waiting, and says so.
"""

import asyncio
import hashlib
import json
import time
import uuid
from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tchat import doors, frames
from tchat.enums import Author
from tchat.exceptions import Refusal
from tchat.forms import WaitForm
from tchat.models import Conversation
from tchat.pulse import pulse
from tchat.seats import RESTART, SIGN_IN_AGAIN, TAKEN, NoSeat, Seat, take_seat
from tchat.services import messages, watch
from tchat.shown import Shown
from tchat.threads import MARKS, UNREACHABLE, in_thread

LONGEST = 20
# The lease of an agent runs from the moment the request came (tchat.pulse): it must be answered well before.
LONGEST_AGENT = 7
MOST, MOST_HERE = 1000, 6
OWN_READ = {Author.VICTIM: "victim_read", Author.AGENT: "agent_read"}
ENDINGS = {TAKEN: ("not-yours", 409), SIGN_IN_AGAIN: ("no-access", 401), RESTART: ("retry", 503)}
waiting: Counter[uuid.UUID] = Counter()
_here: set["Waiter"] = set()


class Waiter:
    """What the pulse sees as one more socket. Its answer is set once: lines, a changed state, or a refusal."""

    def __init__(self, key: uuid.UUID, seat: Seat, after: int, known: str) -> None:
        self.conversation_id, self.seat, self.after, self.known = key, seat, after, known
        self.heard = time.monotonic()
        self.state: dict | None = None
        self.answer: asyncio.Future[HttpResponse] = asyncio.get_running_loop().create_future()

    def is_behind(self, last_seq: int) -> bool:
        return self.state is None or self.after < last_seq

    async def show(self, shown: Shown) -> None:
        """The lines that come next; one that would leave a hole waits for its turn."""
        lines = []
        for line in shown.seen.lines:
            if line.seq == self.after + len(lines) + 1:
                lines.append(line)
        self.state = shown.state
        if lines or mark_of(self.state, self.seat) != self.known:
            self._settle(told(lines, self.state, self.seat))
        elif self.after < shown.seen.last_seq:
            pulse().look_at(self.conversation_id)

    def last_sign(self) -> float:
        return self.heard

    async def beat(self) -> None:
        """A request that waits has nothing to say; it is answered soon."""

    async def typing(self) -> None:
        """Nothing to keep: it would end the wait for a sign that is over when it comes."""

    async def end(self, code: int) -> None:
        self._settle(refused(code))

    def _settle(self, response: HttpResponse) -> None:
        if not self.answer.done():
            self.answer.set_result(response)

    async def wait(self, seconds: float) -> HttpResponse:
        pulse().join_conversation(self)
        waiting[self.conversation_id] += 1
        _here.add(self)
        try:
            pulse().look_at(self.conversation_id)
            await asyncio.wait({self.answer}, timeout=seconds)
        finally:
            pulse().leave(self)
            _here.discard(self)
            waiting.subtract([self.conversation_id])
            if waiting[self.conversation_id] <= 0:
                del waiting[self.conversation_id]
        return self.answer.result() if self.answer.done() else self.nothing_new()

    def nothing_new(self) -> HttpResponse:
        return told([], self.state, self.seat) if self.state else refused(RESTART)

    def let_go(self) -> None:
        self._settle(self.nothing_new())


def let_go() -> None:
    """The process ends: whoever waits here is answered now, and asks again elsewhere."""
    for waiter in list(_here):
        waiter.let_go()


def mark_of(state: dict, seat: Seat) -> str:
    """Two equal marks: nothing to tell. Neither the last line, which travels by itself, nor what this side has read."""
    kept = {name: value for name, value in state.items() if name not in {"seq", OWN_READ[seat.sender.author]}}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]


def told(lines: list, state: dict, seat: Seat, *, waited: bool = True) -> HttpResponse:
    found = [*(frames.msg(line) for line in lines), state]
    return doors.answer(found, attente=waited, vu=mark_of(state, seat))


def refused(code: int) -> HttpResponse:
    name, status = ENDINGS.get(code, ("no-access", 404))
    return doors.refused(Refusal(name), status=status)


def has_room(key: uuid.UUID) -> bool:
    return waiting[key] < MOST_HERE and waiting.total() < MOST


@require_safe
async def wait(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    """Everything after `apres`, as soon as there is something; `vu` is the mark of the last state that was told."""
    form = WaitForm(request.GET)
    if not form.is_valid():
        return doors.refused(Refusal("bad-frame"))
    asked = form.cleaned_data
    try:
        seat = await in_thread(_sit, request.COOKIES, conversation, request.GET.get("cote") == "agent")
        if asked["lu"]:
            await in_thread(_mark_read, conversation, seat, asked["lu"], pool=MARKS)
        if not has_room(conversation):
            return await in_thread(_at_once, conversation, seat, asked["apres"])
    except NoSeat as found:
        return refused(found.code)
    except UNREACHABLE:
        return refused(RESTART)
    longest = LONGEST_AGENT if seat.is_agent else LONGEST
    seconds = longest if asked["attendre"] is None else min(asked["attendre"], longest)
    return await Waiter(conversation, seat, asked["apres"], asked["vu"]).wait(seconds)


def _mark_read(key: uuid.UUID, seat: Seat, seq: int) -> None:
    messages.mark_read(conversation_id=key, author=seat.sender.author, seq=seq)


def _sit(cookies: dict, key: uuid.UUID, as_agent: bool) -> Seat:
    seat = take_seat(cookies, key, as_agent=as_agent)
    if not seat.is_agent:
        watch.victims_seen([key])
    return seat


def _at_once(key: uuid.UUID, seat: Seat, after: int) -> HttpResponse:
    conversation = Conversation.objects.select_related("dossier", "agent").get(pk=key)
    lines = messages.messages_after(conversation=conversation, seq=after)
    return told(lines, doors.state_of(conversation), seat, waited=False)
