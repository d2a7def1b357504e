"""The versions of the content, as the database keeps them: one is published, at most one at a time."""

from django.conf import settings
from django.db import models


class State(models.TextChoices):
    DRAFT = "brouillon", "brouillon"
    REVIEW = "relecture", "en relecture"
    PUBLISHED = "publiee", "publiée"
    RETIRED = "retiree", "remplacée"
    DISCARDED = "ecartee", "écartée"


class Origin(models.TextChoices):
    FILES = "fichiers", "fichiers du logiciel"
    EDITOR = "redaction", "rédaction"
    COMMAND = "commande", "ligne de commande"


SERVED = (State.PUBLISHED, State.RETIRED)
_two_people = models.Q(author=None) | models.Q(reviewer=None) | ~models.Q(reviewer=models.F("author"))
_reviewed = ~models.Q(state__in=SERVED) | models.Q(author=None) | models.Q(reviewer__isnull=False)
_dated = ~models.Q(state__in=SERVED) | models.Q(published_at__isnull=False)


class TreeVersion(models.Model):
    """The whole content as text, with the digest that says it is still the same.

    `document` is JSON kept as text: the order of its keys has a meaning, and a JSON column of PostgreSQL loses it.
    """

    number = models.PositiveIntegerField("numéro", unique=True)
    state = models.CharField("état", max_length=12, choices=State, default=State.DRAFT)
    label = models.CharField("version", max_length=40, db_index=True)
    hash = models.CharField("empreinte", max_length=64)
    document = models.TextField("contenu")
    layout = models.JSONField("fichiers", default=dict)
    origin = models.CharField("origine", max_length=10, choices=Origin, default=Origin.EDITOR)
    note = models.CharField("ce qui change", max_length=500, blank=True)
    answer = models.CharField("mot de la relecture", max_length=500, blank=True)
    revision = models.PositiveIntegerField("révision", default=0)
    base = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="partie de la version"
    )
    restores = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="reprend la version"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="écrite par"
    )
    hands = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name="ont écrit dedans"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="relue par"
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="publiée par"
    )
    created_at = models.DateTimeField("commencée le", auto_now_add=True)
    changed_at = models.DateTimeField("modifiée le", auto_now=True)
    published_at = models.DateTimeField("publiée le", null=True, blank=True)
    withdrawn = models.BooleanField(
        "retirée aussi des parcours en cours",
        default=False,
        help_text="Une version qui se trompe ne se termine pas : les parcours en cours passent à la version publiée.",
    )

    class Meta:
        verbose_name = "version du diagnostic"
        verbose_name_plural = "versions du diagnostic"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="publiee"),
                name="tree_version_one_published",
                violation_error_message="Une seule version est publiée à la fois.",
            ),
            models.CheckConstraint(
                condition=_two_people,
                name="tree_version_two_people",
                violation_error_message="La relecture est faite par une autre personne que la rédaction.",
            ),
            models.CheckConstraint(
                condition=_reviewed,
                name="tree_version_reviewed",
                violation_error_message="Une version se publie après relecture.",
            ),
            models.CheckConstraint(
                condition=_dated,
                name="tree_version_dated",
                violation_error_message="Une version publiée porte sa date.",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    @property
    def is_open(self) -> bool:
        return self.state in (State.DRAFT, State.REVIEW)
