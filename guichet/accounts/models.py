import hashlib
import hmac

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.crypto import salted_hmac

from guichet.accounts.enums import Role
from guichet.accounts.rules import must_enrol
from guichet.lib import crypto
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
    # Names the second factor in force, so that a request asks no other table; empty: none.
    factor_mark = models.CharField("second facteur", max_length=32, blank=True, default="", editable=False)

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

    @property
    def credentials(self) -> str:
        """Digest of what opens the account: another password, or another second factor, is another digest."""
        return self._credentials(super().get_session_auth_hash())

    def _credentials(self, digest: str) -> str:
        if not self.factor_mark:
            return digest
        return salted_hmac("guichet.accounts.factor", digest + self.factor_mark, algorithm="sha256").hexdigest()

    def get_session_auth_hash(self) -> str:
        """What a session of this agent must bear. Who owes a second factor has none, and Django opens no session
        without it: pages, administration and websockets are then closed by this one line."""
        return "" if must_enrol(self) else self.credentials

    def get_session_auth_fallback_hash(self):
        if not must_enrol(self):
            yield from map(self._credentials, super().get_session_auth_fallback_hash())


class SecondFactorQuerySet(models.QuerySet):
    def confirmed(self):
        return self.exclude(confirmed_at=None)


class SecondFactor(models.Model):
    """The secret that an agent's telephone shares with us, sealed under a key of its own. Until `confirmed_at` it is
    only proposed: nothing asks for it. `last_step` is the latest code that was used: none counts twice."""

    agent = models.OneToOneField(Agent, models.CASCADE, related_name="second_factor", verbose_name="agent")
    kek = models.CharField("clé de chiffrement des clés", max_length=40)
    wrapped_key = models.BinaryField("clé du second facteur, enveloppée")
    sealed_secret = models.BinaryField("secret, chiffré")
    begun_at = models.DateTimeField("proposé le")
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)
    last_step = models.BigIntegerField("rang du dernier code", default=0)
    failures = models.PositiveIntegerField("codes refusés de suite", default=0)
    wait_until = models.DateTimeField("pas avant le", null=True, blank=True)

    objects = SecondFactorQuerySet.as_manager()

    class Meta:
        verbose_name = "second facteur"
        verbose_name_plural = "seconds facteurs"

    def __str__(self) -> str:
        return f"second facteur de {self.agent_id}"

    @property
    def owner(self) -> str:
        return f"second-factor:{self.agent_id}"

    @property
    def bound(self) -> str:
        return f"second_factor.sealed_secret:{self.agent_id}"

    @property
    def key(self) -> bytes:
        return crypto.unwrap(self.kek, self.wrapped_key, owner=self.owner)

    @property
    def secret(self) -> bytes:
        return crypto.unseal(self.key, self.sealed_secret, bound=self.bound)

    def fingerprint(self, code: str) -> str:
        """Of a recovery code, keyed: ten digits could be tried one by one by who has only the database."""
        return hmac.new(self.key, f"recovery:{code}".encode(), hashlib.sha256).hexdigest()


class RecoveryCode(models.Model):
    """One of the codes that replace the telephone, as a keyed fingerprint. Used once."""

    factor = models.ForeignKey(
        SecondFactor, models.CASCADE, related_name="recovery_codes", verbose_name="second facteur"
    )
    fingerprint = models.CharField("empreinte", max_length=64)
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)

    class Meta:
        verbose_name = "code de secours"
        verbose_name_plural = "codes de secours"
        constraints = [
            models.UniqueConstraint(
                fields=["factor", "fingerprint"],
                name="accounts_recovery_code_once",
                violation_error_message="Ce code de secours existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"code de secours {self.pk}"
