"""A complaint from its first typed field to its filing. What was typed is one sealed document, saved block by block.

Two tabs never overwrite each other in silence: each block remembers the version at which it was last saved, and a
save made from an older one with another text is refused (`Conflict`) with both texts.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import crypto, references
from guichet.observatory.services import count
from guichet.territory.services import SHARED, competence_of
from victims import prefill
from victims.complaint_display import blocks_of
from victims.complaint_form import Section
from victims.diagnosed import scene_of, sections_of
from victims.enums import ComplaintState
from victims.forms import stored_form
from victims.models import Complaint, Dossier
from victims.services import complaint_papers, deposits
from victims.services.dossiers import VICTIM, touch
from victims.signals import complaint_filing

DRAFT_LIFE = timedelta(days=30)


class Conflict(Exception):
    """Another tab saved another text for this block; `stored` is that text."""

    def __init__(self, stored: dict, version: int):
        super().__init__("conflict")
        self.stored, self.version = stored, version


class AlreadyFiled(Exception):
    """The complaint is filed: nothing in it changes any more."""


class Incomplete(Exception):
    """What is still missing before filing."""

    def __init__(self, missing: list["Missing"]):
        super().__init__("incomplete")
        self.missing = missing


@dataclass(frozen=True)
class Missing:
    section: str
    section_title: str
    field: str
    message: str


def _open(complaint: Complaint) -> dict:
    plain = crypto.unseal(complaint.dossier.key, complaint.sealed_form, bound=complaint.bound)
    return json.loads(plain)


def _seal(complaint: Complaint, document: dict) -> None:
    plain = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    complaint.sealed_form = crypto.seal(complaint.dossier.key, plain, bound=complaint.bound)


def read_form(complaint: Complaint) -> dict:
    """{block: {field: as typed}}; the payments are a list of such. Raises crypto.CannotOpen once erased."""
    return _open(complaint)["sections"]


def saved_sections(complaint: Complaint) -> set[str]:
    """The blocks that somebody saved, and not only the prefilling."""
    return set(_open(complaint)["saved_in"])


def present(complaint: Complaint) -> list[dict]:
    """The blocks with labels and values, to show: see `complaint_display.blocks_of`."""
    return blocks_of(complaint.dossier.diagnosis, read_form(complaint))


def expires_at(complaint: Complaint) -> datetime:
    return complaint.created_at + DRAFT_LIFE


def current(dossier: Dossier, *, now: datetime | None = None) -> Complaint | None:
    """The complaint of this dossier: the filed one, else the draft that is not too old, else the withdrawn one."""
    now = now or timezone.now()
    found = list(dossier.complaints.select_related("service", "taken_over_by").order_by("-created_at"))
    for complaint in found:
        complaint.dossier = dossier
    drafts = [each for each in found if each.state == ComplaintState.DRAFT and expires_at(each) > now]
    withdrawn = [each for each in found if each.state == ComplaintState.WITHDRAWN]
    filed = [each for each in found if each not in drafts + withdrawn and each.state != ComplaintState.DRAFT]
    return next(iter(filed + drafts + withdrawn), None)


def start(*, dossier: Dossier, now: datetime | None = None) -> Complaint:
    """The complaint of this dossier, begun if there is none, prefilled with what was already said."""
    return _started(dossier=dossier, actor=VICTIM, now=now or timezone.now())


def _started(*, dossier: Dossier, actor: str, now: datetime) -> Complaint:
    found = current(dossier, now=now)
    if found and found.state != ComplaintState.WITHDRAWN:
        return found
    try:
        with transaction.atomic():
            dossier.complaints.filter(state=ComplaintState.DRAFT, created_at__lte=now - DRAFT_LIFE).delete()
            return _create(dossier, actor, now)
    except IntegrityError:
        return current(dossier, now=now)


def _create(dossier: Dossier, actor: str, now: datetime) -> Complaint:
    complaint = Complaint(dossier=dossier, created_at=now, saved_at=now)
    _seal(complaint, {"sections": prefill.from_diagnosis(dossier), "saved_in": {}})
    complaint.save(force_insert=True)
    audit.record(actor=actor, verb="plainte commencée", chain=dossier.chain, target=str(complaint.pk))
    count("plainte-commencee")
    touch(dossier=dossier)
    return complaint


def prepare(*, agent, dossier: Dossier, messages=(), now: datetime | None = None) -> Complaint:
    """The agent begins or completes the draft from the conversation. What the victim typed is never replaced.

    `messages` are lines with `author`, `body` and `at`. Raises AlreadyFiled.
    """
    now = now or timezone.now()
    complaint = _started(dossier=dossier, actor=agent.audit_name, now=now)
    with transaction.atomic():
        complaint = locked(complaint.pk)
        if complaint.state != ComplaintState.DRAFT:
            raise AlreadyFiled
        document = _open(complaint)
        changed = prefill.add_conversation(document["sections"], messages, dossier.diagnosis)
        complaint.version += 1
        document["saved_in"].update(dict.fromkeys(changed, complaint.version))
        complaint.prepared_by, complaint.saved_at = agent, now
        _seal(complaint, document)
        complaint.save(update_fields=["prepared_by", "saved_at", "sealed_form", "version"])
        audit.record(actor=agent.audit_name, verb="plainte préparée", chain=dossier.chain, target=str(complaint.pk))
    return complaint


def locked(complaint_id) -> Complaint:
    return (
        Complaint.objects.select_for_update(of=("self",))
        .select_related("dossier", "dossier__diagnosis")
        .get(pk=complaint_id)
    )


@transaction.atomic
def note_notices_read(*, complaint: Complaint, now: datetime | None = None) -> None:
    """The person says that the notices of CPP D8-2-2 were read; the first time counts."""
    now = now or timezone.now()
    if Complaint.objects.filter(pk=complaint.pk, notices_read_at=None).update(notices_read_at=now):
        complaint.notices_read_at = now
        audit.record(actor=VICTIM, verb="informations lues", chain=complaint.dossier.chain, target=str(complaint.pk))


@transaction.atomic
def save_section(
    *, complaint: Complaint, section: Section, typed: dict, version: int, now: datetime | None = None
) -> Complaint:
    """Keep one block as typed. Raises Conflict or AlreadyFiled; a repeated save changes nothing."""
    fresh = locked(complaint.pk)
    if fresh.state != ComplaintState.DRAFT:
        raise AlreadyFiled
    document = _open(fresh)
    stored = document["sections"].get(section.id, {})
    if stored == typed:
        return fresh
    if version < document["saved_in"].get(section.id, 0):
        raise Conflict(stored, fresh.version)
    fresh.version += 1
    document["sections"][section.id] = typed
    document["saved_in"][section.id] = fresh.version
    fresh.saved_at = now or timezone.now()
    _seal(fresh, document)
    fresh.save(update_fields=["sealed_form", "version", "saved_at"])
    touch(dossier=fresh.dossier)
    return fresh


def missing(complaint: Complaint) -> list[Missing]:
    """Every field that keeps the complaint from being filed, in the order of the form."""
    typed, scene = read_form(complaint), scene_of(complaint.dossier.diagnosis)
    found = []
    for section in sections_of(complaint.dossier.diagnosis):
        form = stored_form(section, scene, typed.get(section.id, {}))
        for name, messages in form.errors.items():
            found.append(Missing(section.id, section.title_fr, name, str(messages[0])))
    return found


def competent_service(dossier: Dossier):
    """The service of the commune; the police's where both forces share it; None abroad, unknown or not one place."""
    if dossier.abroad or not dossier.commune_id:
        return None
    answer = competence_of(dossier.commune_id)
    shared = answer.source == SHARED and len(answer.services) == len(answer.institutions)
    return answer.services[0] if shared else answer.service


def new_number(now: datetime) -> str:
    """`PL-2026-7K4M9Q`, not yet taken."""
    while True:
        tail = "".join(secrets.choice(references.ALPHABET) for _ in range(6))
        number = f"PL-{timezone.localtime(now).year}-{tail}"
        if not Complaint.objects.filter(number=number).exists():
            return number


@transaction.atomic
def file_complaint(*, complaint: Complaint, actor: str = VICTIM, now: datetime | None = None) -> Complaint:
    """File it once, with its pieces: the transcripts, the complaint itself, then the receipt that lists them all.

    Raises Incomplete; a repeated call gives the filed complaint back.
    """
    now = now or timezone.now()
    complaint = locked(complaint.pk)
    if complaint.state != ComplaintState.DRAFT:
        return complaint
    gaps = missing(complaint)
    if gaps or not complaint.notices_read_at:
        raise Incomplete(gaps)
    complaint.state, complaint.filed_at, complaint.number = ComplaintState.FILED, now, new_number(now)
    complaint.service = competent_service(complaint.dossier)
    complaint.save(update_fields=["state", "filed_at", "number", "service"])
    deposits.join_complaint(complaint)
    complaint_filing.send(sender=Complaint, complaint=complaint, actor=actor)
    complaint_papers.attach_complaint(complaint, blocks=present(complaint), actor=actor)
    complaint_papers.attach_receipt(complaint, actor=actor)
    audit.record(
        actor=actor,
        verb="plainte déposée",
        chain=complaint.dossier.chain,
        target=str(complaint.pk),
        detail={"numéro": complaint.number, "pièces": complaint.pieces.count()},
    )
    count("plainte")
    touch(dossier=complaint.dossier)
    return complaint
