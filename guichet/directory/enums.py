from django.db import models


class ProviderState(models.TextChoices):
    CANDIDATE = "candidat", "Candidat"
    LISTED = "reference", "Référencé"
    SUSPENDED = "suspendu", "Suspendu"
    EXPIRED = "expire", "Référencement fini"
    REFUSED = "refuse", "Refusé"


# From one state to the next: everything else is refused.
ALLOWED = {
    ProviderState.CANDIDATE: {ProviderState.LISTED, ProviderState.REFUSED},
    ProviderState.LISTED: {ProviderState.SUSPENDED, ProviderState.EXPIRED},
    ProviderState.SUSPENDED: {ProviderState.LISTED, ProviderState.EXPIRED},
    ProviderState.EXPIRED: {ProviderState.LISTED},
    ProviderState.REFUSED: {ProviderState.CANDIDATE},
}


class Mode(models.TextChoices):
    """How the person wants to be helped."""

    ANY = "indifferent", "Peu importe"
    ON_SITE = "sur-place", "Sur place, chez moi ou dans mes locaux"
    REMOTE = "distance", "À distance, par téléphone et par Internet"
