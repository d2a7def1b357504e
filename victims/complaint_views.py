"""The complaint of a dossier: read the notices, type it block by block, read it again, file it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from victims import diagnosed
from victims.complaint_display import differences
from victims.complaint_form import NOTICES, Section
from victims.enums import ComplaintState
from victims.forms import NoticesForm, SectionForm
from victims.gate import with_dossier
from victims.journal import receipt_of
from victims.models import Complaint
from victims.services import complaint_papers, complaints
from victims.services.follow_up import AFTER_FILING, additions_of

HERE = {"here": "dossier", "notices": NOTICES, "truth": NOTICES.truth}


def _current(request: HttpRequest) -> Complaint | None:
    """The filed complaint or the draft; one that was withdrawn does not keep from beginning another."""
    complaint = complaints.current(request.dossier)
    return None if complaint and complaint.state == ComplaintState.WITHDRAWN else complaint


def _draft(request: HttpRequest) -> Complaint | HttpResponse:
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
    form = NoticesForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        complaint = complaints.start(dossier=request.dossier)
        complaints.note_notices_read(complaint=complaint)
        return redirect("dossier:section", diagnosed.sections_of(request.dossier.diagnosis)[0].id)
    page = {"form": form, "complaint": complaint, "eligibility": diagnosed.eligibility(request.dossier.diagnosis)}
    return render(request, "complaint/notices.html", {**HERE, **page}, status=422 if form.is_bound else 200)


def _steps(complaint: Complaint, sections: list[Section], now: str) -> list[dict]:
    gaps = {each.section for each in complaints.missing(complaint)}
    touched = complaints.saved_sections(complaint)
    steps = [
        {
            "title": section.title_fr,
            "url": resolve_url("dossier:section", section.id),
            "now": section.id == now,
            "done": section.id in touched and section.id not in gaps,
        }
        for section in sections
    ]
    return [*steps, {"title": "Relire et déposer", "url": resolve_url("dossier:recap"), "now": not now, "done": False}]


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def section(request: HttpRequest, section_id: str) -> HttpResponse:
    complaint = _draft(request)
    if isinstance(complaint, HttpResponse):
        return complaint
    sections = diagnosed.sections_of(request.dossier.diagnosis)
    place = next((at for at, each in enumerate(sections) if each.id == section_id), None)
    if place is None:
        raise Http404
    form = _form(request, complaint, sections[place])
    if request.method == "POST":
        return _saved(request, complaint, sections, place, form)
    return _section_page(request, complaint, sections, place, form, status=200)


def _form(request: HttpRequest, complaint: Complaint, section: Section) -> SectionForm:
    rows = request.GET.get("lignes", "")
    return SectionForm(
        section,
        diagnosed.scene_of(request.dossier.diagnosis),
        stored=complaints.read_form(complaint).get(section.id, {}),
        version=complaint.version,
        data=request.POST if request.method == "POST" else None,
        rows=int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 3 else 0,
    )


def _saved(request: HttpRequest, complaint: Complaint, sections: list[Section], place: int, form) -> HttpResponse:
    """What was typed is kept first, right or wrong; then the errors are said, or the next block comes."""
    valid, action = form.is_valid(), request.POST.get("action", "next")
    version = form.cleaned_data.get("version") or 0
    try:
        complaint = complaints.save_section(
            complaint=complaint, section=sections[place], typed=form.typed(), version=version
        )
    except complaints.Conflict as conflict:
        return _conflict_page(request, sections[place], form, conflict)
    except complaints.AlreadyFiled:
        return redirect("dossier:filed")
    if form.has_unkept():
        return _section_page(request, complaint, sections, place, form, status=422)
    if action == "later":
        return redirect("dossier:home")
    if action == "add":
        at = min(form.rows, form.section.repeat.max - 1) if form.section.repeat else 0
        return redirect(f"{resolve_url('dossier:section', sections[place].id)}?lignes={at + 1}#payments-{at}")
    if not valid:
        return _section_page(request, complaint, sections, place, form, status=422)
    following = sections[place + 1 :]
    return redirect("dossier:section", following[0].id) if following else redirect("dossier:recap")


def _section_page(request, complaint, sections, place, form, *, status: int) -> HttpResponse:
    form.show_version(complaint.version)
    page = {
        "section": sections[place],
        "form": form,
        "complaint": complaint,
        "expires": complaints.expires_at(complaint),
        "saved": request.method == "POST",
        "steps": _steps(complaint, sections, sections[place].id),
        "place": place + 1,
        "total": len(sections) + 1,
        "previous": sections[place - 1] if place else None,
    }
    return render(request, "complaint/section.html", {**HERE, **page}, status=status)


def _conflict_page(request, section: Section, form, conflict: complaints.Conflict) -> HttpResponse:
    scene = diagnosed.scene_of(request.dossier.diagnosis)
    page = {
        "section": section,
        "form": form,
        "version": conflict.version,
        "differences": differences(section, scene, conflict.stored, form.typed()),
    }
    return render(request, "complaint/conflict.html", {**HERE, **page}, status=409)


@require_GET
@with_dossier
def recap(request: HttpRequest) -> HttpResponse:
    complaint = _draft(request)
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
        "steps": _steps(complaint, sections, ""),
        "total": len(sections) + 1,
    }
    return render(request, "complaint/recap.html", {**HERE, **page}, status=status)


@require_POST
@with_dossier
def file(request: HttpRequest) -> HttpResponse:
    complaint = _draft(request)
    if isinstance(complaint, HttpResponse):
        return complaint
    try:
        complaints.file_complaint(complaint=complaint)
    except complaints.Incomplete:
        return _recap_page(request, complaint, status=422)
    return redirect("dossier:filed")


@require_GET
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
        "active": complaint.state in AFTER_FILING,
        "next": complaint_papers.NEXT,
    }
    return render(request, "complaint/filed.html", {**HERE, **page})
