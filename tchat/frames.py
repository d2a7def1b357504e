"""What travels on the websocket: JSON text, read by a total function, written in one place.

In: send, read, ping, resume, typing. Out: ack, msg, state, typing, pong, err. Whatever comes in, `parse` gives a frame,
never an exception: a bad one costs its sender an answer and nobody else anything.
"""

import json
import uuid
from dataclasses import dataclass

from tchat.enums import Author, State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Message
from tchat.services.messages import Line
from tchat.services.queue import Place

FRAME_LIMIT = 64 * 1024
HIGHEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Send:
    id: uuid.UUID
    body: str


@dataclass(frozen=True, slots=True)
class Read:
    seq: int


@dataclass(frozen=True, slots=True)
class Ping:
    seq: int


@dataclass(frozen=True, slots=True)
class Resume:
    after: int


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody writes. What is written does not travel before it is sent: a word thought better of stays theirs."""


@dataclass(frozen=True, slots=True)
class Bad:
    """Not understood; `id` when one could be read, so that the sender knows which message it was."""

    id: str | None = None


Frame = Send | Read | Ping | Resume | Typing | Bad


def _refuse_constant(name: str):
    raise ValueError(name)


def _no_key_twice(pairs: list[tuple]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def parse(text: str | None) -> Frame:
    """Total: binary (None), broken JSON, NaN, huge numbers, deep nesting, anything gives Bad."""
    if text is None or len(text) > FRAME_LIMIT:
        return Bad()
    try:
        data = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError):
        return Bad()
    reader = READERS.get(data["t"]) if isinstance(data, dict) and isinstance(data.get("t"), str) else None
    return reader(data) if reader else Bad()


def _send(data: dict) -> Frame:
    name, body = _uuid(data.get("id")), data.get("body")
    if name is None:
        return Bad()
    if not isinstance(body, str) or not _is_text(body):
        return Bad(str(name))
    return Send(name, body)


def _uuid(value) -> uuid.UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return uuid.UUID(value)
    except ValueError:
        return None


def _is_text(body: str) -> bool:
    """UTF-8 refuses a lone surrogate, PostgreSQL a NUL; our own script sends neither."""
    return "\x00" not in body and not any("\ud800" <= letter <= "\udfff" for letter in body)


def _counted(kind, field: str):
    def read(data: dict) -> Frame:
        value = data.get(field)
        return kind(value) if type(value) is int and 0 <= value <= HIGHEST else Bad()

    return read


READERS = {
    "send": _send,
    "read": _counted(Read, "seq"),
    "ping": _counted(Ping, "seq"),
    "resume": _counted(Resume, "after"),
    "typing": lambda data: Typing(),
}


def written(frame: dict) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def ack(message: Message) -> dict:
    return {"t": "ack", "id": str(message.client_id), "seq": message.seq, "at": message.at.isoformat()}


def msg(line: Line) -> dict:
    return {
        "t": "msg",
        "seq": line.seq,
        "id": line.client_id,
        "author": line.author,
        "who": "" if line.author == Author.HOUSE else line.who,
        "body": line.body,
        "at": line.at.isoformat(),
    }


def state(conversation: Conversation, place: Place | None) -> dict:
    """`position` and `minutes` while one waits (None: not known), at which desk, whether an answer later is offered;
    the agent and the code once somebody is there."""
    agent = conversation.agent if conversation.state == State.ACTIVE else None
    return {
        "t": "state",
        "state": conversation.state,
        "seq": conversation.last_seq,
        "position": place.position if place else None,
        "minutes": place.minutes if place else None,
        "desk": conversation.desk_id,
        "saturated": conversation.saturated_at is not None,
        "agent": agent.public_name if agent else "",
        "code": conversation.verification,
        "outcome": conversation.get_outcome_display() if conversation.outcome else "",
        "victim_read": conversation.victim_read,
        "agent_read": conversation.agent_read,
    }


def pong(seq: int) -> dict:
    return {"t": "pong", "seq": seq}


def typing() -> dict:
    """The other side writes, at this moment."""
    return {"t": "typing"}


def beat() -> dict:
    """Are you there? A browser lets the timers of a hidden page run once a minute; what comes, it hears at once."""
    return {"t": "beat"}


def err(refusal: Refusal, name: str | None = None) -> dict:
    frame = {"t": "err", "code": refusal.code, "text": refusal.text}
    return {**frame, "id": name} if name else frame
