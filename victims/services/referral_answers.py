"""The provider's side, and what time does: accept, decline, write, report; reminders, an hour without an answer.

Each finding is counted without any link to the dossier: purging it changes no figure.
"""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from guichet.directory.rulebook import RULE
from guichet.directory.services import providers
from guichet.lib import crypto
from guichet.lib.text import clean_text
from guichet.observatory.services import count
from victims.enums import ReferralState, Side
from victims.models import Dispute, Referral, ReferralMessage
from victims.referral_content import LISTS, REFERRAL
from victims.services import mailing, referral_mail
from victims.services.dossiers import VICTIM, touch
from victims.services.referrals import READABLE, Refused, is_readable, locked, note, sealed_findings

SYSTEM = "système"
MAIL_LIFE = timedelta(days=1)  # an address that never answers must not hold back the others
WRITABLE = (ReferralState.ACCEPTED,)
WHY_NOT = {
    ReferralState.EXPIRED: "late",
    ReferralState.ACCEPTED: "accepted",
    ReferralState.DECLINED: "declined",
    ReferralState.WITHDRAWN: "withdrawn",
}


def actor_of(referral: Referral) -> str:
    return f"prestataire:{referral.provider_id}"


def _minutes(referral: Referral, now: datetime) -> int:
    return int((now - referral.asked_at).total_seconds() // 60)


def _answerable(referral: Referral, now: datetime) -> Referral:
    referral = locked(referral)
    if not is_readable(referral):
        raise Refused("suspended")
    if referral.state == ReferralState.ASKED and referral.due_at <= now:
        raise Refused("late")
    if referral.state != ReferralState.ASKED:
        raise Refused(WHY_NOT.get(ReferralState(referral.state), "closed"))
    return referral


@transaction.atomic
def accept(*, referral: Referral, now: datetime | None = None) -> Referral:
    """From here on the provider reads what the victim wrote for who accepts. Raises Refused."""
    now = now or timezone.now()
    referral = _answerable(referral, now)
    referral.state = ReferralState.ACCEPTED
    return _answered(referral, "accepted", "prestataire : demande acceptée", now)


@transaction.atomic
def decline(*, referral: Referral, reason: str, now: datetime | None = None) -> Referral:
    now = now or timezone.now()
    referral = _answerable(referral, now)
    referral.state, referral.decline_reason, referral.ended_at = ReferralState.DECLINED, reason, now
    return _answered(referral, "declined", "prestataire : demande refusée", now)


def _answered(referral: Referral, answer: str, verb: str, now: datetime) -> Referral:
    referral.answered_at, referral.touched_at, referral.owed_mail = now, now, ""
    referral.save(update_fields=["state", "decline_reason", "ended_at", "answered_at", "touched_at", "owed_mail"])
    providers.note_answer(provider_id=referral.provider_id, minutes=_minutes(referral, now))
    note(referral, actor_of(referral), verb)
    count("provider_answer", answer, exercise=referral.dossier.exercise)
    mailing.tell(referral.dossier)
    touch(dossier=referral.dossier)
    return referral


def messages_of(referral: Referral, *, reader: Side, now: datetime | None = None) -> list[tuple[ReferralMessage, str]]:
    """Each message with its text, oldest first. What the other side wrote is read now: its writer sees it."""
    referral.messages.exclude(sender=reader).filter(read_at=None).update(read_at=now or timezone.now())
    return read_messages(referral)


def read_messages(referral: Referral) -> list[tuple[ReferralMessage, str]]:
    key = referral.dossier.key
    return [(each, crypto.unseal(key, each.sealed_text, bound=each.bound).decode()) for each in referral.messages.all()]


@transaction.atomic
def write(
    *, referral: Referral, sender: Side, client_id: UUID, text: str, now: datetime | None = None
) -> ReferralMessage:
    """The same form sent twice stores one message. The reader gets one e-mail until it has read. Raises Refused."""
    now, text = now or timezone.now(), clean_text(text).strip()
    if not text:
        raise Refused("empty")
    referral = locked(referral)
    known = referral.messages.filter(client_id=client_id).first()
    if known:
        return known
    if referral.state not in WRITABLE:
        raise Refused("closed")
    if not is_readable(referral):
        raise Refused("suspended" if sender == Side.PROVIDER else "unread")
    told = referral.messages.filter(sender=sender, read_at=None).exists()
    message = ReferralMessage(referral=referral, client_id=client_id, sender=sender, sent_at=now)
    message.sealed_text = crypto.seal(referral.dossier.key, text, bound=message.bound)
    message.save(force_insert=True)
    referral.touched_at = now
    if not told and sender == Side.PROVIDER:
        mailing.tell(referral.dossier)
    elif not told:
        referral.owed_mail = "message"
        referral_mail.owed([referral])
    referral.save(update_fields=["touched_at", "owed_mail"])
    touch(dossier=referral.dossier)
    return message


@transaction.atomic
def report(*, referral: Referral, findings: dict[str, str], now: datetime | None = None) -> Referral:
    """What the provider found closes the request. Kept sealed for the victim; counted by class. Raises Refused."""
    referral, now = locked(referral), now or timezone.now()
    if referral.state == ReferralState.REPORTED:
        raise Refused("reported")
    if referral.state != ReferralState.ACCEPTED:
        raise Refused("closed")
    if not is_readable(referral):
        raise Refused("suspended")
    referral.sealed_report = sealed_findings(referral, findings)
    referral.state, referral.ended_at, referral.touched_at = ReferralState.REPORTED, now, now
    referral.save(update_fields=["sealed_report", "state", "ended_at", "touched_at"])
    note(referral, actor_of(referral), "prestataire : compte rendu remis")
    asked, exercise = referral.shortlist.draw.asked["threat"], referral.dossier.exercise
    count("provider_report", findings["threat"], exercise=exercise)
    said = "confirmed" if findings["threat"] == asked else "corrected"
    count("provider_report_threat", said, exercise=exercise)
    for name in LISTS:
        count(f"provider_report_{name}", findings[name], exercise=exercise)
    mailing.tell(referral.dossier)
    touch(dossier=referral.dossier)
    return referral


@transaction.atomic
def dispute(*, referral: Referral, side: Side, text: str, now: datetime | None = None) -> Dispute:
    """One open at a time for each side. Raises Refused."""
    text, referral = clean_text(text).strip(), locked(referral)
    if not text:
        raise Refused("empty")
    if referral.disputes.filter(side=side, answered_at=None).exists():
        raise Refused("disputed")
    opened = Dispute(referral=referral, side=side, opened_at=now or timezone.now())
    opened.sealed_text = crypto.seal(referral.dossier.key, text, bound=opened.bound("sealed_text"))
    opened.save(force_insert=True)
    note(referral, VICTIM if side == Side.VICTIM else actor_of(referral), "différend ouvert")
    count("provider_dispute", "victim" if side == Side.VICTIM else "provider", exercise=referral.dossier.exercise)
    return opened


@transaction.atomic
def answer_dispute(*, dispute: Dispute, agent, text: str, now: datetime | None = None) -> Dispute:
    """The administrator's answer, read by who opened it. Raises Refused."""
    text = clean_text(text).strip()
    if not text:
        raise Refused("empty")
    dispute = Dispute.objects.select_for_update(of=("self",)).select_related("referral__dossier").get(pk=dispute.pk)
    if dispute.answered_at:
        raise Refused("answered")
    referral = dispute.referral
    dispute.sealed_answer = crypto.seal(referral.dossier.key, text, bound=dispute.bound("sealed_answer"))
    dispute.answered_at, dispute.answered_by = now or timezone.now(), agent
    dispute.save(update_fields=["sealed_answer", "answered_at", "answered_by"])
    note(referral, agent.audit_name, "différend répondu")
    if dispute.side == Side.PROVIDER:
        Referral.objects.filter(pk=referral.pk).update(owed_mail="différend")
        referral_mail.owed([referral])
    return dispute


def dispute_words(dispute: Dispute) -> tuple[str, str]:
    """What was written, and the answer or nothing."""
    key = dispute.referral.dossier.key
    text = crypto.unseal(key, dispute.sealed_text, bound=dispute.bound("sealed_text")).decode()
    if not dispute.sealed_answer:
        return text, ""
    return text, crypto.unseal(key, dispute.sealed_answer, bound=dispute.bound("sealed_answer")).decode()


def tend(*, now: datetime | None = None) -> Counter:
    """Every minute: requests without an answer end, or whose provider was suspended; reminders become due, idle ones
    end, owed e-mails leave."""
    now, done = now or timezone.now(), Counter()
    for referral in Referral.objects.filter(state=ReferralState.ASKED, due_at__lte=now).order_by("due_at"):
        done["expired"] += _expire(referral, now)
    for referral in Referral.objects.filter(state=ReferralState.ASKED).exclude(provider__state__in=READABLE):
        done["suspended"] += _drop(referral, now)
    for place, minutes in enumerate(RULE.reminders_minutes, start=1):
        since = now - timedelta(minutes=minutes)
        waiting = Referral.objects.filter(state=ReferralState.ASKED, asked_at__lte=since, reminded__lt=place)
        done["reminded"] += waiting.update(reminded=place, owed_mail="rappel")
    idle = Referral.objects.filter(state=ReferralState.ACCEPTED, touched_at__lt=now - REFERRAL.idle)
    done["ended"] += idle.update(state=ReferralState.ENDED, ended_at=now)
    Referral.objects.exclude(owed_mail="").filter(touched_at__lt=now - MAIL_LIFE).update(owed_mail="")
    done["mailed"] += referral_mail.deliver()
    return done


@transaction.atomic
def _expire(referral: Referral, now: datetime) -> int:
    """Compare and set: two workers may race, and the provider may answer meanwhile."""
    changed = Referral.objects.filter(pk=referral.pk, state=ReferralState.ASKED).update(
        state=ReferralState.EXPIRED, ended_at=F("due_at"), owed_mail=""
    )
    if not changed:
        return 0
    providers.note_answer(provider_id=referral.provider_id, minutes=RULE.answer_minutes)
    note(referral, SYSTEM, "prestataire sans réponse")
    count("provider_answer", "expired", exercise=referral.dossier.exercise)
    mailing.tell(referral.dossier)
    return 1


@transaction.atomic
def _drop(referral: Referral, now: datetime) -> int:
    """A provider that was suspended before it answered: the victim does not wait an hour for nobody."""
    asked = Referral.objects.filter(pk=referral.pk, state=ReferralState.ASKED)
    if not asked.update(state=ReferralState.ENDED, ended_at=now, owed_mail=""):
        return 0
    note(referral, SYSTEM, "prestataire suspendu : demande finie")
    mailing.tell(referral.dossier)
    return 1


def settle(referral: Referral, *, now: datetime | None = None) -> Referral:
    """A page never shows as waiting what is over, even when nothing tends."""
    now = now or timezone.now()
    if referral.state != ReferralState.ASKED:
        return referral
    if referral.due_at <= now:
        _expire(referral, now)
    elif not is_readable(referral):
        _drop(referral, now)
    else:
        return referral
    referral.refresh_from_db()
    return referral
