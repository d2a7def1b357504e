from celery.signals import worker_process_init, worker_ready
from django.apps import AppConfig

from diagnostic import checks


class DiagnosticConfig(AppConfig):
    name = "diagnostic"
    label = "diagnostic"
    verbose_name = "Diagnostic"

    def ready(self) -> None:
        # The versions are models: they exist once the apps are loaded.
        from diagnostic.editing import live
        from diagnostic.prevention import receivers  # noqa: F401

        checks.register_all()
        live.install()
        worker_process_init.connect(_watch, weak=False)
        worker_ready.connect(_watch, weak=False)


def _watch(**kwargs) -> None:
    from diagnostic.editing import live

    live.watch()
