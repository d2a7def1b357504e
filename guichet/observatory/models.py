from django.db import models


class Count(models.Model):
    """How many times something happened on a day: never who, never where below the département."""

    day = models.DateField("jour")
    key = models.CharField("compteur", max_length=60)
    value = models.CharField("valeur", max_length=80, blank=True)
    n = models.PositiveIntegerField("nombre", default=0)

    class Meta:
        verbose_name = "compteur"
        verbose_name_plural = "compteurs"
        ordering = ["-day", "key", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "key", "value"],
                name="observatory_count_once",
                violation_error_message="Ce compteur existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.key} {self.value}".strip()


class Publication(models.Model):
    """The figures of one table for one month or year, as they were published: never changed, a revision is added."""

    table = models.CharField("tableau", max_length=60)
    period = models.CharField("période", max_length=7)
    revision = models.PositiveIntegerField("révision", default=1)
    published_at = models.DateTimeField("publiée le")
    figures = models.JSONField("chiffres", default=dict)
    digest = models.CharField("empreinte", max_length=64)
    counted = models.CharField("empreinte à clé des comptes", max_length=64)

    class Meta:
        verbose_name = "publication"
        verbose_name_plural = "publications"
        ordering = ["-period", "table", "-revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "period", "revision"],
                name="observatory_revision_once",
                violation_error_message="Cette révision existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.period} révision {self.revision}"


class ThreatSurge(models.Model):
    """A threat that was told far more often than usual, on a day, in a département or in all of France."""

    threat = models.CharField("atteinte", max_length=64)
    place = models.CharField("département", max_length=12, blank=True)
    day = models.DateField("jour")
    observed = models.PositiveIntegerField("vus ce jour")
    expected = models.FloatField("attendus par jour")
    raised_at = models.DateTimeField("signalé le")

    class Meta:
        verbose_name = "afflux"
        verbose_name_plural = "afflux"
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["threat", "place", "day"],
                name="observatory_surge_once",
                violation_error_message="Cet afflux est déjà signalé.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.threat} {self.place or 'France'} {self.day}"
