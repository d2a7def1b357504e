from django.db import models


class Institution(models.TextChoices):
    """The two forces that share the territory (CGCT L2214-1)."""

    PN = "PN", "Police nationale"
    GN = "GN", "Gendarmerie nationale"


class CommuneKind(models.TextChoices):
    COMMUNE = "commune", "commune"
    ARRONDISSEMENT = "arrondissement", "arrondissement"


class Topic(models.TextChoices):
    """What an edition is about: one official file, or one pair of them, each with its own rhythm."""

    COMMUNES = "communes", "communes"
    COMPETENCES = "competences", "compétences"
    UNITS_GN = "unites-gn", "unités de gendarmerie"
    UNITS_PN = "unites-pn", "services de police"


# The list that brings the units of a force, and its name as the ministry publishes it.
UNIT_TOPICS = {Institution.GN: Topic.UNITS_GN, Institution.PN: Topic.UNITS_PN}
