"""Ask for the tchat, take a conversation, close it."""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import ratelimit
from guichet.observatory.services import count
from tchat import dispatch, events
from tchat.enums import GRAVEST, Outcome, State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Desk
from tchat.services import exercises, messages, presence, rulebooks, transcripts
from tchat.services.queue import place_of
from tchat.services.waiting_times import COUNTER, wait_class
from victims.models import Dossier
from victims.services import deposits
from victims.services.dossiers import VICTIM, assign

# In one hour from one network: beyond, each waits so much longer than the one before. Nobody is turned away (a school
# or a telephone operator is one network), and whoever floods the queue stands behind it (docs/decisions/0025).
FROM_ONE_NETWORK, IN_SECONDS, BEHIND = 20, 3600, timedelta(minutes=5)
CROWD = "beaucoup de demandes viennent du même réseau depuis une heure : celle-ci passe après les autres"


def open_conversation(*, dossier: Dossier, network: str = "", now: datetime | None = None) -> Conversation:
    """The open conversation of this dossier: the one there is, or a new one at the competent desk.

    `network`: where the request comes from (`ratelimit.network_of`); empty is counted with nobody.
    Raises Refusal (not-offered) when the diagnosis does not call for a human.
    """
    current = Conversation.objects.open().filter(dossier=dossier).first()
    if current:
        return current
    if not dossier.diagnosis.chat_offered:
        raise Refusal("not-offered")
    try:
        return _ask(dossier, network, now or timezone.now())
    except IntegrityError:
        return Conversation.objects.open().get(dossier=dossier)


@transaction.atomic
def _ask(dossier: Dossier, network: str, now: datetime) -> Conversation:
    diagnosis, behind = dossier.diagnosis, _behind(dossier, network)
    rules = rulebooks.in_force()
    routing = dispatch.route(
        commune=dossier.commune_id or "",
        abroad=dossier.abroad,
        threat=diagnosis.main_threat,
        severity=diagnosis.severity,
        facts=frozenset(diagnosis.facts),
        when=now,
        rules=rules,
    )
    desk = Desk.objects.get(slug=routing.desk)
    desk = exercises.twin_of(desk) if dossier.exercise else desk
    conversation = Conversation.objects.create(
        dossier=dossier,
        desk=desk,
        institution=routing.institution,
        service_id=routing.service_id,
        competence_source=routing.source,
        reasons=[*routing.reasons, CROWD] if behind else list(routing.reasons),
        threat=diagnosis.main_threat,
        severity=diagnosis.severity,
        verification=f"{secrets.randbelow(100):02d} · {secrets.randbelow(100):02d}",
        created_at=now,
        rank_at=rules.rank_at(diagnosis.severity, now) + behind,
        rulebook_id=rules.rulebook_id,
        desk_since=now,
        first_desk=desk,
        victim_seen_at=now,
    )
    conversation.told_minutes = place_of(conversation=conversation, now=now).minutes
    conversation.save(update_fields=["told_minutes"])
    audit.record(
        actor=VICTIM,
        verb="tchat demandé",
        chain=dossier.chain,
        target=str(conversation.pk),
        detail={"bureau": desk.pk, "source": routing.source},
    )
    count("tchat", routing.desk, exercise=dossier.exercise)
    events.queue_changed(conversation)
    return conversation


def _behind(dossier: Dossier, network: str) -> timedelta:
    """How much later than asked this one stands in the queue."""
    if not network or dossier.exercise:
        return timedelta()
    asked = ratelimit.count_lately("tchat-asked", network, seconds=IN_SECONDS)
    return BEHIND * max(0, asked - FROM_ONE_NETWORK)


@transaction.atomic
def claim(*, agent, conversation_id, now: datetime | None = None, again: bool = False) -> Conversation:
    """Compare and set: one winner, whoever else clicks. Raises Refusal (already-taken, paused, at-capacity).

    `again`: the same agent after a cut; neither pause nor capacity takes the conversation away then.
    """
    now = now or timezone.now()
    if not again and presence.is_paused(agent):
        raise Refusal("paused")
    if not again and not has_room(agent, conversation_id):
        raise Refusal("at-capacity")
    mine = Conversation.objects.takeable_by(agent).filter(pk=conversation_id).values("pk")
    # Asked of the row itself as well: it may have gone to another desk while this waited for it.
    still_here = Conversation.objects.filter(pk__in=mine, state=State.WAITING, desk__in=agent.desks.values("pk"))
    changed = still_here.update(
        state=State.ACTIVE, agent=agent, taken_at=now, returned_from=None, saturated_at=None, owed_at=None
    )
    if changed != 1:
        raise Refusal("already-taken")
    conversation = locked(conversation_id)
    first = conversation.waited is None
    if first:
        conversation.waited = now - conversation.created_at
    conversation.claim_version += 1
    conversation.save(update_fields=["claim_version", "waited"])
    assign(dossier=conversation.dossier, agent=agent)
    messages.note(
        conversation, f"{agent.public_name} {'est de retour' if again else 'a rejoint la conversation'}.", now=now
    )
    if first:
        count_wait(conversation)
    audit.record(
        actor=agent.audit_name, verb="tchat pris", chain=conversation.dossier.chain, target=str(conversation.pk)
    )
    events.queue_changed(conversation)
    return conversation


def has_room(agent, conversation_id) -> bool:
    """Whether this agent may hold one more at that desk. Whoever is in the gravest danger is taken above the number, by
    one: nobody in danger waits for a talk that can wait. The count is not locked: two clicks at once may pass by one,
    which is nobody's loss."""
    desk = Desk.objects.filter(conversations=conversation_id).values_list("capacity", "conversations__severity")
    capacity, severity = desk.first() or (None, 0)
    return capacity is None or Conversation.objects.active().filter(agent=agent).count() < places(capacity, severity)


def places(capacity: int, severity: int) -> int:
    """How many an agent holds at most, where this severity is the next."""
    return capacity + (severity >= GRAVEST)


def count_wait(conversation: Conversation) -> None:
    """The wait told and the real one, once, in classes: what the guichet publishes about itself."""
    if conversation.transfers or conversation.deferred_at:
        return
    told = wait_class(conversation.told_minutes)
    real = wait_class(conversation.waited.total_seconds() / 60)
    count(COUNTER, f"{told}/{real}", exercise=conversation.dossier.exercise)


def claim_next(*, agent) -> Conversation:
    """The first that waits at the agent's desks; whose hands are full, the first of the gravest. With nobody live, the
    first who is answered later. Raises Refusal (nothing-waiting, paused, at-capacity)."""
    desks = list(agent.desks.values_list("pk", flat=True))
    full: Refusal | None = None
    while True:
        heads = [queue_of(desk, at_least=GRAVEST if full else 0).first() for desk in desks]
        first = min(filter(None, heads), default=None) or (None if full else _first_later(agent))
        if first is None:
            raise full or Refusal("nothing-waiting")
        try:
            return claim(agent=agent, conversation_id=first[1])
        except Refusal as refusal:
            if refusal.code == "at-capacity" and not full:
                full = refusal
            elif refusal.code != "already-taken":
                raise


def _first_later(agent):
    found = Conversation.objects.takeable_by(agent).deferred().in_queue_order()
    return found.values_list("rank_at", "pk").first()


def queue_of(desk: str, *, at_least: int = 0):
    """(rank, key) of those who wait at one desk, the first to be taken first: its head is read from the index alone."""
    found = Conversation.objects.live().filter(desk=desk, severity__gte=at_least)
    return found.in_queue_order().values_list("rank_at", "pk")


def locked(conversation_id, *, wait: bool = True) -> Conversation:
    """Locked alone, then read with what it points at: a join would lose a row whose desk changed while we waited.
    Without `wait`, a row that somebody else holds is an OperationalError at once."""
    Conversation.objects.select_for_update(nowait=not wait).values_list("pk").get(pk=conversation_id)
    return Conversation.objects.select_related("dossier", "dossier__diagnosis", "desk", "agent").get(pk=conversation_id)


def change_hands(conversation: Conversation, **values) -> None:
    """Compare and set: only if nobody moved it since it was read. Raises Refusal (not-yours)."""
    values = {
        "claim_version": conversation.claim_version + 1,
        "returned_from": None,
        "saturated_at": None,
        "deferred_at": None,
        "owed_at": None,
        **values,
    }
    unmoved = Conversation.objects.filter(
        pk=conversation.pk,
        state=conversation.state,
        desk=conversation.desk_id,
        agent=conversation.agent_id,
        claim_version=conversation.claim_version,
    )
    if unmoved.update(**values) != 1:
        raise Refusal("not-yours")
    for name, value in values.items():
        setattr(conversation, name, value)


@transaction.atomic
def close_conversation(*, agent, conversation_id, outcome: str, now: datetime | None = None) -> Conversation:
    """The agent says how it ends; the transcript is sealed with the dossier. Raises Refusal."""
    if outcome not in Outcome.values:
        raise Refusal("bad-outcome")
    conversation = locked(conversation_id)
    if conversation.state == State.CLOSED:
        raise Refusal("closed")
    if conversation.agent_id != agent.pk:
        raise Refusal("not-yours")
    _end(conversation, outcome, actor=agent.audit_name, text="L'agent a terminé la conversation.", now=now)
    return conversation


@transaction.atomic
def leave_queue(*, dossier: Dossier, conversation_id, now: datetime | None = None) -> None:
    """The victim gives up the place. Nothing is lost: the dossier stays, the tchat can be asked for again."""
    conversation = locked(conversation_id)
    if conversation.dossier_id != dossier.pk or conversation.state != State.WAITING:
        return
    _end(conversation, Outcome.ABANDONED, actor=VICTIM, text="La victime a quitté la file.", now=now)


def _end(conversation: Conversation, outcome: str, *, actor: str, text: str, now: datetime | None) -> None:
    """The transcript joins what is already filed. The dossier's row is taken before its journal, as a filing does; the
    day's count comes last: its row is everybody's, and a paper takes seconds."""
    now = now or timezone.now()
    Dossier.objects.select_for_update().get(pk=conversation.dossier_id)
    messages.note(conversation, text, now=now)
    conversation.state, conversation.outcome, conversation.closed_at = State.CLOSED, outcome, now
    conversation.save(update_fields=["state", "outcome", "closed_at"])
    audit.record(
        actor=actor,
        verb="tchat clos",
        chain=conversation.dossier.chain,
        target=str(conversation.pk),
        detail={"issue": outcome},
    )
    events.queue_changed(conversation)
    deposits.join_filed(conversation.dossier, transcripts.attach(conversation=conversation, actor=actor))
    count("tchat-issue", outcome, exercise=conversation.dossier.exercise)
