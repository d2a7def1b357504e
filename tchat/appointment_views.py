"""The victim's side of an appointment: see what is proposed, take one hour, or none."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tchat.console_forms import ChooseSlotForm
from tchat.exceptions import Refusal
from tchat.services import appointments
from victims.gate import with_dossier


@require_safe
@with_dossier
def appointment(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    page = {"shown": appointments.last_for(request.dossier), "error": error, "here": "dossier"}
    return render(request, "tchat/appointment.html", page, status=status)


@require_POST
@with_dossier
def choose(request: HttpRequest) -> HttpResponse:
    form = ChooseSlotForm(request.POST)
    if not form.is_valid():
        return _page(request, error="Choisissez une heure, ou dites qu’aucune ne convient.", status=422)
    wanted = form.cleaned_data
    try:
        if wanted["heure"] == form.NONE:
            appointments.decline(dossier=request.dossier, appointment_id=wanted["rendez_vous"])
        else:
            appointments.choose(dossier=request.dossier, appointment_id=wanted["rendez_vous"], slot=wanted["heure"])
    except Refusal as refusal:
        return _page(request, error=refusal.text, status=409)
    return redirect("tchat:appointment")
