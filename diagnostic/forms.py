"""One question as a form: whatever the browser sends goes through here."""

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.http import QueryDict
from django.utils import timezone

from diagnostic.catalogue import FACTS, MULTI, NONE_OF_THESE, UNKNOWN
from diagnostic.engine import SPECIAL, Ask, Question, Row
from diagnostic.moments import AMOUNT, DATED, EXACT, MOST, WHEN, amount_ids, read_when, when_ids

CHOOSE = "Choisissez une réponse. « Je ne sais pas » convient aussi."
LATER = "Cette date n’est pas encore arrivée. Choisissez un jour passé, ou laissez vide."
BAD_DAY = "Écrivez une date, comme 25/11/2026, ou laissez vide."
BAD_HOUR = "Écrivez une heure, comme 14:30, ou laissez vide."
BAD_SUM = "Écrivez un nombre d’euros, sans lettres, ou laissez vide."
CHOICE = "Choisir"
OLDEST = 1970
GONE = "Cette réponse n’est plus proposée. Choisissez dans la liste."


class AnswerForm(forms.Form):
    """`r`: the rows; on a facts screen also `plus` (the folded boxes) and `rien` (none of these, I do not know)."""

    use_required_attribute = False
    template_name_label = None

    def __init__(self, question: Question, data: QueryDict | None = None, *, given: Iterable[str] = ()):
        self.question = question
        given = tuple(given)
        super().__init__(data)
        if question.node.kind == FACTS:
            self.fields["r"] = _boxes(question.rows, given)
            if question.folded:
                self.fields["plus"] = _boxes(question.folded, given)
            special = tuple(Row(key, SPECIAL[key]) for key in (NONE_OF_THESE, UNKNOWN))
            self.fields["rien"] = _boxes(special, given)
            for ask in question.asks:
                self.fields |= _once(ask)
        elif question.node.kind == MULTI:
            self.fields["r"] = _boxes(question.rows, given)
        else:
            self.fields["r"] = forms.ChoiceField(
                label=question.node.question,
                choices=[(row.id, row.text) for row in question.rows],
                widget=forms.RadioSelect,
                initial=given[0] if given else None,
                error_messages={"required": CHOOSE, "invalid_choice": GONE},
            )

    def clean_jour(self):
        day = self.cleaned_data["jour"]
        if day and (day.year < OLDEST or day > timezone.localdate()):
            raise forms.ValidationError(LATER)
        return day

    def once(self, now: datetime) -> dict[str, tuple[str, ...]]:
        """When and how much, for those that this screen asks."""
        found, said = self.cleaned_data, {}
        for ask in self.question.asks:
            if ask.key == WHEN:
                said[WHEN] = when_ids(found.get("quand", ""), found.get("jour"), found.get("heure"), now)
            else:
                said[AMOUNT] = amount_ids(found.get("somme", ""), found.get("nombre"))
        return said

    def ids(self) -> tuple[str, ...]:
        """What was chosen, in the order it was offered."""
        found = self.cleaned_data
        if isinstance(found["r"], str):
            return (found["r"],)
        chosen = {key for name in ("r", "plus", "rien") for key in found.get(name) or ()}
        offered = [row.id for row in (*self.question.rows, *self.question.folded)]
        return tuple(key for key in (*offered, NONE_OF_THESE, UNKNOWN) if key in chosen)


class MailForm(forms.Form):
    """An address, once the person has said that nobody else reads it."""

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
    sure = forms.BooleanField(
        label="Cette boîte est sûre : personne d’autre ne la lit",
        help_text="Un proche, un conjoint ou un employeur peut-il l’ouvrir ? Alors préférez le papier.",
        error_messages={"required": "Cochez si cette boîte est sûre. Sinon, choisissez le papier ou le PDF."},
    )


def _boxes(rows: tuple[Row, ...], given: tuple[str, ...]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        required=False,
        choices=[(row.id, row.text) for row in rows],
        widget=forms.CheckboxSelectMultiple,
        initial=[row.id for row in rows if row.id in given],
        error_messages={"invalid_choice": GONE, "invalid_list": GONE},
    )


def _once(ask: Ask) -> dict[str, forms.Field]:
    """A short list, and beside it what can be typed by who knows it exactly."""
    chosen = ask.given[0] if ask.given and ask.given[0] not in (DATED, EXACT) else ""
    several = forms.ChoiceField(
        label=ask.label,
        choices=[("", CHOICE), *ask.choices],
        required=False,
        initial=chosen,
        error_messages={"invalid_choice": GONE},
    )
    if ask.key == AMOUNT:
        typed = ask.given[1][1:] if ask.given[:1] == (EXACT,) and len(ask.given) > 1 else None
        return {"somme": several, "nombre": _sum(typed)}
    moment = read_when(ask.given)
    told = moment if moment and moment.told else None
    return {
        "quand": several,
        "jour": forms.DateField(
            label="Le jour",
            required=False,
            input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y"],
            widget=forms.DateInput(attrs={"type": "date", "class": "input--short"}, format="%Y-%m-%d"),
            initial=told.start.date() if told and told.start else None,
            error_messages={"invalid": BAD_DAY},
        ),
        "heure": forms.TimeField(
            label="L’heure",
            required=False,
            input_formats=["%H:%M", "%Hh%M", "%H h %M", "%Hh", "%H:%M:%S"],
            widget=forms.TimeInput(attrs={"type": "time", "class": "input--short"}, format="%H:%M"),
            initial=told.start.time() if told and told.start and told.timed else None,
            error_messages={"invalid": BAD_HOUR},
        ),
    }


class _Euros(forms.IntegerField):
    """« 1 250,50 € » is one thousand two hundred and fifty."""

    def to_python(self, value):
        if isinstance(value, str):
            value = value.replace("€", "").replace("\u202f", "").replace("\u00a0", "").replace(" ", "")
            value = value.replace(",", ".").split(".")[0] if value.replace(",", ".").count(".") == 1 else value
        return super().to_python(value)


def _sum(typed: str | None) -> forms.Field:
    return _Euros(
        label="La somme exacte, en euros",
        required=False,
        min_value=0,
        max_value=MOST,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "input--short", "autocomplete": "off"}),
        initial=typed,
        error_messages={"invalid": BAD_SUM, "max_value": BAD_SUM, "min_value": BAD_SUM},
    )
