from django.db import models


class EvidenceKind(models.TextChoices):
    TRANSCRIPT = "transcription", "Transcription du tchat"
    TRANSCRIPT_DATA = "transcription-donnees", "Transcription du tchat, données vérifiables"
    RECEIPT = "recepisse", "Récépissé"
    COMPLAINT = "plainte", "Plainte déposée"
    FILE = "fichier", "Fichier ajouté"


class Scan(models.TextChoices):
    """What the antivirus said of a file. One that is absent says nothing: the file waits, it is never « saine »."""

    WAITING = "attente", "Pas encore analysée"
    CLEAN = "saine", "Aucun virus connu"
    REFUSED = "refusee", "Un virus est reconnu"


class ComplaintState(models.TextChoices):
    DRAFT = "brouillon", "Brouillon"
    FILED = "deposee", "Déposée"
    TAKEN_OVER = "prise-en-charge", "Prise en charge"
    WITHDRAWN = "retiree", "Retirée"
