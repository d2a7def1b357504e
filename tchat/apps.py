from django.apps import AppConfig


class TchatConfig(AppConfig):
    name = "tchat"
    label = "tchat"
    verbose_name = "Tchat"
