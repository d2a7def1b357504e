"""A victim's talk with the service, and its lines."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from guichet.territory.enums import Institution
from guichet.territory.models import Service
from tchat.enums import Author, Opinion, Outcome, State
from tchat.models.desks import Desk
from tchat.models.rulebooks import Rulebook
from victims.models import Dossier

# Whoever waits and was not seen for so long is not in front of the page: no agent is given an empty chair.
GONE = timedelta(minutes=15)


def is_live() -> Q:
    """Of those who wait: who is here, or is owed an answer now. By the database's clock."""
    is_here = Q(deferred_at=None, victim_seen_at__gt=Now() - GONE)
    return is_here | Q(returned_from__isnull=False) | Q(owed_at__isnull=False)


class ConversationQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=State.WAITING)

    def active(self):
        return self.filter(state=State.ACTIVE)

    def open(self):
        return self.exclude(state=State.CLOSED)

    def in_queue_order(self):
        """Who is taken first: gravity is a head start, so that whoever waits long enough comes before anyone new."""
        return self.order_by("rank_at", "pk")

    def live(self):
        """Whoever waits for an answer now, not one who accepted to be answered later or who left the page. An answer
        that came and was cut, or that is late, is owed now."""
        return self.waiting().filter(is_live())

    def deferred(self):
        """Who accepted to be answered later, or left the page without leaving the queue; nobody answered yet, and the
        answer is not late."""
        return self.waiting().exclude(is_live())

    def queued_for(self, agent):
        """Whom an agent's queue shows: who waits live at the desks that the agent answers."""
        return self.live().filter(desk__agents=agent)

    def takeable_by(self, agent):
        """What an agent may take: the same, and those who accepted an answer later."""
        return self.waiting().filter(desk__agents=agent)


class Conversation(models.Model):
    """A victim's talk with the service. The database row is the truth; sockets only ring."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="conversations", verbose_name="dossier")
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="conversations", verbose_name="bureau")
    institution = models.CharField("force compétente", max_length=2, choices=Institution, blank=True)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="unité compétente"
    )
    competence_source = models.CharField("source de la compétence", max_length=20)
    reasons = models.JSONField("pourquoi ce service", default=list)
    threat = models.CharField("atteinte", max_length=60)
    severity = models.PositiveSmallIntegerField("gravité")
    state = models.CharField("état", max_length=10, choices=State, default=State.WAITING)
    outcome = models.CharField("issue", max_length=20, choices=Outcome, blank=True)
    opinion = models.CharField("utile, dit la victime", max_length=10, choices=Opinion, blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="conversations"
    )
    claim_version = models.PositiveIntegerField("version de prise en charge", default=0)
    verification = models.CharField("code de vérification", max_length=9)
    last_seq = models.PositiveIntegerField("dernier message", default=0)
    chain_head = models.CharField("empreinte de tête", max_length=64, blank=True)
    victim_read = models.PositiveIntegerField("lu par la victime", default=0)
    agent_read = models.PositiveIntegerField("lu par l'agent", default=0)
    created_at = models.DateTimeField("demandée le", default=timezone.now)
    rank_at = models.DateTimeField("rang dans la file", default=timezone.now)
    desk_since = models.DateTimeField("à ce bureau depuis", default=timezone.now)
    first_desk = models.ForeignKey(
        Desk, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="premier bureau"
    )
    rulebook = models.ForeignKey(
        Rulebook, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="règlement appliqué"
    )
    told_minutes = models.PositiveSmallIntegerField("attente annoncée, en minutes", null=True, blank=True)
    transfers = models.PositiveSmallIntegerField("transmissions", default=0)
    returned_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="revenue de"
    )
    saturated_at = models.DateTimeField("service saturé depuis", null=True, blank=True)
    deferred_at = models.DateTimeField("réponse différée demandée le", null=True, blank=True)
    owed_at = models.DateTimeField("réponse due depuis", null=True, blank=True)
    sealed_callback = models.BinaryField("numéro de rappel, chiffré", null=True, blank=True)
    taken_at = models.DateTimeField("prise le", null=True, blank=True)
    waited = models.DurationField("attente jusqu'à la première prise", null=True, blank=True)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    victim_seen_at = models.DateTimeField("victime vue le", default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = "conversation"
        verbose_name_plural = "conversations"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=~models.Q(state="close"),
                name="tchat_one_open_conversation_per_dossier",
                violation_error_message="Une conversation est déjà ouverte dans ce dossier.",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="en-cours") | models.Q(agent__isnull=False, taken_at__isnull=False),
                name="tchat_active_has_an_agent",
                violation_error_message="Une conversation en cours a un agent.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["desk", "rank_at", "id"],
                condition=models.Q(state="attente"),
                name="tchat_queue_order",
            ),
            models.Index(fields=["agent"], condition=models.Q(state="en-cours"), name="tchat_held_by_agent"),
            models.Index(fields=["desk", "created_at"], name="tchat_asked_at_desk"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state != State.CLOSED

    @property
    def asks_opinion(self) -> bool:
        """An agent talked with the person to the end, who has not said yet whether it helped."""
        talked = self.state == State.CLOSED and self.taken_at is not None and self.outcome != Outcome.ABUSE
        return talked and not self.opinion

    @property
    def is_deferred(self) -> bool:
        return self.state == State.WAITING and self.deferred_at is not None and self.returned_from_id is None


class Message(models.Model):
    """One line of a conversation, sealed with the dossier's key. `seq` has no hole; the sender makes `client_id`."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField("rang")
    client_id = models.UUIDField("identifiant de l'envoi")
    author = models.CharField("auteur", max_length=10, choices=Author)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    sealed_body = models.BinaryField("texte, chiffré")
    digest = models.CharField("empreinte", max_length=64)
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        ordering = ["conversation", "seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "seq"], name="tchat_seq_once", violation_error_message="Rang déjà pris."
            ),
            models.UniqueConstraint(
                fields=["conversation", "client_id"],
                name="tchat_client_id_once",
                violation_error_message="Ce message est déjà enregistré.",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.seq}"
