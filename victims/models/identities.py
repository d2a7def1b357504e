import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from victims.enums import IdentitySource
from victims.models.dossiers import Access, Dossier


class Identity(models.Model):
    """That somebody verified who the person is: a provider online, or an agent who saw the papers at the unit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="identities", verbose_name="dossier")
    source = models.CharField("vérifiée", max_length=12, choices=IdentitySource)
    level = models.CharField("niveau", max_length=12, blank=True)
    provider = models.CharField("fournisseur", max_length=80, blank=True)
    sealed_claims = models.BinaryField("identité reçue, chiffrée", null=True)
    subject_mark = models.CharField("empreinte de l'identifiant", max_length=64, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vérifiée par"
    )
    verified_at = models.DateTimeField("vérifiée le", default=timezone.now)

    class Meta:
        verbose_name = "identité vérifiée"
        verbose_name_plural = "identités vérifiées"
        ordering = ["-verified_at"]

    def __str__(self) -> str:
        return self.get_source_display()

    @property
    def bound(self) -> str:
        return f"victims_identity.sealed_claims:{self.pk}"


class IdentityRequest(models.Model):
    """One journey to the provider: for one browser, once, within minutes. Of the state only the mark is kept."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="identity_requests")
    access = models.ForeignKey(Access, models.CASCADE, related_name="+")
    state_mark = models.CharField("empreinte de l'état", max_length=64, unique=True)
    sealed_nonce = models.BinaryField("aléa, chiffré")
    sealed_verifier = models.BinaryField("vérificateur, chiffré", null=True)
    created_at = models.DateTimeField("demandée le", default=timezone.now)
    used_at = models.DateTimeField("revenue le", null=True, blank=True)

    class Meta:
        verbose_name = "demande d'identité"
        verbose_name_plural = "demandes d'identité"

    def __str__(self) -> str:
        return f"demande {self.pk}"

    @property
    def bound(self) -> str:
        return f"victims_identityrequest.sealed_nonce:{self.state_mark}"

    @property
    def verifier_bound(self) -> str:
        return f"victims_identityrequest.sealed_verifier:{self.state_mark}"
