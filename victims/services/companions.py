"""Somebody helps in the dossier: invited by the victim, let in by a code of their own, put out at once.

A companion reads and types. Only the victim sends, files, withdraws, erases, invites, or speaks in the tchat.
"""

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import crypto, references
from guichet.lib.text import clean_text
from victims.models import Companion, Dossier
from victims.services import access
from victims.services.dossiers import VICTIM, NotFound, closed_hash

MOST = 3


class TooMany(Exception):
    """The dossier has as many companions as it may have."""


@transaction.atomic
def invite(*, dossier: Dossier, name: str, now: datetime | None = None) -> tuple[Companion, str]:
    """(companion, code): the code is told once, only its hash stays. Raises TooMany."""
    Dossier.objects.select_for_update().get(pk=dossier.pk)
    if dossier.companions.filter(ended_at=None).count() >= MOST:
        raise TooMany
    code = references.new_code()
    companion = Companion(
        dossier=dossier,
        number=dossier.companions.count() + 1,
        code_hash=make_password(references.read_code(code)),
        created_at=now or timezone.now(),
    )
    companion.sealed_name = crypto.seal(dossier.key, clean_text(name).strip(), bound=companion.bound)
    companion.save(force_insert=True)
    _record(companion, VICTIM, "accompagnant invité")
    return companion, code


def join(*, reference: str, code: str, now: datetime | None = None) -> str:
    """The token of this browser. Raises references.Unreadable, or NotFound: one answer for all that does not open."""
    spelled, digits = references.read_reference(reference), references.read_code(code)
    invited = Companion.objects.select_related("dossier").filter(
        dossier__reference=spelled, dossier__erased_at=None, ended_at=None
    )
    found = list(invited) or [None]
    good = [each for each in found if check_password(digits, each.code_hash if each else closed_hash())]
    companion = good[0] if good else None
    if companion is None:
        raise NotFound
    with transaction.atomic():
        # Comparing a code takes long: the victim may have put them out meanwhile, and closed what was open then.
        if not Companion.objects.select_for_update().filter(pk=companion.pk, ended_at=None).exists():
            raise NotFound
        Companion.objects.filter(pk=companion.pk, joined_at=None).update(joined_at=now or timezone.now())
        _record(companion, companion.audit_name, "accompagnant venu")
        return access.grant_access(dossier=companion.dossier, companion=companion)


@transaction.atomic
def end(*, dossier: Dossier, companion_id, now: datetime | None = None) -> None:
    """Out at once: the code opens nothing any more, and what it had opened is closed."""
    now = now or timezone.now()
    companion = dossier.companions.filter(pk=companion_id, ended_at=None).first()
    if companion and dossier.companions.filter(pk=companion.pk, ended_at=None).update(ended_at=now):
        companion.accesses.filter(ended_at=None).update(ended_at=now)
        _record(companion, VICTIM, "accompagnant retiré")


def names_of(dossier: Dossier) -> list[tuple[Companion, str]]:
    return [
        (each, crypto.unseal(dossier.key, each.sealed_name, bound=each.bound).decode())
        for each in dossier.companions.all()
    ]


def _record(companion: Companion, actor: str, verb: str) -> None:
    audit.record(actor=actor, verb=verb, chain=companion.dossier.chain, target=str(companion.pk))
