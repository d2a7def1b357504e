import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from guichet.territory.models import Service
from victims.enums import ReportState
from victims.models.complaints import Complaint
from victims.models.dossiers import Dossier
from victims.models.vault import Evidence


class Report(models.Model):
    """What a victim lets the services know without saying who they are. It may become a complaint, told once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="reports", verbose_name="dossier")
    state = models.CharField("état", max_length=20, choices=ReportState, default=ReportState.DRAFT)
    number = models.CharField("numéro", max_length=20, unique=True, null=True, blank=True)
    sealed_form = models.BinaryField("saisie, chiffrée")
    version = models.PositiveIntegerField("version de la saisie", default=1)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="reports", verbose_name="unité compétente"
    )
    pieces = models.ManyToManyField(Evidence, related_name="reports", verbose_name="pièces", blank=True)
    created_at = models.DateTimeField("commencé le", default=timezone.now)
    saved_at = models.DateTimeField("enregistré le", default=timezone.now)
    reminded_for = models.PositiveSmallIntegerField("rappel envoyé, jours avant la fin", null=True, blank=True)
    filed_at = models.DateTimeField("envoyé le", null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="pris par"
    )
    noted_at = models.DateTimeField("pris en compte le", null=True, blank=True)
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)
    complaint = models.ForeignKey(
        Complaint, models.SET_NULL, null=True, blank=True, related_name="reports", verbose_name="plainte qui le suit"
    )

    class Meta:
        verbose_name = "signalement"
        verbose_name_plural = "signalements"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=models.Q(state="brouillon"),
                name="victims_one_draft_report_per_dossier",
                violation_error_message="Un signalement est déjà commencé dans ce dossier.",
            ),
            models.CheckConstraint(
                condition=models.Q(state="brouillon") | models.Q(filed_at__isnull=False, number__isnull=False),
                name="victims_filed_report_has_number_and_date",
                violation_error_message="Un signalement envoyé a un numéro et une date.",
            ),
        ]

    def __str__(self) -> str:
        return self.number or "brouillon de signalement"

    @property
    def bound(self) -> str:
        return f"victims_report.sealed_form:{self.pk}"
