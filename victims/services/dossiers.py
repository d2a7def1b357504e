"""Open a dossier, find it again with its reference and code, end its life."""

import secrets
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from diagnostic.models import Diagnosis
from diagnostic.services import save_diagnosis
from guichet.audit import services as audit
from guichet.lib import crypto, references
from guichet.territory.models import Commune
from victims.models import Dossier
from victims.services import sightings, ticks
from victims.services.counting import count_opened

VICTIM = "victime"


class NotFound(Exception):
    """No dossier has this reference and this code: one answer for both, so that nothing can be guessed."""


def new_opening() -> str:
    """The secret of one opening, kept by the browser until the code is noted."""
    return secrets.token_urlsafe(24)


def code_of(opening: str) -> str:
    """The code that this opening gives: repeated requests show the same one, and only its hash is stored."""
    return references.derived_code(crypto.fingerprint("code", opening).encode(), opening)


def open_dossier(
    *,
    journey,
    opening: str,
    commune: Commune | None,
    abroad: bool,
    exercise: bool = False,
    now: datetime | None = None,
) -> Dossier:
    """The dossier of this opening, made once however often the request comes; its diagnosis is saved with it."""
    mark = crypto.fingerprint("opening", opening)
    found = Dossier.objects.filter(opening=mark).first()
    if found:
        return found
    try:
        return _create(
            journey=journey,
            mark=mark,
            opening=opening,
            commune=commune,
            abroad=abroad,
            exercise=exercise,
            now=now,
        )
    except IntegrityError:
        return Dossier.objects.get(opening=mark)


@transaction.atomic
def _create(*, journey, mark: str, opening: str, commune, abroad: bool, exercise: bool, now) -> Dossier:
    now = now or timezone.now()
    diagnosis: Diagnosis = save_diagnosis(journey=journey, commune_code=commune.code if commune else "", abroad=abroad)
    dossier = Dossier(
        reference=references.new_reference(),
        opening=mark,
        code_hash=make_password(references.read_code(code_of(opening))),
        diagnosis=diagnosis,
        commune=commune,
        abroad=abroad,
        exercise=exercise,
        created_at=now,
        touched_at=now,
    )
    dossier.kek, dossier.wrapped_key = crypto.wrap(crypto.new_key(), owner=str(dossier.pk))
    dossier.save(force_insert=True)
    ticks.start(dossier=dossier, ticked=journey.done, now=now)
    audit.record(actor=VICTIM, verb="dossier ouvert", chain=dossier.chain, target=dossier.reference)
    count_opened(dossier)
    return dossier


def find_dossier(*, reference: str, code: str) -> Dossier:
    """Raises references.Unreadable (with words for the field) or NotFound; takes the same time in both cases."""
    spelled, digits = references.read_reference(reference), references.read_code(code)
    dossier = Dossier.objects.filter(reference=spelled, erased_at=None).first()
    good = check_password(digits, dossier.code_hash if dossier else closed_hash())
    if not (dossier and good):
        raise NotFound
    return dossier


_nobody_hash: list[str] = []


def closed_hash() -> str:
    """A hash that no code opens, so that an unknown reference costs the same work as a wrong code."""
    if not _nobody_hash:
        _nobody_hash.append(make_password(secrets.token_urlsafe(16)))
    return _nobody_hash[0]


def note_code(*, dossier: Dossier) -> None:
    """The person says that the code is on paper: it is never shown again."""
    if Dossier.objects.filter(pk=dossier.pk, code_noted_at=None).update(code_noted_at=timezone.now()):
        audit.record(actor=VICTIM, verb="code noté", chain=dossier.chain, target=dossier.reference)


@transaction.atomic
def renew_opening(*, dossier: Dossier) -> str:
    """A new opening, so a new code, for a dossier whose code was never noted; empty once it was."""
    opening = new_opening()
    changed = Dossier.objects.filter(pk=dossier.pk, code_noted_at=None, erased_at=None).update(
        opening=crypto.fingerprint("opening", opening),
        code_hash=make_password(references.read_code(code_of(opening))),
    )
    if not changed:
        return ""
    audit.record(actor=VICTIM, verb="code renouvelé", chain=dossier.chain, target=dossier.reference)
    return opening


def touch(*, dossier: Dossier) -> None:
    Dossier.objects.filter(pk=dossier.pk).update(touched_at=timezone.now())


@transaction.atomic
def assign(*, dossier: Dossier, agent) -> None:
    """The right to read is written on the dossier."""
    Dossier.objects.filter(pk=dossier.pk).update(assigned_agent=agent, touched_at=timezone.now())
    audit.record(actor=agent.audit_name, verb="dossier attribué", chain=dossier.chain, target=dossier.reference)


@transaction.atomic
def withdraw(*, dossier: Dossier, agent) -> None:
    """The right to read goes with the conversation that is given to others."""
    if Dossier.objects.filter(pk=dossier.pk, assigned_agent=agent).update(assigned_agent=None):
        audit.record(actor=agent.audit_name, verb="dossier rendu", chain=dossier.chain, target=dossier.reference)


@transaction.atomic
def erase(*, dossier: Dossier, actor: str = "système", now: datetime | None = None) -> None:
    """Destroy the key: what it sealed is unreadable for ever, in the database and the files. A backup keeps the wrapped
    key: it dies with the key-encryption key of that day (docs/operations.md, « Backups »)."""
    changed = Dossier.objects.filter(pk=dossier.pk, erased_at=None).update(
        wrapped_key=None, code_hash="!", erased_at=now or timezone.now()
    )
    if changed:
        dossier.accesses.filter(ended_at=None).update(ended_at=now or timezone.now())
        sightings.forget(dossier=dossier)
        audit.record(actor=actor, verb="dossier effacé", chain=dossier.chain, target=dossier.reference)
