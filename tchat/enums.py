from django.db import models


class DeskKind(models.TextChoices):
    FORCE = "force", "Bureau d'une force"
    SPECIAL = "specialise", "Bureau spécialisé"
    SHARED = "commun", "Bureau commun"


class State(models.TextChoices):
    WAITING = "attente", "En attente"
    ACTIVE = "en-cours", "En cours"
    CLOSED = "close", "Close"


class Outcome(models.TextChoices):
    ADVICE = "conseil", "Conseil donné"
    APPOINTMENT = "rendez-vous", "Rendez-vous"
    COMPLAINT = "plainte-preparee", "Plainte préparée"
    INTERVENTION = "intervention", "Intervention"
    REDIRECTION = "reorientation", "Réorientation"
    ABANDONED = "abandon", "Abandon"


class Author(models.TextChoices):
    VICTIM = "victime", "Victime"
    AGENT = "agent", "Agent"
    HOUSE = "guichet", "Guichet"
