"""What a person types in the tchat and in the console."""

import uuid

from django import forms

from guichet.lib import references
from guichet.lib.text import clean_text
from tchat.enums import Opinion
from tchat.exceptions import Refusal
from tchat.services.messages import checked_text


class MessageField(forms.CharField):
    """Kept as typed on an error; what no database takes (NUL, half an emoji) is dropped before the checks."""

    widget = forms.Textarea

    def to_python(self, value):
        return clean_text(value) if isinstance(value, str) else ""

    def clean(self, value):
        try:
            return checked_text(self.to_python(value))
        except Refusal as refusal:
            raise forms.ValidationError(refusal.text, code=refusal.code)


class MessageForm(forms.Form):
    """`client_id` is drawn with the form: the same form sent twice stores one message."""

    text = MessageField(label="Votre message")
    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean_client_id(self) -> uuid.UUID:
        return self.cleaned_data["client_id"] or uuid.uuid4()

    def add_error(self, field, error):
        """A form whose id was lost or changed still sends its text."""
        if field == "client_id":
            self.cleaned_data["client_id"] = uuid.uuid4()
        else:
            super().add_error(field, error)

    @property
    def message_id(self) -> uuid.UUID:
        """The form's id with its text: a corrected text sent from the same form is another message."""
        return uuid.uuid5(self.cleaned_data["client_id"], self.cleaned_data["text"])


class AfterForm(forms.Form):
    """Where a client that asks again stands: the last line it shows, and the last one that was seen."""

    apres = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    lu = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)


class WaitForm(AfterForm):
    """And how long it would wait for more, in seconds, with the mark of the state that it knows."""

    attendre = forms.IntegerField(min_value=0, max_value=20, required=False)
    vu = forms.CharField(max_length=16, required=False)


class OpinionForm(forms.Form):
    """One of three buttons, under the conversation that it is about."""

    conversation = forms.UUIDField()
    opinion = forms.ChoiceField(choices=Opinion)


class VerifyForm(forms.Form):
    """The reference of the dossier and the code that the agent gave."""

    reference = forms.CharField(
        label="Référence de votre dossier",
        max_length=40,
        help_text="Par exemple GC-7K4M-92QX.",
        error_messages={"required": "Écrivez la référence de votre dossier, par exemple GC-7K4M-92QX."},
    )
    code = forms.CharField(
        label="Code donné par l'agent",
        max_length=20,
        help_text="Quatre chiffres, par exemple 48 · 15.",
        error_messages={"required": "Écrivez les quatre chiffres donnés par l'agent."},
    )

    def clean_reference(self) -> str:
        try:
            return references.read_reference(self.cleaned_data["reference"])
        except references.Unreadable as error:
            raise forms.ValidationError(str(error))

    def clean_code(self) -> str:
        digits = "".join(char for char in self.cleaned_data["code"] if char in "0123456789")
        if len(digits) != 4:
            raise forms.ValidationError("Le code compte quatre chiffres, par exemple 48 · 15.")
        return digits
