from django import forms

from diagnostic.prevention.forms import departements
from guichet.lib.text import clean_text
from guichet.territory.departements import read_codes

SHOWN = 5


class SubscriptionForm(forms.Form):
    use_required_attribute = False

    adresse = forms.EmailField(
        label="Votre adresse e-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Écrivez votre adresse e-mail.",
            "invalid": "Cette adresse n’est pas complète. Exemple : nom@exemple.fr",
            "max_length": "Cette adresse est trop longue.",
        },
    )
    departement = forms.ChoiceField(
        label="Votre département",
        error_messages={
            "required": "Choisissez un département.",
            "invalid_choice": "Choisissez un département de la liste.",
        },
    )
    autres = forms.CharField(
        label="D’autres départements",
        required=False,
        max_length=600,
        help_text="Leurs numéros, par exemple 59, 62, 2A.",
        error_messages={"max_length": "Écrivez au plus 600 caractères."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["departement"].choices = [("", "Choisir"), *departements()]

    def clean_autres(self) -> list[str]:
        codes, unknown = read_codes(clean_text(self.cleaned_data["autres"]))
        if unknown:
            told = ", ".join(unknown[:SHOWN])
            raise forms.ValidationError(f"Numéro inconnu : {told[:60]}. Écrivez par exemple 59, 2A ou 974.")
        return codes

    def chosen(self) -> list[str]:
        """Each once, in one order: the same choice asked twice is the same request."""
        return sorted({self.cleaned_data["departement"], *self.cleaned_data["autres"]})
