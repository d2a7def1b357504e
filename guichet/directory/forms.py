"""One form for all that makes a provider: the page where a company applies, and each line of a loaded file."""

import re

from django import forms
from django.core.validators import URLValidator

from guichet.directory.enums import ProviderState
from guichet.directory.models import AUDIENCES, Provider
from guichet.directory.rulebook import VETTING
from guichet.directory.siren import Unreadable, read_siren
from guichet.lib.text import clean_text
from guichet.territory.departements import read_codes
from guichet.territory.lookup import look_up
from guichet.territory.services import find_commune

AUDIENCE_CHOICES = (
    ("particulier", "Les particuliers"),
    ("entreprise", "Les entreprises et les associations"),
    ("collectivite", "Les collectivités et les administrations"),
)
PHONE = re.compile(r"\+?[0-9]{8,15}")
SHOWN = 5


class Clean(forms.CharField):
    def to_python(self, value) -> str:
        return super().to_python(clean_text(value) if isinstance(value, str) else value)


def _required(words: str, longest: int = 0) -> dict[str, str]:
    return {"required": words, "max_length": f"Écrivez au plus {longest} caractères."}


class ApplicationForm(forms.Form):
    use_required_attribute = False

    name = Clean(
        label="Nom de l’entreprise",
        max_length=100,
        error_messages=_required("Écrivez le nom de l’entreprise.", 100),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    siren = Clean(
        label="SIREN",
        help_text="Neuf chiffres.",
        max_length=20,
        error_messages=_required("Écrivez le SIREN, neuf chiffres.", 20),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input--short"}),
    )
    contact_email = forms.EmailField(
        label="Courriel où recevoir les demandes",
        help_text="Il est lu toute la journée : vous aurez une heure pour répondre.",
        max_length=200,
        error_messages=_required("Écrivez une adresse de courriel.", 200)
        | {"invalid": "Écrivez une adresse complète, par exemple contact@exemple.fr."},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = Clean(
        label="Téléphone",
        max_length=30,
        error_messages=_required("Écrivez un numéro de téléphone.", 30),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "input--short"}),
    )
    website = Clean(label="Site internet", required=False, max_length=200, help_text="Par exemple https://exemple.fr")
    place = Clean(
        label="Commune de l’entreprise",
        help_text="Code postal et nom, par exemple 59270 Bailleul.",
        max_length=100,
        error_messages=_required("Écrivez le code postal et la commune.", 100),
    )
    presentation = Clean(
        label="Ce que vous faites, en quelques phrases simples",
        help_text="Les personnes aidées liront ce texte. 600 caractères au plus.",
        max_length=600,
        error_messages=_required("Présentez ce que vous faites.", 600),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    audiences = forms.MultipleChoiceField(
        label="Qui aidez-vous ?",
        choices=AUDIENCE_CHOICES,
        error_messages={"required": "Cochez au moins un public.", "invalid_choice": "Cochez un public de la liste."},
        widget=forms.CheckboxSelectMultiple,
    )
    departements = Clean(
        label="Départements où vous vous déplacez",
        required=False,
        max_length=600,
        help_text="Leurs numéros, par exemple 59, 62. Laissez vide si vous ne vous déplacez pas.",
    )
    remote = forms.BooleanField(label="Nous aidons aussi à distance", required=False)
    capacity = forms.IntegerField(
        label="Combien de demandes à la fois ?",
        min_value=1,
        max_value=100,
        error_messages={
            "required": "Écrivez un nombre, par exemple 3.",
            "invalid": "Écrivez un nombre, par exemple 3.",
            "min_value": "Au moins une demande.",
            "max_value": "Au plus 100 demandes.",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input--short"}),
    )
    price_low = forms.IntegerField(
        label="Prix le plus bas d’une intervention, en euros TTC",
        min_value=0,
        max_value=1_000_000,
        error_messages={
            "required": "Écrivez un prix, par exemple 80.",
            "invalid": "Écrivez un prix en chiffres, par exemple 80.",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input--short"}),
    )
    price_high = forms.IntegerField(
        label="Prix le plus haut, en euros TTC",
        min_value=0,
        max_value=1_000_000,
        error_messages={
            "required": "Écrivez un prix, par exemple 600.",
            "invalid": "Écrivez un prix en chiffres, par exemple 600.",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "input--short"}),
    )
    quote_free = forms.BooleanField(label="Le devis est gratuit", required=False)
    label = forms.ChoiceField(
        label="Label contrôlé par un tiers",
        required=False,
        choices=[("", "Aucun"), *((each.id, each.name_fr) for each in VETTING.labels)],
        error_messages={"invalid_choice": "Choisissez un label de la liste."},
    )
    label_number = Clean(label="Numéro du label", required=False, max_length=40)
    label_until = forms.DateField(
        label="Label valable jusqu’au",
        required=False,
        input_formats=["%d/%m/%Y", "%Y-%m-%d"],
        help_text="Par exemple 31/12/2027.",
        error_messages={"invalid": "Écrivez la date en chiffres, par exemple 31/12/2027."},
        widget=forms.TextInput(attrs={"class": "input--short"}),
    )
    charter = forms.BooleanField(
        label="J’accepte la charte",
        error_messages={"required": "Lisez la charte et cochez la case pour l’accepter."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        levels = [(str(level.level), level.name_fr) for level in VETTING.levels]
        for skill in VETTING.skills:
            self.fields[f"skill_{skill.id}"] = forms.ChoiceField(
                label=skill.name_fr,
                choices=levels,
                required=False,
                initial="0",
                error_messages={"invalid_choice": "Choisissez un niveau de la liste."},
            )

    @property
    def skill_fields(self):
        return [self[f"skill_{skill.id}"] for skill in VETTING.skills]

    @property
    def skills(self) -> dict[str, int]:
        """After `is_valid()`: level by skill, without the noughts."""
        levels = {skill.id: int(self.cleaned_data[f"skill_{skill.id}"] or 0) for skill in VETTING.skills}
        return {skill: level for skill, level in levels.items() if level}

    def clean_siren(self) -> str:
        try:
            siren = read_siren(self.cleaned_data["siren"])
        except Unreadable as error:
            raise forms.ValidationError(str(error))
        if Provider.objects.filter(siren=siren).exists():
            raise forms.ValidationError("Ce SIREN a déjà une candidature ou un référencement.")
        return siren

    def clean_phone(self) -> str:
        bare = re.sub(r"[\s.\-()/\u00a0]", "", self.cleaned_data["phone"])
        if not PHONE.fullmatch(bare):
            raise forms.ValidationError("Écrivez un numéro complet, par exemple 03 20 00 00 00.")
        return bare

    def clean_website(self) -> str:
        site = self.cleaned_data["website"]
        if site:
            try:
                URLValidator(schemes=["https", "http"])(site)
            except forms.ValidationError:
                raise forms.ValidationError("Écrivez l’adresse entière, par exemple https://exemple.fr.")
        return site

    def clean_place(self):
        """The commune. A postcode that several share asks for the name too; an INSEE code does (for files)."""
        typed = self.cleaned_data["place"]
        found = look_up(typed)
        commune = found.commune or find_commune(typed)
        if commune:
            return commune
        if found.communes:
            names = ", ".join(f"« {each} »" for each in found.communes[:SHOWN])
            raise forms.ValidationError(
                f"Plusieurs communes correspondent : {names}. Écrivez le code postal et le nom."
            )
        raise forms.ValidationError("Nous ne trouvons pas cette commune. Écrivez par exemple 59270 Bailleul.")

    def clean_departements(self) -> list[str]:
        codes, unknown = read_codes(self.cleaned_data["departements"])
        if unknown:
            told = ", ".join(unknown[:SHOWN])
            raise forms.ValidationError(f"Numéro inconnu : {told[:60]}. Écrivez par exemple 59, 2A ou 974.")
        return codes

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if "departements" in cleaned and not cleaned["departements"] and not cleaned.get("remote"):
            self.add_error("departements", "Écrivez au moins un département, ou cochez l’aide à distance.")
        low, high = cleaned.get("price_low"), cleaned.get("price_high")
        if low is not None and high is not None and low > high:
            self.add_error("price_high", "Ce prix doit être au moins le prix le plus bas.")
        if cleaned.get("label") and not cleaned.get("label_until") and "label_until" not in self.errors:
            self.add_error("label_until", "Écrivez la date de fin du label.")
        chosen = [cleaned.get(f"skill_{skill.id}") or "0" for skill in VETTING.skills]
        if not any(level != "0" for level in chosen):
            self.add_error(f"skill_{VETTING.skills[0].id}", "Choisissez au moins une compétence.")
        return cleaned

    def as_provider(self) -> Provider:
        """After `is_valid()`: not saved."""
        typed = self.cleaned_data
        plain = (
            "name", "siren", "contact_email", "phone", "website", "presentation", "remote", "capacity",
            "price_low", "price_high", "quote_free", "label", "label_number", "label_until",
        )  # fmt: skip
        provider = Provider(**{name: typed[name] for name in plain}, commune=typed["place"])
        provider.on_site = bool(typed["departements"])
        if not provider.label:
            provider.label_number, provider.label_until = "", None
        for audience, field in AUDIENCES.items():
            setattr(provider, field, audience in typed["audiences"])
        return provider


class StateForm(forms.Form):
    """The next state of a provider, and why."""

    to = forms.ChoiceField(label="Nouvel état", choices=ProviderState.choices)
    reason = Clean(
        label="Raison",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        error_messages=_required("Écrivez la raison : elle reste avec le prestataire.", 400),
    )

    def __init__(self, *args, states=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(state.value, state.label) for state in states]
