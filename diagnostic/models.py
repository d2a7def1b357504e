import uuid

from django.db import models

from diagnostic.module.models import Partner
from diagnostic.prevention.models import Announcement, SheetText
from diagnostic.prevention.subscription_models import Letter, Subscription
from diagnostic.version_models import Origin, State, TreeVersion

__all__ = [
    "Announcement",
    "Diagnosis",
    "Letter",
    "Origin",
    "Partner",
    "SheetText",
    "State",
    "Subscription",
    "TreeVersion",
]


class Diagnosis(models.Model):
    """What a person answered and what the guichet answered back, with the words of that day.

    Saved when a dossier is opened. It is shown from what it holds, never recomputed: the tree may have changed since.
    Only content ids and content words stand here, nothing a person typed.
    """

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField("enregistré le", auto_now_add=True)
    tree_version = models.CharField("version de l'arbre", max_length=40)
    audience = models.CharField("public", max_length=20)
    answers = models.JSONField("réponses par nœud", default=dict)
    path = models.JSONField("parcours", default=list)
    facts = models.JSONField("faits", default=list)
    threats = models.JSONField("atteintes, la principale d'abord", default=list)
    threat_names = models.JSONField("noms des atteintes", default=list)
    pages = models.JSONField("textes montrés", default=list)
    severity = models.PositiveSmallIntegerField("gravité")
    chat_offered = models.BooleanField("tchat proposé", default=False)
    plan = models.JSONField("conseils montrés", default=list)
    doors = models.JSONField("portes montrées", default=list)
    commune_code = models.CharField("code de la commune", max_length=5, blank=True)
    abroad = models.BooleanField("à l'étranger", default=False)

    class Meta:
        verbose_name = "diagnostic"
        verbose_name_plural = "diagnostics"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(severity__gte=1, severity__lte=4),
                name="diagnosis_severity_known",
                violation_error_message="La gravité va de 1 à 4.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.main_name} (gravité {self.severity})"

    @property
    def main_threat(self) -> str:
        return self.threats[0]

    @property
    def main_name(self) -> str:
        return self.threat_names[0]
