"""Queues, the agents who answer them, and whether these agents are there."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from guichet.territory.enums import Institution
from tchat.enums import Assignment, DeskKind


class DeskQuerySet(models.QuerySet):
    def real(self):
        return self.filter(stands_for=None)

    def kin(self, desk):
        """Those among which a conversation of this desk may move: an exercise never meets a real victim."""
        return self.exclude(stands_for=None) if desk.is_exercise else self.real()


class Desk(models.Model):
    """A queue and the agents who answer it. One that stands for another is its twin for exercises."""

    slug = models.SlugField("identifiant", primary_key=True, max_length=20)
    name = models.CharField("nom", max_length=80)
    kind = models.CharField("nature", max_length=20, choices=DeskKind)
    institution = models.CharField("force", max_length=2, choices=Institution, blank=True)
    agents = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="desks", verbose_name="agents", blank=True)
    capacity = models.PositiveSmallIntegerField(
        "conversations par agent",
        null=True,
        blank=True,
        help_text="Au plus, en même temps ; une de plus pour la gravité 4. Vide : sans limite.",
    )
    assignment = models.CharField("attribution", max_length=10, choices=Assignment, default=Assignment.PULL)
    stands_for = models.OneToOneField(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="twin",
        verbose_name="bureau dont il est l'exercice",
    )

    objects = DeskQuerySet.as_manager()

    class Meta:
        verbose_name = "bureau"
        verbose_name_plural = "bureaux"
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_exercise(self) -> bool:
        return self.stands_for_id is not None


class PresenceQuerySet(models.QuerySet):
    """By the database's clock unless a moment is given: hosts whose clocks differ judge every lease alike."""

    def there(self, *, now: datetime | None = None):
        return self.filter(lease_until__gt=now or Now())

    def gone(self, *, now: datetime | None = None):
        return self.filter(lease_until__lt=now or Now())


class Presence(models.Model):
    """An agent's lease on the console. Whoever stops renewing it is gone, however the process died."""

    agent = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="presence")
    lease_until = models.DateTimeField("présent jusqu'à", db_index=True)
    paused_at = models.DateTimeField("en pause depuis", null=True, blank=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = "présence"
        verbose_name_plural = "présences"

    def __str__(self) -> str:
        return f"présence {self.pk}"
