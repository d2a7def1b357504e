"""« Votre rendez-vous », from the dossier: choose a free hour, move it, cancel it, put it in one's calendar."""

from datetime import timedelta

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from diagnostic import agenda
from diagnostic.calendar_views import as_calendar
from victims.address_views import AGAIN, OFTEN, too_often
from victims.gate import with_dossier
from victims.models import Booking
from victims.services import appointments, mailing

TAKEN = "Cette heure vient d’être prise. Voici les heures encore libres."
NOTHING = "Ce rendez-vous était déjà annulé ou passé."
SAME = "Laissez vide pour garder la même adresse."
KEEP = "Votre heure actuelle reste la vôtre."


class DayForm(forms.Form):
    """From which day on hours are shown: any day of the weeks to come, today when nothing is asked."""

    jour = forms.DateField(
        label="À partir du",
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        error_messages={"invalid": "Écrivez un jour comme 02/12/2026."},
    )

    def clean_jour(self):
        day, today = self.cleaned_data["jour"], timezone.localdate()
        if day and not today <= day <= today + appointments.FURTHEST:
            last = today + appointments.FURTHEST - timedelta(days=1)
            raise forms.ValidationError(f"Choisissez un jour entre aujourd’hui et le {last:%d/%m/%Y}.")
        return day


class TakeForm(forms.Form):
    creneau = forms.UUIDField(
        error_messages={"required": "Choisissez une heure.", "invalid": "Choisissez une heure de la liste."}
    )
    email = forms.EmailField(
        label="E-mail pour un rappel la veille",
        required=False,
        max_length=200,
        help_text="Si vous voulez. Un premier message contient un lien à ouvrir, qui montre l’adresse de ce site. "
        "Le rappel ne dit ni le lieu, ni le sujet.",
        error_messages={"invalid": "Écrivez une adresse comme nom@exemple.fr, ou laissez vide."},
    )


@require_safe
@with_dossier
def page(request: HttpRequest) -> HttpResponse:
    return _page(request, TakeForm())


def _page(request: HttpRequest, form: TakeForm, *, error: str = "", status: int = 200) -> HttpResponse:
    dossier = request.dossier
    sent = request.POST if request.method == "POST" else request.GET
    asked = DayForm(sent) if "jour" in sent else DayForm()
    day = asked.cleaned_data["jour"] if asked.is_bound and asked.is_valid() else None
    booking = appointments.current(dossier)
    if booking and booking.sealed_email:
        form.fields["email"].help_text = SAME
    offers = appointments.offers(dossier, day=day)
    shown = {
        "booking": booking,
        "moved": booking is not None and appointments.revision(dossier) > 0,
        "reminded": booking is not None and bool(booking.email_confirmed_at or dossier.address_confirmed_at),
        "to_confirm": booking is not None and bool(booking.sealed_email and not booking.email_confirmed_at),
        "again": AGAIN in request.GET,
        "when": booking.slot.words_for(dossier) if booking else "",
        "ended": None if booking else appointments.last_cancelled(dossier),
        "offers": offers,
        "walk_ins": appointments.walk_ins(dossier, without=offers),
        "form": form,
        "day_form": asked,
        "day": day,
        "chosen": str(form["creneau"].value() or ""),
        "error": error,
        "here": "dossier",
    }
    return render(request, "dossier/appointments.html", shown, status=422 if asked.errors else status)


@require_POST
@with_dossier
def take(request: HttpRequest) -> HttpResponse:
    form = TakeForm(request.POST)
    if not form.is_valid():
        return _page(request, form, error=next(iter(form.errors.get("creneau", [])), ""), status=422)
    wanted = form.cleaned_data
    email = wanted["email"]
    if email and not mailing.confirmed_since(request.dossier, email) and too_often(request.dossier, email):
        form.add_error("email", OFTEN)
        return _page(request, form, status=422)
    try:
        appointments.take(dossier=request.dossier, slot_id=wanted["creneau"], email=email)
    except appointments.Gone:
        error = f"{TAKEN} {KEEP}" if appointments.current(request.dossier) else TAKEN
        return _page(request, form, error=error, status=409)
    return redirect("dossier:appointments")


@require_POST
@with_dossier
def ask_again(request: HttpRequest) -> HttpResponse:
    """The link that confirms the address of the reminder, sent once more."""
    booking = appointments.current(request.dossier)
    waiting = mailing.unconfirmed_reminder_of(booking) if booking else ""
    if waiting and too_often(request.dossier, waiting):
        return _page(request, TakeForm(), error=OFTEN, status=429)
    if waiting:
        mailing.ask_to_confirm_reminder(booking)
    return redirect(reverse("dossier:appointments") + (f"?{AGAIN}" if waiting else ""))


@require_POST
@with_dossier
def cancel(request: HttpRequest) -> HttpResponse:
    booking = appointments.current(request.dossier)
    if booking is None or not appointments.cancel(dossier=request.dossier, booking_id=booking.pk):
        return _page(request, TakeForm(), error=NOTHING, status=409)
    return redirect("dossier:appointments")


@require_safe
@with_dossier
def calendar(request: HttpRequest) -> HttpResponse:
    """The appointment, or that it is cancelled: the same file name, the calendar knows which one it is."""
    booking = appointments.current(request.dossier) or appointments.last_cancelled(request.dossier)
    if booking is None:
        raise Http404
    found = _meeting(booking)
    return as_calendar(agenda.meeting(found, timezone.now()), found.media_type)


def _meeting(booking: Booking) -> agenda.Meeting:
    slot, dossier = booking.slot, booking.dossier
    return agenda.Meeting(
        key=f"{dossier.reference}:rendez-vous",
        start=slot.starts_at,
        end=slot.ends_at,
        place=", ".join(slot.unit.address.splitlines()) or str(slot.unit.commune or ""),
        revision=appointments.revision(dossier),
        cancelled=booking.cancelled_at is not None,
    )
