"""The components as they look, with invented content: `/composants/`, in a demonstration only (docs/design.md)."""

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from guichet import numbers

WORDS = "Votre banque peut encore rappeler ce virement."
CALL = (("Appelez le ", ""), ("17", "tel:17"), (", ou le ", ""), ("112", "tel:112"), (".", ""))


class Label(str):
    """A choice with a second line."""

    small = ""

    def __new__(cls, text: str, small: str = ""):
        label = super().__new__(cls, text)
        label.small = small
        return label


class SpecimenForm(forms.Form):
    answer = forms.ChoiceField(
        label="De quoi vous menace-t-on ?",
        help_text="Choisissez ce qui ressemble le plus. Une réponse approchée suffit.",
        choices=[("a1", "De diffuser des images"), ("a2", "De viser ma famille"), ("a9", "Je ne sais pas")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une réponse, ou « Je ne sais pas »"},
    )
    facts = forms.MultipleChoiceField(
        label="Cochez tout ce qui est vrai",
        choices=[
            ("money", Label("J’ai déjà envoyé de l’argent", "Même une petite somme.")),
            ("minor", "J’ai moins de 18 ans"),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    amount = forms.DecimalField(
        label="Somme envoyée, en euros",
        widget=forms.TextInput(attrs={"class": "input--short", "inputmode": "decimal"}),
        error_messages={"invalid": "Écrivez la somme en chiffres, par exemple 200"},
    )
    day = forms.DateField(
        label="Date de l’envoi", widget=forms.DateInput(attrs={"type": "date", "class": "input--short"})
    )
    secret = forms.CharField(label="Code secret", widget=forms.TextInput(attrs={"class": "input--code"}))
    bank = forms.ChoiceField(label="Moyen de paiement", choices=[("", "Choisir"), ("v", "Virement"), ("c", "Carte")])
    account = forms.CharField(label="IBAN du bénéficiaire", help_text="Il commence par deux lettres.", required=False)
    story = forms.CharField(label="Avec vos mots", widget=forms.Textarea, required=False)
    proof = forms.FileField(label="Une capture d’écran", required=False)
    read = forms.BooleanField(
        label="J’ai noté mon code", error_messages={"required": "Cochez la case quand le code est sur papier"}
    )


def _todos() -> list[dict]:
    soon = timezone.now() + timedelta(minutes=42)
    return [
        {"text": "Ne payez pas, même une petite somme.", "who": "Vous", "deadline": {"label": "Tout de suite"}},
        {"parts": CALL, "who": "Vous", "deadline": {"label": "Il reste 42 min", "state": "now", "until": soon}},
        {"text": WORDS, "who": "Vous, ou un proche", "deadline": {"label": "Délai passé", "state": "late"}},
    ]


def _messages() -> list[dict]:
    return [
        {"text": "Réponses reçues : menace de diffuser des images, argent déjà envoyé.", "note": True, "time": "23:50"},
        {
            "text": "Bonsoir. Je suis gendarme, je vous lis.\nÊtes-vous en sécurité ?",
            "who": "Agent 7310",
            "time": "23:52",
        },
        {"text": "Oui, je suis chez moi", "mine": True, "time": "23:53", "state": "read", "state_label": "lu"},
        {
            "text": "J’ai gardé les messages",
            "mine": True,
            "time": "23:55",
            "state": "saved",
            "state_label": "enregistré",
        },
        {"text": "Que dois-je faire ?", "mine": True, "time": "", "state": "sending", "state_label": "envoi"},
    ]


def _waiting(severity: int, title: str, text: str, wait: str, **marks: bool) -> dict:
    return {"href": "#", "severity": severity, "title": title, "text": text, "wait": wait, **marks}


def _console() -> dict:
    return {
        "tiles": [
            {"label": "En attente", "value": 12},
            {"label": "Gravité 4 en attente", "value": 3, "hot": True},
            {"label": "Plus longue attente", "value": 14, "unit": "min (cible 10)", "hot": True},
            {"label": "Vos conversations", "value": 2, "unit": "sur 3"},
            {"label": "Agents présents", "value": 5},
        ],
        "queue": [
            _waiting(4, "Chantage, mineur de 15 ans", "Valence · GN", "14 min", late=True),
            _waiting(4, "Chantage, ce soir minuit", "Romans-sur-Isère · PN", "9 min", current=True),
            _waiting(3, "Virement de 8 400 €, rappel", "Montélimar · PN", "8 min"),
            _waiting(2, "Compte piraté", "Nyons · GN", "4 min"),
            _waiting(1, "Message bizarre, rien de donné", "Die · GN", "1 min"),
        ],
        "tabs": [
            {"href": "#", "label": "7K4M-92QX · Chantage", "current": True, "badge": "4", "tone": "brick"},
            {"href": "#", "label": "3HPD-51LA · Virement", "badge": "2 nouveaux", "tone": "lamp"},
        ],
        "pairs": [
            ("Atteinte", "Chantage"),
            ("Argent", "200 € par virement, 21:30"),
            ("Commune", "Valence · PN, source officielle"),
        ],
    }


@require_safe
def specimens(request: HttpRequest) -> HttpResponse:
    form = SpecimenForm({"facts": ["money"], "amount": "deux cents"}) if "erreurs" in request.GET else SpecimenForm()
    context = {
        "form": form,
        "todos": _todos(),
        "messages_shown": _messages(),
        "parts": CALL,
        "notices": [{"level": "urgent", "title": "En danger maintenant ?", "parts": CALL}],
        "reasons": ["Vous avez dit : on menace de diffuser des images.", "Vous avez déjà envoyé de l’argent."],
        "voices": numbers.voices()[:2],
        "calls": [{"tel": "tel:3114", "number": "3114", "who": "si vous pensez à mourir", "hours": "jour et nuit"}],
        "doors": [
            {"href": "#", "title": "En ligne", "text": "Vous ne connaissez pas l’auteur", "outside": True},
            {"href": "#", "title": "Au commissariat ou à la brigade", "text": "Celui de votre choix"},
        ],
        "steps": [
            {"title": "Vos réponses sont reçues", "text": "Aujourd’hui, 23 h 41", "state": "done"},
            {"title": "Un agent va vous lire", "text": "Bureau de votre commune", "state": "now"},
            {"title": "Votre plainte, si vous le voulez"},
        ],
        "pieces": [{"name": "capture-1.png", "text": "412 Ko · chiffrée"}],
        "columns": ["Atteinte", "Parcours"],
        "rows": [["Message bizarre", "1 204"], ["Compte piraté", "548"]],
        "fold": [{"parts": CALL, "who": "Vous"}, {"text": WORDS}],
        **_console(),
    }
    return render(request, f"pages/{'specimens_console' if 'console' in request.GET else 'specimens'}.html", context)
