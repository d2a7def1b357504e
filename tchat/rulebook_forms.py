"""Rules as an administrator types them: identifiers and days in plain lists, checked against the catalogue."""

from django import forms

from diagnostic import content
from tchat.models import Rule


class WordsField(forms.CharField):
    """Identifiers between commas or spaces; `known` says what each may be, in the words of an error."""

    def __init__(self, *, known, what: str, **kwargs):
        super().__init__(required=False, **kwargs)
        self.known, self.what = known, what

    def prepare_value(self, value):
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value) -> list[str]:
        words = list(dict.fromkeys((super().clean(value) or "").replace(",", " ").split()))
        unknown = [word for word in words if word not in self.known()]
        if unknown:
            raise forms.ValidationError(f"« {unknown[0]} » n'est pas {self.what} du catalogue.")
        return words

    def has_changed(self, initial, data) -> bool:
        return self.prepare_value(initial or []) != (data or "")


class DaysField(forms.TypedMultipleChoiceField):
    DAYS = list(enumerate(("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"), 1))

    def __init__(self, **kwargs):
        super().__init__(choices=self.DAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple, **kwargs)


class RuleForm(forms.ModelForm):
    threats = WordsField(known=lambda: content.published().threats, what="une atteinte", label="Atteintes")
    facts = WordsField(known=lambda: content.published().facts, what="un fait", label="Faits")
    weekdays = DaysField(label="Jours")

    class Meta:
        model = Rule
        fields = [
            "order", "desk", "where", "service", "threats", "facts", "min_severity", "weekdays", "opens", "closes",
            "reason",
        ]  # fmt: skip
