from django.db import models


class PartnerQuerySet(models.QuerySet):
    def active(self):
        return self.filter(active=True)

    def waiting(self):
        """Asked for, never answered."""
        return self.filter(active=False, activated_at=None)


class Partner(models.Model):
    """A site that may show the diagnostic in a frame. Nothing of it is public until an administrator activates it."""

    slug = models.SlugField("identifiant", max_length=50, unique=True)
    name = models.CharField("nom du site ou de l'organisme", max_length=120)
    origins = models.TextField(
        "adresses du site",
        max_length=1500,
        help_text="Une par ligne, par exemple https://www.exemple.fr. Sans page, sans étoile.",
    )
    active = models.BooleanField("actif", default=False)
    contact = models.EmailField("adresse e-mail du contact", help_text="Pour les administrateurs seulement.")
    created_at = models.DateTimeField("demandé le", auto_now_add=True)
    activated_at = models.DateTimeField("activé le", null=True, blank=True)
    notes = models.TextField("notes", max_length=1000, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = "site partenaire"
        verbose_name_plural = "sites partenaires"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(active=False) | models.Q(activated_at__isnull=False),
                name="module_partner_active_since",
                violation_error_message="Un site actif a une date d'activation.",
            )
        ]

    def __str__(self) -> str:
        return self.name
