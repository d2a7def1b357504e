"""What comes in: the filter and the search of the public pages, the texts of the editors."""

import re

from django import forms
from django.utils import timezone

from diagnostic.prevention.library import library
from diagnostic.prevention.models import Announcement, SheetText
from guichet.lib.text import clean_text
from guichet.territory.departements import DEPARTEMENTS

# Signs that XML cannot carry: the feed would break for everybody.
NOT_IN_XML = re.compile("[\ufffe\uffff]")
SIGNS = "Une ligne vide sépare deux paragraphes. « ## » fait un titre, « - » une liste, **deux étoiles** du gras."
MOST_AVOIDED, LONGEST_AVOIDED, LONGEST_HOW, LONGEST_BODY = 6, 200, 600, 6000


def departements() -> list[tuple[str, str]]:
    return [(code, f"{code} - {name}") for code, (name, _) in DEPARTEMENTS.items()]


def threats() -> list[tuple[str, list[tuple[str, str]]]]:
    return [(title, list(members)) for title, members in library().families]


class SearchForm(forms.Form):
    q = forms.CharField(
        label="Chercher dans la prévention",
        help_text="Un mot suffit : colis, mot de passe, WhatsApp…",
        max_length=100,
        error_messages={"required": "Écrivez un mot, par exemple\u00a0: colis."},
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.fields["q"].widget.attrs["enterkeyhint"] = "search"

    def clean_q(self) -> str:
        return " ".join(clean_text(self.cleaned_data["q"]).split())


class FilterForm(forms.Form):
    departement = forms.ChoiceField(label="Département", required=False)
    atteinte = forms.ChoiceField(label="Sujet", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["departement"].choices = [("", "Toute la France"), *departements()]
        self.fields["atteinte"].choices = [("", "Tous les sujets"), *threats()]

    def chosen(self) -> dict[str, str]:
        """An unknown value filters nothing: an old link still shows the announcements."""
        if not self.is_bound:
            return {"departement": "", "threat": ""}
        self.is_valid()
        found = self.cleaned_data
        return {"departement": found.get("departement", ""), "threat": found.get("atteinte", "")}


# --- editors ------------------------------------------------------------------------------------------
class SheetTextForm(forms.ModelForm):
    slug = forms.ChoiceField(label="Fiche")

    class Meta:
        model = SheetText
        fields = ["slug", "how", "avoid", "body"]
        help_texts = {
            "how": "Fiche réflexe : comment cela se passe. Fiche pratique : le résumé. Vide : rien ne change.",
            "avoid": f"Une ligne, une chose à éviter, {MOST_AVOIDED} au plus. Vide : rien ne change.",
            "body": f"Fiche réflexe : à savoir. Fiche pratique : le texte. {SIGNS} Vide : rien ne change.",
        }
        widgets = {
            "how": forms.Textarea(attrs={"rows": 4, "cols": 80, "maxlength": LONGEST_HOW}),
            "avoid": forms.Textarea(attrs={"rows": 6, "cols": 80}),
            "body": forms.Textarea(attrs={"rows": 16, "cols": 80, "maxlength": LONGEST_BODY}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        practices = [(p.slug, p.title) for p in library().practices.values()]
        if "slug" in self.fields:
            self.fields["slug"].choices = [*threats(), ("Fiches pratiques", practices)]

    def clean_avoid(self) -> str:
        lines = [line for raw in self.cleaned_data["avoid"].splitlines() if (line := raw.strip())]
        if len(lines) > MOST_AVOIDED:
            raise forms.ValidationError(f"Écrivez {MOST_AVOIDED} lignes au plus : on les lit sur un téléphone.")
        if any(len(line) > LONGEST_AVOIDED for line in lines):
            raise forms.ValidationError(f"Une ligne fait {LONGEST_AVOIDED} signes au plus.")
        return "\n".join(lines)

    def clean(self):
        found = super().clean()
        if not any((found.get(name) or "").strip() for name in ("how", "avoid", "body")):
            raise forms.ValidationError("Écrivez au moins une des trois parties.")
        return found


class Instant(forms.DateTimeInput):
    """One labelled field of the browser: the two fields of Django's admin have no label each."""

    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


class AnnouncementForm(forms.ModelForm):
    departements = forms.MultipleChoiceField(
        label="Départements",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text="Aucun : toute la France.",
    )
    threats = forms.MultipleChoiceField(
        label="Sujets",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text="Aucun : tous les sujets.",
    )
    starts_at = forms.DateTimeField(label="Montrée à partir du", initial=timezone.now, widget=Instant())
    ends_at = forms.DateTimeField(
        label="Montrée jusqu’au",
        required=False,
        widget=Instant(),
        help_text="Vide : sans fin. Après, l'alerte quitte la liste et le flux.",
    )

    class Meta:
        model = Announcement
        fields = ["title", "summary", "body", "level", "departements", "threats", "state", "starts_at", "ends_at"]
        help_texts = {
            "summary": "Une ou deux phrases. C'est ce que lisent ceux qui suivent le flux.",
            "state": "Publiée, elle part aussi par e-mail aux abonnés de ces départements : relisez avant.",
            "body": f"{SIGNS} Une adresse n'est jamais un lien : ce peut être celle de l'escroc.",
        }
        widgets = {
            "title": forms.TextInput(attrs={"size": 80}),
            "summary": forms.Textarea(attrs={"rows": 3, "cols": 80, "maxlength": 300}),
            "body": forms.Textarea(attrs={"rows": 12, "cols": 80, "maxlength": LONGEST_BODY}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "departements" in self.fields:
            self.fields["departements"].choices = departements()
        if "threats" in self.fields:
            self.fields["threats"].choices = [pair for _, members in threats() for pair in members]

    def clean_title(self) -> str:
        return self._one_line("title")

    def clean_summary(self) -> str:
        return self._one_line("summary")

    def clean_body(self) -> str:
        return NOT_IN_XML.sub("", self.cleaned_data["body"])

    def _one_line(self, name: str) -> str:
        return " ".join(NOT_IN_XML.sub("", clean_text(self.cleaned_data[name])).split())
