"""The complaint of a dossier: read the notices, type it block by block, read it again, file it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from victims import block_pages, diagnosed, outage, prefill
from victims.block_pages import HERE, Flow
from victims.capacities import CAPACITIES, open_to
from victims.eligibility import RULES
from victims.enums import ComplaintState
from victims.forms import NoticesForm
from victims.gate import with_companion, with_dossier
from victims.journal import receipt_of
from victims.models import Complaint
from victims.services import complaint_papers, complaints, standing
from victims.services.complaints import DRAFT_LIFE
from victims.services.follow_up import AFTER_FILING, additions_of, question_of

FLOW = Flow(
    name="plainte",
    begin="dossier:complaint",
    section="dossier:section",
    recap="dossier:recap",
    filed="dossier:filed",
    last_step="Relire et déposer",
    sections_of=diagnosed.sections_of,
    missing=complaints.missing,
    expires_at=complaints.expires_at,
    first="dossier:capacity",
    first_step=standing.TITLE,
    first_missing=standing.missing,
)


def _current(request: HttpRequest) -> Complaint | None:
    """The filed complaint or the draft; one that was withdrawn does not keep from beginning another."""
    complaint = complaints.current(request.dossier)
    return None if complaint and complaint.state == ComplaintState.WITHDRAWN else complaint


def draft_of(request: HttpRequest) -> Complaint | HttpResponse:
    """The draft whose notices were read, or where to go instead."""
    complaint = _current(request)
    if complaint and complaint.state in AFTER_FILING:
        return redirect("dossier:filed")
    if complaint is None or not complaint.notices_read_at:
        return redirect("dossier:complaint")
    return complaint


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def begin(request: HttpRequest) -> HttpResponse:
    """The notices of CPP D8-2-2 come first, whoever began the draft."""
    complaint = _current(request)
    if complaint and complaint.state in AFTER_FILING:
        return redirect("dossier:filed")
    if complaint and complaint.notices_read_at and request.method != "POST":
        return redirect("dossier:recap")
    eligibility = diagnosed.eligibility(request.dossier.diagnosis)
    form = _notices_form(request, complaint, eligibility)
    if form.is_bound and form.is_valid():
        return _begun(request, eligibility, form.cleaned_data["quality"])
    page = {
        "form": form,
        "complaint": complaint,
        "eligibility": eligibility,
        "rules": RULES,
        "capacities": CAPACITIES,
        "days": DRAFT_LIFE.days,
    }
    return render(request, "complaint/notices.html", {**HERE, **page}, status=422 if form.is_bound else 200)


def _notices_form(request: HttpRequest, complaint: Complaint | None, eligibility) -> NoticesForm:
    diagnosis = request.dossier.diagnosis
    chosen = standing.stored(complaint).get("quality", "") if complaint else prefill.quality(diagnosis)
    data = request.POST if request.method == "POST" else None
    return NoticesForm(eligibility.confirmations, open_to(diagnosed.scene_of(diagnosis)), chosen, data)


def _begun(request: HttpRequest, eligibility, quality: str) -> HttpResponse:
    """Who complains for somebody else says for whom, and on what proof, before anything else is typed."""
    complaint = complaints.start(dossier=request.dossier)
    if quality:
        try:
            complaint = standing.choose(complaint=complaint, quality=quality)
        except complaints.AlreadyFiled:
            return redirect("dossier:filed")
    complaints.note_notices_read(complaint=complaint, eligibility=eligibility)
    if standing.missing(complaint):
        return redirect("dossier:capacity")
    return redirect("dossier:section", diagnosed.sections_of(request.dossier.diagnosis)[0].id)


@require_http_methods(["GET", "HEAD", "POST"])
@with_companion
def section(request: HttpRequest, section_id: str) -> HttpResponse:
    complaint = draft_of(request)
    if isinstance(complaint, HttpResponse):
        return complaint
    return block_pages.section(request, FLOW, complaint, section_id)


@require_GET
@with_companion
def recap(request: HttpRequest) -> HttpResponse:
    complaint = draft_of(request)
    return complaint if isinstance(complaint, HttpResponse) else _recap_page(request, complaint, status=200)


def _recap_page(request: HttpRequest, complaint: Complaint, *, status: int) -> HttpResponse:
    sections = diagnosed.sections_of(request.dossier.diagnosis)
    page = {
        "complaint": complaint,
        "blocks": complaints.present(complaint),
        "missing": complaints.missing(complaint),
        "refused": status != 200,
        "service": complaints.competent_service(request.dossier),
        "expires": complaints.expires_at(complaint),
        "steps": block_pages.steps(FLOW, complaint, sections, ""),
        "total": len(sections) + 1,
    }
    return render(request, "complaint/recap.html", {**HERE, **page}, status=status)


@require_POST
@outage.told("plainte")
@with_dossier
def file(request: HttpRequest) -> HttpResponse:
    complaint = draft_of(request)
    if isinstance(complaint, HttpResponse):
        return complaint
    try:
        complaints.file_complaint(complaint=complaint)
    except complaints.Incomplete:
        return _recap_page(request, complaint, status=422)
    return redirect("dossier:filed")


@require_GET
@outage.told("plainte")
@with_dossier
def filed(request: HttpRequest) -> HttpResponse:
    complaint = complaints.current(request.dossier)
    if complaint is None or complaint.state == ComplaintState.DRAFT:
        return redirect("dossier:complaint")
    page = {
        "complaint": complaint,
        "receipt": receipt_of(complaint),
        "pieces": complaint.pieces.select_related("dossier").order_by("added_at"),
        "additions": additions_of(complaint),
        "question": question_of(complaint) if complaint.state == ComplaintState.QUESTIONED else "",
        "active": complaint.state in AFTER_FILING,
        "proof": standing.proof_to_show(complaint),
        "proof_seen": standing.seen_words(complaint),
        "next": complaint_papers.NEXT,
    }
    return render(request, "complaint/filed.html", {**HERE, **page})
