"""« Qui porte plainte »: in what capacity, for whom, and the document that proves it, before anything is filed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods

from victims import diagnosed
from victims.block_pages import HERE
from victims.capacities import CAPACITIES, PIECE, open_to
from victims.capacity_forms import CapacityForm, ProofForm
from victims.complaint_views import draft_of
from victims.gate import with_companion
from victims.models import Complaint
from victims.services import standing
from victims.services.blocks import AlreadyFiled, Conflict

FILES = "?suite=mandat"


@require_http_methods(["GET", "HEAD", "POST"])
@with_companion
def capacity(request: HttpRequest) -> HttpResponse:
    """First which one, from the closed list; then what that one wants. « changer » comes back to the list."""
    complaint = draft_of(request)
    if isinstance(complaint, HttpResponse):
        return complaint
    chosen = standing.capacity(complaint)
    if chosen is None or request.GET.get("changer") == "1" or "quality" in request.POST or not chosen.proof:
        return _choose(request, complaint, chosen)
    return _prove(request, complaint, chosen)


def _choose(request: HttpRequest, complaint: Complaint, chosen) -> HttpResponse:
    offered = open_to(diagnosed.scene_of(request.dossier.diagnosis))
    form = CapacityForm(offered, chosen.id if chosen else "", request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        quality = form.cleaned_data["quality"] or chosen.id
        try:
            complaint = standing.choose(complaint=complaint, quality=quality)
        except AlreadyFiled:
            return redirect("dossier:filed")
        return _on(request) if not standing.missing(complaint) else redirect("dossier:capacity")
    page = {"form": form, "rules": CAPACITIES}
    return render(request, "complaint/capacity.html", {**HERE, **page}, status=422 if form.is_bound else 200)


def _on(request: HttpRequest) -> HttpResponse:
    return redirect("dossier:section", diagnosed.sections_of(request.dossier.diagnosis)[0].id)


def _prove(request: HttpRequest, complaint: Complaint, chosen) -> HttpResponse:
    kept, files = standing.stored(complaint), standing.files_of(complaint)
    if request.method != "POST":
        shown = {**kept, "pieces": kept.get("pieces") or _just_added(complaint, kept, files)}
        form = ProofForm(chosen, files, stored=shown, version=complaint.version)
        return _proof_page(request, complaint, form, status=200)
    form = ProofForm(chosen, files, stored=kept, version=complaint.version, data=request.POST)
    form.is_valid()
    typed = form.typed()
    try:
        complaint = standing.keep(complaint=complaint, typed=typed, version=form.cleaned_data.get("version") or 0)
    except AlreadyFiled:
        return redirect("dossier:filed")
    except Conflict as conflict:
        form.data = {**request.POST.dict(), "pieces": request.POST.getlist("pieces"), "version": conflict.version}
        return _proof_page(request, complaint, form, status=409)
    return _kept(request, complaint, form, typed)


def _just_added(complaint: Complaint, kept: dict, files: list) -> list[str]:
    """Who comes back from adding the document finds it ticked."""
    if kept.get("proof", PIECE) != PIECE:
        return []
    return [str(piece.pk) for piece in files if piece.added_at >= complaint.saved_at]


def _kept(request: HttpRequest, complaint: Complaint, form: ProofForm, typed: dict) -> HttpResponse:
    """What was typed is kept first; then the file is added, or what is missing is said, or the next block comes."""
    action, kept = request.POST.get("action", "next"), not form.has_unkept()
    if action == "add" and kept:
        return redirect(resolve_url("dossier:pieces") + FILES)
    if action == "later" and kept:
        return redirect("dossier:home")
    form.show(standing.errors_in(complaint, typed))
    if form.errors:
        return _proof_page(request, complaint, form, status=422)
    return _on(request)


def _proof_page(request: HttpRequest, complaint: Complaint, form: ProofForm, *, status: int) -> HttpResponse:
    if status == 422:
        form.data = {**request.POST.dict(), "pieces": request.POST.getlist("pieces"), "version": complaint.version}
    page = {
        "form": form,
        "capacity": form.capacity,
        "rules": CAPACITIES,
        "changed": status == 409,
        "stored": standing.shown(complaint) if status == 409 else None,
    }
    return render(request, "complaint/proof.html", {**HERE, **page}, status=status)
