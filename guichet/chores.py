"""What every server does besides serving: tend the queue; and, without a broker, the nightly chores of the beat."""

import logging
import threading
import time

from django.conf import settings
from django.db import connection

from tchat import tender
from victims.tasks import purge_expired, scan

log = logging.getLogger("guichet.chores")
DAY = 24 * 3600
SOON = 60


def start() -> None:
    tender.start()
    if not settings.REDIS_URL:
        threading.Thread(target=_every_day, name="guichet-chores", daemon=True).start()


def _every_day() -> None:
    """One process and no beat: a minute after the start, then every day."""
    time.sleep(SOON)
    while True:
        try:
            purge_expired()
            scan()
        except Exception:
            log.exception("chores not done")
        connection.close()
        time.sleep(DAY)
