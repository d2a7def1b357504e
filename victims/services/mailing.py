"""A neutral mail when something changes, to the address that the victim left. It says nothing of the matter.

No name, no number, no link, no name of the service: whoever reads the mailbox learns nothing. The address is sealed
with the dossier's key, so it goes with it. Nothing is sent there before its reader has confirmed it, by the one mail
that holds a link.
"""

import uuid
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import crypto
from victims.mail_content import MAIL
from victims.models import Booking, Dossier
from victims.services.dossiers import VICTIM
from victims.signals import address_given, state_changed
from victims.states import Machine

SIGNER = signing.TimestampSigner(salt="victims.address.confirm")
LINK_LIFE = timedelta(days=2)
PATIENCE = 10  # seconds for the mail server


@transaction.atomic
def keep_address(*, dossier: Dossier, address: str) -> None:
    """An empty address stops the mails; another one waits for its reader to confirm it."""
    if address and address == address_of(dossier):
        return
    sealed = crypto.seal(dossier.key, address, bound=dossier.address_bound) if address else None
    Dossier.objects.filter(pk=dossier.pk).update(sealed_address=sealed, address_confirmed_at=None)
    dossier.sealed_address, dossier.address_confirmed_at = sealed, None
    verb = "adresse laissée" if address else "adresse retirée"
    audit.record(actor=VICTIM, verb=verb, chain=dossier.chain, target=dossier.reference)
    ask_to_confirm(dossier)


def ask_to_confirm(dossier: Dossier) -> None:
    """The mail with the link, once this is committed. Nothing for an address already confirmed."""
    if dossier.sealed_address and not dossier.address_confirmed_at:
        transaction.on_commit(partial(address_given.send, sender=Dossier, dossier_id=dossier.pk), robust=True)


def address_of(dossier: Dossier) -> str:
    if not dossier.sealed_address:
        return ""
    return crypto.unseal(dossier.key, dossier.sealed_address, bound=dossier.address_bound).decode()


def confirmed_address_of(dossier: Dossier) -> str:
    """Where anything may be sent; empty until its reader has confirmed it."""
    return address_of(dossier) if dossier.address_confirmed_at else ""


def reminder_of(booking: Booking) -> str:
    """The address left for this appointment alone, confirmed or not."""
    if booking.sealed_email is None:
        return ""
    try:
        return crypto.unseal(booking.dossier.key, booking.sealed_email, bound=booking.bound).decode()
    except crypto.CannotOpen:
        return ""


def confirmed_reminder_of(booking: Booking) -> str:
    return reminder_of(booking) if booking.email_confirmed_at else ""


def unconfirmed_reminder_of(booking: Booking) -> str:
    return "" if booking.email_confirmed_at else reminder_of(booking)


def confirmed_since(dossier: Dossier, address: str) -> datetime | None:
    """When the reader of this box said that it is theirs, for any use of this dossier."""
    if address.casefold() == confirmed_address_of(dossier).casefold():
        return dossier.address_confirmed_at
    known = dossier.bookings.filter(email_confirmed_at__isnull=False)
    same = (each.email_confirmed_at for each in known if reminder_of(each).casefold() == address.casefold())
    return next(same, None)


# --- confirm ------------------------------------------------------------------------------------------
def token_of(dossier: Dossier, address: str) -> str:
    """For this address of this dossier: another address, and the link serves no more."""
    return SIGNER.sign(f"{dossier.pk.hex}.{_mark(address)}")


def _mark(address: str) -> str:
    return crypto.fingerprint("address-confirm", address)[:16]


def ask_to_confirm_reminder(booking: Booking) -> None:
    """The same mail, to the address left for an appointment."""
    told = {"dossier_id": booking.dossier_id, "booking_id": booking.pk}
    transaction.on_commit(partial(address_given.send, sender=Booking, **told), robust=True)


def waiting_for(token: str) -> tuple[Dossier | None, list[Booking]]:
    """The dossier whose address this link confirms, and the appointments; none when it is not ours, too old, replaced
    or erased."""
    try:
        key, _, mark = SIGNER.unsign(token, max_age=LINK_LIFE).partition(".")
        dossier = Dossier.objects.filter(pk=uuid.UUID(key), erased_at=None).first()
    except (signing.BadSignature, ValueError):
        return None, []
    if dossier is None:
        return None, []
    left = dossier.bookings.current().filter(sealed_email__isnull=False)
    bookings = [each for each in left if _mark(reminder_of(each)) == mark]
    return dossier if dossier.sealed_address and _mark(address_of(dossier)) == mark else None, bookings


@transaction.atomic
def confirm(token: str, *, now: datetime | None = None) -> bool:
    """Whoever reads the box says that it is theirs. Twice is once."""
    now = now or timezone.now()
    dossier, bookings = waiting_for(token)
    for booking in bookings:
        waiting = Booking.objects.filter(pk=booking.pk, email_confirmed_at=None)
        if waiting.update(email_confirmed_at=now) == 1:
            chain = booking.dossier.chain
            audit.record(actor=VICTIM, verb="adresse confirmée", chain=chain, target=str(booking.pk))
    if dossier is None:
        return bool(bookings)
    waiting = Dossier.objects.filter(pk=dossier.pk, sealed_address=dossier.sealed_address, address_confirmed_at=None)
    if waiting.update(address_confirmed_at=now) == 1:
        audit.record(actor=VICTIM, verb="adresse confirmée", chain=dossier.chain, target=dossier.reference)
    return True


# --- send ---------------------------------------------------------------------------------------------
def told(machine: Machine, act: str, dossier: Dossier) -> None:
    """To call inside the change: once it is committed, the mail goes if this act is one that is told by mail."""
    if machine.acts[act].mail:
        tell(dossier)


def tell(dossier: Dossier) -> None:
    """To call inside any change that the victim waits for."""
    if dossier.sealed_address:
        transaction.on_commit(partial(state_changed.send, sender=Dossier, dossier_id=dossier.pk), robust=True)


def send_news(dossier_id: str) -> bool:
    """Whether a mail went. None goes for an erased dossier, nor to an address taken back or not confirmed yet."""
    dossier = Dossier.objects.filter(pk=dossier_id, erased_at=None, address_confirmed_at__isnull=False).first()
    return dossier is not None and send(dossier, MAIL.news.subject_fr, MAIL.news.body_fr)


def send_confirmation(dossier_id: str, booking_id: str | None = None) -> bool:
    """The one mail that holds a link, and the one that goes before the address is confirmed."""
    dossier = Dossier.objects.filter(pk=dossier_id, erased_at=None).first()
    address = _unconfirmed(dossier, booking_id) if dossier else ""
    if not address:
        return False
    origin = settings.ORIGINS[0] if settings.ORIGINS else "http://127.0.0.1:8000"
    link = origin + reverse("confirm_address", args=[token_of(dossier, address)])
    return send(dossier, MAIL.confirm.subject_fr, MAIL.confirm.body_fr.replace("{link}", link), address=address)


def _unconfirmed(dossier: Dossier, booking_id: str | None) -> str:
    if booking_id is None:
        return "" if dossier.address_confirmed_at else address_of(dossier)
    booking = dossier.bookings.current().filter(pk=booking_id).first()
    return unconfirmed_reminder_of(booking) if booking else ""


def send(dossier: Dossier, subject: str, body: str, *, address: str = "") -> bool:
    """To the address of the dossier, unless told another. Raises OSError when the mail server is away."""
    address = address or address_of(dossier)
    if not address:
        return False
    EmailMessage(subject, body, to=[address], connection=get_connection(timeout=PATIENCE)).send()
    audit.record(actor="système", verb="message envoyé", chain=dossier.chain, target=dossier.reference)
    return True
