"""Hours that an agent proposes, and what the victim answers."""

import uuid

from django import forms
from django.utils import timezone

from guichet.territory.departements import ZONES, departement_name, zone_of
from tchat.services.appointments import MOST, PLACE

PICK = f"Choisissez une à {MOST} heures."
CLOCKS = [("", "Heure de Paris"), *((code, f"Heure locale ({departement_name(code)})") for code in ZONES)]


class ReasonField(forms.CharField):
    def __init__(self):
        super().__init__(label="Pour quoi faire ?", max_length=500, required=False, help_text="La personne le lit.")


class ManySlotsField(forms.Field):
    """The boxes that are checked, each the id of an hour."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value):
        try:
            return list(dict.fromkeys(uuid.UUID(each) for each in value or []))
        except (ValueError, AttributeError) as error:
            raise forms.ValidationError(PICK) from error


class SlotsForm(forms.Form):
    """One to three hours that units opened."""

    creneau = ManySlotsField(error_messages={"required": PICK})
    reason = ReasonField()

    def clean_creneau(self):
        slots = self.cleaned_data["creneau"]
        if len(slots) > MOST:
            raise forms.ValidationError(PICK)
        return slots

    @property
    def checked(self) -> list[str]:
        return [str(each) for each in self["creneau"].value() or []]

    @property
    def ticked(self) -> list[uuid.UUID]:
        """Those that can be an hour, whatever else was sent."""
        try:
            return self.fields["creneau"].to_python(self.checked)
        except forms.ValidationError:
            return []


class HourField(forms.DateTimeField):
    def __init__(self, **options):
        widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M"], **options)
        self.error_messages["invalid"] = "Écrivez le jour et l'heure, par exemple 02/12/2026 14:30."


class HoursForm(forms.Form):
    """Where no unit has opened any: a place, its clock, one to three hours to come by that clock."""

    place = forms.CharField(
        label="Unité et adresse", max_length=PLACE, error_messages={"required": "Écrivez l'unité et son adresse."}
    )
    clock = forms.ChoiceField(
        label="Les heures sont celles de quelle horloge ?",
        choices=CLOCKS,
        required=False,
        help_text="Celle du lieu du rendez-vous.",
        error_messages={"invalid_choice": "Choisissez l'horloge du lieu."},
    )
    slot_1 = HourField(label="Première heure", error_messages={"required": "Proposez au moins une heure."})
    slot_2 = HourField(label="Deuxième heure", required=False)
    slot_3 = HourField(label="Troisième heure", required=False)
    reason = ReasonField()

    SLOTS = ("slot_1", "slot_2", "slot_3")

    def clean(self):
        """What was typed is an hour of the wall of that place, whatever clock the server lives by."""
        data, now = super().clean(), timezone.now()
        zone = zone_of(data.get("clock") or "")
        for name in self.SLOTS:
            if not data.get(name):
                continue
            data[name] = timezone.localtime(data[name]).replace(tzinfo=zone)
            if data[name] <= now:
                self.add_error(name, "Cette heure est déjà passée.")
        return data

    @property
    def hours(self) -> list:
        return [self.cleaned_data[name] for name in self.SLOTS if self.cleaned_data[name]]


class ChooseSlotForm(forms.Form):
    """What the victim answers: one of the hours as it was proposed, other ones, or no appointment."""

    NONE, NEVER = "aucune", "non"
    rendez_vous = forms.UUIDField()
    heure = forms.CharField(
        max_length=40, error_messages={"required": "Choisissez une heure, ou dites qu’aucune ne convient."}
    )
    souhait = forms.CharField(
        max_length=300,
        required=False,
        error_messages={"max_length": "Écrivez votre souhait en moins de 300 caractères."},
    )
