from django.db import models


class EvidenceKind(models.TextChoices):
    TRANSCRIPT = "transcription", "Transcription du tchat"
    TRANSCRIPT_DATA = "transcription-donnees", "Transcription du tchat, données vérifiables"
    RECEIPT = "recepisse", "Récépissé"
    COMPLAINT = "plainte", "Plainte déposée"


class ComplaintState(models.TextChoices):
    DRAFT = "brouillon", "Brouillon"
    FILED = "deposee", "Déposée"
    TAKEN_OVER = "prise-en-charge", "Prise en charge"
    WITHDRAWN = "retiree", "Retirée"
