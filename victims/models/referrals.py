import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from guichet.directory.enums import Mode
from guichet.directory.models import Draw, Provider
from victims.enums import ReferralState, Side
from victims.models.dossiers import Dossier


class Shortlist(models.Model):
    """The one link between a dossier and a draw. It goes with the dossier; the draw, which names nobody, may stay."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="shortlists", verbose_name="dossier")
    draw = models.OneToOneField(Draw, models.PROTECT, related_name="shortlist", verbose_name="tirage")
    mode = models.CharField("aide voulue", max_length=12, choices=Mode)
    made_at = models.DateTimeField("tirée le", default=timezone.now)

    class Meta:
        verbose_name = "liste tirée"
        verbose_name_plural = "listes tirées"
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"liste du {self.made_at:%d/%m/%Y}"


class Referral(models.Model):
    """A victim asks one provider. What it is told, before and after it accepts, is sealed with the dossier's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="referrals", verbose_name="dossier")
    shortlist = models.ForeignKey(Shortlist, models.CASCADE, related_name="referrals", verbose_name="liste tirée")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="referrals", verbose_name="prestataire")
    state = models.CharField("état", max_length=12, choices=ReferralState, default=ReferralState.ASKED)
    sealed_brief = models.BinaryField("ce qui est dit avant l’accord, chiffré")
    sealed_contact = models.BinaryField("ce qui est dit après l’accord, chiffré")
    sealed_report = models.BinaryField("compte rendu, chiffré", null=True)
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    due_at = models.DateTimeField("réponse attendue avant")
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    touched_at = models.DateTimeField("dernière action", default=timezone.now)
    ended_at = models.DateTimeField("fini le", null=True, blank=True)
    reminded = models.PositiveSmallIntegerField("rappels envoyés", default=0)
    owed_mail = models.CharField("courriel dû", max_length=10, blank=True, default="")
    decline_reason = models.CharField("raison du refus", max_length=30, blank=True, default="")
    rating = models.PositiveSmallIntegerField("note de la victime", null=True, blank=True)

    class Meta:
        verbose_name = "mise en relation"
        verbose_name_plural = "mises en relation"
        ordering = ["asked_at", "pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="referral_state_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "provider"],
                name="victims_provider_asked_once",
                violation_error_message="Ce prestataire a déjà été sollicité pour ce dossier.",
            ),
            models.CheckConstraint(
                condition=models.Q(rating__isnull=True) | models.Q(rating__gte=1, rating__lte=5),
                name="victims_rating_known",
                violation_error_message="La note va de 1 à 5.",
            ),
        ]

    def __str__(self) -> str:
        return f"mise en relation {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in (ReferralState.ASKED, ReferralState.ACCEPTED)

    def bound(self, column: str) -> str:
        return f"victims_referral.{column}:{self.pk}"


class ReferralMessage(models.Model):
    """Between a victim and a provider that accepted, inside the guichet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, models.CASCADE, related_name="messages", verbose_name="mise en relation")
    client_id = models.UUIDField("identifiant d’envoi")
    sender = models.CharField("de", max_length=12, choices=Side)
    sealed_text = models.BinaryField("texte, chiffré")
    sent_at = models.DateTimeField("envoyé le", default=timezone.now)
    read_at = models.DateTimeField("lu le", null=True, blank=True)

    class Meta:
        verbose_name = "message à un prestataire"
        verbose_name_plural = "messages aux prestataires"
        ordering = ["sent_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "client_id"],
                name="victims_referral_message_once",
                violation_error_message="Ce message est déjà envoyé.",
            )
        ]

    def __str__(self) -> str:
        return f"message du {self.sent_at:%d/%m/%Y}"

    @property
    def bound(self) -> str:
        return f"victims_referralmessage.sealed_text:{self.pk}"


class Dispute(models.Model):
    """One side complains of the other: an administrator reads it, answers, and may suspend the provider."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, models.CASCADE, related_name="disputes", verbose_name="mise en relation")
    side = models.CharField("ouvert par", max_length=12, choices=Side)
    sealed_text = models.BinaryField("texte, chiffré")
    opened_at = models.DateTimeField("ouvert le", default=timezone.now)
    sealed_answer = models.BinaryField("réponse, chiffrée", null=True)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="répondu par"
    )

    class Meta:
        verbose_name = "différend"
        verbose_name_plural = "différends"
        ordering = ["answered_at", "opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "side"],
                condition=models.Q(answered_at__isnull=True),
                name="victims_one_open_dispute_per_side",
                violation_error_message="Un différend est déjà ouvert.",
            )
        ]

    def __str__(self) -> str:
        return f"différend du {self.opened_at:%d/%m/%Y}"

    def bound(self, column: str) -> str:
        return f"victims_dispute.{column}:{self.pk}"
