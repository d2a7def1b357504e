"""Providers, how their state changed, and the draws. Nothing of a victim stands here."""

import re
import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from guichet.directory.drawing import median
from guichet.directory.enums import Mode, ProviderState
from guichet.directory.rulebook import VETTING
from guichet.territory.models import Commune

AUDIENCES = {"particulier": "for_people", "entreprise": "for_companies", "collectivite": "for_public"}


class ProviderQuerySet(models.QuerySet):
    def listed(self):
        return self.filter(state=ProviderState.LISTED)

    def for_audience(self, audience: str):
        return self.filter(**{AUDIENCES[audience]: True})

    def skilled_in(self, skill: str):
        return self.filter(skills__kind=skill)

    def helping(self, mode: str, departement: str):
        """Without a known département nobody can be said to come."""
        remote = models.Q(remote=True)
        near = models.Q(on_site=True, pk__in=Zone.objects.filter(departement=departement).values("provider"))
        if mode == Mode.REMOTE:
            return self.filter(remote)
        return self.filter(near) if mode == Mode.ON_SITE else self.filter(near | remote)


class Provider(models.Model):
    """A company that helps for money. Listed only once it was vetted and accepted the charter."""

    name = models.CharField("nom", max_length=100)
    siren = models.CharField(
        "SIREN", max_length=9, unique=True, error_messages={"unique": "Ce SIREN est déjà celui d’un prestataire."}
    )
    contact_email = models.EmailField("courriel où arrivent les demandes", max_length=200)
    phone = models.CharField("téléphone", max_length=20)
    website = models.URLField("site", max_length=200, blank=True)
    commune = models.ForeignKey(Commune, models.PROTECT, null=True, blank=True, related_name="+")
    presentation = models.TextField("présentation", max_length=600)
    for_people = models.BooleanField("aide les particuliers", default=False)
    for_companies = models.BooleanField("aide les entreprises et associations", default=False)
    for_public = models.BooleanField("aide les collectivités et administrations", default=False)
    on_site = models.BooleanField("se déplace", default=False)
    remote = models.BooleanField("aide à distance", default=False)
    capacity = models.PositiveSmallIntegerField(
        "demandes à la fois", default=3, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    label = models.CharField("label", max_length=30, blank=True)
    label_number = models.CharField("numéro du label", max_length=40, blank=True)
    label_until = models.DateField("label valable jusqu’au", null=True, blank=True)
    price_low = models.PositiveIntegerField("prix le plus bas, en euros TTC")
    price_high = models.PositiveIntegerField("prix le plus haut, en euros TTC")
    quote_free = models.BooleanField("devis gratuit", default=True)
    state = models.CharField("état", max_length=10, choices=ProviderState, default=ProviderState.CANDIDATE)
    state_at = models.DateTimeField("depuis le", default=timezone.now)
    listed_until = models.DateField("référencé jusqu’au", null=True, blank=True)
    charter_version = models.CharField("charte acceptée", max_length=20, blank=True)
    charter_at = models.DateTimeField("charte acceptée le", null=True, blank=True)
    checks = models.JSONField("vérifications faites", default=list, blank=True)
    answers = models.JSONField("minutes des dernières réponses", default=list, blank=True)
    ratings = models.JSONField("notes reçues, de 1 à 5", default=list, blank=True)
    invented = models.BooleanField("inventé pour la démonstration", default=False)
    created_at = models.DateTimeField("candidature du", default=timezone.now)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = "prestataire"
        verbose_name_plural = "prestataires"
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["state", "remote"], name="provider_state_remote")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_low__lte=models.F("price_high")),
                name="directory_prices_in_order",
                violation_error_message="Le prix le plus bas ne dépasse pas le plus haut.",
            ),
            models.CheckConstraint(
                condition=models.Q(on_site=True) | models.Q(remote=True),
                name="directory_helps_somehow",
                violation_error_message="Un prestataire se déplace, aide à distance, ou les deux.",
            ),
            models.CheckConstraint(
                condition=models.Q(for_people=True) | models.Q(for_companies=True) | models.Q(for_public=True),
                name="directory_helps_someone",
                violation_error_message="Un prestataire aide au moins un public.",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="reference") | models.Q(listed_until__isnull=False, charter_at__isnull=False),
                name="directory_listed_has_charter_and_end",
                violation_error_message="Un prestataire référencé a accepté la charte et a une date de fin.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def phone_shown(self) -> str:
        """Two by two, as people read it: « 01 99 00 00 03 »; a number of elsewhere as it is."""
        national = f"0{self.phone[3:]}" if self.phone.startswith("+33") else self.phone
        if not re.fullmatch(r"0\d{9}", national):
            return self.phone
        return " ".join(national[at : at + 2] for at in range(0, 10, 2))

    @property
    def audiences(self) -> list[str]:
        return [audience for audience, field in AUDIENCES.items() if getattr(self, field)]

    @property
    def answer_minutes(self) -> float | None:
        return median(self.answers)

    @property
    def rating(self) -> float | None:
        """Told from five notes on: fewer would tell who gave them."""
        return round(sum(self.ratings) / len(self.ratings), 1) if len(self.ratings) >= 5 else None

    @property
    def label_name(self) -> str:
        return VETTING.label_names.get(self.label, self.label)

    def has_label(self, day) -> bool:
        return bool(self.label and self.label_until and self.label_until >= day)

    @property
    def place(self) -> tuple[float, float] | None:
        known = self.commune and self.commune.lat is not None and self.commune.lng is not None
        return (self.commune.lat, self.commune.lng) if known else None


class Skill(models.Model):
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="skills", verbose_name="prestataire")
    kind = models.CharField("compétence", max_length=30)
    level = models.PositiveSmallIntegerField("niveau", default=1)

    class Meta:
        verbose_name = "compétence"
        verbose_name_plural = "compétences"
        ordering = ["-level", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "kind"],
                name="directory_skill_once",
                violation_error_message="Cette compétence est déjà notée.",
            ),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=3),
                name="directory_skill_level_known",
                violation_error_message="Le niveau va de 1 à 3.",
            ),
        ]

    def __str__(self) -> str:
        return VETTING.skill_names.get(self.kind, self.kind)


class Zone(models.Model):
    """A département where the provider comes."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="zones", verbose_name="prestataire")
    departement = models.CharField("département", max_length=3)

    class Meta:
        verbose_name = "zone"
        verbose_name_plural = "zones"
        ordering = ["departement"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "departement"],
                name="directory_zone_once",
                violation_error_message="Ce département est déjà dans la liste.",
            )
        ]

    def __str__(self) -> str:
        return self.departement


class Change(models.Model):
    """One change of state: when, by whom, why. Never rewritten."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="changes", verbose_name="prestataire")
    before = models.CharField("avant", max_length=10, blank=True, choices=ProviderState)
    after = models.CharField("après", max_length=10, choices=ProviderState)
    reason = models.CharField("raison", max_length=400)
    actor = models.CharField("par", max_length=40)
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "changement d’état"
        verbose_name_plural = "changements d’état"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_after_display()} le {self.at:%d/%m/%Y}"


class Draw(models.Model):
    """One draw, with all that is needed to replay it: what was asked, the rule of that day, who was eligible, the seed.

    No name, no commune, no link to a dossier: whoever reads it learns that somebody of a département asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seed = models.CharField("graine", max_length=64)
    asked = models.JSONField("demande")
    rule = models.JSONField("règle de ce jour")
    eligible = models.JSONField("prestataires possibles, avec leurs points")
    order = models.JSONField("ordre tiré")
    sha256 = models.CharField("empreinte", max_length=64)
    made_at = models.DateTimeField("fait le", default=timezone.now)

    class Meta:
        verbose_name = "tirage"
        verbose_name_plural = "tirages"
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"tirage {self.pk}"
