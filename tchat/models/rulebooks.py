"""The rules of dispatch as an administrator writes them: who answers what, when, and where the queue overflows to."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from guichet.territory.models import Service
from tchat.enums import RulebookState, Whereabouts
from tchat.models.desks import Desk

SEVERITY = [MinValueValidator(1), MaxValueValidator(4)]


class Rulebook(models.Model):
    """One version of the rules. One is in force at a time; what was published is never rewritten."""

    name = models.CharField("nom", max_length=80)
    state = models.CharField("état", max_length=10, choices=RulebookState, default=RulebookState.DRAFT)
    head_start_2 = models.PositiveSmallIntegerField("avance de la gravité 2, en minutes", default=20)
    head_start_3 = models.PositiveSmallIntegerField("avance de la gravité 3, en minutes", default=60)
    head_start_4 = models.PositiveSmallIntegerField("avance de la gravité 4, en minutes", default=240)
    rehearsed_at = models.DateTimeField("essayé le", null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="auteur"
    )
    created_at = models.DateTimeField("créé le", auto_now_add=True)
    updated_at = models.DateTimeField("modifié le", auto_now=True)
    published_at = models.DateTimeField("en vigueur depuis", null=True, blank=True)

    class Meta:
        verbose_name = "règlement de la file"
        verbose_name_plural = "règlements de la file"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="en-vigueur"),
                name="tchat_one_rulebook_in_force",
                violation_error_message="Un seul règlement est en vigueur.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """The first rule, in order, whose conditions all hold names the desk. An empty condition always holds."""

    rulebook = models.ForeignKey(Rulebook, models.CASCADE, related_name="rules", verbose_name="règlement")
    order = models.PositiveSmallIntegerField("ordre")
    desk = models.ForeignKey(
        Desk, models.PROTECT, related_name="+", limit_choices_to={"stands_for": None}, verbose_name="bureau"
    )
    where = models.CharField("force compétente", max_length=10, choices=Whereabouts, blank=True)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="unité compétente"
    )
    threats = models.JSONField(
        "atteintes", default=list, blank=True, help_text="Identifiants du catalogue. La règle vaut pour l'une d'elles."
    )
    facts = models.JSONField(
        "faits", default=list, blank=True, help_text="Identifiants des faits. L'un d'eux suffit, ou une des atteintes."
    )
    min_severity = models.PositiveSmallIntegerField("gravité au moins", default=1, validators=SEVERITY)
    weekdays = models.JSONField("jours", default=list, blank=True, help_text="De 1 (lundi) à 7. Vide : tous les jours.")
    opens = models.TimeField("à partir de", null=True, blank=True, help_text="Heure de Paris.")
    closes = models.TimeField("jusqu'à", null=True, blank=True, help_text="Avant l'ouverture : passe minuit.")
    reason = models.CharField("pourquoi, pour l'agent", max_length=160, blank=True)

    class Meta:
        verbose_name = "règle"
        verbose_name_plural = "règles, dans l'ordre"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return f"{self.order} → {self.desk_id}"


class Overflow(models.Model):
    """When somebody has waited too long at a desk. Without a target, the victim is offered an answer later."""

    rulebook = models.ForeignKey(Rulebook, models.CASCADE, related_name="overflows", verbose_name="règlement")
    desk = models.ForeignKey(
        Desk, models.PROTECT, related_name="+", limit_choices_to={"stands_for": None}, verbose_name="bureau"
    )
    min_severity = models.PositiveSmallIntegerField("gravité au moins", default=1, validators=SEVERITY)
    after_minutes = models.PositiveSmallIntegerField("après, en minutes", validators=[MinValueValidator(1)])
    target = models.ForeignKey(
        Desk,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"stands_for": None},
        verbose_name="vers le bureau",
        help_text="Vide : proposer une réponse différée ou un rappel.",
    )

    class Meta:
        verbose_name = "débordement"
        verbose_name_plural = "débordements"
        ordering = ["desk", "after_minutes", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(target=None) | ~models.Q(target=models.F("desk")),
                name="tchat_overflow_goes_elsewhere",
                violation_error_message="Un bureau ne déborde pas vers lui-même.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.desk_id} → {self.target_id or 'différé'}"
