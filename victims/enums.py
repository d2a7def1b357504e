from django.db import models


class EvidenceKind(models.TextChoices):
    TRANSCRIPT = "transcription", "Transcription du tchat"
    TRANSCRIPT_DATA = "transcription-donnees", "Transcription du tchat, données vérifiables"
    RECEIPT = "recepisse", "Récépissé"
    COMPLAINT = "plainte", "Plainte déposée"
    REPORT = "signalement", "Signalement envoyé"
    REPORT_RECEIPT = "accuse-signalement", "Accusé de réception du signalement"
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
    QUESTIONED = "precision-demandee", "Précision demandée"
    FORWARDED = "transmise", "Transmise au procureur"
    WITHDRAWN = "retiree", "Retirée"


class ReportState(models.TextChoices):
    DRAFT = "brouillon", "Brouillon"
    FILED = "envoye", "Envoyé"
    NOTED = "pris-en-compte", "Pris en compte"
    BECAME_COMPLAINT = "plainte", "Suivi d'une plainte"
    WITHDRAWN = "retire", "Retiré"


class ReferralState(models.TextChoices):
    ASKED = "demandee", "Demande envoyée"
    ACCEPTED = "acceptee", "Acceptée"
    DECLINED = "refusee", "Refusée"
    EXPIRED = "sans-reponse", "Sans réponse"
    WITHDRAWN = "retiree", "Arrêtée"
    REPORTED = "rendue", "Compte rendu remis"
    ENDED = "finie", "Finie sans compte rendu"


class Side(models.TextChoices):
    VICTIM = "victime", "La personne aidée"
    PROVIDER = "prestataire", "Le prestataire"


class IdentitySource(models.TextChoices):
    ONLINE = "en-ligne", "Vérifiée en ligne"
    UNIT = "unite", "Vérifiée à l'unité"
