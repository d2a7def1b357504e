"""The reports sent to an agent's unit: read here, each reading noted. Nothing in them says who the person is."""

import uuid

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_POST, require_safe

from tchat.console_views import for_agents
from tchat.piece_views import serve
from tchat.services.reading import note_reading
from tchat.trays import in_tray_of
from victims.enums import ReportState
from victims.models import Evidence, Report
from victims.rules import can_read_report
from victims.services import reports, sightings
from victims.states import REPORT, Refused


def readable_by(agent):
    return in_tray_of(agent, Report).select_related("noted_by", "complaint")


def _readable(agent, report: uuid.UUID) -> Report:
    found = readable_by(agent).filter(pk=report).first()
    if found is None or not can_read_report(agent, found):
        raise Http404
    return found


@require_safe
@for_agents
def report(request: HttpRequest, report: uuid.UUID) -> HttpResponse:
    return _report(request, _readable(request.user, report))


def _report(request: HttpRequest, found: Report, *, refusal: Refused | None = None) -> HttpResponse:
    """Of one that was taken back, only that it was: the person read so before sending it."""
    note_reading(agent=request.user, verb="signalement lu", dossier=found.dossier, target=str(found.pk))
    withdrawn = found.state == ReportState.WITHDRAWN
    page = {
        "report": found,
        "withdrawn": withdrawn,
        "blocks": [] if withdrawn else reports.present(found),
        "pieces": [] if withdrawn else list(found.pieces.select_related("dossier").order_by("added_at", "pk")),
        "others": 0 if withdrawn else sightings.others_of(found.dossier),
        "can_take_note": REPORT.allows("take_note", found.state, "unit"),
        "refusal": refusal,
        "here": "plaintes",
    }
    return render(request, "console/filed_report.html", page, status=422 if refusal else 200)


@require_POST
@for_agents
def take_note(request: HttpRequest, report: uuid.UUID) -> HttpResponse:
    found = _readable(request.user, report)
    try:
        reports.take_note(report=found, agent=request.user)
    except Refused as refusal:
        return _report(request, found, refusal=refusal)
    notices.success(request, "Vous avez pris ce signalement en compte. La personne le voit dans son dossier.")
    return redirect("console:filed_report", report)


@require_safe
@for_agents
def piece(request: HttpRequest, report: uuid.UUID, piece: uuid.UUID) -> HttpResponse:
    """A piece is read with its report: another piece of the dossier stays closed, and each once it is taken back."""
    found = _readable(request.user, report)
    if found.state == ReportState.WITHDRAWN:
        raise Http404
    evidence = Evidence.objects.select_related("dossier").filter(pk=piece, reports=found).first()
    if evidence is None:
        raise Http404
    return serve(request, evidence, back=resolve_url("console:filed_report", found.pk), here="plaintes")
