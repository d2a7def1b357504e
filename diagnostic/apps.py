from django.apps import AppConfig

from diagnostic import checks


class DiagnosticConfig(AppConfig):
    name = "diagnostic"
    label = "diagnostic"
    verbose_name = "Diagnostic"

    def ready(self) -> None:
        checks.register_all()
