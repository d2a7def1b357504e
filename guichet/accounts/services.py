"""The second factor of an agent: propose, confirm, check, renew, remove, reset. Each leaves its line in the journal.

Failures are counted on the row, under its lock, not in the cache: a million codes cannot be tried while Redis is away.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from guichet.accounts import rules, totp
from guichet.accounts.enums import Means, ResetReason
from guichet.accounts.models import Agent, RecoveryCode, SecondFactor
from guichet.accounts.signals import sessions_ended
from guichet.audit import services as audit
from guichet.lib import crypto

log = logging.getLogger("guichet.accounts")
RECOVERY_CODES = 10
FREE_FAILURES = 5  # the wait begins with the fifth in a row, and doubles
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
PROPOSAL_LIVES = timedelta(hours=1)


class NotAllowed(Exception):
    """Nobody resets this factor, or not this person."""


class NothingProposed(Exception):
    """No factor waits to be confirmed, or it has waited too long."""


@dataclass(frozen=True)
class Check:
    """What became of a typed code. `wait`: seconds before another is looked at; `unreadable`: its key is not here."""

    means: Means | None = None
    wait: int = 0
    unreadable: bool = False
    failures_before: int = 0


def factor_of(agent: Agent) -> SecondFactor | None:
    return SecondFactor.objects.confirmed().filter(agent=agent).first() if agent.factor_mark else None


def codes_left(factor: SecondFactor) -> int:
    return factor.recovery_codes.filter(used_at=None).count()


def proposal_of(agent: Agent, *, now: datetime | None = None) -> SecondFactor | None:
    """What waits for its first code, if it can still be read."""
    since = (now or timezone.now()) - PROPOSAL_LIVES
    found = SecondFactor.objects.filter(agent=agent, confirmed_at=None, begun_at__gt=since).first()
    return found if found and _opens(found) else None


def _opens(factor: SecondFactor) -> bool:
    try:
        return bool(factor.secret)
    except crypto.CannotOpen:
        return False


@transaction.atomic
def propose(*, agent: Agent, now: datetime | None = None) -> SecondFactor | None:
    """A new secret to show once to a telephone. None when a factor is in force: it is removed first."""
    if SecondFactor.objects.confirmed().filter(agent=agent).exists():
        return None
    SecondFactor.objects.filter(agent=agent).delete()
    factor, key = SecondFactor(agent=agent, begun_at=now or timezone.now()), crypto.new_key()
    factor.kek, factor.wrapped_key = crypto.wrap(key, owner=factor.owner)
    factor.sealed_secret = crypto.seal(key, totp.new_secret(), bound=factor.bound)
    factor.save(force_insert=True)
    return factor


@transaction.atomic
def confirm(*, agent: Agent, code: str, now: datetime | None = None) -> list[str]:
    """The ten recovery codes, to be shown once; none when the code is wrong. Every session of before is closed."""
    now = now or timezone.now()
    factor = SecondFactor.objects.select_for_update().filter(agent=agent, confirmed_at=None).first()
    if factor is None or factor.begun_at <= now - PROPOSAL_LIVES or not _opens(factor):
        raise NothingProposed
    step = totp.matching_step(factor.secret, code, now=now, after=0)
    if step is None:
        audit.record(actor=agent.audit_name, verb="code refusé", detail={"pour": "ajout"}, now=now)
        return []
    factor.confirmed_at, factor.last_step = now, step
    factor.save(update_fields=["confirmed_at", "last_step"])
    codes = _new_codes(factor)
    _mark(agent, secrets.token_hex(16))
    audit.record(actor=agent.audit_name, verb="second facteur ajouté", target=agent.audit_name, now=now)
    return codes


def _mark(agent: Agent, mark: str) -> None:
    agent.factor_mark = mark
    agent.save(update_fields=["factor_mark"])
    transaction.on_commit(lambda: sessions_ended.send(sender=Agent, agent_id=agent.pk))


def _new_codes(factor: SecondFactor) -> list[str]:
    factor.recovery_codes.all().delete()
    codes: set[str] = set()
    while len(codes) < RECOVERY_CODES:
        codes.add(totp.new_recovery_code())
    marks = [factor.fingerprint(code) for code in codes]
    RecoveryCode.objects.bulk_create(RecoveryCode(factor=factor, fingerprint=mark) for mark in marks)
    return [totp.spelled_recovery(code) for code in codes]


@transaction.atomic
def check(*, agent: Agent, code: str, purpose: str, now: datetime | None = None) -> Check:
    """Use a code, of the application or of recovery. It counts once; after some failures in a row none is looked at."""
    now = now or timezone.now()
    factor = SecondFactor.objects.select_for_update().confirmed().get(agent=agent)
    if factor.wait_until and factor.wait_until > now:
        return Check(wait=int((factor.wait_until - now).total_seconds()) + 1)
    try:
        means = _use(factor, code, now)
    except crypto.CannotOpen:
        log.error("the second factor of agent %s does not open: is its key in GUICHET_KEKS?", agent.pk)
        return Check(unreadable=True)
    before = factor.failures
    _count(factor, now, failed=means is None)
    if means is None:
        audit.record(actor=agent.audit_name, verb="code refusé", detail={"pour": purpose}, now=now)
    return Check(means=means, failures_before=before)


def _use(factor: SecondFactor, code: str, now: datetime) -> Means | None:
    if len(code) == totp.RECOVERY_DIGITS:
        unused = factor.recovery_codes.filter(fingerprint=factor.fingerprint(code), used_at=None)
        return Means.RECOVERY if unused.update(used_at=now) == 1 else None
    step = totp.matching_step(factor.secret, code, now=now, after=factor.last_step)
    if step is None:
        return None
    factor.last_step = step
    return Means.APPLICATION


def _count(factor: SecondFactor, now: datetime, *, failed: bool) -> None:
    factor.failures = factor.failures + 1 if failed else 0
    factor.wait_until = None
    if factor.failures >= FREE_FAILURES:
        doublings = min(factor.failures - FREE_FAILURES, 10)
        factor.wait_until = now + min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)
    factor.save(update_fields=["failures", "wait_until", "last_step"])


@transaction.atomic
def renew_codes(*, agent: Agent) -> list[str]:
    """Ten new recovery codes; the old ones open nothing any more."""
    factor = SecondFactor.objects.select_for_update().confirmed().get(agent=agent)
    codes = _new_codes(factor)
    audit.record(actor=agent.audit_name, verb="codes de secours renouvelés", target=agent.audit_name)
    return codes


@transaction.atomic
def remove(*, agent: Agent) -> None:
    SecondFactor.objects.filter(agent=agent).delete()
    _mark(agent, "")
    audit.record(actor=agent.audit_name, verb="second facteur retiré", target=agent.audit_name)


@transaction.atomic
def reset(*, agent: Agent, reason: ResetReason, by: Agent | None) -> None:
    """Take a colleague's factor away; their sessions end with it. `by` is None for an operator on the server."""
    if not agent.factor_mark or (by and not rules.can_reset_factor(by, agent)):
        raise NotAllowed
    SecondFactor.objects.filter(agent=agent).delete()
    _mark(agent, "")
    audit.record(
        actor=by.audit_name if by else "système",
        verb="second facteur réinitialisé",
        target=agent.audit_name,
        detail={"raison": str(reason)},
    )


def rotate() -> tuple[int, int]:
    """(rewrapped, unreadable): the keys of the factors, wrapped again with the first KEK."""
    waiting = SecondFactor.objects.exclude(kek=crypto.current_kek()).order_by("pk")
    done = [_rewrapped(factor) for factor in waiting]
    if done:
        detail = {"renouvelées": sum(done), "illisibles": len(done) - sum(done)}
        audit.record(actor="système", verb="clés des seconds facteurs renouvelées", detail=detail)
    return sum(done), len(done) - sum(done)


def _rewrapped(factor: SecondFactor) -> bool:
    try:
        kek, wrapped = crypto.wrap(factor.key, owner=factor.owner)
    except crypto.CannotOpen:
        return False
    SecondFactor.objects.filter(pk=factor.pk, kek=factor.kek).update(kek=kek, wrapped_key=wrapped)
    return True
