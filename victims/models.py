import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from diagnostic.models import Diagnosis
from guichet.lib import crypto
from guichet.territory.models import Commune, Service
from victims.enums import ComplaintState, EvidenceKind, Scan


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
    assigned_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="dossiers", verbose_name="agent"
    )
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


class Access(models.Model):
    """A browser that showed the reference and the code. Only the hash of its token is kept; it can be ended."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="accesses")
    token_hash = models.CharField("jeton haché", max_length=64, unique=True)
    created_at = models.DateTimeField("créé le", default=timezone.now)
    seen_at = models.DateTimeField("vu le", default=timezone.now)
    ended_at = models.DateTimeField("fini le", null=True, blank=True)

    class Meta:
        verbose_name = "accès d'une victime"
        verbose_name_plural = "accès des victimes"

    def __str__(self) -> str:
        return f"accès {self.pk}"


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

    class Meta:
        verbose_name = "pièce"
        verbose_name_plural = "pièces"
        ordering = ["added_at"]
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
    filed_at = models.DateTimeField("déposée le", null=True, blank=True)
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="prise par"
    )
    taken_over_at = models.DateTimeField("prise en charge le", null=True, blank=True)
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
