"""What every server does besides serving: tend the queue; and, without a broker, the nightly chores of the beat."""

import logging
import threading
import time

from django.conf import settings
from django.db import connection

from diagnostic.tasks import deliver_letters
from guichet.tasks import publish_figures, watch_threats
from tchat import tender
from victims.tasks import forget_subscriptions, purge_expired, remind, scan, tend_referrals, watch_surges

log = logging.getLogger("guichet.chores")
DAY = 24 * 3600
HOUR = 3600
SOON = 60
DAILY = (purge_expired, publish_figures, scan, watch_surges)
HOURLY = (watch_threats, forget_subscriptions)
OFTEN = (tend_referrals, remind, deliver_letters)


def start() -> None:
    tender.start()
    if not settings.REDIS_URL:
        for period, chores in ((DAY, DAILY), (HOUR, HOURLY), (SOON, OFTEN)):
            threading.Thread(target=_every, args=(period, chores), name="guichet-chores", daemon=True).start()


def _every(period: int, chores: tuple) -> None:
    """One process and no beat: a minute after the start, then every `period` seconds."""
    time.sleep(SOON)
    while True:
        try:
            for chore in chores:
                chore()
        except Exception:
            log.exception("chores not done")
        connection.close()
        time.sleep(period)
