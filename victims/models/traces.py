"""What links dossiers: fingerprints of traces (never a trace), where they were seen, series, and sudden growth."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from diagnostic.models import Announcement
from guichet.lib import crypto
from guichet.territory.models import Service
from victims.linking.enums import MemberState, SeriesState, TraceKind
from victims.models.complaints import Complaint
from victims.models.dossiers import Dossier
from victims.models.reports import Report

ENDED = (SeriesState.DISSOLVED, SeriesState.MERGED)


class Fingerprint(models.Model):
    """One trace, as a keyed mark: equality can be seen, the value cannot be read nor tried without the key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("nature", max_length=16, choices=TraceKind)
    key = models.CharField("clé", max_length=40)
    mark = models.CharField("empreinte", max_length=64, unique=True)
    created_at = models.DateTimeField("créée le", default=timezone.now)

    class Meta:
        verbose_name = "empreinte d'une trace"
        verbose_name_plural = "empreintes des traces"
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Sighting(models.Model):
    """A dossier whose victim confirmed this trace. `draft`: it goes with this unfiled complaint, unless it is filed."""

    fingerprint = models.ForeignKey(Fingerprint, models.CASCADE, related_name="sightings", verbose_name="empreinte")
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="sightings", verbose_name="dossier")
    draft = models.ForeignKey(
        Complaint, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="brouillon"
    )
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="unité compétente"
    )
    seen_at = models.DateTimeField("vue le", default=timezone.now)

    class Meta:
        verbose_name = "trace vue dans un dossier"
        verbose_name_plural = "traces vues dans les dossiers"
        ordering = ["seen_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint", "dossier"],
                name="victims_sighting_once",
                violation_error_message="Cette trace est déjà notée pour ce dossier.",
            )
        ]
        indexes = [models.Index(fields=["fingerprint", "seen_at"], name="victims_sighting_by_date")]

    def __str__(self) -> str:
        return f"trace du {self.seen_at:%d/%m/%Y}"


class SeriesQuerySet(models.QuerySet):
    def current(self):
        return self.exclude(state__in=ENDED)

    def confirmed(self):
        return self.filter(state=SeriesState.CONFIRMED)

    def of_dossiers_read_by(self, agent):
        """Those where a dossier that this agent reads is a member, or may become one."""
        members = Member.objects.read_by(agent).exclude(state=MemberState.REJECTED)
        return self.filter(pk__in=members.values("series"))


class Series(models.Model):
    """Dossiers that agents hold to be one affair. It has a key of its own: the agents' reasons are sealed with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField("nom de code", max_length=24, unique=True)
    state = models.CharField("état", max_length=12, choices=SeriesState, default=SeriesState.PROPOSED)
    exercise = models.BooleanField("exercice", default=False)
    fingerprints = models.ManyToManyField(Fingerprint, related_name="series", verbose_name="traces communes")
    kek = models.CharField("clé de chiffrement des clés", max_length=40)
    wrapped_key = models.BinaryField("clé de la série, enveloppée")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="proposée par"
    )
    opened_at = models.DateTimeField("proposée le", default=timezone.now)
    sealed_reason = models.BinaryField("motif, chiffré", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="confirmée par"
    )
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    sealed_ending = models.BinaryField("motif de la fin, chiffré", null=True, blank=True)
    dissolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="dissoute par"
    )
    dissolved_at = models.DateTimeField("dissoute le", null=True, blank=True)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = "série"
        verbose_name_plural = "séries"
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="confirmee") | Q(confirmed_by__isnull=False, sealed_reason__isnull=False),
                name="victims_series_confirmed_with_reason",
                violation_error_message="Une série est confirmée par quelqu'un, avec un motif.",
            )
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def key(self) -> bytes:
        return crypto.unwrap(self.kek, self.wrapped_key, owner=str(self.pk))

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    def bound(self, field: str) -> str:
        return f"victims_series.{field}:{self.pk}"


def _at_unit_of(agent, model) -> models.QuerySet:
    """An agent without a unit is not the agent of what has none."""
    return model.objects.filter(service=agent.service_id, service__isnull=False)


class MemberQuerySet(models.QuerySet):
    def read_by(self, agent):
        """Those whose dossier this agent reads: held, or with a complaint or a report for the agent's unit."""
        told = _at_unit_of(agent, Report).exclude(state__in=("brouillon", "retire"))
        return self.filter(self._open_to(agent) | Q(dossier__in=told.values("dossier")), dossier__erased_at=None)

    def with_named(self, agent):
        """Each with `named`: whether this agent may know its reference. A report alone does not give it."""
        return self.annotate(named=models.ExpressionWrapper(self._open_to(agent), models.BooleanField()))

    def _open_to(self, agent) -> Q:
        filed = _at_unit_of(agent, Complaint).exclude(state="brouillon")
        return Q(dossier__assigned_agent=agent) | Q(dossier__in=filed.values("dossier"))


class Member(models.Model):
    """A dossier of a series: proposed by a common trace, then confirmed or set aside by an agent."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="members", verbose_name="série")
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="memberships", verbose_name="dossier")
    state = models.CharField("état", max_length=12, choices=MemberState, default=MemberState.PROPOSED)
    proposed_at = models.DateTimeField("proposé le", default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="décidé par"
    )
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    brought_by = models.ForeignKey(
        "victims.Merge", models.SET_NULL, null=True, blank=True, related_name="brought", verbose_name="apporté par"
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier d'une série"
        verbose_name_plural = "dossiers d'une série"
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "dossier"],
                name="victims_member_once",
                violation_error_message="Ce dossier est déjà dans cette série.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.state}"


class Surge(models.Model):
    """A trace or a series that grows faster than it usually does. It waits until a supervisor has seen it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    fingerprint = models.ForeignKey(
        Fingerprint, models.CASCADE, null=True, blank=True, related_name="surges", verbose_name="empreinte"
    )
    series = models.ForeignKey(
        Series, models.CASCADE, null=True, blank=True, related_name="surges", verbose_name="série"
    )
    threat = models.CharField("atteinte la plus fréquente", max_length=60, blank=True)
    observed = models.PositiveIntegerField("dossiers en sept jours")
    expected = models.FloatField("attendus en sept jours")
    raised_at = models.DateTimeField("signalé le", default=timezone.now)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vu par"
    )
    acknowledged_at = models.DateTimeField("vu le", null=True, blank=True)
    announcement = models.ForeignKey(
        Announcement, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="brouillon d'alerte"
    )

    class Meta:
        verbose_name = "afflux"
        verbose_name_plural = "afflux"
        ordering = ["-raised_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fingerprint__isnull=False, series=None) | Q(fingerprint=None, series__isnull=False),
                name="victims_surge_of_one_thing",
                violation_error_message="Un afflux est celui d'une trace ou d'une série.",
            ),
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(acknowledged_at=None),
                name="victims_one_open_surge_per_trace",
                violation_error_message="Cet afflux est déjà signalé.",
            ),
            models.UniqueConstraint(
                fields=["series"],
                condition=Q(acknowledged_at=None),
                name="victims_one_open_surge_per_series",
                violation_error_message="Cet afflux est déjà signalé.",
            ),
        ]

    def __str__(self) -> str:
        return f"afflux du {self.raised_at:%d/%m/%Y}"
