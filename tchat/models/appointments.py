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
    """`slots`: ids of hours that units opened (`from_slots`), else moments in UTC as ISO texts, in order.

    An hour of a unit that the victim takes is a `Booking`, which alone says what became of it. Place, reason and
    wish are sealed with the dossier's key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="appointments", verbose_name="conversation"
    )
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="agent")
    sealed_place = models.BinaryField("unité et adresse, chiffrées")
    # Whose clock: the département of the place; none is Paris.
    departement = models.CharField("département du lieu", max_length=3, blank=True, default="")
    from_slots = models.BooleanField("heures ouvertes par une unité", default=False)
    slots = models.JSONField("heures proposées", default=list)
    sealed_reason = models.BinaryField("motif, chiffré", null=True, blank=True)
    sealed_wish = models.BinaryField("souhait de la victime, chiffré", null=True, blank=True)
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

    def bound(self, column: str) -> str:
        return f"tchat_appointment.{column}:{self.pk}"
