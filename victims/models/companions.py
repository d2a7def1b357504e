import uuid

from django.db import models
from django.utils import timezone

from victims.models.dossiers import Dossier


class Companion(models.Model):
    """Somebody whom the victim lets help in the dossier, by a code of their own: every act of theirs leaves a trace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="companions", verbose_name="dossier")
    number = models.PositiveSmallIntegerField("rang")
    sealed_name = models.BinaryField("nom donné par la victime, chiffré")
    code_hash = models.CharField("code haché", max_length=128)
    created_at = models.DateTimeField("invité le", default=timezone.now)
    joined_at = models.DateTimeField("venu le", null=True, blank=True)
    ended_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        verbose_name = "accompagnant"
        verbose_name_plural = "accompagnants"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "number"],
                name="victims_companion_number_once",
                violation_error_message="Cet accompagnant existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"accompagnant {self.number}"

    @property
    def bound(self) -> str:
        return f"victims_companion.sealed_name:{self.pk}"

    @property
    def audit_name(self) -> str:
        return f"accompagnant:{self.number}"
