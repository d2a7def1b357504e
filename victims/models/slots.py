import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from guichet.territory.departements import zone_of
from guichet.territory.models import Unit
from victims import clocks
from victims.models.dossiers import Dossier


class SlotQuerySet(models.QuerySet):
    def free(self, *, after):
        """Still to come, not withdrawn by the unit, and nobody's."""
        taken = Booking.objects.current().filter(slot=OuterRef("pk"))
        return self.filter(~Exists(taken), starts_at__gt=after, withdrawn_at=None)


class Slot(models.Model):
    """An hour at which a unit receives one person. `post` tells apart those whom it receives at the same hour.

    Without `opened_by` it comes from the opening hours (`Reception`); so does a withdrawal without `withdrawn_by`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="slots", verbose_name="unité")
    starts_at = models.DateTimeField("commence le")
    minutes = models.PositiveSmallIntegerField("durée en minutes", default=45)
    post = models.PositiveSmallIntegerField("poste d'accueil", default=1)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="ouvert par"
    )
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="retiré par"
    )

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = "créneau"
        verbose_name_plural = "créneaux"
        ordering = ["starts_at", "post"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "starts_at", "post"],
                name="victims_slot_once",
                violation_error_message="Ce créneau est déjà ouvert.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}, {self.local:%d/%m/%Y %H:%M}"

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.unit.departement)

    @property
    def local(self):
        """By the clock on the wall of the unit: the only one that the person will look at."""
        return timezone.localtime(self.starts_at, self.zone)

    @property
    def words(self) -> str:
        """« mardi 1 décembre à 14 h 30 », and whose clock where it is not that of Paris."""
        return clocks.words(self.starts_at, self.unit.departement)

    def words_for(self, dossier) -> str:
        """The same, and whose clock too where this person lives by another."""
        far = clocks.lives_elsewhere(dossier, self.unit.departement)
        return clocks.words(self.starts_at, self.unit.departement, far=far)

    @property
    def ends_at(self):
        return self.starts_at + timedelta(minutes=self.minutes)


class Reception(models.Model):
    """A unit that receives by appointment at its opening hours: how long, and how many people at once.

    Stopped, it opens no more hours; those that were taken stay.
    """

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="reception", verbose_name="unité")
    minutes = models.PositiveSmallIntegerField("durée d'un rendez-vous, en minutes", default=45)
    posts = models.PositiveSmallIntegerField("personnes reçues en même temps", default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réglé par"
    )
    changed_at = models.DateTimeField("réglé le", default=timezone.now)
    stopped_at = models.DateTimeField("arrêté le", null=True, blank=True)

    class Meta:
        verbose_name = "accueil sur rendez-vous"
        verbose_name_plural = "accueils sur rendez-vous"
        ordering = ["unit"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=15, posts__gte=1, posts__lte=10),
                name="victims_reception_is_sensible",
                violation_error_message="Au moins 15 minutes, et de une à dix personnes à la fois.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}, {self.minutes} min"


class BookingQuerySet(models.QuerySet):
    def current(self):
        return self.filter(cancelled_at=None)


class Booking(models.Model):
    """A slot that a victim took. Cancelled, it stays as a line and the slot is free again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="bookings", verbose_name="créneau")
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="bookings", verbose_name="dossier")
    taken_at = models.DateTimeField("pris le", default=timezone.now)
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)
    by_unit = models.BooleanField("annulé par l'unité", default=False)
    sealed_email = models.BinaryField("adresse pour le rappel, chiffrée", null=True, blank=True)
    email_confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)
    reminded_at = models.DateTimeField("rappelé le", null=True, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = "rendez-vous pris"
        verbose_name_plural = "rendez-vous pris"
        ordering = ["-taken_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["slot"],
                condition=Q(cancelled_at=None),
                name="victims_one_booking_per_slot",
                violation_error_message="Cette heure vient d'être prise.",
            )
        ]

    def __str__(self) -> str:
        return f"rendez-vous {self.pk}"

    @property
    def bound(self) -> str:
        return f"victims_booking.sealed_email:{self.pk}"
