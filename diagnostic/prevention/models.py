import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from diagnostic.prevention.enums import Level, State


class SheetText(models.Model):
    """What an editor writes over a sheet's own words. One is published per sheet; the others are drafts and history."""

    slug = models.CharField("fiche", max_length=64)
    how = models.TextField("comment cela se passe, ou résumé", blank=True)
    avoid = models.TextField("à éviter", blank=True)
    body = models.TextField("à savoir, ou texte de la fiche", blank=True)
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField("créé le", auto_now_add=True)
    updated_at = models.DateTimeField("modifié le", auto_now=True)
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="auteur"
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="publié par"
    )

    class Meta:
        verbose_name = "texte de fiche"
        verbose_name_plural = "textes de fiches"
        ordering = ["slug", "-updated_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug"],
                condition=models.Q(state=State.PUBLISHED),
                name="sheet_text_published_once",
                violation_error_message="Cette fiche a déjà un texte publié.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.slug} ({self.get_state_display()})"

    @property
    def avoided(self) -> tuple[str, ...]:
        """One line, one thing to avoid."""
        return tuple(line for raw in self.avoid.splitlines() if (line := raw.strip().removeprefix("- ").strip()))


class Announcement(models.Model):
    """What happens now: everywhere when no département is named, about anything when no threat is named."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField("titre", max_length=120)
    summary = models.CharField("résumé", max_length=300)
    body = models.TextField("texte", max_length=6000, blank=True)
    level = models.CharField("niveau", max_length=12, choices=Level, default=Level.ATTENTION)
    departements = models.JSONField("départements", default=list, blank=True)
    threats = models.JSONField("atteintes", default=list, blank=True)
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    starts_at = models.DateTimeField("montrée à partir du", default=timezone.now)
    ends_at = models.DateTimeField("montrée jusqu'au", null=True, blank=True)
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="auteur"
    )

    class Meta:
        verbose_name = "alerte"
        verbose_name_plural = "alertes"
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="announcement_ends_after_start",
                violation_error_message="La fin doit venir après le début.",
            )
        ]

    def __str__(self) -> str:
        return self.title
