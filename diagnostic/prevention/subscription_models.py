import uuid

from django.db import models
from django.utils import timezone

from diagnostic.prevention.models import Announcement
from guichet.lib import crypto


class SubscriptionQuerySet(models.QuerySet):
    def confirmed(self):
        return self.filter(confirmed_at__isnull=False)

    def known_as(self, marks: list[str]):
        return self.filter(mark__in=marks)


class Subscription(models.Model):
    """An e-mail address that asks for the announcements of some départements. It has a key of its own, which seals it.

    `asked` waits for the confirmation that `ask` names; `departements` is what was confirmed.
    """

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    mark = models.CharField("empreinte de l'adresse", max_length=64, unique=True)
    mark_key = models.CharField("clé de l'empreinte", max_length=40)
    kek = models.CharField("clé de chiffrement des clés", max_length=40)
    wrapped_key = models.BinaryField("clé de l'abonnement, enveloppée")
    sealed_address = models.BinaryField("adresse, chiffrée")
    departements = models.JSONField("départements", default=list, blank=True)
    asked = models.JSONField("départements demandés", default=list, blank=True)
    ask = models.CharField("numéro de la demande", max_length=32, blank=True)
    asked_at = models.DateTimeField("demandé le", null=True, blank=True)
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "abonnement aux alertes"
        verbose_name_plural = "abonnements aux alertes"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(asked_at__isnull=False) | models.Q(confirmed_at__isnull=False),
                name="subscription_asked_or_confirmed",
                violation_error_message="Un abonnement est demandé ou confirmé.",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def key(self) -> bytes:
        return crypto.unwrap(self.kek, self.wrapped_key, owner=str(self.pk))

    @property
    def bound(self) -> str:
        return f"subscription.sealed_address:{self.pk}"

    def wants(self, announcement: Announcement) -> bool:
        """An announcement for everywhere concerns everybody."""
        here = not announcement.departements or not set(announcement.departements).isdisjoint(self.departements)
        return self.confirmed_at is not None and here


class Letter(models.Model):
    """A mail that is owed to a subscriber: an announcement, or the request to confirm when it names none."""

    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="letters", verbose_name="abonnement aux alertes"
    )
    announcement = models.ForeignKey(
        Announcement, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="alerte"
    )
    owed_at = models.DateTimeField("dû depuis le", default=timezone.now)
    next_at = models.DateTimeField("prochain essai", default=timezone.now)
    tries = models.PositiveSmallIntegerField("essais", default=0)
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)

    class Meta:
        verbose_name = "message dû à un abonné"
        verbose_name_plural = "messages dus aux abonnés"
        indexes = [models.Index(fields=["sent_at", "next_at"], name="letter_owed")]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "announcement"],
                name="letter_once",
                violation_error_message="Cette alerte est déjà due à cet abonné.",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
