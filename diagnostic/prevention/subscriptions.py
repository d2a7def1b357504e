"""Who asked for the announcements by mail: ask, confirm, stop, forget. The address is sealed and never told again.

Whoever asks learns nothing of who is subscribed, and nobody is subscribed before pressing the button of the mail.
"""

import secrets
import uuid
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils import timezone

from diagnostic.prevention.models import Announcement
from diagnostic.prevention.signals import letters_owed
from diagnostic.prevention.subscription_models import Letter, Subscription
from guichet.audit import services as audit
from guichet.lib import crypto

# The schedule of retention says the same of an address that was not confirmed; a test holds them together.
ASK_LIFE = timedelta(days=2)
CONFIRM, STOP = signing.Signer(salt="diagnostic.alerts.confirm"), signing.Signer(salt="diagnostic.alerts.stop")
SUBSCRIBER = "abonné"
MARK = "alert-address"
BATCH = 1000


# --- ask, confirm, stop -------------------------------------------------------------------------------
@transaction.atomic
def ask(*, address: str, departements: list[str], now: datetime | None = None) -> None:
    """One mail is owed, whether the address is known or not; what was confirmed holds until the new choice is."""
    now = now or timezone.now()
    found = _subscription_of(address, now)
    if found.asked_at is None or found.asked != departements:
        found.ask = secrets.token_hex(8)
    found.asked, found.asked_at = departements, now
    found.save(update_fields=["asked", "ask", "asked_at"])
    found.letters.filter(announcement=None).delete()
    Letter.objects.create(subscription=found, owed_at=now, next_at=now)
    _tell_on_commit()


@transaction.atomic
def confirm(token: str, *, now: datetime | None = None) -> Subscription | None:
    """What this link asked holds from now on; None when the link is not ours, too old or replaced. Twice is once."""
    now = now or timezone.now()
    found = asked_by(token, now=now)
    if found is None or found.asked_at is None:
        return found
    changes = {"departements": found.asked, "asked": [], "asked_at": None, "confirmed_at": now}
    if Subscription.objects.filter(pk=found.pk, ask=found.ask, asked_at=found.asked_at).update(**changes) == 1:
        audit.record(actor=SUBSCRIBER, verb="abonnement aux alertes confirmé", target=str(found.pk))
        found.letters.filter(announcement=None).delete()
    return Subscription.objects.filter(pk=found.pk).first()


def asked_by(token: str, *, now: datetime | None = None) -> Subscription | None:
    """The subscription of a link to confirm, while its choice waits or once it holds."""
    key, _, number = _unsigned(CONFIRM, token).partition(".")
    found = Subscription.objects.filter(pk=key, ask=number).first() if _is_key(key) and number else None
    if found and found.asked_at and found.asked_at < (now or timezone.now()) - ASK_LIFE:
        return None
    return found


@transaction.atomic
def stop(token: str) -> bool:
    """Erases the address with its key. Whether the link is ours; pressed twice it says the same."""
    key = _unsigned(STOP, token)
    if not _is_key(key):
        return False
    if Subscription.objects.filter(pk=key).delete()[0]:
        audit.record(actor=SUBSCRIBER, verb="abonnement aux alertes arrêté", target=key)
    return True


def is_stop(token: str) -> bool:
    return _is_key(_unsigned(STOP, token))


def confirm_token(subscription: Subscription) -> str:
    return CONFIRM.sign(f"{subscription.pk.hex}.{subscription.ask}")


def stop_token(subscription: Subscription) -> str:
    """It serves as long as the subscription: a mail of last year still stops the next one."""
    return STOP.sign(subscription.pk.hex)


def _unsigned(signer: signing.Signer, token: str) -> str:
    try:
        return signer.unsign(token)
    except signing.BadSignature:
        return ""


def _is_key(text: str) -> bool:
    try:
        return uuid.UUID(text).hex == text
    except ValueError:
        return False


# --- the address --------------------------------------------------------------------------------------
def address_of(subscription: Subscription) -> str:
    return crypto.unseal(subscription.key, subscription.sealed_address, bound=subscription.bound).decode()


def _subscription_of(address: str, now: datetime) -> Subscription:
    same = address.lower()
    marks = [crypto.trace_mark(MARK, same, key=name) for name in crypto.trace_keys()]
    if found := Subscription.objects.select_for_update().known_as(marks).first():
        return found
    new, key = Subscription(asked_at=now, mark_key=crypto.current_trace_key()), crypto.new_key()
    new.kek, new.wrapped_key = crypto.wrap(key, owner=str(new.pk))
    new.sealed_address = crypto.seal(key, address, bound=new.bound)
    columns = ("id", "kek", "wrapped_key", "sealed_address", "mark_key", "asked_at")
    values = {name: getattr(new, name) for name in columns}
    found, _ = Subscription.objects.get_or_create(mark=marks[0], defaults=values)
    return found


# --- owe, forget, rotate ------------------------------------------------------------------------------
def owe(announcement: Announcement) -> int:
    """To call inside the change that publishes: one letter for each confirmed subscriber that it concerns."""
    confirmed = Subscription.objects.confirmed().only("departements", "confirmed_at").order_by("pk")
    letters = (
        Letter(subscription=each, announcement=announcement)
        for each in confirmed.iterator(chunk_size=BATCH)
        if each.wants(announcement)
    )
    owed = len(Letter.objects.bulk_create(letters, batch_size=BATCH, ignore_conflicts=True))
    _tell_on_commit()
    return owed


def _tell_on_commit() -> None:
    transaction.on_commit(lambda: letters_owed.send(sender=Letter), robust=True)


@transaction.atomic
def forget_unconfirmed(*, life: timedelta, now: datetime | None = None) -> int:
    """Addresses that nobody confirmed go; so does a new choice that a subscriber did not confirm."""
    late = Subscription.objects.filter(asked_at__lt=(now or timezone.now()) - life)
    late.confirmed().update(asked=[], ask="", asked_at=None)
    gone, _ = late.filter(confirmed_at=None).delete()
    return gone


def rotate() -> tuple[int, int]:
    """(renewed, unreadable). Keys wrapped again with the first KEK, addresses marked again with the first mark key."""
    kek, mark_key = crypto.current_kek(), crypto.current_trace_key()
    waiting = Subscription.objects.exclude(kek=kek, mark_key=mark_key).order_by("pk")
    done = [_renewed(each, mark_key) for each in waiting]
    if done:
        detail = {"renouvelées": sum(done), "illisibles": len(done) - sum(done)}
        audit.record(actor="système", verb="clés des abonnements renouvelées", detail=detail)
    return sum(done), len(done) - sum(done)


@transaction.atomic
def _renewed(found: Subscription, mark_key: str) -> bool:
    """An address known twice, since the old mark key was withdrawn too early, is kept once: what was confirmed wins."""
    try:
        key, address = found.key, address_of(found)
    except crypto.CannotOpen:
        return False
    mark = crypto.trace_mark(MARK, address.lower(), key=mark_key)
    if twin := Subscription.objects.filter(mark=mark).exclude(pk=found.pk).first():
        if twin.confirmed_at:
            found.delete()
            return True
        twin.delete()
    kek, wrapped = crypto.wrap(key, owner=str(found.pk))
    changes = {"kek": kek, "wrapped_key": wrapped, "mark": mark, "mark_key": mark_key}
    Subscription.objects.filter(pk=found.pk, kek=found.kek, mark_key=found.mark_key).update(**changes)
    return True
