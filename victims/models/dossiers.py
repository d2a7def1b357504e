import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from diagnostic.models import Diagnosis
from guichet.lib import crypto
from guichet.territory.models import Commune


class Dossier(models.Model):
    """What a victim told once. It has its own data key; destroying the key is the erasure."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField("référence", max_length=12, unique=True)
    opening = models.CharField("empreinte de l'ouverture", max_length=64, unique=True)
    code_hash = models.CharField("code haché", max_length=128)
    code_noted_at = models.DateTimeField("code noté le", null=True, blank=True)
    kek = models.CharField("clé de chiffrement des clés", max_length=40)
    wrapped_key = models.BinaryField("clé du dossier, enveloppée", null=True)
    diagnosis = models.OneToOneField(Diagnosis, models.PROTECT, related_name="dossier", verbose_name="diagnostic")
    commune = models.ForeignKey(Commune, models.PROTECT, null=True, blank=True, related_name="+")
    abroad = models.BooleanField("à l'étranger", default=False)
    exercise = models.BooleanField("exercice", default=False)
    assigned_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="dossiers", verbose_name="agent"
    )
    sealed_address = models.BinaryField("adresse à prévenir, chiffrée", null=True)
    address_confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)
    created_at = models.DateTimeField("ouvert le", default=timezone.now)
    touched_at = models.DateTimeField("dernière action", default=timezone.now)
    erased_at = models.DateTimeField("effacé le", null=True, blank=True)

    class Meta:
        verbose_name = "dossier"
        verbose_name_plural = "dossiers"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.reference

    @property
    def key(self) -> bytes:
        """The data key; raises crypto.CannotOpen once the dossier is erased."""
        return crypto.unwrap(self.kek, self.wrapped_key, owner=str(self.pk))

    @property
    def chain(self) -> str:
        return str(self.pk)

    @property
    def address_bound(self) -> str:
        return f"victims_dossier.sealed_address:{self.pk}"


class Access(models.Model):
    """A browser that showed the reference and the code. Only the hash of its token is kept; it can be ended."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="accesses")
    companion = models.ForeignKey(
        "victims.Companion", models.CASCADE, null=True, blank=True, related_name="accesses", verbose_name="accompagnant"
    )
    token_hash = models.CharField("jeton haché", max_length=64, unique=True)
    created_at = models.DateTimeField("créé le", default=timezone.now)
    seen_at = models.DateTimeField("vu le", default=timezone.now)
    ended_at = models.DateTimeField("fini le", null=True, blank=True)

    class Meta:
        verbose_name = "accès d'une victime"
        verbose_name_plural = "accès des victimes"

    def __str__(self) -> str:
        return f"accès {self.pk}"


class Tick(models.Model):
    """An action of the plan that is done. The id is the content's; nothing that a person typed stands here."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="ticks", verbose_name="dossier")
    action = models.CharField("geste", max_length=64)
    done_at = models.DateTimeField("fait le", default=timezone.now)

    class Meta:
        verbose_name = "geste fait"
        verbose_name_plural = "gestes faits"
        ordering = ["done_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "action"],
                name="victims_tick_once",
                violation_error_message="Ce geste est déjà coché.",
            )
        ]

    def __str__(self) -> str:
        return self.action
