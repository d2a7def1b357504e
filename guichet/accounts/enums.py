from django.db import models


class Role(models.TextChoices):
    AGENT = "agent", "agent"
    SUPERVISOR = "superviseur", "superviseur"
    EDITOR = "redacteur", "rédacteur"
    ADMINISTRATOR = "administrateur", "administrateur"
