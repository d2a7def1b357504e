"""The capacity of who complains: chosen from the closed list, then proven."""

from django import forms

from guichet.lib.text import clean_text, readable_size
from victims.capacities import CHOOSE, PIECE, UNIT, WHOM, Capacity

WHOM_MAX, MORE_MAX = 300, 200


class Told(str):
    """A choice with a second line."""

    small = ""

    @classmethod
    def of(cls, capacity: Capacity) -> "Told":
        label = cls(capacity.label_fr)
        label.small = capacity.told
        return label


def quality_field(capacities: list[Capacity], chosen: str) -> forms.ChoiceField:
    """Already answered by the diagnosis for who speaks for themselves: then it may stay as it is."""
    return forms.ChoiceField(
        label="Vous portez plainte",
        choices=[(each.id, Told.of(each)) for each in capacities],
        initial=chosen,
        required=not chosen,
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )


class CapacityForm(forms.Form):
    def __init__(self, capacities: list[Capacity], chosen: str, data=None):
        super().__init__(data)
        self.fields["quality"] = quality_field(capacities, chosen)


class ProofForm(forms.Form):
    """What the chosen capacity wants. What is missing is said once all that was typed is kept."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    represented = forms.CharField(
        label="Personne que vous représentez",
        help_text="Nom, prénoms et date de naissance.",
        required=False,
        max_length=WHOM_MAX,
        widget=forms.Textarea(attrs={"class": "input", "rows": 2, "autocomplete": "off"}),
        error_messages={
            "required": WHOM,
            "max_length": f"Ce texte est trop long. Gardez {WHOM_MAX} caractères au plus.",
        },
    )
    entitled = forms.CharField(
        label="Précisions",
        required=False,
        max_length=MORE_MAX,
        help_text="Par exemple mère, jugement du 3 novembre 2025, avocate au barreau de Lille.",
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={"max_length": f"Ce texte est trop long. Gardez {MORE_MAX} caractères au plus."},
    )
    proof = forms.ChoiceField(
        label="Comment le prouver",
        required=False,
        choices=[(PIECE, "Le document est dans mes pièces, ou je l’ajoute"), (UNIT, "Je le montrerai à l’unité")],
        widget=forms.RadioSelect,
    )
    pieces = forms.MultipleChoiceField(
        label="Le document, dans mes pièces", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, capacity: Capacity, files: list, *, stored: dict, version: int, data=None):
        super().__init__(data, initial={**stored, "version": version})
        self.capacity, self.stored = capacity, stored
        if capacity.represented:
            self.fields["represented"].required = True
        else:
            self.fields["entitled"].help_text = "Par exemple gérante depuis 2019, délégation du maire."
        self.fields["pieces"].choices = [
            (str(piece.pk), f"{piece.name}, {readable_size(piece.size)}") for piece in files
        ]
        for name, shown in {
            "represented": capacity.represented,
            "proof": capacity.proof is not None and capacity.proof.at_unit,
            "pieces": bool(files) and capacity.proof is not None,
        }.items():
            if not shown:
                del self.fields[name]

    def typed(self) -> dict:
        """As typed; a text over its limit keeps the former one, and the page still shows it."""
        found = {"quality": self.capacity.id}
        for name in ("represented", "entitled", "proof", "pieces"):
            value = self.cleaned_data.get(name, self.stored.get(name)) if name in self.fields else self.stored.get(name)
            if value:
                found[name] = value if isinstance(value, list) else clean_text(value).strip()
        return found

    def has_unkept(self) -> bool:
        """A text over its limit or a file that is not there: shown on the page, and not kept."""
        return any(error.code != "required" for errors in self.errors.as_data().values() for error in errors)

    def show(self, errors: dict[str, str]) -> None:
        """What the service still wants, beside its field."""
        for name, message in errors.items():
            where = name if name in self.fields else "proof" if "proof" in self.fields else None
            if where is None or where not in self.errors:
                self.add_error(where, message)
