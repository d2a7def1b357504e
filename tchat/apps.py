from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TchatConfig(AppConfig):
    name = "tchat"
    label = "tchat"
    verbose_name = "Tchat"

    def ready(self) -> None:
        from tchat import desks, receivers  # noqa: F401  (models must be loaded before the receivers connect)

        post_migrate.connect(desks.ensure, sender=self)
