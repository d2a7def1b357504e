import re

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from guichet.accounts import totp
from guichet.accounts.enums import ResetReason

APPLICATION_ONLY = f"Le code de l’application compte {totp.DIGITS} chiffres."
EITHER = f"Un code compte {totp.DIGITS} chiffres, un code de secours {totp.RECOVERY_DIGITS}. Relisez-le."
WRONG = (
    "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant, et vérifiez que le téléphone est à l’heure "
    "(date et heure automatiques)."
)
UNREADABLE = "Votre second facteur ne peut plus être lu. Demandez à votre administrateur de le réinitialiser."


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "Cet identifiant et ce mot de passe ne vont pas ensemble. Relisez-les, puis réessayez.",
        "inactive": "Ce compte est fermé. Demandez à votre administrateur.",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Identifiant"
        self.fields["password"].label = "Mot de passe"


class CodeForm(forms.Form):
    """A code of the application, or a recovery code: both are digits, so one field and one keyboard."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="Les 6 chiffres que montre votre application, ou un code de secours (10 chiffres).",
        error_messages={"required": "Écrivez le code que montre votre application.", "max_length": EITHER},
        widget=forms.TextInput(attrs={"class": "input--code", "inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    lengths, wrong_length = {totp.DIGITS, totp.RECOVERY_DIGITS}, EITHER

    def clean_code(self) -> str:
        digits = re.sub(r"[\s\u202f.\-]", "", self.cleaned_data["code"])
        if not re.fullmatch(r"[0-9]+", digits) or len(digits) not in self.lengths:
            raise forms.ValidationError(self.wrong_length)
        return digits


class ConfirmForm(CodeForm):
    """The first code of a telephone that has just read the secret."""

    lengths, wrong_length = {totp.DIGITS}, APPLICATION_ONLY

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "Les 6 chiffres que l’application montre maintenant."


class PasswordAndCodeForm(CodeForm):
    """A session alone changes nothing: somebody else may be sitting at it."""

    password = forms.CharField(
        label="Mot de passe",
        max_length=4096,
        strip=False,
        error_messages={"required": "Écrivez votre mot de passe."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["password", "code"]

    def __init__(self, *args, agent, **kwargs):
        super().__init__(*args, **kwargs)
        self.agent = agent

    def clean_password(self) -> str:
        if not self.agent.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError("Ce n’est pas votre mot de passe. Réécrivez-le.")
        return self.cleaned_data["password"]


class ResetForm(forms.Form):
    reason = forms.ChoiceField(
        label="Raison",
        choices=[("", "Choisissez"), *ResetReason.choices],
        error_messages={"required": "Choisissez la raison : elle reste au journal."},
    )
