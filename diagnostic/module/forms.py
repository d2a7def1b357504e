from django import forms

from diagnostic.module.branches import Branch
from diagnostic.module.models import Partner
from diagnostic.module.origins import origins_of
from guichet.lib.text import clean_text

FRAME, BUTTON, LINK, CODE = "cadre", "bouton", "lien", "qr"
SHAPES = (
    (FRAME, "Un cadre : les questions dans votre page"),
    (BUTTON, "Un bouton"),
    (LINK, "Un lien"),
    (CODE, "Un QR code à imprimer"),
)
BEGINNING = "Toutes les situations"


class ChoiceForm(forms.Form):
    """What the partner wants to show; read from the address, nothing is kept."""

    use_required_attribute = False
    forme = forms.ChoiceField(label="Sous quelle forme ?", choices=SHAPES, widget=forms.RadioSelect)
    branche = forms.ChoiceField(label="Où commencer ?", required=False)
    identifiant = forms.SlugField(
        label="Votre identifiant",
        required=False,
        max_length=50,
        help_text="Reçu quand votre demande est acceptée. Pour le cadre seulement.",
        error_messages={"invalid": "Un identifiant a des lettres, des chiffres et des tirets."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, branches: list[Branch], data=None):
        super().__init__(data)
        groups: dict[str, list[tuple[str, str]]] = {}
        for branch in branches:
            groups.setdefault(branch.labels[0], []).append((branch.node, branch.labels[-1]))
        self.fields["branche"].choices = [("", BEGINNING), *groups.items()]


class PartnerForm(forms.ModelForm):
    """The administrators' form."""

    def clean_origins(self) -> str:
        return "\n".join(origins_of(self.cleaned_data["origins"]))


class RequestForm(PartnerForm):
    """`site_web` is a trap: people do not see it, robots fill it."""

    use_required_attribute = False
    site_web = forms.CharField(required=False)

    class Meta:
        model = Partner
        fields = ["name", "origins", "contact", "notes"]
        labels = {
            "name": "Nom du site ou de l’organisme",
            "origins": "Adresses du site",
            "contact": "Adresse e-mail du contact",
            "notes": "Où et pourquoi montrer le module ?",
        }
        help_texts = {
            "origins": "Une par ligne, par exemple https://www.exemple.fr. Seules ces adresses pourront l’afficher.",
            "contact": "Pour vous répondre. Elle n’est jamais publiée.",
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "origins": forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
            "contact": forms.EmailInput(attrs={"autocomplete": "email"}),
            "notes": forms.Textarea(attrs={"rows": 2}),
        }
        error_messages = {
            "name": {"required": "Écrivez le nom de votre site."},
            "origins": {"required": "Écrivez au moins une adresse, par exemple https://www.exemple.fr."},
            "contact": {
                "required": "Écrivez votre adresse e-mail.",
                "invalid": "Cette adresse n’est pas complète. Exemple : nom@exemple.fr",
            },
        }

    @property
    def trapped(self) -> bool:
        return bool(self.data.get("site_web"))

    def clean_name(self) -> str:
        return clean_text(self.cleaned_data["name"])

    def clean_notes(self) -> str:
        return clean_text(self.cleaned_data["notes"])
