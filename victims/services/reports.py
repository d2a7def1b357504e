"""A report (signalement): sent without saying who one is, from the same record; it may become a complaint, told once.

Who may do what, and in which state, is data: `victims/content/states.yaml`.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.observatory.services import count
from victims import prefill, rules
from victims.complaint_display import blocks_of
from victims.diagnosed import report_sections_of
from victims.enums import EvidenceKind, ReportState
from victims.models import Complaint, Dossier, Report
from victims.retention import SCHEDULE
from victims.services import blocks, mailing, report_papers, sightings
from victims.services.dossiers import VICTIM, touch
from victims.services.filing import competent_service, new_number
from victims.signals import complaint_filing
from victims.states import REPORT, Refused

SENT = (ReportState.FILED, ReportState.NOTED, ReportState.BECAME_COMPLAINT)


def present(report: Report) -> list[dict]:
    """The blocks with labels and values, to show."""
    diagnosis = report.dossier.diagnosis
    return blocks_of(diagnosis, blocks.read_form(report), report_sections_of(diagnosis))


def expires_at(report: Report) -> datetime:
    return report.created_at + SCHEDULE.life("draft")


def current(dossier: Dossier, *, now: datetime | None = None) -> Report | None:
    """The draft that is not too old, else the last one that was sent, else the withdrawn one."""
    now = now or timezone.now()
    found = list(dossier.reports.select_related("service", "noted_by", "complaint").order_by("-created_at"))
    for report in found:
        report.dossier = dossier
    drafts = [each for each in found if each.state == ReportState.DRAFT and expires_at(each) > now]
    sent = [each for each in found if each.state in SENT]
    withdrawn = [each for each in found if each.state == ReportState.WITHDRAWN]
    return next(iter(drafts + sent + withdrawn), None)


def start(*, dossier: Dossier, now: datetime | None = None) -> Report:
    """The report of this dossier, begun if there is none, prefilled with what was already said."""
    now = now or timezone.now()
    found = current(dossier, now=now)
    if found and found.state != ReportState.WITHDRAWN:
        return found
    try:
        with transaction.atomic():
            dossier.reports.filter(state=ReportState.DRAFT).delete()
            return _create(dossier, now)
    except IntegrityError:
        return current(dossier, now=now)


def _create(dossier: Dossier, now: datetime) -> Report:
    report = Report(dossier=dossier, created_at=now, saved_at=now)
    known = prefill.from_diagnosis(dossier)
    names = {section.id for section in report_sections_of(dossier.diagnosis)}
    kept = {name: block for name, block in known.items() if name in names}
    blocks.seal_document(report, {"sections": kept, "saved_in": {}})
    report.save(force_insert=True)
    _record(report, VICTIM, "signalement commencé")
    count("signalement-commence", exercise=dossier.exercise)
    touch(dossier=dossier)
    return report


def missing(report: Report) -> list[blocks.Missing]:
    return blocks.missing(report, report_sections_of(report.dossier.diagnosis))


@blocks.wholly()
def send(*, report: Report, with_files: bool, with_talks: bool, now: datetime | None = None) -> Report:
    """Send it once; files and conversations go with it only if the victim wants.

    Raises blocks.Incomplete or blocks.NotFiled.
    """
    now = now or timezone.now()
    report = blocks.locked(report)
    if report.state != ReportState.DRAFT:
        return report
    if gaps := missing(report):
        raise blocks.Incomplete(gaps)
    report.state = REPORT.after("send", report.state, "victim")
    report.filed_at, report.number = now, new_number(Report, now)
    report.service = competent_service(report.dossier)
    report.save(update_fields=["state", "filed_at", "number", "service"])
    if with_files:
        report.pieces.add(*report.dossier.pieces.filter(kind=EvidenceKind.FILE))
    if with_talks:
        complaint_filing.send(sender=Report, complaint=report, actor=VICTIM)
    report_papers.attach_report(report, blocks=present(report))
    report_papers.attach_receipt(report)
    sightings.note_filed(record=report, sections=blocks.read_form(report), now=now)
    _record(report, VICTIM, "signalement envoyé", {"numéro": report.number, "pièces": report.pieces.count()})
    count("signalement", exercise=report.dossier.exercise)
    mailing.told(REPORT, "send", report.dossier)
    touch(dossier=report.dossier)
    return report


@transaction.atomic
def take_note(*, report: Report, agent, now: datetime | None = None) -> Report:
    """Somebody of the unit has it in hand: nothing more is owed to who reported. Raises Refused."""
    report = blocks.locked(report)
    if not rules.can_read_report(agent, report):
        raise Refused("not-yours")
    report.state = REPORT.after("take_note", report.state, "unit")
    report.noted_by, report.noted_at = agent, now or timezone.now()
    report.save(update_fields=["state", "noted_by", "noted_at"])
    _record(report, agent.audit_name, "signalement pris en compte")
    count("signalement-pris-en-compte", exercise=report.dossier.exercise)
    mailing.told(REPORT, "take_note", report.dossier)
    return report


@transaction.atomic
def withdraw(*, report: Report, now: datetime | None = None) -> Report:
    """The victim takes it back as long as no unit has it in hand. Raises Refused."""
    report = blocks.locked(report)
    report.state = REPORT.after("withdraw", report.state, "victim")
    report.withdrawn_at = now or timezone.now()
    report.save(update_fields=["state", "withdrawn_at"])
    sightings.unsee_report(report=report)
    _record(report, VICTIM, "signalement retiré")
    count("signalement-retire", exercise=report.dossier.exercise)
    touch(dossier=report.dossier)
    return report


def continued(dossier: Dossier) -> dict:
    """What a complaint of this dossier begins with: the answers, then what a report already told."""
    sections = prefill.from_diagnosis(dossier)
    report = current(dossier)
    if report:
        sections.update({name: block for name, block in blocks.read_form(report).items() if block})
    return sections


def become(*, complaint: Complaint) -> None:
    """A complaint was filed from the same record: the reports that were sent are followed by it, on paper too."""
    for report in complaint.dossier.reports.filter(state__in=(ReportState.FILED, ReportState.NOTED)):
        report.state = REPORT.after("follow", report.state, "guichet")
        report.complaint = complaint
        report.save(update_fields=["state", "complaint"])
        _record(report, VICTIM, "signalement suivi d'une plainte", {"numéro": complaint.number})
        count("signalement-devenu-plainte", exercise=complaint.dossier.exercise)


def join(*, complaint: Complaint) -> None:
    """The papers of the reports that were sent go with the complaint, before its own paper lists them."""
    for report in complaint.dossier.reports.filter(state__in=(ReportState.FILED, ReportState.NOTED)):
        complaint.pieces.add(*report.pieces.filter(kind__in=report_papers.KINDS))


def _record(report: Report, actor: str, verb: str, detail: dict | None = None) -> None:
    audit.record(actor=actor, verb=verb, chain=report.dossier.chain, target=str(report.pk), detail=detail or {})
