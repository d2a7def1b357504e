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
