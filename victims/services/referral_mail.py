"""The e-mails to a provider: neutral, a link and nothing else. What could not be sent is owed, and sent later."""

import logging
from collections.abc import Iterable
from smtplib import SMTPException

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from victims.models import Referral
from victims.signals import provider_mail_owed

SALT = "victims.referral"
SUBJECTS = {
    "demande": "Guichet : une demande attend votre réponse",
    "rappel": "Guichet : rappel, une demande attend votre réponse",
    "message": "Guichet : vous avez un message",
    "fin": "Guichet : une demande est terminée",
    "différend": "Guichet : une réponse à votre différend",
}
BATCH = 100
log = logging.getLogger("victims.referrals")


def token_of(referral: Referral) -> str:
    return signing.Signer(salt=SALT).sign(referral.pk.hex)


def referral_of(token: str) -> Referral | None:
    """The request of a link that we signed; None for any other text, or when the dossier is gone."""
    try:
        number = signing.Signer(salt=SALT).unsign(token)
        found = Referral.objects.select_related("dossier", "dossier__diagnosis", "provider", "shortlist__draw")
        return found.filter(pk=number, dossier__erased_at=None).first()
    except (signing.BadSignature, ValidationError):
        return None


def address_of(referral: Referral) -> str:
    origin = settings.ORIGINS[0] if settings.ORIGINS else "http://127.0.0.1:8000"
    return origin + reverse("provider:request", args=[token_of(referral)])


def owed(referrals: Iterable[Referral]) -> None:
    """Once what owes them is committed: a mail server that is away keeps nobody waiting at a page."""
    ids = [each.pk for each in referrals]
    transaction.on_commit(lambda: provider_mail_owed.send(sender=Referral, ids=ids), robust=True)


def deliver(ids: list | None = None) -> int:
    """Sends what is owed, after the commit. An invented provider has no address that exists: its e-mail may be lost."""
    owed = Referral.objects.exclude(owed_mail="").select_related("provider")
    owed = owed.filter(pk__in=ids) if ids is not None else owed
    done = 0
    for referral in owed.order_by("asked_at")[:BATCH]:
        if not _sent(referral) and not referral.provider.invented:
            continue
        Referral.objects.filter(pk=referral.pk, owed_mail=referral.owed_mail).update(owed_mail="")
        done += 1
    return done


def _sent(referral: Referral) -> bool:
    kind = referral.owed_mail
    page = {"kind": kind, "link": address_of(referral), "due": referral.due_at}
    body = render_to_string("provider/mail.txt", page)
    message = EmailMessage(SUBJECTS[kind], body, to=[referral.provider.contact_email])
    message.connection = get_connection(timeout=10)
    try:
        message.send()
    except (SMTPException, OSError) as error:
        log.warning("provider mail not sent (%s)", type(error).__name__)
        return False
    return True
