import logging

from celery import shared_task
from django.core.management import call_command
from kombu.exceptions import OperationalError

from victims.services import retention, scanning
from victims.vault import clamav

log = logging.getLogger("victims.tasks")


@shared_task(name="victims.purge")
def purge_expired() -> None:
    """Every night. Also sessions that ended."""
    retention.purge()
    call_command("clearsessions")


@shared_task(name="victims.scan")
def scan(ids: list[str] | None = None) -> None:
    """Every few minutes for all that waits; at once for what just came."""
    scanning.scan_waiting(ids)


def scan_soon(ids: list) -> None:
    """Without its broker nothing is lost: the piece waits for the next round."""
    if not clamav.is_configured():
        return
    try:
        scan.apply_async([[str(each) for each in ids]], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("scan not asked for: %s", type(error).__name__)
