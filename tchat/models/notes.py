"""What agents tell each other about a conversation. Never in the transcript, never shown to the victim."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from tchat.models.talks import Conversation


class Note(models.Model):
    """Sealed with the dossier's key, as the messages are; written once, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="notes", verbose_name="conversation")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="agent")
    sealed_text = models.BinaryField("texte, chiffré")
    with_transfer = models.BooleanField("avec une transmission", default=False)
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "note interne"
        verbose_name_plural = "notes internes"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"note {self.pk}"

    @property
    def bound(self) -> str:
        return f"tchat_note.sealed_text:{self.pk}"
