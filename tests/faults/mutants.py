"""Our daphne with one promise broken on purpose: the suite must turn red, or it proves nothing.

python -m tests.faults.mutants NAME <arguments of guichet.server>
"""

import sys
import uuid

import django

django.setup()

from django.utils import timezone  # noqa: E402

from guichet import server  # noqa: E402 (after setup)
from tchat import pulse  # noqa: E402
from tchat.hub import RedisHub  # noqa: E402
from tchat.models import Message  # noqa: E402
from tchat.services import writer  # noqa: E402


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


MUTANTS = {"ack-before-commit": ack_before_commit, "deaf": deaf, "no-client-id": no_client_id}

if __name__ == "__main__":
    MUTANTS[sys.argv.pop(1)]()
    server.main()
