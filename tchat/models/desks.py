"""Queues, the agents who answer them, and whether these agents are there."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from guichet.territory.enums import Institution
from tchat.enums import Assignment, DeskKind

NO_CAPACITY = "Dites combien de conversations le guichet peut donner à un agent, au moins une."


class DeskQuerySet(models.QuerySet):
    def real(self):
        return self.filter(stands_for=None)

    def kin(self, desk):
        """Those among which a conversation of this desk may move: an exercise never meets a real victim."""
        return self.exclude(stands_for=None) if desk.is_exercise else self.real()

    def answered(self, *, within: timedelta = timedelta(), now: datetime | None = None):
        """Where somebody is on duty, or was within this time: there, and not in pause."""
        on_duty = Presence.objects.on_duty(within=within, now=now)
        return self.filter(agents__is_active=True, agents__presence__in=on_duty).distinct()


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
        help_text="Au plus, en même temps ; une de plus pour la gravité 4. Vide : sans limite, "
        "sauf si le guichet attribue.",
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
        constraints = [
            models.CheckConstraint(
                condition=~Q(assignment="auto") | Q(capacity__gte=1),
                name="tchat_auto_desk_has_a_capacity",
                violation_error_message=NO_CAPACITY,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.assignment == Assignment.AUTO and not self.capacity:
            raise ValidationError({"capacity": NO_CAPACITY})

    @property
    def is_exercise(self) -> bool:
        return self.stands_for_id is not None


class PresenceQuerySet(models.QuerySet):
    """By the database's clock unless a moment is given: hosts whose clocks differ judge every lease alike."""

    def there(self, *, now: datetime | None = None):
        return self.filter(lease_until__gt=now or Now())

    def on_duty(self, *, within: timedelta = timedelta(), now: datetime | None = None):
        """There and not in pause, now or at some moment within this time."""
        since = (now or Now()) - within
        awake = Q(paused_at=None) | Q(paused_at__gt=since) if within else Q(paused_at=None)
        return self.filter(awake, lease_until__gt=since)

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
