from django.apps import AppConfig


class TchatConfig(AppConfig):
    name = "tchat"
    label = "tchat"
    verbose_name = "Tchat"

    def ready(self) -> None:
        from tchat import receivers  # noqa: F401  (models must be loaded before the receivers connect)
