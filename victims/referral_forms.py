"""What the two sides of a referral type. Nothing typed is lost on an error."""

import uuid

from django import forms

from diagnostic import content
from guichet.directory.enums import Mode
from guichet.lib.text import clean_text
from victims.referral_content import LISTS, REFERRAL

RATINGS = [("5", "5 : très bien"), ("4", "4 : bien"), ("3", "3 : moyen"), ("2", "2 : décevant"), ("1", "1 : mauvais")]
OTHER = "autre"
FINDINGS = {
    "vector": "Par où l’attaque est-elle entrée ?",
    "family": "Quel programme malveillant ?",
    "loss": "Quelles données sont perdues ?",
    "downtime": "Combien de temps l’activité ou l’appareil s’est-il arrêté ?",
    "cost": "Combien coûte votre intervention, TTC ?",
}
MISSING = {
    "vector": "Dites par où l’attaque est entrée.",
    "family": "Dites quel programme malveillant.",
    "loss": "Dites quelles données sont perdues.",
    "downtime": "Dites combien de temps a duré l’arrêt.",
    "cost": "Dites combien coûte votre intervention.",
}


class Words(forms.CharField):
    """Cleaned of what no database takes, before the checks."""

    def to_python(self, value):
        return super().to_python(clean_text(value) if isinstance(value, str) else value)


def _words(label: str, longest: int, *, rows: int = 0, missing: str = "Écrivez ici.", **more) -> Words:
    attributes = {"rows": rows} if rows else {}
    widget = forms.Textarea(attrs=attributes) if rows else forms.TextInput(attrs=more.pop("attrs", {}))
    messages = {"required": missing, "max_length": f"Écrivez au plus {longest} caractères."}
    return Words(label=label, max_length=longest, widget=widget, error_messages=messages, **more)


class PlainForm(forms.Form):
    use_required_attribute = False


class ModeForm(PlainForm):
    mode = forms.ChoiceField(
        label="Comment voulez-vous être aidé ?",
        choices=Mode.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une réponse.", "invalid_choice": "Choisissez une réponse de la liste."},
    )


class AskForm(PlainForm):
    """Everything about the person is optional: the messages stay inside the guichet."""

    providers = forms.TypedMultipleChoiceField(
        label="À qui demander ?",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choisissez au moins un prestataire.",
            "invalid_choice": "Ce prestataire n’est plus dans la liste. Choisissez encore.",
        },
    )
    name = _words("Votre nom, ou celui de votre organisation", 120, required=False, attrs={"autocomplete": "name"})
    phone = _words(
        "Téléphone", 40, required=False, attrs={"type": "tel", "autocomplete": "tel", "class": "input--short"}
    )
    email = forms.EmailField(
        label="Courriel",
        required=False,
        max_length=254,
        error_messages={"invalid": "Écrivez une adresse complète, par exemple nom@exemple.fr."},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    words = _words(
        "Ce que le prestataire doit savoir",
        2000,
        rows=4,
        required=False,
        help_text="Par exemple : le nombre d’ordinateurs, vos horaires. N’écrivez pas de mot de passe.",
    )
    paid = forms.BooleanField(
        label="J’ai compris que cette aide est payante",
        error_messages={"required": "Cochez cette case : l’aide d’un prestataire est payante."},
    )

    def __init__(self, data=None, *, shown, picks: int):
        super().__init__(data)
        self.picks = picks
        self.fields["providers"].choices = [(each.pk, each.name) for each in shown]

    def clean_providers(self) -> list[int]:
        chosen = self.cleaned_data["providers"]
        if len(chosen) > self.picks:
            raise forms.ValidationError(f"Choisissez-en {self.picks} au plus.")
        return chosen

    @property
    def contact(self) -> dict[str, str]:
        return {name: self.cleaned_data[name].strip() for name in ("name", "phone", "email", "words")}


class TextForm(PlainForm):
    """`client_id` is drawn with the form: the same form sent twice stores one message."""

    text = _words("Votre message", REFERRAL.message_max, rows=3, missing="Écrivez votre message.")
    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None):
        super().__init__(data, auto_id="ecrire-%s")  # as the composer names its field

    def clean_client_id(self) -> uuid.UUID:
        return self.cleaned_data["client_id"] or uuid.uuid4()

    def add_error(self, field, error):
        """A form whose id was lost or changed still sends its text."""
        if field == "client_id":
            self.cleaned_data["client_id"] = uuid.uuid4()
            return
        super().add_error(field, error)


class DisputeForm(PlainForm):
    dispute = _words(
        "Ce qui ne va pas",
        REFERRAL.message_max,
        rows=4,
        missing="Écrivez ce qui ne va pas.",
        help_text="Un administrateur du guichet le lit et vous répond ici. L’autre ne le lit pas.",
    )


class RatingForm(PlainForm):
    rating = forms.TypedChoiceField(
        label="Votre note",
        coerce=int,
        choices=RATINGS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une note.", "invalid_choice": "Choisissez une note de la liste."},
    )


class DeclineForm(PlainForm):
    reason = forms.ChoiceField(
        label="Pourquoi refuser ?",
        choices=REFERRAL.choices("declines"),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une raison.", "invalid_choice": "Choisissez une raison de la liste."},
    )


class FindingsForm(PlainForm):
    """What the provider found. Lists are counted without any name; the free words are for the victim alone."""

    threat = forms.ChoiceField(
        label="Que s’est-il passé, d’après vous ?",
        help_text="Confirmez le problème annoncé, ou corrigez-le.",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Dites si le problème annoncé est le bon."),
    )
    indicators = _words(
        "Indicateurs techniques",
        2000,
        rows=3,
        required=False,
        help_text="Empreintes de fichiers, adresses de sites, un par ligne. Aucun nom de personne.",
    )
    done = _words(
        "Ce que vous avez fait, et ce qu’il reste à faire",
        3000,
        rows=4,
        missing="Écrivez ce que vous avez fait.",
        help_text="En mots simples : la personne lira ce texte.",
    )
    field_order = ("threat", *FINDINGS, "indicators", "done")

    def __init__(self, data=None, *, asked: str, audience: str, name: str):
        super().__init__(data)
        known = content.published().threats
        others = sorted(
            (threat.name, key)
            for key, threat in known.items()
            if threat.provider and key != asked and audience in threat.audiences
        )
        self.fields["threat"].choices = [
            ("", "Choisissez"),
            (asked, f"C’est bien cela : {name}"),
            *((key, each) for each, key in others),
            (OTHER, "Autre chose, ou pas une attaque"),
        ]
        for key, label in FINDINGS.items():
            self.fields[key] = forms.ChoiceField(
                label=label,
                choices=[("", "Choisissez"), *REFERRAL.choices(key)],
                error_messages={"required": MISSING[key], "invalid_choice": MISSING[key]},
            )
        self.order_fields(self.field_order)


def shown_findings(findings: dict | None) -> list[tuple[str, str]]:
    """The report in words, as both sides read it."""
    if not findings:
        return []
    known = content.published().threats
    threat = findings["threat"]
    lines = [("Ce qui s’est passé", known[threat].name if threat in known else "Autre chose, ou pas une attaque")]
    for key in LISTS:
        lines.append((FINDINGS[key], dict(REFERRAL.choices(key)).get(findings[key], findings[key])))
    lines += [("Indicateurs techniques", findings["indicators"] or "Aucun"), ("Ce qui a été fait", findings["done"])]
    return lines
