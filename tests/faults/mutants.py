"""Our daphne with one promise broken on purpose: the suite must turn red, or it proves nothing.

python -m tests.faults.mutants NAME <arguments of guichet.server>
"""

import random
import sys
import time
import uuid

import django

django.setup()

from django.db import connection, connections, transaction  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.utils import timezone  # noqa: E402

from guichet import server  # noqa: E402 (after setup)
from tchat import consumers, pulse  # noqa: E402
from tchat.hub import RedisHub  # noqa: E402
from tchat.models import Message  # noqa: E402
from tchat.services import batch_rows, messages, writer  # noqa: E402


def ack_before_commit() -> None:
    """The sender is told « enregistré » although nothing was written, one time in twenty."""
    store, calls = writer.store_batch, []

    def early(sendings, now=None):
        calls.append(1)
        if len(calls) % 20:
            return store(sendings, now)
        for sending in sendings:
            sending.result = Message(seq=1, client_id=sending.client_id, at=timezone.now())
        return None

    writer.store_batch = early


def deaf() -> None:
    """No tick and no look when the link to Redis returns: only a bell that arrives makes a socket read."""
    pulse.TICK = 100_000.0
    ring = RedisHub._ring_here

    def without_recovery(self, groups, kind):
        if kind != pulse.RECOVERED:
            ring(self, groups, kind)

    RedisHub._ring_here = without_recovery


def no_client_id() -> None:
    """What was sent again is stored again: the server does not look for the sender's id."""
    send_all = writer.Writer.send_all

    async def anew(self, sendings):
        names = [sending.client_id for sending in sendings]
        for sending in sendings:
            sending.client_id = uuid.uuid4()
        results = await send_all(self, sendings)
        for sending, name in zip(sendings, names, strict=True):
            sending.client_id = name
        return results

    writer.Writer.send_all = anew


def no_lock() -> None:
    """Two processes number the lines of one conversation at the same moment, with a moment between the look and the
    writing. The database would still refuse the same number twice, and the sender would send again: so that second
    net is cut as well."""
    _without_locks()
    add = batch_rows.add

    def slowly(lines, conversations):
        time.sleep(random.random() * 0.02)
        add(lines, conversations)

    batch_rows.add = slowly
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tchat_message DROP CONSTRAINT IF EXISTS tchat_seq_once")
    connection.close()


def global_id() -> None:
    """Lines are numbered by one counter for all, without waiting for each other, and read « after the last one seen »:
    the line of a slower transaction becomes visible behind those that passed it, and nobody looks there again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")  # the two processes begin at the same moment
        cursor.execute("CREATE SEQUENCE IF NOT EXISTS mutant")
    connection.close()
    _without_locks()
    number = messages.next_line

    def numbered(conversation, sender, client_id, text, now):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('mutant')")
            rank = cursor.fetchone()[0]
        conversation.last_seq = rank - 1
        time.sleep(random.random() * 0.02)
        return number(conversation, sender, client_id, text, now)

    writer.next_line = messages.next_line = numbered
    batch_rows.HEAD = "last_seq = GREATEST(c.last_seq, h.last)"
    consumers.TchatSocket.show = _show_whatever_is_higher


def _without_locks() -> None:
    batch_rows.LOCK = ""
    QuerySet.select_for_update = lambda self, *arguments, **options: self


async def _show_whatever_is_higher(socket, shown) -> None:
    if socket.after is None:
        return
    async with socket._sending:
        for line in shown.seen.lines:
            if line.seq > socket.after:
                socket.after = line.seq
                await socket.say(consumers.frames.msg(line))


def no_health_check() -> None:
    """A connection that PostgreSQL has closed is handed to the next request as if it were good."""
    connections.settings["default"]["CONN_HEALTH_CHECKS"] = False


MUTANTS = {
    "ack-before-commit": ack_before_commit,
    "deaf": deaf,
    "no-client-id": no_client_id,
    "no-lock": no_lock,
    "global-id": global_id,
    "no-health-check": no_health_check,
}

if __name__ == "__main__":
    MUTANTS[sys.argv.pop(1)]()
    server.main()
