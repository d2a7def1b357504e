import logging

from celery import shared_task
from django.core.management import call_command
from kombu.exceptions import OperationalError

from diagnostic.prevention import subscriptions
from guichet.directory.services import draws, providers
from victims.retention import SCHEDULE
from victims.services import (
    appointments,
    draft_reminders,
    late_stamps,
    mailing,
    receptions,
    referral_answers,
    referral_mail,
    retention,
    scanning,
    surges,
)
from victims.vault import clamav

log = logging.getLogger("victims.tasks")


@shared_task(name="victims.purge")
def purge_expired() -> None:
    """Every night. Also sessions, listings of providers and draws that ended."""
    retention.purge()
    providers.expire_due()
    draws.forget(life=SCHEDULE.life("referral"))
    call_command("clearsessions")


@shared_task(name="victims.subscriptions")
def forget_subscriptions() -> None:
    """Every hour: the schedule says how long an address waits for its confirmation."""
    subscriptions.forget_unconfirmed(life=SCHEDULE.life("subscription"))


@shared_task(name="victims.referrals")
def tend_referrals() -> None:
    """Every minute: a provider has an hour to answer."""
    referral_answers.tend()


@shared_task(name="victims.write_to_providers")
def write_to_providers(ids: list[str]) -> None:
    """At once for what was just asked or written; what does not leave now leaves with the next round."""
    referral_mail.deliver(ids)


@shared_task(name="victims.scan")
def scan(ids: list[str] | None = None) -> None:
    """Every few minutes for all that waits; at once for what just came."""
    scanning.scan_waiting(ids)


@shared_task(name="victims.stamps")
def stamp_late() -> None:
    """Every minute: the papers that the time-stamping authority was not there to date."""
    late_stamps.tend()


@shared_task(name="victims.remind")
def remind() -> None:
    """Every quarter of an hour: the appointments of tomorrow, and what was begun and soon ends."""
    appointments.remind()
    draft_reminders.remind()


@shared_task(name="victims.hours")
def follow_opening_hours() -> None:
    """Every hour: the appointments that the opening hours allow, one more day each day."""
    receptions.follow_all()


@shared_task(name="victims.surges")
def watch_surges() -> None:
    """Every hour: the traces and the series that grow faster than chance."""
    surges.watch()


def scan_soon(ids: list) -> None:
    """Without its broker nothing is lost: the piece waits for the next round."""
    if not clamav.is_configured():
        return
    try:
        scan.apply_async([[str(each) for each in ids]], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("scan not asked for: %s", type(error).__name__)


@shared_task(name="victims.tell", autoretry_for=(OSError,), retry_backoff=60, max_retries=5)
def tell(dossier_id: str) -> None:
    """The neutral mail. A mail server that is away is tried again for half an hour; nothing else waits for it."""
    mailing.send_news(dossier_id)


def write_to_providers_soon(ids: list) -> None:
    """Without its broker nothing is lost: an e-mail that is owed waits for the next round, a minute later."""
    try:
        write_to_providers.apply_async([[str(each) for each in ids]], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("mail to providers not asked for: %s", type(error).__name__)


def tell_soon(dossier_id) -> None:
    """Without its broker the mail is not sent: « Mon dossier » says the same, and is the one that counts."""
    try:
        tell.apply_async([str(dossier_id)], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("mail not asked for: %s", type(error).__name__)


@shared_task(name="victims.confirm_address", autoretry_for=(OSError,), retry_backoff=60, max_retries=5)
def confirm_address(dossier_id: str, booking_id: str | None = None) -> None:
    """The mail with the link. What is missing is said on « Mon dossier », where it can be asked for again."""
    mailing.send_confirmation(dossier_id, booking_id)


def confirm_address_soon(dossier_id, booking_id=None) -> None:
    try:
        confirm_address.apply_async([str(dossier_id), booking_id and str(booking_id)], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("mail not asked for: %s", type(error).__name__)
