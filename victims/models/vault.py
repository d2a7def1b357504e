import uuid

from django.db import models
from django.utils import timezone

from guichet.lib import crypto
from victims.enums import EvidenceKind, Scan
from victims.models.dossiers import Dossier


class Evidence(models.Model):
    """A piece of the dossier: sealed bytes in the file store, and the SHA-256 of what they were."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="pieces", verbose_name="dossier")
    kind = models.CharField("nature", max_length=24, choices=EvidenceKind)
    source = models.CharField("origine", max_length=80)
    file_name = models.CharField("nom du fichier", max_length=120)
    media_type = models.CharField("type", max_length=120)
    size = models.PositiveIntegerField("taille")
    sha256 = models.CharField("empreinte", max_length=64)
    stored_at = models.CharField("emplacement", max_length=200)
    added_at = models.DateTimeField("ajoutée le", default=timezone.now)
    sealed_name = models.BinaryField("nom donné par la victime, chiffré", null=True)
    scan = models.CharField("analyse", max_length=10, choices=Scan, blank=True, default="")
    scanned_at = models.DateTimeField("analysée le", null=True, blank=True)
    quarantined = models.BooleanField("en quarantaine", default=False)
    preview_at = models.CharField("emplacement de l'aperçu", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "pièce"
        verbose_name_plural = "pièces"
        ordering = ["added_at"]
        indexes = [models.Index(fields=["sha256"], name="victims_piece_sha256")]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "kind", "source"],
                name="victims_piece_once",
                violation_error_message="Cette pièce est déjà jointe.",
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def bound(self) -> str:
        return f"victims_evidence.file:{self.pk}"

    @property
    def preview_bound(self) -> str:
        return f"victims_evidence.preview:{self.pk}"

    @property
    def name(self) -> str:
        """The victim's own name for the file, to show; the neutral one when there is none or it opens no more."""
        if not self.sealed_name:
            return self.file_name
        try:
            return crypto.unseal(self.dossier.key, self.sealed_name, bound=self.name_bound).decode()
        except crypto.CannotOpen:
            return self.file_name

    @property
    def name_bound(self) -> str:
        return f"victims_evidence.sealed_name:{self.pk}"

    @property
    def is_closed(self) -> bool:
        """Kept sealed as a proof, given back to nobody: in quarantine, or a virus is known in it."""
        return self.quarantined or self.scan == Scan.REFUSED


class Upload(models.Model):
    """A file on its way, part by part. It becomes a piece when it is finished, and nothing when it is not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="uploads", verbose_name="dossier")
    sealed_name = models.BinaryField("nom, chiffré")
    size = models.PositiveIntegerField("taille annoncée")
    received = models.PositiveIntegerField("reçu", default=0)
    claimed_sha256 = models.CharField("empreinte annoncée", max_length=64, blank=True, default="")
    piece = models.ForeignKey(
        Evidence, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="pièce faite"
    )
    created_at = models.DateTimeField("commencé le", default=timezone.now)
    touched_at = models.DateTimeField("dernier morceau le", default=timezone.now)

    class Meta:
        verbose_name = "envoi en cours"
        verbose_name_plural = "envois en cours"
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(received__lte=models.F("size")),
                name="victims_upload_within_its_size",
                violation_error_message="Plus d'octets sont arrivés qu'annoncé.",
            )
        ]

    def __str__(self) -> str:
        return f"envoi {self.pk}"

    @property
    def name_bound(self) -> str:
        return f"victims_upload.sealed_name:{self.pk}"


class UploadPart(models.Model):
    """Some bytes of an upload, sealed in the file store."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts", verbose_name="envoi")
    offset = models.PositiveIntegerField("position")
    size = models.PositiveIntegerField("taille")
    stored_at = models.CharField("emplacement", max_length=200)

    class Meta:
        verbose_name = "morceau d'un envoi"
        verbose_name_plural = "morceaux d'un envoi"
        ordering = ["offset"]
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "offset"],
                name="victims_part_once",
                violation_error_message="Ce morceau est déjà arrivé.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}, {self.offset}"

    @property
    def bound(self) -> str:
        return f"victims_uploadpart.file:{self.upload_id}:{self.offset}"
