from django.db import models
from django.utils import timezone

from victims.models.vault import Evidence


class Stamp(models.Model):
    """The date of a third party for a paper that was sealed without: owed first, then kept beside the paper.

    The paper does not change: its digest stands on a receipt. The answer of the authority holds that digest only.
    """

    piece = models.OneToOneField(Evidence, models.CASCADE, related_name="stamp", verbose_name="pièce")
    tries = models.PositiveIntegerField("essais", default=0)
    next_at = models.DateTimeField("prochain essai le", default=timezone.now)
    answer = models.BinaryField("réponse de l'autorité d'horodatage", null=True)
    dated_at = models.DateTimeField("datée le", null=True, blank=True)

    class Meta:
        verbose_name = "date d'un tiers"
        verbose_name_plural = "dates d'un tiers"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(answer=None), name="victims_stamp_owed_by_date"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer=None, dated_at=None) | models.Q(answer__isnull=False, dated_at__isnull=False),
                name="victims_stamp_answered_with_its_date",
                violation_error_message="Une réponse de l'autorité a une date.",
            )
        ]

    def __str__(self) -> str:
        return f"date de {self.piece_id}"
