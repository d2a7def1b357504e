"""A meeting that an agent proposes from the conversation: a place, two or three hours, and the one the victim takes."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from tchat.enums import AppointmentState
from tchat.models.talks import Conversation


class AppointmentQuerySet(models.QuerySet):
    def proposed(self):
        return self.filter(state=AppointmentState.PROPOSED)


class Appointment(models.Model):
    """`slots` are moments in UTC, as ISO texts, in order. The reason is sealed with the dossier's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="appointments", verbose_name="conversation"
    )
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="agent")
    place = models.CharField("unité et adresse", max_length=200)
    slots = models.JSONField("heures proposées", default=list)
    sealed_reason = models.BinaryField("motif, chiffré", null=True, blank=True)
    state = models.CharField("état", max_length=10, choices=AppointmentState, default=AppointmentState.PROPOSED)
    chosen = models.DateTimeField("heure choisie", null=True, blank=True)
    proposed_at = models.DateTimeField("proposé le", default=timezone.now)
    answered_at = models.DateTimeField("réponse le", null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = "rendez-vous"
        verbose_name_plural = "rendez-vous"
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(state="propose"),
                name="tchat_one_proposal_per_conversation",
                violation_error_message="Un rendez-vous est déjà proposé dans cette conversation.",
            ),
            models.CheckConstraint(
                condition=models.Q(state="choisi", chosen__isnull=False)
                | (~models.Q(state="choisi") & models.Q(chosen=None)),
                name="tchat_chosen_has_an_hour",
                violation_error_message="Un rendez-vous choisi a une heure.",
            ),
        ]

    def __str__(self) -> str:
        return f"rendez-vous {self.pk}"

    @property
    def bound(self) -> str:
        return f"tchat_appointment.sealed_reason:{self.pk}"
