from django.db import models


class Chain(models.Model):
    """Head of one chain of audit lines (one per dossier, one for the house): locked while a line is added."""

    name = models.CharField("chaîne", max_length=80, primary_key=True)
    length = models.PositiveIntegerField("longueur", default=0)
    head = models.CharField("empreinte de tête", max_length=64, default="")

    class Meta:
        verbose_name = "chaîne du journal"
        verbose_name_plural = "chaînes du journal"

    def __str__(self) -> str:
        return self.name


class Line(models.Model):
    """One thing done or read. Never changed, never deleted (the database refuses on PostgreSQL)."""

    chain = models.ForeignKey(Chain, models.PROTECT, related_name="lines", verbose_name="chaîne")
    position = models.PositiveIntegerField("rang")
    at = models.DateTimeField("le")
    actor = models.CharField("qui", max_length=80)
    verb = models.CharField("quoi", max_length=60)
    target = models.CharField("sur quoi", max_length=120, blank=True)
    detail = models.JSONField("précisions", default=dict)
    digest = models.CharField("empreinte", max_length=64)

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "lignes du journal"
        ordering = ["chain", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["chain", "position"], name="audit_line_once", violation_error_message="Ce rang existe déjà."
            )
        ]

    def __str__(self) -> str:
        return f"{self.chain_id} {self.position} {self.verb}"
