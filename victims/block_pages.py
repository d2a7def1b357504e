"""The pages of what is typed block by block: a complaint's or a report's. Nothing typed is lost, right or wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url

from victims import diagnosed
from victims.complaint_display import differences
from victims.complaint_form import NOTICES, Section
from victims.forms import SectionForm
from victims.services import blocks
from victims.services.blocks import Typed

HERE = {"here": "dossier", "notices": NOTICES, "truth": NOTICES.truth}


@dataclass(frozen=True)
class Flow:
    """One thing that is typed block by block: where its pages are, what it is made of."""

    name: str
    begin: str
    section: str
    recap: str
    filed: str
    last_step: str
    sections_of: Callable
    missing: Callable
    expires_at: Callable
    first: str = ""
    first_step: str = ""
    first_missing: Callable | None = None


def steps(flow: Flow, record: Typed, sections: list[Section], now: str) -> list[dict]:
    gaps = {each.section for each in flow.missing(record)}
    touched = blocks.saved_sections(record)
    found = [
        {
            "title": section.title_fr,
            "url": resolve_url(flow.section, section.id),
            "now": section.id == now,
            "done": section.id in touched and section.id not in gaps,
        }
        for section in sections
    ]
    if flow.first:
        done = not flow.first_missing(record)
        found.insert(0, {"title": flow.first_step, "url": resolve_url(flow.first), "now": False, "done": done})
    return [*found, {"title": flow.last_step, "url": resolve_url(flow.recap), "now": not now, "done": False}]


def section(request: HttpRequest, flow: Flow, record: Typed, section_id: str) -> HttpResponse:
    sections = flow.sections_of(request.dossier.diagnosis)
    place = next((at for at, each in enumerate(sections) if each.id == section_id), None)
    if place is None:
        raise Http404
    form = _form(request, record, sections[place])
    if request.method == "POST":
        return _saved(request, flow, record, sections, place, form)
    return _section_page(request, flow, record, sections, place, form, status=200)


def _form(request: HttpRequest, record: Typed, section: Section) -> SectionForm:
    rows = request.GET.get("lignes", "")
    return SectionForm(
        section,
        diagnosed.scene_of(request.dossier.diagnosis),
        stored=blocks.read_form(record).get(section.id, {}),
        version=record.version,
        data=request.POST if request.method == "POST" else None,
        rows=int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 3 else 0,
    )


def _saved(request: HttpRequest, flow: Flow, record: Typed, sections: list[Section], place: int, form) -> HttpResponse:
    """What was typed is kept first, right or wrong; then the errors are said, or the next block comes."""
    valid, action = form.is_valid(), request.POST.get("action", "next")
    version = form.cleaned_data.get("version") or 0
    try:
        record = blocks.save_section(record=record, section=sections[place], typed=form.typed(), version=version)
    except blocks.Conflict as conflict:
        return _conflict_page(request, flow, sections[place], form, conflict)
    except blocks.AlreadyFiled:
        return redirect(flow.filed)
    if form.has_unkept():
        return _section_page(request, flow, record, sections, place, form, status=422)
    if action == "later":
        return redirect("dossier:home")
    if action == "add":
        at = min(form.rows, form.section.repeat.max - 1) if form.section.repeat else 0
        return redirect(f"{resolve_url(flow.section, sections[place].id)}?lignes={at + 1}#payments-{at}")
    if not valid:
        return _section_page(request, flow, record, sections, place, form, status=422)
    following = sections[place + 1 :]
    return redirect(flow.section, following[0].id) if following else redirect(flow.recap)


def _section_page(request, flow, record, sections, place, form, *, status: int) -> HttpResponse:
    form.show_version(record.version)
    page = {
        "flow": flow,
        "section": sections[place],
        "form": form,
        "complaint": record,
        "expires": flow.expires_at(record),
        "saved": request.method == "POST",
        "steps": steps(flow, record, sections, sections[place].id),
        "place": place + 1,
        "total": len(sections) + 1,
        "previous": sections[place - 1] if place else None,
    }
    return render(request, "complaint/section.html", {**HERE, **page}, status=status)


def _conflict_page(request, flow: Flow, section: Section, form, conflict: blocks.Conflict) -> HttpResponse:
    scene = diagnosed.scene_of(request.dossier.diagnosis)
    page = {
        "flow": flow,
        "section": section,
        "form": form,
        "version": conflict.version,
        "differences": differences(section, scene, conflict.stored, form.typed()),
    }
    return render(request, "complaint/conflict.html", {**HERE, **page}, status=409)
