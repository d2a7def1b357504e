from celery import shared_task
from django.core.management import call_command

from victims.services import retention


@shared_task(name="victims.purge")
def purge_expired() -> None:
    """Every night. Also sessions that ended."""
    retention.purge()
    call_command("clearsessions")
