"""A connection to PostgreSQL that waits for no answer for ever.

The server bounds a statement and a lock (`statement_timeout`, `lock_timeout`), the kernel a peer that acknowledges
nothing (`tcp_user_timeout`). Neither helps when a proxy or a pooler between them takes our bytes and says nothing: then
every thread that asks waits until the process is killed. Here the wait itself has an end.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

PATIENCE = 8.0  # longer than what the server itself allows a statement, so that its own word comes first


class BoundedConnection(psycopg.Connection):
    """Nothing is known of a statement that was not answered in time, a COMMIT included: the connection is closed, and
    the caller gets an OperationalError as for any link that breaks. `patience`: seconds for an answer; None: no end."""

    patience: float | None = PATIENCE

    def wait(self, gen, *args, timeout: float | None = None, **more):
        limit = self.patience if timeout is None else timeout
        started = time.monotonic()
        try:
            return super().wait(gen, *args, timeout=limit, **more)
        except psycopg.OperationalError:
            if limit is not None and time.monotonic() - started >= limit:
                self.pgconn.finish()
            raise


@contextmanager
def patiently(connection) -> Iterator[None]:
    """For work whose statements take long, a COMMIT among them: this one of Django's connections waits as long as the
    server does."""
    connection.ensure_connection()
    raw = connection.connection
    if not isinstance(raw, BoundedConnection):
        yield
        return
    raw.patience = None
    try:
        yield
    finally:
        raw.patience = PATIENCE
