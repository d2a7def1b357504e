"""A complaint from its first typed field to its filing. What was typed is one sealed document: `services/blocks.py`."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.observatory.services import count
from victims import diagnosed, prefill
from victims.complaint_display import blocks_of
from victims.complaint_form import Section
from victims.diagnosed import sections_of
from victims.eligibility import Eligibility
from victims.enums import ComplaintState
from victims.models import Complaint, Dossier
from victims.retention import SCHEDULE
from victims.services import blocks, complaint_papers, deposits, identities, mailing, reports, sightings, standing
from victims.services.blocks import AlreadyFiled, Conflict, Incomplete, read_form, saved_sections
from victims.services.counting import count_filed
from victims.services.dossiers import VICTIM, touch
from victims.services.filing import competent_service, new_number
from victims.signals import complaint_filing
from victims.states import COMPLAINT

DRAFT_LIFE = SCHEDULE.life("draft")
__all__ = ["AlreadyFiled", "Conflict", "Incomplete", "competent_service", "read_form", "saved_sections"]


def present(complaint: Complaint) -> list[dict]:
    """The blocks with labels and values, to show: see `complaint_display.blocks_of`."""
    return [standing.shown(complaint), *blocks_of(complaint.dossier.diagnosis, read_form(complaint))]


def expires_at(complaint: Complaint) -> datetime:
    return complaint.created_at + DRAFT_LIFE


def current(dossier: Dossier, *, now: datetime | None = None) -> Complaint | None:
    """The complaint of this dossier: the filed one, else the draft that is not too old, else the withdrawn one."""
    now = now or timezone.now()
    found = list(dossier.complaints.select_related("service", "taken_over_by", "proof_seen_by").order_by("-created_at"))
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
    sections = reports.continued(dossier)
    identities.fill(sections.setdefault("declarant", {}), identities.latest(dossier))
    blocks.seal_document(complaint, {"sections": sections, "saved_in": {}})
    complaint.save(force_insert=True)
    audit.record(actor=actor, verb="plainte commencée", chain=dossier.chain, target=str(complaint.pk))
    count("plainte-commencee", exercise=dossier.exercise)
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
        document = blocks.open_document(complaint)
        changed = prefill.add_conversation(document["sections"], messages, dossier.diagnosis)
        complaint.version += 1
        document["saved_in"].update(dict.fromkeys(changed, complaint.version))
        complaint.prepared_by, complaint.saved_at = agent, now
        blocks.seal_document(complaint, document)
        complaint.save(update_fields=["prepared_by", "saved_at", "sealed_form", "version"])
        audit.record(actor=agent.audit_name, verb="plainte préparée", chain=dossier.chain, target=str(complaint.pk))
    return complaint


def locked(complaint_id) -> Complaint:
    return blocks.locked(Complaint(pk=complaint_id))


@transaction.atomic
def note_notices_read(*, complaint: Complaint, eligibility: Eligibility | None = None, now=None) -> None:
    """What was shown before beginning was read, what was asked was confirmed: kept sealed; the first time counts."""
    now = now or timezone.now()
    if not Complaint.objects.filter(pk=complaint.pk, notices_read_at=None).update(notices_read_at=now):
        return
    complaint.notices_read_at = now
    eligibility = eligibility or diagnosed.eligibility(complaint.dossier.diagnosis)
    fresh = locked(complaint.pk)
    document = blocks.open_document(fresh)
    document["begun"] = {**eligibility.record(), "capacity": standing.told(fresh)}
    blocks.seal_document(fresh, document)
    fresh.save(update_fields=["sealed_form"])
    complaint.sealed_form = fresh.sealed_form
    audit.record(
        actor=VICTIM,
        verb="informations lues",
        chain=complaint.dossier.chain,
        target=str(complaint.pk),
        detail={"empreinte": eligibility.digest},
    )


def begun_with(complaint: Complaint) -> dict:
    """What was told and confirmed before it began; empty for a complaint that began before this was kept."""
    return blocks.open_document(complaint).get("begun", {})


@transaction.atomic
def save_section(
    *, complaint: Complaint, section: Section, typed: dict, version: int, now: datetime | None = None
) -> Complaint:
    """Keep one block as typed. Raises Conflict or AlreadyFiled; a repeated save changes nothing."""
    saved = blocks.save_section(record=complaint, section=section, typed=typed, version=version, now=now)
    if section.id in sightings.TELLING and saved.version != complaint.version:
        sightings.note_draft(complaint=saved, sections=read_form(saved), now=now)
    return saved


def missing(complaint: Complaint) -> list[blocks.Missing]:
    """Every field that keeps the complaint from being filed, in the order of the form."""
    return [*standing.missing(complaint), *blocks.missing(complaint, sections_of(complaint.dossier.diagnosis))]


@blocks.wholly()
def file_complaint(*, complaint: Complaint, actor: str = VICTIM, now: datetime | None = None) -> Complaint:
    """File it once, with its pieces: the transcripts, the complaint itself, then the receipt that lists them all.

    Raises Incomplete or NotFiled; a repeated call gives the filed complaint back.
    """
    now = now or timezone.now()
    complaint = locked(complaint.pk)
    if complaint.state != ComplaintState.DRAFT:
        return complaint
    gaps = missing(complaint)
    if gaps or not complaint.notices_read_at:
        raise Incomplete(gaps)
    complaint.state, complaint.filed_at, complaint.number = ComplaintState.FILED, now, new_number(Complaint, now)
    complaint.service = competent_service(complaint.dossier)
    complaint.save(update_fields=["state", "filed_at", "number", "service"])
    deposits.join_complaint(complaint)
    complaint_filing.send(sender=Complaint, complaint=complaint, actor=actor)
    reports.join(complaint=complaint)
    complaint_papers.attach_complaint(complaint, blocks=present(complaint), actor=actor)
    complaint_papers.attach_receipt(complaint, actor=actor)
    reports.become(complaint=complaint)
    sightings.note_filed(record=complaint, sections=read_form(complaint), now=now)
    audit.record(
        actor=actor,
        verb="plainte déposée",
        chain=complaint.dossier.chain,
        target=str(complaint.pk),
        detail={"numéro": complaint.number, "pièces": complaint.pieces.count()},
    )
    count_filed(complaint.dossier)
    mailing.told(COMPLAINT, "file", complaint.dossier)
    touch(dossier=complaint.dossier)
    return complaint
