"""Where the person lives, in one line and at most one choice, with or without script."""

from django import forms
from django.urls import reverse_lazy

from guichet.lib.text import clean_text
from guichet.territory.lookup import EMPTY, UNFINISHED, UNKNOWN_NAME, UNKNOWN_POSTCODE, Found, look_up
from guichet.territory.models import Commune

WHAT_TO_WRITE = {
    EMPTY: "Écrivez votre code postal ou le nom de votre commune, ou cochez l’une des deux réponses qui suivent.",
    UNFINISHED: "Écrivez les cinq chiffres du code postal, ou le nom de votre commune.",
    UNKNOWN_POSTCODE: (
        "Nous ne trouvons pas de commune avec ce code postal. C’est peut-être un CEDEX : "
        "écrivez plutôt le nom de votre commune, par exemple « Bailleul »."
    ),
    UNKNOWN_NAME: (
        "Nous ne trouvons pas cette commune. Essayez son code postal, ou le début de son nom. "
        "Sinon, cochez « Je préfère ne pas dire, ou je ne sais pas »."
    ),
}
CHOOSE = "Plusieurs communes correspondent. Choisissez la vôtre."
CONFIRM = "Est-ce bien cette commune ? Choisissez-la si c’est elle."
ADD_DEPARTEMENT = "Il y en a d’autres. Ajoutez le numéro du département, par exemple « Sainte-Colombe 77 »."


class Label(str):
    """A choice with a second line, as the component for choices shows it."""

    __slots__ = ("small",)

    def __new__(cls, commune: Commune) -> "Label":
        label = super().__new__(cls, commune.name)
        former = getattr(commune, "former_name", "")
        before = f", ancienne commune {former}" if former and former != commune.name else ""
        label.small = f"{commune.departement_name} ({commune.departement}){before}"
        return label


class PlaceField(forms.CharField):
    """Never empty on its own account: the form knows whether another answer stands for it."""

    def to_python(self, value) -> str:
        return super().to_python(clean_text(value) if isinstance(value, str) else value)

    def validate(self, value) -> None:
        return


class SearchForm(forms.Form):
    use_required_attribute = False

    q = PlaceField(
        label="Code postal ou nom de votre commune",
        help_text="Par exemple 59270, ou Bailleul.",
        max_length=100,
        error_messages={"max_length": "Écrivez au plus 100 caractères : le code postal ou le nom suffit."},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "postal-code",
                "spellcheck": "false",
                "data-hx-get": reverse_lazy("territory:communes"),
                "data-hx-trigger": "input changed delay:300ms",
                "data-hx-target": "#communes",
                "data-hx-sync": "this:replace",
            }
        ),
    )


class CommuneForm(SearchForm):
    """After `is_valid()`: `cleaned_data["commune"]` is a Commune or None, `cleaned_data["abroad"]` a bool.

    If several communes match, the form is not valid and offers them; sent again with one chosen, it is.
    Draw it with `territory/_picker.html`; another form may inherit it.
    """

    commune = forms.CharField(label="Votre commune", required=False, widget=forms.RadioSelect)
    abroad = forms.BooleanField(label="J’habite à l’étranger", required=False)
    unsaid = forms.BooleanField(label="Je préfère ne pas dire, ou je ne sais pas", required=False)

    found: Found | None = None

    def offer(self, found: Found) -> None:
        """Show what the text leads to; the one that needs no question is already marked."""
        self.found = found
        if found.commune:
            self.initial["commune"] = found.commune.code
        self.fields["commune"].widget.choices = [(commune.code, Label(commune)) for commune in found.communes]

    @property
    def advice(self) -> str:
        """What to do about the list, in one sentence; blank while there is nothing to say."""
        if self.found is None:
            return ""
        if self.found.communes:
            return ADD_DEPARTEMENT if self.found.cut else ""
        return "" if self.found.problem in (EMPTY, UNFINISHED) else WHAT_TO_WRITE[self.found.problem]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        chosen, cleaned["commune"] = cleaned.get("commune"), None
        if cleaned.get("abroad") or cleaned.get("unsaid"):
            self.errors.pop("q", None)
        elif "q" in cleaned:
            cleaned["commune"] = self._commune(cleaned["q"], chosen)
        return cleaned

    def _commune(self, text: str, chosen: str) -> Commune | None:
        """What was chosen counts only among what the text leads to: a list left from an earlier text does not."""
        found = look_up(text)
        by_code = {commune.code: commune for commune in found.communes}
        commune = by_code.get(chosen) or found.commune
        if commune is None or chosen:  # a page shown again for another reason keeps the choice
            self.offer(found)
        if commune is None:
            if found.communes:
                self.add_error("commune", CHOOSE if len(found.communes) > 1 else CONFIRM)
            else:
                self.add_error("q", WHAT_TO_WRITE[found.problem])
        return commune
