"""Providers for the tests: made through the form and the services, as the pages do."""

from itertools import count

from guichet.directory.enums import ProviderState
from guichet.directory.forms import ApplicationForm
from guichet.directory.models import Provider
from guichet.directory.rulebook import VETTING
from guichet.directory.services import providers
from guichet.directory.siren import luhn
from guichet.lib.text import fold
from guichet.territory.models import Commune, Postcode

_numbers = count(1)


def siren() -> str:
    body = f"000{next(_numbers):05d}"
    return next(body + str(digit) for digit in range(10) if luhn(body + str(digit)))


def commune(code: str = "59043", name: str = "Bailleul", lat: float = 50.74, lng: float = 2.73) -> Commune:
    found, _ = Commune.objects.get_or_create(
        code=code, defaults={"name": name, "folded": fold(name), "departement": code[:2]}
    )
    if found.lat is None:
        found.lat, found.lng = lat, lng
        found.save(update_fields=["lat", "lng"])
    Postcode.objects.get_or_create(commune=found, code="59270")
    return found


def typed(**changes) -> dict:
    commune()
    return {
        "name": "Brivane Dépannage",
        "siren": siren(),
        "contact_email": "demandes@brivane.invalid",
        "phone": "03 20 00 00 00",
        "website": "https://brivane.invalid/",
        "place": "59270 Bailleul",
        "presentation": "Nous remettons en marche, avec des mots simples.",
        "audiences": ["particulier", "entreprise", "collectivite"],
        "departements": "59, 62",
        "remote": "on",
        "capacity": "3",
        "price_low": "80",
        "price_high": "400",
        "quote_free": "on",
        "label": "",
        "charter": "on",
        "skill_rancongiciel": "3",
        "skill_appareil": "2",
    } | changes


def candidate(**changes) -> Provider:
    form = ApplicationForm(typed(**changes))
    assert form.is_valid(), form.errors
    return providers.apply(
        provider=form.as_provider(), skills=form.skills, departements=form.cleaned_data["departements"]
    )


def vet(provider: Provider) -> Provider:
    provider.checks = [check.id for check in VETTING.checks]
    provider.save(update_fields=["checks"])
    return provider


def listed(**changes) -> Provider:
    return providers.change_state(
        provider=vet(candidate(**changes)), to=ProviderState.LISTED, reason="Tout est vérifié.", actor="agent:0001"
    )
