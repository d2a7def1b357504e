"""One thread per process that tends the queue, and that knows when the leases it reads may be trusted."""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, connection

from tchat.services import presence
from tchat.services.tending import tend

log = logging.getLogger("tchat.tender")
PERIOD = 2.0
GAP = 3 * PERIOD


class Tender:
    """After a start, a freeze or a database away, leases are not judged for the length of a lease: whoever is there
    must first have had the time to say so."""

    def __init__(self) -> None:
        self._last = self._steady_since = float("-inf")

    def turn(self, now: float | None = None) -> None:
        now = time.monotonic() if now is None else now
        if now - self._last > GAP:
            self._steady_since = now
        trusted = now - self._steady_since > presence.LEASE.total_seconds()
        try:
            done = tend(leases_count=trusted)
        except (DatabaseError, InterfaceError, OSError) as error:
            log.warning("queue not tended: %s", type(error).__name__)
            return
        except Exception:
            log.exception("queue not tended")
            return
        self._last = now
        if done.total():
            log.info("queue tended: %s", dict(+done))

    def run(self) -> None:
        while True:
            self.turn()
            connection.close()
            time.sleep(PERIOD)


def start() -> None:
    threading.Thread(target=Tender().run, name="tchat-tender", daemon=True).start()
