"""What the sockets of a process look at, asked for all of them at once: one statement, however many they are."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Max
from django.db.models.functions import Now

from tchat.enums import Author, State
from tchat.models import Conversation, Message
from tchat.services import alerts, presence, supervision
from tchat.services.messages import Line, lines_of
from tchat.services.queue import Place, places_at

MARK = (
    "state",
    "last_seq",
    "agent_id",
    "victim_read",
    "agent_read",
    "desk_id",
    "claim_version",
    "dossier__assigned_agent",
)
Mark = tuple
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation as it stands, and its next lines after what was asked."""

    mark: Mark
    conversation: Conversation
    lines: list[Line]

    @property
    def last_seq(self) -> int:
        return self.mark[1]


def marks(ids: list[uuid.UUID]) -> dict[uuid.UUID, Mark]:
    """A short row for each conversation: two equal rows mean that nothing changed."""
    found = {}
    for start in range(0, len(ids), CHUNK):
        rows = Conversation.objects.filter(pk__in=ids[start : start + CHUNK]).values_list("pk", *MARK)
        found.update({row[0]: row[1:] for row in rows})
    return found


def look(after: dict[uuid.UUID, int | None]) -> dict[uuid.UUID, Seen]:
    """Two statements: the conversations, then the lines after `after` (None: no line is wanted yet)."""
    conversations = Conversation.objects.select_related("dossier", "agent").in_bulk(list(after))
    wanted = [
        (conversation, after[key])
        for key, conversation in conversations.items()
        if after[key] is not None and after[key] < conversation.last_seq
    ]
    lines = lines_of(wanted=wanted) if wanted else {}
    return {
        key: Seen(mark_of(conversation), conversation, lines.get(key, []))
        for key, conversation in conversations.items()
    }


def mark_of(conversation: Conversation, *, last_seq: int | None = None) -> Mark:
    seq = conversation.last_seq if last_seq is None else last_seq
    return (
        conversation.state,
        seq,
        conversation.agent_id,
        conversation.victim_read,
        conversation.agent_read,
        conversation.desk_id,
        conversation.claim_version,
        conversation.dossier.assigned_agent_id,
    )


def line_of(message: Message, text: str, *, agent) -> Line:
    """A message just stored, with its text still in hand."""
    who = agent.public_name if message.agent_id and agent else Author(message.author).label
    return Line(message.seq, str(message.client_id), message.author, who, text, "", message.at, message.digest)


def places(desks: set[str]) -> dict[uuid.UUID, Place]:
    return places_at(desks=desks)


def victims_seen(ids: list[uuid.UUID], now: datetime | None = None) -> None:
    """A lease by the database's clock: whoever stops renewing it is gone, however the process died. A row that
    somebody holds is left for the next time, and the others are written all the same."""
    if not ids:
        return
    with transaction.atomic():
        rows = Conversation.objects.filter(pk__in=ids)
        free = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        Conversation.objects.filter(pk__in=free.values("pk")).update(victim_seen_at=now or Now())


def queue_marks(desks: set[str]) -> dict[str, tuple]:
    """Who waits at each desk and how many for later, which agents are there and which alerts are open, in short: it
    changes when somebody comes, goes, defers, rests or calls."""
    rows = Conversation.objects.waiting().filter(desk_id__in=desks).order_by()
    waiting = {
        row["desk_id"]: (row["n"], row["last"], row["claims"], row["later"], row["owed"])
        for row in rows.values("desk_id").annotate(
            n=Count("pk"),
            last=Max("created_at"),
            claims=Max("claim_version"),
            later=Count("deferred_at"),
            owed=Count("owed_at"),
        )
    }
    raised, there = alerts.marks(desks), presence.marks(desks)
    known = waiting.keys() | raised.keys() | there.keys()
    return {desk: (waiting.get(desk), raised.get(desk), there.get(desk)) for desk in known}


def own_marks(agents: set[int]) -> dict[int, dict[str, tuple]]:
    """The open conversations of these agents, in short, with their notes and how many supervisors read each along."""
    found: dict[int, dict[str, tuple]] = {agent: {} for agent in agents}
    rows = Conversation.objects.filter(agent_id__in=agents, state=State.ACTIVE)
    readers = supervision.readings(agents)
    noted = rows.annotate(noted=Count("notes"))
    for agent, key, last, read, notes in noted.values_list("agent_id", "pk", "last_seq", "agent_read", "noted"):
        found[agent][str(key)] = (last, read, notes, readers.get(str(key), 0))
    return found
