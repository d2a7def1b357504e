"""The choices of a question as HTML. Untouched, they are the same for everyone: drawn once per version and node."""

import functools

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from diagnostic.catalogue import FACTS
from diagnostic.engine import Question
from diagnostic.forms import AnswerForm

KEPT = 1024


def choices(version: str, question: Question, form: AnswerForm | None = None) -> SafeString:
    """`form` when something is already ticked or wrong; else the drawing shared by all."""
    if form is not None:
        return _draw(question, form)
    shown = (question.text, question.help, question.rows, question.folded, question.asks)
    return _shared(version, question.node.id, shown, _Unhashed(question))


class _Unhashed:
    """Carries the question past the cache key: node and what it shows already say which it is."""

    __slots__ = ("question",)

    def __init__(self, question: Question):
        self.question = question

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unhashed)

    def __hash__(self) -> int:
        return 0


@functools.lru_cache(maxsize=KEPT)
def _shared(version: str, node: str, shown: tuple, carried: _Unhashed) -> SafeString:
    return _draw(carried.question, AnswerForm(carried.question))


def _draw(question: Question, form: AnswerForm) -> SafeString:
    kind = "facts" if question.node.kind == FACTS else "rows"
    apart = next((row.id for row in question.rows if row.unknown), "")
    return render_to_string(f"diagnostic/_{kind}.html", {"question": question, "form": form, "apart": apart})
