from django.apps import AppConfig

from guichet import checks


class GuichetConfig(AppConfig):
    name = "guichet"
    label = "guichet"
    verbose_name = "Guichet"

    def ready(self) -> None:
        checks.register_all()
