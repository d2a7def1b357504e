"""The rows of a batch. On PostgreSQL in plain SQL: the same few statements whatever the batch, bound by the server.

At 1,000 conversations a message waited for the building of queries and the quoting of their values, and for going to
and fro, more than for PostgreSQL (docs/decisions/0015). What comes back are the models themselves, with only the
columns that a message needs.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection, transaction

from tchat.models import Conversation, Message
from victims.models import Dossier

Ids = Iterable[uuid.UUID]
Known = dict[tuple[uuid.UUID, uuid.UUID], Message]
# A conversation that somebody else holds is left out of the batch; the key check of a new line does not hold it.
LOCK = "FOR NO KEY UPDATE OF c SKIP LOCKED"
HEAD = "last_seq = h.last, chain_head = h.head"
# The statements are few and always the same: PostgreSQL plans each once per connection (Django turns that off).
PREPARED_AFTER = 3
_CONVERSATIONS, _MESSAGES = Conversation._meta.db_table, Message._meta.db_table


def _columns(model, *names: str) -> tuple[str, ...]:
    """In the model's own order, which `from_db` expects."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname in names)


_HELD = _columns(
    Conversation,
    *("id", "state", "desk_id", "agent_id", "dossier_id", "last_seq", "chain_head"),
    *("victim_read", "agent_read", "claim_version"),
)
_KEYS = _columns(Dossier, "id", "kek", "wrapped_key", "assigned_agent_id")
_KNOWN = _columns(Message, "id", "conversation_id", "seq", "client_id", "author", "agent_id", "digest", "at")
_ADDED = {
    "conversation_id": "uuid",
    "seq": "int",
    "client_id": "uuid",
    "author": "text",
    "agent_id": "int",
    "sealed_body": "bytea",
    "digest": "text",
    "at": "timestamptz",
}


@contextmanager
def stored_together() -> Iterator[None]:
    """One transaction. What is asked inside travels as one where nothing waits for the answer between, COMMIT with the
    last statement: two journeys in all. Errors are Django's, and nothing was stored then."""
    if not _is_postgresql():
        with transaction.atomic():
            yield
        return
    connection.ensure_connection()
    raw = connection.connection
    if connection.in_atomic_block:  # part of a larger transaction, which commits by itself
        with transaction.atomic(), connection.wrap_database_errors, raw.pipeline():
            yield
        return
    raw.prepare_threshold = PREPARED_AFTER
    with connection.wrap_database_errors:
        try:
            with raw.pipeline():
                _told("BEGIN")
                yield
                _told("COMMIT")
        except BaseException:
            if not raw.broken:
                raw.rollback()
            raise


def locked(ids: Ids, client_ids: Ids) -> tuple[dict[uuid.UUID, Conversation], Known]:
    """Held until the end of the transaction, with the dossier whose key seals the lines; and the messages that a
    sender's id already names. One stored between this look and the lock is found by its unique constraint."""
    ids, client_ids = list(ids), list(client_ids)
    if not _is_postgresql():
        held = {each.pk: each for each in Conversation.objects.select_related("dossier").filter(pk__in=ids)}
        return held, _by_name(Message.objects.filter(conversation__in=held, client_id__in=client_ids))
    columns = ", ".join([*(f"c.{name}" for name in _HELD), *(f"d.{name}" for name in _KEYS)])
    rows = _asked(
        f"SELECT EXISTS (SELECT FROM {_MESSAGES} m WHERE m.conversation_id = c.id AND m.client_id = ANY(%s)), {columns}"  # noqa: S608
        f" FROM {_CONVERSATIONS} c JOIN {Dossier._meta.db_table} d ON d.id = c.dossier_id"
        f" WHERE c.id = ANY(%s) ORDER BY c.id {LOCK}",
        [client_ids, ids],
    )
    held = {}
    for _, *row in rows:
        conversation = Conversation.from_db(connection.alias, _HELD, row[: len(_HELD)])
        conversation.dossier = Dossier.from_db(connection.alias, _KEYS, row[len(_HELD) :])
        held[conversation.pk] = conversation
    return held, _known(list(held), client_ids) if any(row[0] for row in rows) else {}


def _known(ids: list[uuid.UUID], client_ids: list[uuid.UUID]) -> Known:
    rows = _asked(
        f"SELECT {', '.join(_KNOWN)} FROM {_MESSAGES} WHERE conversation_id = ANY(%s) AND client_id = ANY(%s)",  # noqa: S608
        [ids, client_ids],
    )
    return _by_name(Message.from_db(connection.alias, _KNOWN, row) for row in rows)


def _by_name(messages: Iterable[Message]) -> Known:
    return {(message.conversation_id, message.client_id): message for message in messages}


def add(messages: list[Message], conversations: Iterable[Conversation]) -> None:
    """The lines, and the heads of their conversations."""
    if not messages:
        return
    heads = [(each.pk, each.last_seq, each.chain_head) for each in conversations]
    if not _is_postgresql():
        Message.objects.bulk_create(messages)
        for key, last, head in heads:
            Conversation.objects.filter(pk=key).update(last_seq=last, chain_head=head)
        return
    arrays = ", ".join(f"%s::{kind}[]" for kind in _ADDED.values())
    _told(
        f"WITH added AS (INSERT INTO {_MESSAGES} ({', '.join(_ADDED)}) SELECT * FROM unnest({arrays}))"  # noqa: S608
        f" UPDATE {_CONVERSATIONS} c SET {HEAD} FROM unnest(%s::uuid[], %s::int[], %s::text[]) AS h(id, last, head)"
        " WHERE c.id = h.id",
        [[getattr(message, name) for message in messages] for name in _ADDED]
        + [list(column) for column in zip(*heads, strict=True)],
    )


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _asked(sql: str, values: list) -> list[tuple]:
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(sql, values).fetchall()


def _told(sql: str, values: list | None = None) -> None:
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, values)
