"""What an agent types in the console, beside the talk itself."""

from django import forms
from django.utils import timezone

from tchat.enums import AbuseReason, AlertKind, Outcome
from tchat.exceptions import Refusal
from tchat.services import notes
from tchat.services.reports import DAY, MONTH, WEEK


class NoteField(forms.CharField):
    def __init__(self, **options):
        super().__init__(widget=forms.Textarea({"rows": 2}), max_length=20_000, **options)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return ""
        try:
            return notes.checked(text)
        except Refusal as refusal:
            raise forms.ValidationError(refusal.text, code=refusal.code)


class NoteForm(forms.Form):
    note = NoteField(label="Note pour les collègues", error_messages={"required": "Écrivez la note d'abord."})


class TransferForm(forms.Form):
    """To a desk, or to a colleague of this desk; with a note for whoever takes it, or without."""

    desk = forms.SlugField(max_length=20, required=False)
    agent = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    note = NoteField(required=False)


class AlertForm(forms.Form):
    kind = forms.ChoiceField(
        label="Que faut-il ?",
        choices=AlertKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez « urgence 17 » ou « intervention »."},
    )
    place = forms.CharField(
        label="Où ?",
        max_length=300,
        help_text="L'adresse ou le lieu donné par la personne, l'étage, le code.",
        error_messages={"required": "Écrivez le lieu, ou « inconnu »."},
    )
    facts = forms.CharField(
        label="Que se passe-t-il ?",
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "Écrivez en une phrase ce qui se passe."},
    )


class AbuseForm(forms.Form):
    reason = forms.ChoiceField(
        label="Pourquoi arrêter ?",
        choices=AbuseReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le motif."},
    )
    words = forms.CharField(
        label="Précisions", max_length=1000, required=False, widget=forms.Textarea({"rows": 2}),
        help_text="Pour les superviseurs seulement.",
    )  # fmt: skip


class OutcomeForm(forms.Form):
    """How a conversation ends. An abuse is not one of them: it has its own form, with a reason."""

    outcome = forms.ChoiceField(
        label="Comment la conversation se termine-t-elle ?",
        choices=[pair for pair in Outcome.choices if pair[0] != Outcome.ABUSE],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez comment la conversation se termine.", "invalid_choice": "Choisissez."},
    )


class ReportForm(forms.Form):
    """Which period: the day, week or month that holds this day; nothing: today."""

    periode = forms.ChoiceField(choices=[(DAY, "Jour"), (WEEK, "Semaine"), (MONTH, "Mois")], required=False)
    jour = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    format = forms.ChoiceField(choices=[("page", "page"), ("csv", "csv")], required=False)

    def clean_periode(self) -> str:
        return self.cleaned_data["periode"] or DAY

    def clean_jour(self):
        """Within what the service can have seen."""
        day = self.cleaned_data["jour"]
        if day and not 2020 <= day.year <= 2100:
            raise forms.ValidationError("Choisissez une date proche.")
        return day


class SlotField(forms.DateTimeField):
    def __init__(self, **options):
        widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M"], **options)
        self.error_messages["invalid"] = "Écrivez le jour et l'heure, par exemple 02/12/2026 14:30."


class AppointmentForm(forms.Form):
    """One to three hours to come, at a unit."""

    place = forms.CharField(
        label="Unité et adresse", max_length=200, error_messages={"required": "Écrivez l'unité et son adresse."}
    )
    slot_1 = SlotField(label="Première heure", error_messages={"required": "Proposez au moins une heure."})
    slot_2 = SlotField(label="Deuxième heure", required=False)
    slot_3 = SlotField(label="Troisième heure", required=False)
    reason = forms.CharField(label="Pour quoi faire ?", max_length=500, required=False, help_text="La personne le lit.")

    def clean(self):
        data = super().clean()
        now = timezone.now()
        for name in ("slot_1", "slot_2", "slot_3"):
            if data.get(name) and data[name] <= now:
                self.add_error(name, "Cette heure est déjà passée.")
        return data

    @property
    def slots(self) -> list:
        return [self.cleaned_data[name] for name in ("slot_1", "slot_2", "slot_3") if self.cleaned_data[name]]


class ChooseSlotForm(forms.Form):
    """What the victim answers: one of the hours as it was proposed, or none."""

    NONE = "aucune"
    rendez_vous = forms.UUIDField()
    heure = forms.CharField(max_length=40)
