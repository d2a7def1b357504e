"""Where a complaint or a report goes, and the number it gets."""

import secrets
from datetime import datetime

from django.utils import timezone

from guichet.lib import references
from guichet.territory.services import SHARED, competence_of
from victims.models import Complaint, Dossier, Report

PREFIXES = {Complaint: "PL", Report: "SG"}


def competent_service(dossier: Dossier):
    """The service of the commune; the police's where both forces share it; None abroad, unknown or not one place."""
    if dossier.abroad or not dossier.commune_id:
        return None
    answer = competence_of(dossier.commune_id)
    shared = answer.source == SHARED and len(answer.services) == len(answer.institutions)
    return answer.services[0] if shared else answer.service


def new_number(model: type[Complaint] | type[Report], now: datetime) -> str:
    """`PL-2026-7K4M9Q` or `SG-2026-7K4M9Q`, not yet taken."""
    while True:
        tail = "".join(secrets.choice(references.ALPHABET) for _ in range(6))
        number = f"{PREFIXES[model]}-{timezone.localtime(now).year}-{tail}"
        if not model.objects.filter(number=number).exists():
            return number
