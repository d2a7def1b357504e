import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from guichet.territory.models import Service
from victims.enums import ComplaintState
from victims.models.dossiers import Dossier
from victims.models.vault import Evidence


class Complaint(models.Model):
    """A complaint, from the first typed field to its filing. What the person typed is one sealed document."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="complaints", verbose_name="dossier")
    state = models.CharField("état", max_length=20, choices=ComplaintState, default=ComplaintState.DRAFT)
    number = models.CharField("numéro", max_length=20, unique=True, null=True, blank=True)
    sealed_form = models.BinaryField("saisie, chiffrée")
    version = models.PositiveIntegerField("version de la saisie", default=1)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name="unité compétente"
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="préparée par"
    )
    pieces = models.ManyToManyField(Evidence, related_name="complaints", verbose_name="pièces", blank=True)
    notices_read_at = models.DateTimeField("informations lues le", null=True, blank=True)
    created_at = models.DateTimeField("commencée le", default=timezone.now)
    saved_at = models.DateTimeField("enregistrée le", default=timezone.now)
    reminded_for = models.PositiveSmallIntegerField("rappel envoyé, jours avant la fin", null=True, blank=True)
    filed_at = models.DateTimeField("déposée le", null=True, blank=True)
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="prise par"
    )
    taken_over_at = models.DateTimeField("prise en charge le", null=True, blank=True)
    proof_seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="preuve vue par"
    )
    proof_seen_at = models.DateTimeField("preuve vue à l'unité le", null=True, blank=True)
    sealed_question = models.BinaryField("précision demandée, chiffrée", null=True)
    asked_at = models.DateTimeField("précision demandée le", null=True, blank=True)
    forwarded_at = models.DateTimeField("transmise le", null=True, blank=True)
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "plainte"
        verbose_name_plural = "plaintes"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=models.Q(state="brouillon"),
                name="victims_one_draft_per_dossier",
                violation_error_message="Une plainte est déjà commencée dans ce dossier.",
            ),
            models.CheckConstraint(
                condition=models.Q(state="brouillon") | models.Q(filed_at__isnull=False, number__isnull=False),
                name="victims_filed_has_number_and_date",
                violation_error_message="Une plainte déposée a un numéro et une date.",
            ),
        ]

    def __str__(self) -> str:
        return self.number or "brouillon"

    @property
    def bound(self) -> str:
        return f"victims_complaint.sealed_form:{self.pk}"

    @property
    def question_bound(self) -> str:
        return f"victims_complaint.sealed_question:{self.pk}"


class Addition(models.Model):
    """What the victim adds once the complaint is filed: the complaint itself is never rewritten."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="additions", verbose_name="plainte")
    sealed_text = models.BinaryField("texte, chiffré")
    added_at = models.DateTimeField("ajouté le", default=timezone.now)
    read_at = models.DateTimeField("lu le", null=True, blank=True)

    class Meta:
        verbose_name = "complément de plainte"
        verbose_name_plural = "compléments de plainte"
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return f"complément du {self.added_at:%d/%m/%Y}"

    @property
    def bound(self) -> str:
        return f"victims_addition.sealed_text:{self.pk}"
