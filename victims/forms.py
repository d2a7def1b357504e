"""The forms of the dossier, and the form of one block of the complaint, built from its data."""

from django import forms

from guichet.lib import references
from guichet.lib.text import clean_text
from victims.capacity_forms import quality_field
from victims.complaint_form import BLOCKS, OneOf, Question, Repeat, Section
from victims.typed import READERS, Unreadable

SIZES = {"date": 20, "time": 20, "amount": 30, "email": 254, "phone": 40, "iban": 50, "siren": 30}
MODES = {"date": "numeric", "amount": "decimal", "phone": "tel", "email": "email", "siren": "numeric"}
FEW = 4
SHORT = frozenset({"date", "time", "amount", "phone", "siren"})


class NotedForm(forms.Form):
    noted = forms.BooleanField(
        label="J’ai noté mon code",
        error_messages={"required": "Notez votre code, puis cochez cette case : il ne sera plus montré."},
    )


class NoticesForm(forms.Form):
    read = forms.BooleanField(
        label="J’ai lu ces informations",
        error_messages={"required": "Lisez ces informations, puis cochez cette case."},
    )

    def __init__(self, confirmations, capacities, chosen: str, data=None):
        """Who complains, and what must be confirmed beside: `victims/content/eligibility.yaml`."""
        super().__init__(data)
        self.fields = {"quality": quality_field(capacities, chosen), **self.fields}
        for each in confirmations:
            errors = {"required": each.error_fr}
            self.fields[each.id] = forms.BooleanField(label=each.text_fr, error_messages=errors)


class SignInForm(forms.Form):
    """Reference and code. The code is never shown back."""

    reference = forms.CharField(
        label="Référence",
        max_length=40,
        help_text="Par exemple GC-7K4M-92QX.",
        error_messages={"required": "Écrivez la référence de votre dossier."},
        widget=forms.TextInput(attrs={"class": "input input--code", "autocomplete": "off", "spellcheck": "false"}),
    )
    code = forms.CharField(
        label="Code secret",
        max_length=60,
        help_text="16 chiffres, par groupes de quatre.",
        error_messages={"required": "Écrivez votre code secret."},
        widget=forms.PasswordInput(
            render_value=False,
            attrs={"class": "input input--code", "autocomplete": "off", "inputmode": "numeric"},
        ),
    )

    def _read(self, name: str, reader):
        typed = clean_text(self.cleaned_data[name])
        try:
            reader(typed)
        except references.Unreadable as error:
            raise forms.ValidationError(str(error))
        return typed

    def clean_reference(self) -> str:
        return self._read("reference", references.read_reference)

    def clean_code(self) -> str:
        return self._read("code", references.read_code)


class TypedField(forms.CharField):
    """Checks what was typed and gives it back as typed: « 1 200 € » stays « 1 200 € »."""

    def __init__(self, question: Question, **kwargs):
        self.question = question
        self.size = SIZES.get(question.kind, question.max)
        super().__init__(
            label=question.label_fr,
            help_text=question.hint_fr,
            required=question.required,
            widget=_widget(question),
            error_messages={"required": f"Complétez : {question.label_fr.lower()}."},
            **kwargs,
        )

    def to_python(self, value) -> str:
        return clean_text(str(value)).strip() if value else ""

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.size:
            raise forms.ValidationError(
                f"Ce texte compte {len(value)} caractères. Gardez-en {self.size} au plus.", code="too_long"
            )
        reader = READERS.get(self.question.kind)
        if value and reader:
            try:
                reader(value)
            except Unreadable as error:
                raise forms.ValidationError(str(error))


def _widget(question: Question) -> forms.Widget:
    attrs = {"class": "input", "autocomplete": question.autocomplete}
    if question.kind == "lines":
        return forms.Textarea(attrs={**attrs, "rows": question.rows})
    if question.kind in SHORT:
        attrs["class"] = "input input--short"
    if question.kind in MODES:
        attrs["inputmode"] = MODES[question.kind]
    return forms.TextInput(attrs=attrs)


def _choices(question: Question) -> list[tuple[str, str]]:
    found = list(question.choices.items())
    return found if len(found) <= FEW else [("", "Choisissez, ou laissez vide"), *found]


def _field(question: Question) -> forms.Field:
    if question.kind == "choice":
        said = f"{BLOCKS.required_choice_fr} {question.label_fr}"
        return forms.ChoiceField(
            label=question.label_fr,
            help_text=question.hint_fr,
            required=question.required,
            choices=_choices(question),
            widget=forms.RadioSelect if len(question.choices) <= FEW else forms.Select(attrs={"class": "input"}),
            error_messages={"required": said, "invalid_choice": said},
        )
    if question.kind == "check":
        return forms.BooleanField(
            label=question.label_fr,
            help_text=question.hint_fr,
            required=question.required,
            error_messages={"required": "Cochez cette case pour pouvoir déposer."},
        )
    return TypedField(question)


class SectionForm(forms.Form):
    """One block. `typed()` is what to keep, right or wrong, so that nothing that was typed is lost."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, section: Section, scene, *, stored: dict, version: int, data=None, rows: int = 0):
        self.section, self.stored = section, stored
        self.asked = section.asked(scene)
        self.rows = self._count(section.repeat, stored, data, rows)
        super().__init__(data, initial={**flat(section, stored), "version": version}, prefix=None)
        for question in self.asked:
            self.fields[question.id] = _field(question)
        for at in range(self.rows):
            for question in section.repeat.fields:
                self.fields[f"{section.repeat.id}-{at}-{question.id}"] = _field(question)

    @staticmethod
    def _count(repeat: Repeat | None, stored: dict, data, rows: int) -> int:
        if repeat is None:
            return 0
        wanted = max(1, rows, len(stored.get(repeat.id, [])))
        if data is not None:
            names = [f"{repeat.id}-{at}-" for at in range(repeat.max)]
            sent = [at for at, name in enumerate(names) if any(key.startswith(name) for key in data)]
            wanted = max(wanted, max(sent, default=0) + 1)
        return min(wanted, repeat.max)

    @property
    def groups(self) -> list[dict]:
        """The fields as they are laid out: the block's own, then each repeated set under its title."""
        found = [{"title": "", "id": "", "fields": [self[question.id] for question in self.asked]}]
        repeat = self.section.repeat
        for at in range(self.rows):
            fields = [self[f"{repeat.id}-{at}-{question.id}"] for question in repeat.fields]
            found.append({"title": f"{repeat.title_fr} {at + 1}", "id": f"{repeat.id}-{at}", "fields": fields})
        return found

    @property
    def can_add(self) -> bool:
        return self.section.repeat is not None and self.rows < self.section.repeat.max

    def show_version(self, version: int) -> None:
        """The page that is shown again is based on what was just saved."""
        if self.is_bound:
            self.data = self.data.copy()
            self.data["version"] = version

    def has_unkept(self) -> bool:
        """A text over its limit, or a choice that does not exist: shown on the page but not kept."""
        return any(
            error.code in {"too_long", "invalid_choice"}
            for errors in self.errors.as_data().values()
            for error in errors
        )

    def clean(self) -> dict:
        rule: OneOf | None = self.section.one_of
        names = [name for name in rule.fields if name in self.fields] if rule else []
        if names and not any(self.cleaned_data.get(name) or name in self.errors for name in names):
            self.add_error(names[0], rule.message_fr)
        for question in self.asked:
            called = all(self.cleaned_data.get(name) in values for name, values in question.needed_with.items())
            if question.needed_with and called and not self[question.id].data and question.id not in self.errors:
                self.add_error(question.id, self.fields[question.id].error_messages["required"])
        return self.cleaned_data

    def _typed(self, name: str, question: Question, before):
        value = self[name].data
        if question.kind == "check":
            return "oui" if value not in (None, "", False, "False", "false", "0") else ""
        value = clean_text(str(value or "")).strip()
        if question.kind == "choice":
            return value if value in question.choices else ""
        return value if len(value) <= SIZES.get(question.kind, question.max) else before

    def typed(self) -> dict:
        """The block as typed; a text over its limit is not kept (the page still shows it), the former one is."""
        repeat = self.section.repeat
        kept = {
            **{name: value for name, value in self.stored.items() if repeat is None or name != repeat.id},
            **{q.id: self._typed(q.id, q, self.stored.get(q.id, "")) for q in self.asked},
        }
        if repeat:
            kept[repeat.id] = [row for at in range(self.rows) if any((row := self._typed_row(at)).values())]
        return kept

    def _typed_row(self, at: int) -> dict:
        repeat = self.section.repeat
        before = self.stored.get(repeat.id, [])
        old = before[at] if at < len(before) else {}
        return {q.id: self._typed(f"{repeat.id}-{at}-{q.id}", q, old.get(q.id, "")) for q in repeat.fields}


def flat(section: Section, stored: dict) -> dict:
    """The stored block as the form names its fields."""
    found = {name: value for name, value in stored.items() if isinstance(value, str)}
    if section.repeat:
        for at, row in enumerate(stored.get(section.repeat.id, [])):
            found.update({f"{section.repeat.id}-{at}-{name}": value for name, value in row.items()})
    return found


def stored_form(section: Section, scene, stored: dict) -> SectionForm:
    """The stored block, checked as if it had just been sent: its errors are what is missing."""
    return SectionForm(section, scene, stored=stored, version=0, data=flat(section, stored))
