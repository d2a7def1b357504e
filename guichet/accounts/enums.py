from django.db import models


class Role(models.TextChoices):
    AGENT = "agent", "agent"
    SUPERVISOR = "superviseur", "superviseur"
    EDITOR = "redacteur", "rédacteur"
    ADMINISTRATOR = "administrateur", "administrateur"


class Means(models.TextChoices):
    """With what an agent passed the second door."""

    APPLICATION = "application", "application"
    RECOVERY = "secours", "code de secours"


class ResetReason(models.TextChoices):
    """Why somebody else took a second factor away. A closed list: the journal keeps no written word."""

    LOST = "perdu", "Téléphone perdu ou volé"
    BROKEN = "en-panne", "Téléphone en panne ou effacé"
    REPLACED = "remplace", "Téléphone remplacé, sans code de secours"
    DOUBT = "doute", "Doute : quelqu’un d’autre s’en est peut-être servi"
