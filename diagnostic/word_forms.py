"""What a person typed, and the case they recognised. The text goes back to them whatever happens, and nowhere else."""

from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from diagnostic.catalogue import RELATIVE, YOUNG, Answer, Catalogue
from diagnostic.engine import FOR_OTHER, YOUNG_SELF
from diagnostic.words.choice import facts_of, people
from diagnostic.words.matcher import Reading
from guichet.lib.text import clean_text

MOST = 4000
NONE = "aucun"
EMPTY = "Écrivez quelques mots, même sans phrase. Par exemple : « colis, j’ai payé par carte »."
TOO_LONG = "Ce texte est trop long : {count} caractères. Gardez le plus utile, {most} au plus."
CHOOSE = "Choisissez le cas qui ressemble le plus, ou « Aucun de ces cas »."
GONE = "Ce cas n’est plus proposé. Choisissez dans la liste."
NONE_LABEL = "Aucun de ces cas"
NONE_HINT = "Nous vous posons quelques questions simples."


class PlainText(forms.CharField):
    """Cleaned before any check: no NUL, newlines of one kind, so that what is counted is what is read."""

    def to_python(self, value):
        return clean_text(super().to_python(value))


class WordsForm(forms.Form):
    use_required_attribute = False

    text = PlainText(
        label="Ce qui vous arrive",
        help_text="Avec vos mots, sans soigner l’orthographe. Vous pouvez aussi coller le message reçu.",
        error_messages={"required": EMPTY},
        widget=forms.Textarea(attrs={"rows": 7, "autocomplete": "off"}),
    )
    who = forms.ChoiceField(
        label="Qui a besoin d’aide ?",
        help_text="Facultatif. Sinon, vos mots nous le diront.",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": GONE},
    )

    def __init__(self, catalogue: Catalogue, data: QueryDict | None = None):
        super().__init__(data)
        self.people = {answer.id: answer for answer in people(catalogue)}
        self.fields["who"].choices = [(key, answer.text) for key, answer in self.people.items()]

    @property
    def person(self) -> Answer | None:
        """Who needs help, as they said it."""
        return self.people.get(self.cleaned_data["who"])

    def clean_text(self):
        text = self.cleaned_data["text"]
        if len(text) > MOST:
            raise forms.ValidationError(TOO_LONG.format(count=len(text), most="4 000"))
        return text


@dataclass(frozen=True, slots=True)
class Card:
    """A choice with a second line."""

    text: str
    small: str

    def __str__(self) -> str:
        return self.text


class CaseForm(forms.Form):
    """Nothing is chosen beforehand, and nothing is ticked."""

    use_required_attribute = False

    case = forms.ChoiceField(
        label="Est-ce un de ces cas ?",
        help_text="Choisissez celui qui ressemble le plus. Vous pourrez tout changer ensuite.",
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE, "invalid_choice": GONE},
    )
    facts = forms.MultipleChoiceField(
        label="Est-ce vrai aussi ?",
        help_text="Nous l’avons cru lire. Cochez seulement ce qui est vrai.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": GONE},
    )

    def __init__(self, catalogue: Catalogue, reading: Reading, person: Answer | None, data: QueryDict | None = None):
        super().__init__(data)
        told = facts_of(person)
        voice = YOUNG if YOUNG_SELF in told else RELATIVE if FOR_OTHER in told else reading.audience
        cards = [(each.key, Card(each.name, each.text)) for each in reading.proposals]
        self.fields["case"].choices = [*cards, (NONE, Card(NONE_LABEL, NONE_HINT))]
        if reading.facts:
            labels = [(fact, catalogue.facts[fact].label_for(voice)) for fact in reading.facts]
            self.fields["facts"].choices = labels
        else:
            del self.fields["facts"]
