import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from victims.models.traces import Fingerprint, Series


class Merge(models.Model):
    """One series taken into another by an agent, with what it brought, so that it can be undone.

    The series taken in keeps its own members and traces as they were that day: splitting gives them back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kept = models.ForeignKey(Series, models.CASCADE, related_name="merges", verbose_name="série gardée")
    taken = models.ForeignKey(Series, models.CASCADE, related_name="taken_into", verbose_name="série réunie")
    state_before = models.CharField("état avant", max_length=12)
    fingerprints = models.ManyToManyField(Fingerprint, related_name="merges", verbose_name="traces apportées")
    sealed_reason = models.BinaryField("motif, chiffré")
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="réunie par")
    merged_at = models.DateTimeField("réunie le", default=timezone.now)
    sealed_ending = models.BinaryField("motif de la séparation, chiffré", null=True, blank=True)
    split_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="séparée par"
    )
    split_at = models.DateTimeField("séparée le", null=True, blank=True)

    class Meta:
        verbose_name = "réunion de séries"
        verbose_name_plural = "réunions de séries"
        ordering = ["-merged_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["taken"],
                condition=models.Q(split_at=None),
                name="victims_series_taken_once",
                violation_error_message="Cette série est déjà réunie à une autre.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.taken_id} dans {self.kept_id}"

    def bound(self, field: str) -> str:
        """Sealed with the key of the series that was kept."""
        return f"victims_merge.{field}:{self.pk}"
