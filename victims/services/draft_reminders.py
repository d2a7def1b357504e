"""What was begun is deleted after its term: who left an address is told before, in neutral words, once each time."""

import logging
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from guichet.lib.crypto import CannotOpen
from victims.mail_content import MAIL
from victims.models import Complaint, Report
from victims.retention import SCHEDULE
from victims.services import mailing
from victims.services.blocks import DRAFT, Typed

log = logging.getLogger("victims.reminders")
LIFE = SCHEDULE.life("draft")
DAYS = MAIL.draft.days_before


def remind(*, now: datetime | None = None) -> int:
    """How many mails went. To run as often as one likes."""
    now = now or timezone.now()
    return sum(_reminded(record, now) for model in (Complaint, Report) for record in _due(model, now))


def _due(model: type[Typed], now: datetime):
    """Drafts near their end whose victim confirmed an address, except those told of the last day already."""
    near = Q(created_at__gt=now - LIFE, created_at__lte=now - LIFE + timedelta(days=max(DAYS)))
    found = model.objects.filter(near, state=DRAFT, dossier__erased_at=None, dossier__exercise=False)
    found = found.filter(dossier__sealed_address__isnull=False, dossier__address_confirmed_at__isnull=False)
    return found.exclude(reminded_for=min(DAYS)).select_related("dossier")


def _reminded(record: Typed, now: datetime) -> int:
    """Taken first, then sent: two rounds never tell the same. A mail server that is away is asked again next round."""
    ends = record.created_at + LIFE
    days = min(each for each in DAYS if ends - now <= timedelta(days=each))
    before = record.reminded_for
    if before is not None and before <= days:
        return 0
    mine = type(record).objects.filter(pk=record.pk, state=DRAFT, reminded_for=before)
    if mine.update(reminded_for=days) != 1:
        return 0
    date = date_format(timezone.localtime(ends), "j F Y")
    try:
        return int(mailing.send(record.dossier, MAIL.draft.subject_fr, MAIL.draft.body_fr.replace("{date}", date)))
    except CannotOpen:
        return 0
    except OSError as error:
        log.warning("reminder not sent: %s", type(error).__name__)
        type(record).objects.filter(pk=record.pk, reminded_for=days).update(reminded_for=before)
        return 0
