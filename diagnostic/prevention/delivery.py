"""Sends the mails that are owed to subscribers. What is sent is marked; what is not is tried again, later each time.

A letter is taken by moving its next try ahead, one winner per letter. If the process dies with a letter in hand, it is
taken again after `LEASE`, with the same Message-ID: should the mail server already have had it, the mailbox can tell.
"""

import logging
import time
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from diagnostic.prevention import subscriptions
from diagnostic.prevention.enums import State
from diagnostic.prevention.subscription_models import Letter
from guichet.lib import crypto

LEASE = timedelta(minutes=10)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)
# An alert that could not be sent for this long is no news any more: the site and the feed have it.
STALE = timedelta(days=3)
BATCH, SECONDS = 200, 45
SUBJECT_CONFIRM = "Guichet cyber : confirmez votre demande"
log = logging.getLogger("guichet.diagnostic")


def deliver(*, now: datetime | None = None) -> int:
    """How many went. Safe to run twice at once, to stop at any point and to run again."""
    end, done, last = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < end:
        moment = now or timezone.now()
        batch = list(_owed(moment).filter(pk__gt=last).order_by("pk")[:BATCH])
        if not batch:
            break
        try:
            with get_connection(timeout=10) as connection:
                done += sum(_take_and_send(letter, connection, moment) for letter in batch if time.monotonic() < end)
        except (SMTPException, OSError) as error:
            log.warning("no mail server for the alerts (%s)", type(error).__name__)
            break
        last = batch[-1].pk
    return done


def _owed(now: datetime):
    asked = Q(announcement=None, owed_at__gt=now - subscriptions.ASK_LIFE)
    over = Q(announcement__ends_at__isnull=False, announcement__ends_at__lte=now)
    fresh = Q(owed_at__gt=now - STALE) | Q(announcement__starts_at__gt=now - STALE)
    shown = Q(announcement__state=State.PUBLISHED, announcement__starts_at__lte=now) & fresh & ~over
    waiting = Letter.objects.filter(sent_at=None, next_at__lte=now).filter(asked | shown)
    return waiting.select_related("subscription", "announcement")


def _take_and_send(letter: Letter, connection, now: datetime) -> int:
    mine = Letter.objects.filter(pk=letter.pk, sent_at=None)
    if mine.filter(next_at=letter.next_at).update(next_at=now + LEASE, tries=F("tries") + 1) != 1:
        return 0
    if letter.announcement and not letter.subscription.wants(letter.announcement):
        mine.delete()
        return 0
    try:
        message_of(letter, connection).send()
    except (SMTPException, OSError, ValueError, crypto.CannotOpen) as error:
        log.warning("alert not sent (%s)", type(error).__name__)
        mine.update(next_at=now + min(FIRST_WAIT * 2 ** min(letter.tries, 10), LONGEST_WAIT))
        return 0
    if letter.announcement:
        return mine.update(sent_at=now)
    return mine.delete()[0]


def message_of(letter: Letter, connection=None) -> EmailMessage:
    stop = _address("prevention:subscription_stop", subscriptions.stop_token(letter.subscription))
    page, subject = {"stop": stop}, SUBJECT_CONFIRM
    headers = {"Message-ID": _message_id(letter), "Auto-Submitted": "auto-generated"}
    if letter.announcement:
        page |= {"alert": letter.announcement, "link": _address("prevention:alert", letter.announcement.pk)}
        subject = f"Alerte : {letter.announcement.title}"
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    else:
        token = subscriptions.confirm_token(letter.subscription)
        page["confirm"] = _address("prevention:subscription_confirm", token)
    body = render_to_string("prevention/subscription_mail.txt", page)
    to = [subscriptions.address_of(letter.subscription)]
    return EmailMessage(subject, body, to=to, headers=headers, connection=connection)


def _message_id(letter: Letter) -> str:
    """The same at each try, and nothing that a reader could take for somebody."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "guichet.invalid"
    number = crypto.fingerprint("alert-letter", f"{letter.pk}.{letter.subscription_id}.{letter.subscription.ask}")
    return f"<{number[:32]}@{domain}>"


def _address(name: str, argument: object) -> str:
    """A mail outlives the request that caused it: its links are those of the service, never of a Host header."""
    origin = settings.ORIGINS[0] if settings.ORIGINS else "http://127.0.0.1:8000"
    return origin + reverse(name, args=[argument])
