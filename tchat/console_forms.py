"""What an agent types in the console, beside the talk itself."""

from django import forms

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
