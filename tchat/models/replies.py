"""Ready-made answers, as an experienced officer writes them. They fill the composer; nothing sends them by itself."""

import re

from django.core.exceptions import ValidationError
from django.db import models

from tchat.models.desks import Desk

FIELD = re.compile(r"\{([^{}]*)\}")
FIELDS = ("code", "reference", "commune", "service")


class ReplyQuerySet(models.QuerySet):
    def active(self):
        return self.filter(active=True)

    def at_desk(self, desk_id: str):
        return self.filter(models.Q(desk=None) | models.Q(desk=desk_id))


class Reply(models.Model):
    """Without a desk it serves all of them; without a threat it serves any situation."""

    title = models.CharField("titre", max_length=60)
    text = models.TextField(
        "texte",
        max_length=2000,
        help_text="Champs remplis d'eux-mêmes : {code}, {reference}, {commune}, {service}.",
    )
    desk = models.ForeignKey(
        Desk, models.CASCADE, null=True, blank=True, related_name="replies", verbose_name="bureau",
        help_text="Vide : pour tous les bureaux.",
    )  # fmt: skip
    threats = models.JSONField(
        "atteintes", default=list, blank=True, help_text="Identifiants du catalogue. Vide : pour toute situation."
    )
    order = models.PositiveSmallIntegerField("ordre", default=100)
    active = models.BooleanField("proposée", default=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = "réponse type"
        verbose_name_plural = "réponses types"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        unknown = [name for name in FIELD.findall(self.text) if name not in FIELDS]
        if unknown:
            raise ValidationError({"text": f"Le champ « {unknown[0]} » n'existe pas."})

    def serves(self, threats: set[str]) -> bool:
        return not self.threats or bool(threats.intersection(self.threats))

    def filled(self, values: dict[str, str]) -> str:
        """The text for one conversation. Only the known fields are replaced: any other brace stays as it is."""
        return FIELD.sub(lambda found: values.get(found[1], found[0]), self.text)
