from django.db import models


class Institution(models.TextChoices):
    """The two forces that share the territory (CGCT L2214-1), and the desk that both staff."""

    PN = "PN", "Police nationale"
    GN = "GN", "Gendarmerie nationale"


class Role(models.TextChoices):
    AGENT = "agent", "agent"
    SUPERVISOR = "superviseur", "superviseur"
    EDITOR = "redacteur", "rédacteur"
    ADMINISTRATOR = "administrateur", "administrateur"
