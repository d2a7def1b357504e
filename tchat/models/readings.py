"""A supervisor who reads a conversation along: a lease, so that the agent knows it as long as it is true."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from tchat.models.talks import Conversation


class ReadAlong(models.Model):
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="readings", verbose_name="conversation")
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="superviseur"
    )
    since = models.DateTimeField("depuis", default=timezone.now)
    lease_until = models.DateTimeField("jusqu'à", db_index=True)

    class Meta:
        verbose_name = "lecture par un superviseur"
        verbose_name_plural = "lectures par un superviseur"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "supervisor"],
                name="tchat_one_reading_per_supervisor",
                violation_error_message="Ce superviseur lit déjà cette conversation.",
            )
        ]

    def __str__(self) -> str:
        return f"lecture {self.pk}"
