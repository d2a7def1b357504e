from django.db import models


class TraceKind(models.TextChoices):
    IBAN = "iban", "Compte bancaire (IBAN)"
    PHONE = "telephone", "Numéro de téléphone"
    EMAIL = "courriel", "Adresse e-mail"
    SITE = "site", "Site internet"
    PAGE = "page", "Page internet"
    WALLET = "portefeuille", "Portefeuille de cryptomonnaie"
    ACCOUNT = "compte", "Compte sur un réseau"


class SeriesState(models.TextChoices):
    PROPOSED = "proposee", "À confirmer"
    CONFIRMED = "confirmee", "Confirmée"
    DISSOLVED = "dissoute", "Dissoute"
    MERGED = "reunie", "Réunie à une autre"


class MemberState(models.TextChoices):
    PROPOSED = "propose", "À confirmer"
    CONFIRMED = "confirme", "Confirmé"
    REJECTED = "rejete", "Écarté"
