"""One question as a form: whatever the browser sends goes through here."""

from collections.abc import Iterable

from django import forms
from django.http import QueryDict

from diagnostic.catalogue import FACTS, MULTI, NONE_OF_THESE, UNKNOWN
from diagnostic.engine import SPECIAL, Question, Row

CHOOSE = "Choisissez une réponse. « Je ne sais pas » convient aussi."
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

    def ids(self) -> tuple[str, ...]:
        """What was chosen, in the order it was offered."""
        found = self.cleaned_data
        if isinstance(found["r"], str):
            return (found["r"],)
        chosen = {key for name in ("r", "plus", "rien") for key in found.get(name) or ()}
        offered = [row.id for row in (*self.question.rows, *self.question.folded)]
        return tuple(key for key in (*offered, NONE_OF_THESE, UNKNOWN) if key in chosen)


def _boxes(rows: tuple[Row, ...], given: tuple[str, ...]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        required=False,
        choices=[(row.id, row.text) for row in rows],
        widget=forms.CheckboxSelectMultiple,
        initial=[row.id for row in rows if row.id in given],
        error_messages={"invalid_choice": GONE, "invalid_list": GONE},
    )
