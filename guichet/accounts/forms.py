from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "Cet identifiant et ce mot de passe ne vont pas ensemble. Relisez-les, puis réessayez.",
        "inactive": "Ce compte est fermé. Demandez à votre administrateur.",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Identifiant"
        self.fields["password"].label = "Mot de passe"
