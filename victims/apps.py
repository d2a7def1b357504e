from django.apps import AppConfig


class VictimsConfig(AppConfig):
    name = "victims"
    label = "victims"
    verbose_name = "Dossiers"

    def ready(self) -> None:
        from victims import checks, receivers  # noqa: F401  (models must be loaded before the receivers connect)

        checks.register_all()
