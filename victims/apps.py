from django.apps import AppConfig


class VictimsConfig(AppConfig):
    name = "victims"
    label = "victims"
    verbose_name = "Dossiers"
