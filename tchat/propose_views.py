"""Propose a meeting from the console: in the conversation by htmx, else on a page of its own."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from guichet.territory.departements import ZONES
from tchat import console, rules
from tchat.appointment_forms import HoursForm, SlotsForm
from tchat.console_views import console_page, for_agents, found_for
from tchat.exceptions import Refusal
from tchat.models import Conversation
from tchat.services import appointments
from tchat.services.appointments import PLACE
from victims.appointment_views import DayForm
from victims.services import appointments as bookings

# The conversation holds other forms.
IDS = {"auto_id": "rdv_%s"}
KEPT = {"slots-taken", "bad-slots", "has-slots"}


@require_safe
@for_agents
def propose(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    return _form(request, found_for(request, conversation, rules.can_follow))


@require_POST
@for_agents
def appointment(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    found = found_for(request, conversation, rules.can_follow)
    form = HoursForm(request.POST, **IDS) if "slot_1" in request.POST else SlotsForm(request.POST, **IDS)
    if _asks_for_other_days(request):
        return _form(request, found, SlotsForm(initial=_unchecked(form), **IDS))
    if not form.is_valid():
        return _form(request, found, form, status=422)
    who = {
        "agent": request.user,
        "conversation_id": found.pk,
        "reason": form.cleaned_data["reason"],
        "address": request.build_absolute_uri(reverse("tchat:appointment")),
    }
    try:
        if isinstance(form, SlotsForm):
            appointments.propose_slots(slot_ids=form.cleaned_data["creneau"], **who)
        else:
            place, clock = form.cleaned_data["place"], form.cleaned_data["clock"]
            appointments.propose_hours(place=place, departement=clock, hours=form.hours, **who)
    except Refusal as refusal:
        if refusal.code in KEPT or request.htmx:
            return _form(request, found, form, error=refusal.text, status=409)
        return console_page(request, status=409, refusal=refusal)
    if request.htmx:
        return render(request, "console/_appointment.html", panel(found) | {"selected": found, "arrived": True})
    return redirect(console.address(found))


def panel(found: Conversation) -> dict:
    """What became of the appointment: what is proposed here, and what the person holds, however it was taken."""
    return {"appointment": appointments.last_of(found), "booking": bookings.current(found.dossier)}


def _asks_for_other_days(request: HttpRequest) -> bool:
    """The button, or a day that is not the one on the page: Enter in that field presses the first button."""
    return "jour" in request.POST and ("voir" in request.POST or request.POST["jour"] != request.POST.get("vu"))


def _unchecked(form) -> dict:
    """What was ticked and typed, as it is: nobody proposes it yet."""
    return {name: form[name].value() for name in form.fields}


def _form(request: HttpRequest, found: Conversation, form=None, *, error: str = "", status: int = 200) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    asked = DayForm(sent, **IDS) if sent.get("jour") else DayForm(**IDS)
    day = asked.cleaned_data["jour"] if asked.is_bound and asked.is_valid() else None
    offers = bookings.offers(found.dossier, day=day)
    ticked = form.ticked if isinstance(form, SlotsForm) else []
    free = not offers and not day
    walk_ins = bookings.walk_ins(found.dossier) if free else []
    # What was typed in the other form goes with it: hours may have opened, or gone, while the agent wrote.
    if form is None or isinstance(form, HoursForm) != free:
        reason = form["reason"].value() if form else ""
        initial = {"reason": reason}
        form = (
            HoursForm(initial=initial | _place(found, walk_ins), **IDS) if free else SlotsForm(initial=initial, **IDS)
        )
    page = {
        "selected": found,
        "form": form,
        "free": free,
        "offers": offers,
        "elsewhere": bookings.still_free(ticked, without=offers),
        "walk_ins": walk_ins,
        "day_form": asked,
        "day": day,
        "error": error,
        "home": found.dossier.commune,
        "here": "file",
    }
    template = "console/_propose.html" if request.htmx else "console/propose.html"
    return render(request, template, page, status=422 if asked.errors else status)


def _place(found: Conversation, walk_ins: list) -> dict:
    """The competent place and its clock, as far as the lists name it."""
    if walk_ins:
        unit = walk_ins[0].unit
        place, where = ", ".join([unit.name, *unit.address.splitlines()]), unit.departement
    elif found.service:
        place, where = str(found.service), found.service.departement
    else:
        place, where = "", found.dossier.commune.departement if found.dossier.commune else ""
    return {"place": place[:PLACE], "clock": where if where in ZONES else ""}
