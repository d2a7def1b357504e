"""The unit's hours: opened by its agents, taken by victims, withdrawn when nobody can receive."""

import uuid

from django import forms
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from guichet.territory.hours import read_hours
from guichet.territory.opening import openings
from tchat.console_views import for_agents
from victims.services import receptions
from victims.services.appointments import FURTHEST

HERE = "rendez-vous"
DAY = {"required": "Choisissez un jour.", "invalid": "Écrivez un jour comme 2026-12-01."}
LENGTHS = (30, 45, 60, 90)
POSTS = dict.fromkeys(("required", "invalid", "min_value", "max_value"), "Écrivez un nombre de 1 à 10.")
UNREAD = "Ces lignes seront montrées telles quelles, mais n'ouvrent aucun rendez-vous : {lines}"
HOUR = {"required": "Écrivez une heure.", "invalid": "Écrivez une heure comme 14:30."}


class HoursForm(forms.Form):
    unit = forms.ModelChoiceField(
        label="Unité",
        queryset=None,
        empty_label=None,
        error_messages={"required": "Choisissez l'unité.", "invalid_choice": "Cette unité n'est pas la vôtre."},
    )
    day = forms.DateField(label="Jour", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), error_messages=DAY)
    begin = forms.TimeField(label="De", widget=forms.TimeInput({"type": "time"}, "%H:%M"), error_messages=HOUR)
    end = forms.TimeField(label="À", widget=forms.TimeInput({"type": "time"}, "%H:%M"), error_messages=HOUR)
    minutes = forms.TypedChoiceField(
        label="Durée d'un rendez-vous",
        coerce=int,
        choices=[(each, f"{each} minutes") for each in LENGTHS],
        initial=45,
    )
    posts = forms.IntegerField(
        label="Personnes reçues en même temps",
        min_value=1,
        max_value=10,
        initial=1,
        error_messages=POSTS,
    )

    def __init__(self, *args, agent, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = receptions.units_of(agent)

    def clean(self):
        data = super().clean()
        if data.get("begin") and data.get("end") and data["end"] <= data["begin"]:
            self.add_error("end", "La fin vient après le début.")
        return data


class ReceptionForm(forms.Form):
    """How one unit receives by appointment at its opening hours."""

    active = forms.BooleanField(
        label="Ouvrir des rendez-vous aux heures d’ouverture",
        required=False,
        help_text="De 8 h à 20 h, pour les quatre semaines à venir, sauf les jours fériés. "
        "Une heure que vous retirez reste retirée.",
    )
    own_hours = forms.CharField(
        label="Horaires de l’unité",
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text="Une ligne par jour : « Lundi au vendredi : 9h00-12h00 14h00-18h00 », « Samedi : fermé ». "
        "Vide : ceux de la liste officielle. Le public les lit.",
    )
    minutes = forms.TypedChoiceField(
        label="Durée d’un rendez-vous", coerce=int, choices=[(each, f"{each} minutes") for each in LENGTHS], initial=45
    )
    posts = forms.IntegerField(
        label="Personnes reçues en même temps", min_value=1, max_value=10, initial=1, error_messages=POSTS
    )

    @classmethod
    def of(cls, unit, reception, data=None):
        initial = {"own_hours": unit.own_hours}
        if reception:
            initial |= {"active": not reception.stopped_at, "minutes": reception.minutes, "posts": reception.posts}
        return cls(data, initial=initial, prefix=f"unite-{unit.pk}", auto_id="%s")


class WeekForm(forms.Form):
    """Which week of the agenda: from that day on, today when nothing is asked."""

    jour = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class DayForm(forms.Form):
    """One day of one unit, whole."""

    unit = forms.ModelChoiceField(queryset=None)
    day = forms.DateField(input_formats=["%Y-%m-%d"])

    def __init__(self, *args, agent, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = receptions.units_of(agent)


@require_safe
@for_agents
def agenda(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, form: HoursForm | None = None, *, receiving=None, status: int = 200) -> HttpResponse:
    week, today = WeekForm(request.GET), timezone.localdate()
    first = max(week.cleaned_data["jour"] or today, today) if week.is_valid() else today
    units = receptions.receptions_of(request.user)
    known = openings([unit for unit, _ in units])
    forms_of = {receiving.prefix: receiving} if receiving else {}
    page = {
        "form": form or HoursForm(agent=request.user, initial={"day": today}),
        "units": [
            (unit, forms_of.get(f"unite-{unit.pk}") or ReceptionForm.of(unit, reception), known.get(unit.pk))
            for unit, reception in units
        ],
        "coming": receptions.coming(request.user),
        "days": receptions.agenda_of(request.user, first=first),
        "before": max(first - receptions.WEEK, today) if first > today else None,
        "after": first + receptions.WEEK if first < today + FURTHEST else None,
        "first": first,
        "here": HERE,
    }
    return render(request, "console/agenda.html", page, status=status)


@require_POST
@for_agents
def open_hours(request: HttpRequest) -> HttpResponse:
    form = HoursForm(request.POST, agent=request.user)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        made = receptions.open_hours(agent=request.user, **form.cleaned_data)
    except receptions.BadHours as refusal:
        form.add_error("begin", str(refusal))
        return _page(request, form, status=422)
    notices.success(request, _opened(made) if made else "Ces heures étaient déjà ouvertes.")
    return redirect("console:agenda")


@require_POST
@for_agents
def receive(request: HttpRequest, unit: int) -> HttpResponse:
    """The unit's own hours, and whether they open appointments."""
    place = get_object_or_404(receptions.units_of(request.user), pk=unit)
    form = ReceptionForm.of(place, None, request.POST)
    if not form.is_valid():
        return _page(request, receiving=form, status=422)
    try:
        made = receptions.receive(agent=request.user, unit=place, **form.cleaned_data)
    except receptions.BadHours as refusal:
        form.add_error("own_hours", str(refusal))
        return _page(request, receiving=form, status=422)
    notices.success(request, f"Réglage gardé. {_opened(made)}" if made else "Réglage gardé.")
    unread = read_hours(place.own_hours).unread
    if unread:
        notices.warning(request, UNREAD.format(lines=" ; ".join(unread)))
    return redirect("console:agenda")


def _opened(made: int) -> str:
    return f"{made} créneaux ouverts." if made > 1 else f"{made} créneau ouvert."


@require_POST
@for_agents
def withdraw(request: HttpRequest, slot: uuid.UUID) -> HttpResponse:
    if receptions.withdraw_slot(agent=request.user, slot_id=slot):
        notices.success(request, "Ce créneau est retiré. Si quelqu’un l’avait pris, la personne le voit.")
    else:
        notices.warning(request, "Ce créneau est déjà retiré, passé, ou d’une autre unité.")
    return redirect("console:agenda")


@require_POST
@for_agents
def withdraw_day(request: HttpRequest) -> HttpResponse:
    form, gone = DayForm(request.POST, agent=request.user), 0
    if form.is_valid():
        gone = receptions.withdraw_day(agent=request.user, **form.cleaned_data)
    if gone:
        words = f"{gone} créneaux retirés" if gone > 1 else "1 créneau retiré"
        notices.success(request, f"{words}. Si quelqu’un en avait pris un, la personne le voit.")
    else:
        notices.warning(request, "Il n’y avait plus rien à retirer ce jour-là.")
    return redirect("console:agenda")
