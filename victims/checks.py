"""Production does not start with a seal that cannot be put. Ids are stable (`guichet/checks.py` has the others)."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.utils import timezone

from victims.services import pdf_seals, seals


def _keys() -> list[Error]:
    try:
        seals.public_keys()
    except ValueError:
        hint = "Base64 of 32 bytes each, separated by commas."
        return [Error("GUICHET_SEAL_KEYS holds a key that cannot be read.", hint=hint, id="guichet.E010")]
    return []


def _certificate() -> list[Error]:
    try:
        pdf_seals.check_certificate(now=timezone.now())
    except pdf_seals.BadCertificate as error:
        message = f"GUICHET_SEAL_CERTIFICATE cannot seal: {error}."
        hint = "PEM: the certificate first, then its chain; its key in GUICHET_SEAL_PRIVATE_KEY."
        return [Error(message, hint=hint, id="guichet.E011")]
    return []


def seals_can_be_put(app_configs, **kwargs) -> list[Error]:
    return [*_keys(), *_certificate()] if settings.PRODUCTION else []


def register_all() -> None:
    register(seals_can_be_put, Tags.security)
