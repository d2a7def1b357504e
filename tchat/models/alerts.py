"""What must not wait: an emergency that an agent raises, and a conversation that an agent had to stop."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from tchat.enums import AbuseReason, AlertKind
from tchat.models.desks import Desk
from tchat.models.talks import Conversation


class AlertQuerySet(models.QuerySet):
    def open(self):
        return self.filter(acknowledged_at=None)

    def for_supervisor(self, agent):
        return self.filter(desk__agents=agent)


class Alert(models.Model):
    """Place and facts are sealed with the dossier's key. `desk` is the one whose supervisors are called."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="alerts", verbose_name="conversation")
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="+", verbose_name="bureau")
    kind = models.CharField("nature", max_length=12, choices=AlertKind)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="agent")
    sealed_told = models.BinaryField("lieu et faits, chiffrés")
    raised_at = models.DateTimeField("donnée le", default=timezone.now)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="prise par"
    )
    acknowledged_at = models.DateTimeField("prise en compte le", null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = "urgence"
        verbose_name_plural = "urgences"
        ordering = ["raised_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(acknowledged_at=None, acknowledged_by=None)
                | models.Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="tchat_alert_acknowledged_by_somebody",
                violation_error_message="Une urgence prise en compte l'est par quelqu'un, à une heure.",
            )
        ]
        indexes = [
            models.Index(
                fields=["desk", "raised_at"], condition=models.Q(acknowledged_at=None), name="tchat_open_alert"
            )
        ]

    def __str__(self) -> str:
        return f"urgence {self.pk}"

    @property
    def bound(self) -> str:
        return f"tchat_alert.sealed_told:{self.pk}"


class AbuseFlag(models.Model):
    """Why an agent stopped a conversation. The words that explain it are sealed with the dossier's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.OneToOneField(
        Conversation, models.CASCADE, related_name="abuse_flag", verbose_name="conversation"
    )
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="+", verbose_name="bureau")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="agent")
    reason = models.CharField("motif", max_length=20, choices=AbuseReason)
    sealed_words = models.BinaryField("précisions, chiffrées", null=True, blank=True)
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "signalement d'abus"
        verbose_name_plural = "signalements d'abus"
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"signalement {self.pk}"

    @property
    def bound(self) -> str:
        return f"tchat_abuseflag.sealed_words:{self.pk}"
