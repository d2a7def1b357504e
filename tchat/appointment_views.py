"""The victim's side of an appointment: see what is proposed, take one hour, ask for others, or want none."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from diagnostic import agenda
from diagnostic.calendar_views import as_calendar
from tchat.appointment_forms import ChooseSlotForm
from tchat.enums import AppointmentState
from tchat.exceptions import Refusal
from tchat.services import appointments
from victims.gate import with_dossier
from victims.services import appointments as bookings

# A place typed by an agent has no length of its own: what a unit gives when it says nothing.
LENGTH = timedelta(minutes=45)


@require_safe
@with_dossier
def appointment(request: HttpRequest) -> HttpResponse:
    """An hour of a unit, once taken, is moved and cancelled where all of them are."""
    shown = appointments.last_for(request.dossier)
    if shown and shown.appointment.from_slots and shown.appointment.state == AppointmentState.CHOSEN:
        return redirect("dossier:appointments")
    return _page(request, shown)


def _page(request: HttpRequest, shown, *, error: str = "", wish: str = "", status: int = 200) -> HttpResponse:
    page = {
        "shown": shown,
        "booking": bookings.current(request.dossier),
        "error": error,
        "wish": wish,
        "chosen": request.POST.get("heure", "")[:40],
        "here": "dossier",
    }
    return render(request, "tchat/appointment.html", page, status=status)


@require_POST
@with_dossier
def choose(request: HttpRequest) -> HttpResponse:
    form = ChooseSlotForm(request.POST)
    wish = request.POST.get("souhait", "")[:2000]
    if not form.is_valid():
        error = next(iter(form.errors.get("souhait", [])), "Choisissez une heure, ou dites qu’aucune ne convient.")
        return _page(request, appointments.last_for(request.dossier), error=error, wish=wish, status=422)
    wanted = form.cleaned_data
    asked = {"dossier": request.dossier, "appointment_id": wanted["rendez_vous"]}
    try:
        if wanted["heure"] == form.NONE:
            appointments.decline(wish=wanted["souhait"], **asked)
        elif wanted["heure"] == form.NEVER:
            appointments.refuse(**asked)
        else:
            appointments.choose(slot=wanted["heure"], **asked)
    except Refusal as refusal:
        shown = appointments.last_for(request.dossier)
        return _page(request, shown, error=refusal.text, wish=wish, status=409)
    return redirect("tchat:appointment")


@require_safe
@with_dossier
def calendar(request: HttpRequest) -> HttpResponse:
    """An hour at a place that the agent typed; those of units are in the dossier."""
    shown = appointments.last_for(request.dossier)
    one = shown.appointment if shown else None
    if one is None or one.from_slots or one.state != AppointmentState.CHOSEN:
        raise Http404
    found = agenda.Meeting(f"{one.pk}", one.chosen, one.chosen + LENGTH, shown.place)
    return as_calendar(agenda.meeting(found, timezone.now()), found.media_type)
