"""Name the unit of a complaint that has none, by typing its name."""

from django import forms

from guichet.lib.text import fold
from guichet.territory.models import Service

SHOWN = 8


class EntrustForm(forms.Form):
    service = forms.CharField(label="Unité compétente", max_length=120, help_text="Son nom, ou une partie.")

    def clean_service(self) -> Service:
        """One unit: the one that bears this very name, or the only one that contains these words."""
        words = fold(self.cleaned_data["service"])
        found = list(Service.objects.filter(folded=words)[:2]) or list(
            Service.objects.filter(folded__contains=words).order_by("name")[: SHOWN + 1]
        )
        if not found:
            raise forms.ValidationError("Aucune unité ne porte ce nom. Vérifiez l'orthographe.")
        if len(found) > 1:
            names = ", ".join(str(each) for each in found[:SHOWN])
            raise forms.ValidationError(f"Plusieurs unités portent ces mots : {names}. Écrivez le nom entier.")
        return found[0]
