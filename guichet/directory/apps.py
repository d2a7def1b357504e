from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "guichet.directory"
    label = "directory"
    verbose_name = "Prestataires"
