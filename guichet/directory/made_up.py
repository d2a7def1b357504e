"""Invented providers, the same for the same seed. No real company: their SIREN begin with 000, which is given to
nobody, and their addresses end with .invalid, which leads nowhere. Their names are syllables, never of the State."""

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.directory.enums import ProviderState
from guichet.directory.models import Change, Provider, Skill, Zone
from guichet.directory.rulebook import CHARTER, VETTING
from guichet.directory.services.providers import SYSTEM
from guichet.directory.siren import luhn
from guichet.territory.departements import DEPARTEMENTS
from guichet.territory.models import Commune

FIRST = ("Bri", "Sol", "Vau", "Tré", "Kal", "Mor", "Fen", "Lou", "Ari", "Nov", "Pel", "Cra", "Zé", "Dol", "Hu", "Ros")
MIDDLE = ("va", "qui", "lan", "mé", "do", "ri", "sta", "nou", "be", "ga")
LAST = ("ne", "quet", "line", "dor", "vel", "mont", "sac", "tis", "ron", "bec", "lis", "val")
TRADES = ("Dépannage", "Informatique", "Réseaux", "Assistance", "Atelier numérique", "Systèmes", "Conseil", "Web")
REASON = "Prestataire inventé pour la démonstration."
WORDS = (
    "Nous aidons après un piratage : constater, copier les traces, remettre en marche, éviter que cela recommence.",
    "Une petite équipe, des mots simples. Nous passons d’abord du temps à comprendre, puis nous faisons un devis.",
    "Dépannage et remise en état. Nous gardons les preuves avant de nettoyer, et nous expliquons chaque étape.",
)
PLACED = 5000  # the largest communes are enough to place companies


def sirens():
    number = 0
    while True:
        number += 1
        body = f"000{number:05d}"
        yield next(body + str(digit) for digit in range(10) if luhn(body + str(digit)))


@transaction.atomic
def make(count: int, *, seed: int = 1, now: datetime | None = None) -> int:
    """So that there are at least this many invented providers, all listed. The same call twice adds none."""
    now, chance = now or timezone.now(), random.Random(seed)  # noqa: S311 (an invention, not a secret)
    communes = list(Commune.objects.current().exclude(lat=None).order_by("-population", "code")[:PLACED])
    numbers, known = sirens(), set(Provider.objects.values_list("siren", flat=True))
    made = [_invented(index, next(numbers), communes, chance, now) for index in range(count)]
    new = [each for each in made if each[0].siren not in known]
    Provider.objects.bulk_create(provider for provider, _, _ in new)
    Skill.objects.bulk_create(
        Skill(provider=provider, kind=kind, level=level) for provider, skills, _ in new for kind, level in skills
    )
    Zone.objects.bulk_create(Zone(provider=provider, departement=code) for provider, _, zones in new for code in zones)
    Change.objects.bulk_create(
        Change(provider=provider, after=ProviderState.LISTED, reason=REASON, actor=SYSTEM, at=now)
        for provider, _, _ in new
    )
    if new:
        audit.record(actor=SYSTEM, verb="prestataires inventés", detail={"nombre": len(new), "graine": seed})
    return len(new)


def _invented(index: int, siren: str, communes: list[Commune], chance: random.Random, now: datetime):
    """Everything is drawn in the same order whatever is already there: the same seed gives the same companies."""
    name = chance.choice(FIRST) + chance.choice(MIDDLE) + chance.choice(LAST)
    trade, presentation = chance.choice(TRADES), chance.choice(WORDS)
    commune = chance.choice(communes) if communes else None
    departement = commune.departement if commune else chance.choice(sorted(DEPARTEMENTS))
    neighbours = chance.sample(sorted(DEPARTEMENTS), 2)
    label = chance.random() < 0.15
    low = chance.choice((60, 80, 90, 120, 150))
    people, companies = chance.random() < 0.7, chance.random() < 0.8
    public = chance.random() < 0.4
    remote = chance.random() < 0.75
    skills = [(skill.id, chance.randint(1, 3)) for skill in VETTING.skills if chance.random() < 0.55] or [
        (VETTING.other_threats, 1)
    ]
    provider = Provider(
        name=f"{name.capitalize()} {trade}",
        siren=siren,
        contact_email=f"demandes@prestataire-{index + 1:04d}.invalid",
        phone=f"01990{index:05d}",
        commune=commune,
        presentation=presentation,
        for_people=people,
        for_companies=companies or not people,
        for_public=public,
        on_site=True,
        remote=remote,
        capacity=chance.randint(2, 6),
        label=VETTING.labels[0].id if label else "",
        label_number=f"DEMO-{index + 1:04d}" if label else "",
        label_until=timezone.localdate(now) + timedelta(days=chance.randint(60, 700)) if label else None,
        price_low=low,
        price_high=low * chance.randint(3, 9),
        quote_free=chance.random() < 0.8,
        state=ProviderState.LISTED,
        state_at=now,
        listed_until=timezone.localdate(now) + timedelta(days=VETTING.listing_days),
        charter_version=CHARTER.version,
        charter_at=now,
        checks=[check.id for check in VETTING.checks],
        answers=[chance.randint(4, 55) for _ in range(chance.randint(0, 12))],
        invented=True,
        created_at=now,
    )
    return provider, skills, sorted({departement, *neighbours})
