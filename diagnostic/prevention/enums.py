from django.db import models


class State(models.TextChoices):
    DRAFT = "brouillon", "brouillon"
    PUBLISHED = "publie", "publié"
    WITHDRAWN = "retire", "retiré"


class Level(models.TextChoices):
    INFORMATION = "information", "information"
    ATTENTION = "attention", "attention"
    URGENT = "urgent", "urgent"
