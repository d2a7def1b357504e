"""One item of the content as a form. It changes the fields it shows and keeps all the others as they are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms

from diagnostic.conditions import AUDIENCES
from diagnostic.editing import phrases
from diagnostic.editing.items import FIELDS

TEXT, AREA, LIST, LINES, BOOL, LEVEL, AUDIENCE, WHEN, RAISES, USES, POSED, WORDS = (
    "text", "area", "list", "lines", "bool", "level", "audience", "when", "raises", "uses", "posed", "words",
)  # fmt: skip
WHENS = (("immediat", "tout de suite"), ("24h", "24 heures"), ("semaine", "semaine"), ("prevention", "prévention"))
LEVELS = tuple((level, str(level)) for level in range(1, 5))
EXTRA_ROWS = 2
MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of an item; `names` is the section whose ids are offered while typing."""

    name: str
    kind: str
    required: bool = False
    names: str = ""
    help: str = ""


CONDITION = "Faits, and, or, not, parenthèses, audience == 'entreprise', severity >= 3, always."
ITEMS: dict[str, tuple[Shown, ...]] = {
    "threats": (
        Shown("name_fr", TEXT, True),
        Shown("definition_fr", AREA, True),
        Shown("signs_fr", LINES, True, help="Un signe par ligne."),
        Shown("audiences", AUDIENCE, True),
        Shown("severity", LEVEL, True),
        Shown("raises", RAISES, help=f"Une règle par ligne : « 3 si condition ». {CONDITION}"),
        Shown("lowers", RAISES, help="Une règle par ligne : « 1 si condition »."),
        Shown("facts_to_ask", LIST, names="facts"),
        Shown("actions", USES, help="Un geste par ligne : « geste », « geste si condition », « geste [24h] si … »."),
        Shown("channels", LIST, names="channels"),
        Shown("evidence", LIST, names="evidence"),
        Shown("offences", LIST, names="offences"),
        Shown("neighbours", LIST, names="threats"),
        Shown("chat", BOOL),
        Shown("provider", BOOL),
        Shown("thesee", BOOL),
        Shown("thesee_form_fr", TEXT),
        Shown("perceval", BOOL),
    ),
    "actions": (
        Shown("text_fr", AREA, True),
        Shown("by_fr", TEXT, True, help="victime, banque, service informatique…"),
        Shown("when", WHEN, True),
        Shown("if", TEXT, True, help=CONDITION),
        Shown("family", TEXT),
        Shown("first_if", TEXT, help="Condition pour être montré en premier."),
        Shown("channel", TEXT, names="channels"),
        Shown("aside", BOOL),
    ),
    "channels": (
        Shown("name_fr", TEXT, True),
        Shown("kind", TEXT, True, help="urgence, ecoute, banque, conseil, signalement, technique…"),
        Shown("purpose_fr", AREA, True),
        Shown("who_fr", TEXT),
        Shown("hours_fr", TEXT),
        Shown("contact", TEXT),
        Shown("limits_fr", TEXT),
        Shown("url", TEXT, help="https://…"),
        Shown("tel", TEXT, help="tel:3018 ou sms:114"),
        Shown("source", TEXT, True, help="D’où vient l’information. « verify » : à vérifier."),
        Shown("dated", TEXT, True, help="De quand date ce texte : 2026-08."),
        Shown(
            "checked", TEXT, help="Date de la source qui le dit : 2026, 2026-08 ou 2026-08-15. Vide : jamais vérifié."
        ),
        Shown("internal", BOOL),
    ),
    "words": (
        Shown("cues", LINES, True, help="Un repère court par ligne : ce qui ne se dit que de cette situation."),
        Shown("said", LINES, True, help="Une phrase par ligne, comme les gens la disent."),
        Shown("needs", LIST, names="groups", help="Groupes de mots sans lesquels la situation est peu proposée."),
    ),
    "nodes": (
        Shown("q", AREA, True),
        Shown("words", WORDS, help="Les mots pour un proche ou un public : « proche : … », une ligne chacun."),
        Shown("help", AREA),
        Shown("urgent", LIST, names="urgent", help="Messages d’urgence montrés sur cet écran seulement."),
        Shown("asked", LIST, names="facts", help="Faits dont la question est posée ici, jamais redemandés."),
        Shown("facts", LIST, names="facts", help="Pour un écran de faits."),
    ),
}
ANSWER = (
    Shown("t", TEXT),
    Shown("words", WORDS, help="Une ligne par public : « proche : … »."),
    Shown("go", TEXT, names="nodes"),
    Shown("diag", TEXT, names="threats"),
    Shown("facts", TEXT, names="nodes"),
    Shown("page", TEXT, names="pages"),
    Shown("set", POSED, names="facts"),
    Shown("urgent", LIST, names="urgent"),
    Shown("only", LIST, names="audiences"),
    Shown("also", LIST, names="threats"),
    Shown("as_second", TEXT, names="threats"),
    Shown("alone", BOOL),
)
OTHERWISE = tuple(shown for shown in ANSWER if shown.name in ("go", "diag", "facts", "page"))
# kind -> (what the field shows, what the content gets)
WAYS: dict[str, tuple[Callable[[Any], Any], Callable[[str], Any]]] = {
    LIST: (lambda value: ", ".join(map(str, value)), phrases.split),
    LINES: ("\n".join, phrases.lines),
    RAISES: (phrases.raises_text, phrases.raises_of),
    USES: (phrases.uses_text, phrases.uses_of),
    WORDS: (phrases.words_text, phrases.words_of),
    POSED: (phrases.facts_text, phrases.facts_of),
}


class ReadField(forms.CharField):
    """A text that means a small structure: what is wrong in it is told beside the field."""

    def __init__(self, read: Callable[[str], Any], **kwargs):
        self.read = read
        super().__init__(strip=True, **kwargs)

    def clean(self, value):
        try:
            return self.read(super().clean(value))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


def field_of(shown: Shown) -> forms.Field:
    label = FIELDS.get(shown.name, shown.name)
    common = {"label": label[0].upper() + label[1:], "required": shown.required, "help_text": shown.help}
    listed = {"list": f"ids-{shown.names}"} if shown.names else {}
    if shown.kind == BOOL:
        return forms.BooleanField(**common | {"required": False})
    if shown.kind == LEVEL:
        return forms.TypedChoiceField(choices=LEVELS, coerce=int, **common)
    if shown.kind == WHEN:
        return forms.ChoiceField(choices=WHENS, **common)
    if shown.kind == AUDIENCE:
        choices = [(name, name) for name in AUDIENCES]
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
    if shown.kind in WAYS:
        tall = shown.kind in (LINES, RAISES, USES, WORDS)
        widget = (
            forms.Textarea(attrs={"rows": 2 if shown.kind == WORDS else 6}) if tall else forms.TextInput(attrs=listed)
        )
        return ReadField(WAYS[shown.kind][1], widget=widget, **common)
    widget = forms.Textarea(attrs={"rows": 3}) if shown.kind == AREA else forms.TextInput(attrs=listed)
    return forms.CharField(widget=widget, **common)


class PartForm(forms.Form):
    """Fields of one mapping of the content."""

    use_required_attribute = False

    def __init__(self, shown: tuple[Shown, ...], raw: dict, data=None, *, prefix: str = ""):
        self.shown, self.raw = shown, raw if isinstance(raw, dict) else {}
        super().__init__(data, prefix=prefix or None, initial={each.name: self._initial(each) for each in shown})
        self.fields |= {each.name: field_of(each) for each in shown}

    def _initial(self, shown: Shown) -> Any:
        value = self.raw.get(shown.name)
        if value is None or shown.kind not in WAYS:
            return value
        try:
            return WAYS[shown.kind][0](value)
        except (TypeError, AttributeError, ValueError):
            return str(value)

    def value(self) -> dict:
        """The mapping with what was typed; a field left empty that was absent stays absent."""
        found = dict(self.raw)
        for each in self.shown:
            typed = self.cleaned_data[each.name]
            if typed in ("", [], {}, False, None) and not self._keeps_empty(each):
                found.pop(each.name, None)
            else:
                found[each.name] = typed
        return found

    def _keeps_empty(self, shown: Shown) -> bool:
        return shown.name in self.raw and (shown.kind in (BOOL, LIST, USES) or self.raw[shown.name] in ("", []))


class RowForm(PartForm):
    """One answer, with its place in the list."""

    def __init__(self, raw: dict, data=None, *, rank: int):
        self.id = raw.get("id", "") if isinstance(raw, dict) else ""
        super().__init__(ANSWER, raw, data, prefix=f"a{rank}")
        self.fields["place"] = forms.IntegerField(label="Place", required=False, initial=rank * 10, min_value=0)
        self.fields["gone"] = forms.BooleanField(label="Retirer", required=False)

    @property
    def goes(self) -> str:
        """Where the answer leads, for the line under which its fields are folded."""
        return str(self.raw.get("go") or self.raw.get("diag") or "")

    @property
    def is_blank(self) -> bool:
        typed = (self.cleaned_data.get(each.name) for each in ANSWER)
        return not self.id and not any(value not in ("", [], {}, False, None) for value in typed)


class ItemForm:
    """The form of a whole item; a question also has its answers and its « sinon »."""

    def __init__(self, section: str, raw: Any, data=None, *, published: Any = None):
        """`published`: the same item as the public has it; the numbers of its answers are taken too."""
        self.raw = raw if isinstance(raw, dict) else {}
        self.taken = [*self._answers(self.raw), *self._answers(published)]
        self.is_node = section == "nodes"
        self.main = PartForm(ITEMS[section], self.raw, data)
        self.rows: list[RowForm] = []
        self.otherwise = PartForm(OTHERWISE, self.raw.get("else") or {}, data, prefix="else") if self.is_node else None
        if self.is_node:
            answers = self._answers(self.raw)
            blanks = [{}] * min(EXTRA_ROWS, MOST_ROWS - len(answers))
            self.rows = [RowForm(each, data, rank=rank) for rank, each in enumerate([*answers, *blanks], 1)]

    @property
    def forms(self) -> list[forms.Form]:
        return [self.main, *self.rows, *([self.otherwise] if self.otherwise else [])]

    def is_valid(self) -> bool:
        bad = [form for form in self.forms if not form.is_valid()]
        return not bad

    def value(self) -> dict:
        found = self.main.value()
        if not self.is_node:
            return found
        kept = [row for row in self.rows if not row.is_blank and not row.cleaned_data["gone"]]
        kept.sort(key=lambda row: (row.cleaned_data["place"] is None, row.cleaned_data["place"] or 0))
        if kept or "a" in found:
            found["a"] = self._numbered([row.value() for row in kept])
        other = self.otherwise.value()
        if other:
            found["else"] = other
        else:
            found.pop("else", None)
        return found

    def _numbered(self, answers: list[dict]) -> list[dict]:
        """A new answer takes the next number of the question: a number is never given twice."""
        numbers = [int(each["id"][1:]) for each in self.taken if str(each.get("id", ""))[1:].isdigit()]
        last = max(numbers, default=0)
        for answer in answers:
            if "id" not in answer:
                last += 1
                answer["id"] = f"a{last}"
        return [{"id": answer["id"], **answer} for answer in answers]

    @staticmethod
    def _answers(raw: Any) -> list[dict]:
        found = raw.get("a") if isinstance(raw, dict) else None
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
