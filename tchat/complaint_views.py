"""The complaints filed for an agent's unit, or in a dossier that the agent holds: read here, each reading noted."""

import uuid

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_GET, require_POST, require_safe

from tchat import report_views
from tchat.console_views import for_agents
from tchat.entrust_form import EntrustForm
from tchat.models import Conversation
from tchat.piece_views import serve
from tchat.services.reading import note_reading
from tchat.trays import in_tray_of
from victims.downloads import as_archive
from victims.enums import ComplaintState
from victims.models import Complaint, Evidence
from victims.rules import can_entrust, can_read_complaint
from victims.services import complaints as complaint_services
from victims.services import follow_up, identities, sightings, standing
from victims.services.bundle import Bundle, file_name
from victims.states import COMPLAINT

SHOWN = 100


@require_safe
@for_agents
def complaints(request: HttpRequest) -> HttpResponse:
    page = {
        "complaints": list(in_tray_of(request.user, Complaint)[:SHOWN]),
        "reports": list(report_views.readable_by(request.user)[:SHOWN]),
        "here": "plaintes",
    }
    return render(request, "console/complaints.html", page)


@require_safe
@for_agents
def dossiers(request: HttpRequest) -> HttpResponse:
    """The conversations this agent held, as long as the dossier is still theirs."""
    held = (
        Conversation.objects.filter(agent=request.user, dossier__assigned_agent=request.user, dossier__erased_at=None)
        .select_related("dossier__diagnosis", "dossier__commune")
        .order_by("-created_at")[:SHOWN]
    )
    return render(request, "console/dossiers.html", {"conversations": list(held), "here": "dossiers"})


@require_safe
@for_agents
def complaint(request: HttpRequest, complaint: uuid.UUID) -> HttpResponse:
    return _complaint(request, _readable(request.user, complaint))


def _complaint(request: HttpRequest, found: Complaint, *, form=None, refusal=None, asked="") -> HttpResponse:
    note_reading(agent=request.user, verb="plainte lue", dossier=found.dossier, target=str(found.pk))
    identity = identities.latest(found.dossier)
    page = {
        "complaint": found,
        "blocks": complaint_services.present(found),
        "pieces": list(found.pieces.select_related("dossier").order_by("added_at", "pk")),
        "others": sightings.others_of(found.dossier),
        "additions": follow_up.additions_of(found, reader=request.user),
        "can_take_over": COMPLAINT.allows("take_over", found.state, "unit"),
        "can_ask": COMPLAINT.allows("ask", found.state, "unit"),
        "can_forward": COMPLAINT.allows("forward", found.state, "unit"),
        "identity": identities.told(identity),
        "verified": identities.rows_of(identity) if identity else [],
        "can_vouch": identity is None and found.state != ComplaintState.WITHDRAWN,
        "proof": standing.proof_to_show(found),
        "proof_seen": standing.seen_words(found),
        "can_see_proof": COMPLAINT.allows("see_proof", found.state, "unit") and not found.proof_seen_at,
        "question": follow_up.question_of(found),
        "asked": asked,
        "entrust_form": form or (EntrustForm() if can_entrust(request.user, found) else None),
        "refusal": refusal,
        "here": "plaintes",
    }
    return render(request, "console/complaint.html", page, status=422 if refusal or form else 200)


@require_POST
@for_agents
def take_over(request: HttpRequest, complaint: uuid.UUID) -> HttpResponse:
    found = _readable(request.user, complaint)
    try:
        follow_up.take_over(complaint=found, agent=request.user)
    except follow_up.Refused as refusal:
        return _complaint(request, found, refusal=refusal)
    notices.success(request, "Vous avez pris cette plainte en charge. La victime le voit dans son dossier.")
    return redirect("console:complaint", complaint)


@require_POST
@for_agents
def ask(request: HttpRequest, complaint: uuid.UUID) -> HttpResponse:
    """One precision at a time, in plain words: the victim answers with an addition."""
    found, text = _readable(request.user, complaint), request.POST.get("text", "")
    try:
        follow_up.ask(complaint=found, agent=request.user, text=text)
    except follow_up.Refused as refusal:
        return _complaint(request, found, refusal=refusal, asked=text)
    notices.success(request, "Votre demande est envoyée. La victime la voit dans son dossier.")
    return redirect("console:complaint", complaint)


@require_POST
@for_agents
def vouch(request: HttpRequest, complaint: uuid.UUID) -> HttpResponse:
    """The agent has seen the papers of the person, who came to the unit."""
    found = _readable(request.user, complaint)
    try:
        identities.vouch(complaint=found, agent=request.user)
    except follow_up.Refused as refusal:
        return _complaint(request, found, refusal=refusal)
    notices.success(request, "L’identité est notée comme vérifiée à l’unité. La victime le voit.")
    return redirect("console:complaint", complaint)


@require_POST
@for_agents
def see_proof(request: HttpRequest, complaint: uuid.UUID) -> HttpResponse:
    """The agent has seen the document that lets this person complain for somebody else."""
    found = _readable(request.user, complaint)
    try:
        follow_up.see_proof(complaint=found, agent=request.user)
    except follow_up.Refused as refusal:
        return _complaint(request, found, refusal=refusal)
    notices.success(request, "Le justificatif est noté comme vu à l’unité. La victime le voit.")
    return redirect("console:complaint", complaint)


@require_POST
@for_agents
def forward(request: HttpRequest, complaint: uuid.UUID) -> HttpResponse:
    found = _readable(request.user, complaint)
    try:
        follow_up.forward(complaint=found, agent=request.user)
    except follow_up.Refused as refusal:
        return _complaint(request, found, refusal=refusal)
    notices.success(request, "La plainte est notée comme transmise au procureur. La victime le voit.")
    return redirect("console:complaint", complaint)


@require_POST
@for_agents
def entrust(request: HttpRequest, complaint: uuid.UUID) -> HttpResponse:
    """To the unit that a supervisor types: its official name, or a part that names one only."""
    found = _readable(request.user, complaint)
    form = EntrustForm(request.POST)
    if not form.is_valid():
        return _complaint(request, found, form=form)
    try:
        follow_up.entrust(complaint=found, agent=request.user, service=form.cleaned_data["service"])
    except follow_up.Refused as refusal:
        return _complaint(request, found, refusal=refusal)
    notices.success(request, f"La plainte est confiée à : {form.cleaned_data['service']}.")
    return redirect("console:complaints")


def _readable(agent, complaint: uuid.UUID) -> Complaint:
    found = in_tray_of(agent, Complaint).filter(pk=complaint).first()
    if found is None or not can_read_complaint(agent, found):
        raise Http404
    return found


@require_safe
@for_agents
def piece(request: HttpRequest, complaint: uuid.UUID, piece: uuid.UUID) -> HttpResponse:
    """A piece is read with its complaint: another piece of the same dossier stays closed."""
    found = _readable(request.user, complaint)
    evidence = Evidence.objects.select_related("dossier").filter(pk=piece, complaints=found).first()
    if evidence is None:
        raise Http404
    return serve(request, evidence, back=resolve_url("console:complaint", found.pk), here="plaintes")


@require_GET
@for_agents
def bundle(request: HttpRequest, complaint: uuid.UUID) -> HttpResponse:
    """What goes with this complaint, as one archive; each piece taken away leaves a line."""
    found = _readable(request.user, complaint)
    made = Bundle(dossier=found.dossier, actor=request.user.audit_name, complaint=found)
    return as_archive(request, made.parts(), file_name(found.dossier))
