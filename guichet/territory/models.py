"""Communes, the services that are competent there, and the units that receive the public.

Nothing here is ever deleted once loaded: a commune, a service or a unit that disappears is marked ended,
because a dossier or an agent may point at it.
"""

from django.db import models
from django.db.models import Q

from guichet.territory.departements import departement_name, region_of
from guichet.territory.enums import CommuneKind, Institution, Topic


class Edition(models.Model):
    """One file that was loaded: what it is called, its fingerprint and what it changed."""

    topic = models.CharField("sujet", max_length=12, choices=Topic)
    name = models.CharField("édition", max_length=40)
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    loaded_at = models.DateTimeField("chargée le")
    counts = models.JSONField("comptes", default=dict)

    class Meta:
        verbose_name = "édition"
        verbose_name_plural = "éditions"
        ordering = ["-loaded_at", "-id"]
        indexes = [models.Index(fields=["topic", "-loaded_at"], name="edition_topic_loaded")]

    def __str__(self) -> str:
        return f"{self.get_topic_display()} {self.name}"


class CommuneQuerySet(models.QuerySet):
    def current(self):
        return self.filter(ended_at=None)


class Commune(models.Model):
    """A commune, or an arrondissement of Paris, Lyon or Marseille (`parent` is then the city)."""

    code = models.CharField("code INSEE", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=80)
    folded = models.CharField("nom pour la recherche", max_length=90, db_index=True)
    kind = models.CharField("sorte", max_length=14, choices=CommuneKind, default=CommuneKind.COMMUNE)
    departement = models.CharField("département", max_length=3)
    population = models.PositiveIntegerField("population", default=0)
    lat = models.FloatField("latitude", null=True, blank=True)
    lng = models.FloatField("longitude", null=True, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="arrondissements", verbose_name="ville"
    )
    ended_at = models.DateField("disparue le", null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name="commune qui succède"
    )
    notes = models.TextField("notes", blank=True)

    objects = CommuneQuerySet.as_manager()

    class Meta:
        verbose_name = "commune"
        verbose_name_plural = "communes"
        ordering = ["folded", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=CommuneKind.COMMUNE, parent=None)
                | Q(kind=CommuneKind.ARRONDISSEMENT, parent__isnull=False),
                name="commune_arrondissement_has_city",
                violation_error_message="Un arrondissement a une ville, une commune n’en a pas.",
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(ended_at__isnull=False),
                name="commune_successor_only_if_ended",
                violation_error_message="Seule une commune disparue a une commune qui lui succède.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.departement})"

    @property
    def departement_name(self) -> str:
        return departement_name(self.departement)

    @property
    def region(self) -> str:
        """The INSEE code of the région."""
        return region_of(self.departement)

    @property
    def full_name(self) -> str:
        """« Sainte-Colombe (Seine-et-Marne) »: the name alone is not enough, 1 441 names are used more than once."""
        if self.name.startswith("Paris") and self.departement_name == "Paris":
            return self.name
        return f"{self.name} ({self.departement_name})"


class Postcode(models.Model):
    """One postcode of one commune; both sides are many."""

    code = models.CharField("code postal", max_length=5)
    commune = models.ForeignKey(Commune, models.CASCADE, related_name="postcodes", verbose_name="commune")

    class Meta:
        verbose_name = "code postal"
        verbose_name_plural = "codes postaux"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "commune"],
                name="postcode_once_per_commune",
                violation_error_message="Ce code postal est déjà celui de cette commune.",
            )
        ]

    def __str__(self) -> str:
        return self.code


class Alias(models.Model):
    """A former name or code that leads to a commune of today. The name may be blank: then only the code does."""

    code = models.CharField("ancien code", max_length=5, db_index=True)
    name = models.CharField("ancien nom", max_length=80, blank=True)
    folded = models.CharField("nom pour la recherche", max_length=90, blank=True, db_index=True)
    commune = models.ForeignKey(Commune, models.CASCADE, related_name="aliases", verbose_name="commune d’aujourd’hui")

    class Meta:
        verbose_name = "ancien nom"
        verbose_name_plural = "anciens noms"
        ordering = ["folded", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "name", "commune"],
                name="alias_once",
                violation_error_message="Cet ancien nom est déjà enregistré.",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.code


class Service(models.Model):
    """A brigade or a commissariat as the competence file names it. The identifier exists for the gendarmerie only."""

    institution = models.CharField("force", max_length=2, choices=Institution)
    official_id = models.CharField("identifiant officiel", max_length=12, blank=True)
    name = models.CharField("nom", max_length=120)
    folded = models.CharField("nom pour la recherche", max_length=130)
    departement = models.CharField("département", max_length=3)
    seat = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="seated_services", verbose_name="commune du siège"
    )
    ended_at = models.DateField("disparu le", null=True, blank=True)

    class Meta:
        verbose_name = "service"
        verbose_name_plural = "services"
        ordering = ["institution", "folded"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "folded", "departement"],
                condition=Q(official_id=""),
                name="service_name_once_per_departement",
                violation_error_message="Ce service existe déjà dans ce département.",
            ),
            models.UniqueConstraint(
                fields=["institution", "official_id"],
                condition=~Q(official_id=""),
                name="service_official_id_once",
                violation_error_message="Cet identifiant est déjà celui d’un autre service.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Gendarmerie names lost their prefix in the source: « Ornex », or « Brigade des Arcs »."""
        if self.institution == Institution.PN:
            return self.name
        prefix, _, place = self.name.partition(" ")
        if prefix == "Brigade":
            return f"Brigade de gendarmerie {place}"
        return f"Brigade de gendarmerie : {self.name}"


class Competence(models.Model):
    """Which force, and which service of it, is competent in a commune: one row, or two where both are.

    A row without force is what the source left blank: it is known that nothing is known.
    """

    commune = models.ForeignKey(Commune, models.CASCADE, related_name="competences", verbose_name="commune")
    institution = models.CharField("force", max_length=2, choices=Institution, blank=True)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="competences", verbose_name="service"
    )
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="competences", verbose_name="édition")
    notes = models.TextField("notes", blank=True)

    class Meta:
        verbose_name = "compétence"
        verbose_name_plural = "compétences"
        ordering = ["commune", "institution"]
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "institution"],
                name="competence_one_per_force",
                violation_error_message="Cette force est déjà compétente dans cette commune.",
            ),
            models.CheckConstraint(
                condition=~Q(institution="") | Q(service=None),
                name="competence_service_needs_force",
                violation_error_message="Un service appartient à une force.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commune_id} {self.institution or '?'}"


class Unit(models.Model):
    """A place where the public is received. Which service is competent is said by `Competence`, not by distance."""

    institution = models.CharField("force", max_length=2, choices=Institution)
    official_id = models.CharField("identifiant officiel", max_length=12, blank=True)
    name = models.CharField("nom", max_length=160)
    folded = models.CharField("nom pour la recherche", max_length=180)
    service = models.ForeignKey(
        Service, models.SET_NULL, null=True, blank=True, related_name="units", verbose_name="service"
    )
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="units", verbose_name="commune"
    )
    departement = models.CharField("département", max_length=3, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    address = models.TextField("adresse", blank=True)
    phone = models.CharField("téléphone", max_length=40, blank=True)
    hours = models.TextField("horaires de la liste officielle", blank=True)
    own_hours = models.TextField(
        "horaires donnés par l'unité",
        blank=True,
        help_text="Ils remplacent ceux de la liste officielle, et aucun chargement n'y touche. Une ligne par jour : "
        "« Lundi au vendredi : 9h00-12h00 14h00-18h00 », « Samedi : fermé ».",
    )
    own_hours_on = models.DateField("horaires donnés le", null=True, blank=True, editable=False)
    url = models.CharField("adresse web", max_length=300, blank=True)
    lat = models.FloatField("latitude", null=True, blank=True)
    lng = models.FloatField("longitude", null=True, blank=True)
    ended_at = models.DateField("fermée le", null=True, blank=True)
    notes = models.TextField("notes", blank=True)

    class Meta:
        verbose_name = "unité"
        verbose_name_plural = "unités"
        ordering = ["departement", "folded"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "folded", "postcode"],
                condition=Q(official_id=""),
                name="unit_name_once_per_postcode",
                violation_error_message="Cette unité existe déjà à ce code postal.",
            ),
            models.UniqueConstraint(
                fields=["institution", "official_id"],
                condition=~Q(official_id=""),
                name="unit_official_id_once",
                violation_error_message="Cet identifiant est déjà celui d’une autre unité.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.postcode})" if self.postcode else self.name

    @property
    def hours_in_force(self) -> str:
        """What the unit says of itself wins over the list."""
        return self.own_hours or self.hours
