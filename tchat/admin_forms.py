"""What an administrator types about the console's answers, checked as the tchat checks an agent's message."""

from django import forms

from diagnostic import content
from tchat.enums import Author
from tchat.exceptions import Refusal
from tchat.models import Reply
from tchat.services.messages import checked_text


def threat_choices() -> list[tuple[str, str]]:
    return sorted(((key, threat.name) for key, threat in content.published().threats.items()), key=lambda pair: pair[1])


class ReplyForm(forms.ModelForm):
    threats = forms.MultipleChoiceField(
        label="Atteintes", required=False, choices=threat_choices, help_text="Aucune : pour toute situation."
    )

    class Meta:
        model = Reply
        fields = ["title", "text", "threats", "desk", "order", "active"]

    def clean_text(self) -> str:
        """A text that the tchat would refuse to send must not be offered."""
        try:
            return checked_text(self.cleaned_data["text"], Author.AGENT)
        except Refusal as refusal:
            raise forms.ValidationError(refusal.text)
