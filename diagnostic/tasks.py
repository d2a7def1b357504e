import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from diagnostic.prevention import delivery

log = logging.getLogger("guichet.diagnostic")


@shared_task(name="diagnostic.letters")
def deliver_letters() -> None:
    """Every minute, and at once when an announcement is published: the mails owed to subscribers."""
    delivery.deliver()


def deliver_soon() -> None:
    """Without its broker nothing is lost: what is owed waits for the next round."""
    try:
        deliver_letters.apply_async(retry=False)
    except (OperationalError, OSError) as error:
        log.warning("letters not asked for: %s", type(error).__name__)
