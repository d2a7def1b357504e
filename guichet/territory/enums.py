from django.db import models


class Institution(models.TextChoices):
    """The two forces that share the territory (CGCT L2214-1)."""

    PN = "PN", "Police nationale"
    GN = "GN", "Gendarmerie nationale"
