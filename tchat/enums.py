from django.db import models

GRAVEST = 4  # severity goes from 1 to 4


class DeskKind(models.TextChoices):
    FORCE = "force", "Bureau d'une force"
    SPECIAL = "specialise", "Bureau spécialisé"
    SHARED = "commun", "Bureau commun"


class Assignment(models.TextChoices):
    PULL = "choix", "L'agent prend"
    AUTO = "auto", "Le guichet attribue"


class RulebookState(models.TextChoices):
    DRAFT = "brouillon", "Brouillon"
    IN_FORCE = "en-vigueur", "En vigueur"
    RETIRED = "retire", "Retiré"


class Whereabouts(models.TextChoices):
    """Which force answers for where the person lives, as a rule asks it."""

    PN = "PN", "Police nationale"
    GN = "GN", "Gendarmerie nationale"
    NOBODY = "aucune", "Inconnue ou étranger"


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
    ABUSE = "abus", "Arrêtée par l'agent"


class Opinion(models.TextChoices):
    """What the person says of the talk once it is over."""

    YES = "oui", "Oui"
    PARTLY = "en-partie", "En partie"
    NO = "non", "Non"


class Author(models.TextChoices):
    VICTIM = "victime", "Victime"
    AGENT = "agent", "Agent"
    HOUSE = "guichet", "Guichet"


class AlertKind(models.TextChoices):
    POLICE = "17", "Urgence 17"
    INTERVENTION = "intervention", "Intervention"


class AbuseReason(models.TextChoices):
    INSULTS = "insultes", "Insultes ou menaces envers l'agent"
    SEXUAL = "sexuel", "Propos ou images à caractère sexuel"
    PRANK = "jeu", "Fausse alerte, jeu"
    FLOOD = "repetition", "Messages répétés, sans rapport"
    OTHER = "autre", "Autre motif"


class AppointmentState(models.TextChoices):
    PROPOSED = "propose", "Proposé"
    CHOSEN = "choisi", "Choisi"
    DECLINED = "refuse", "Aucune heure ne convient"
    REFUSED = "non", "Pas de rendez-vous voulu"
    WITHDRAWN = "retire", "Remplacé"
