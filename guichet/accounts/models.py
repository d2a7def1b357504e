from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models

from guichet.accounts.enums import Role
from guichet.territory.enums import Institution
from guichet.territory.models import Service


class AgentManager(UserManager):
    def with_service_number(self, number: str):
        return self.get(service_number=number)


class Agent(AbstractUser):
    """A person of the service: police officer, gendarme, supervisor, editor, administrator. Victims are not users.

    Outside the console an agent is only a service number and a force: never a name.
    """

    role = models.CharField("rôle", max_length=20, choices=Role, default=Role.AGENT)
    service_number = models.CharField(
        "numéro de service",
        max_length=12,
        unique=True,
        error_messages={"unique": "Ce numéro de service est déjà donné."},
        help_text="Ce que la victime voit à la place du nom.",
    )
    institution = models.CharField("force", max_length=2, choices=Institution, blank=True)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="agents", verbose_name="unité"
    )

    objects = AgentManager()
    REQUIRED_FIELDS = ["service_number"]

    class Meta:
        verbose_name = "agent"
        verbose_name_plural = "agents"

    def __str__(self) -> str:
        return f"{self.service_number} ({self.get_username()})"

    @property
    def public_name(self) -> str:
        """What the victim reads: « Agent 4821, police nationale »."""
        force = self.get_institution_display().lower()
        return f"Agent {self.service_number}" + (f", {force}" if force else "")

    @property
    def audit_name(self) -> str:
        return f"agent:{self.service_number}"
