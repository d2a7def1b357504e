"""What nobody clicks: agents who vanished, waits that grew too long, desks where the guichet gives out the work.

Every process runs it every two seconds. Each step is a compare-and-set on one conversation, so it does not matter how
many do it at once, nor whether one of them is late.
"""

import functools
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib.crypto import CannotOpen
from guichet.observatory.services import count
from tchat import dispatch, events
from tchat.enums import Assignment, State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Desk, Presence
from tchat.services import exercises, messages, rulebooks
from tchat.services.conversations import claim, locked, places
from victims.services.dossiers import withdraw

log = logging.getLogger("tchat.tending")
SYSTEM = "système"
HEAD = timedelta(days=1)
AT_ONCE = 50


def tend(*, leases_count: bool = True, now: datetime | None = None) -> Counter:
    """How many were given back, moved on, offered an answer later, given out. `leases_count` is false just after the
    database was away: nobody could renew a lease then, so none is judged."""
    done: Counter = Counter()
    if leases_count:
        done["returned"] = _each(vanished(now), lambda key: give_back(key, now=now))
    done.update(overflow(now=now or timezone.now()))
    done["assigned"] = assign_work(now=now)
    return done


def _each(keys: Iterable, act: Callable[..., bool]) -> int:
    """One conversation that somebody holds, or that cannot be opened, leaves the others their turn. A database that is
    away is met by the next statement that asks for a list."""
    done = 0
    for key in keys:
        try:
            done += act(key)
        except Exception as error:
            log.warning("a conversation was not tended: %s", type(error).__name__)
    return done


# --- agents who vanished


def vanished(now: datetime | None = None) -> list:
    """Conversations in progress whose agent's lease ran out."""
    found = Conversation.objects.active().filter(agent__presence__in=Presence.objects.gone(now=now))
    return list(found.order_by("taken_at").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def give_back(conversation_id, *, now: datetime | None = None) -> bool:
    """To the head of the queue: whoever was already being helped does not wait a second time. The victim is told."""
    conversation = locked(conversation_id, wait=False)
    holder = conversation.agent
    if conversation.state != State.ACTIVE or not Presence.objects.gone(now=now).filter(agent=holder).exists():
        return False
    now = now or timezone.now()
    conversation.state, conversation.agent, conversation.taken_at = State.WAITING, None, None
    conversation.claim_version += 1
    conversation.returned_from = holder
    conversation.desk_since = now
    conversation.rank_at = conversation.rank_at - HEAD
    conversation.save(
        update_fields=["state", "agent", "taken_at", "claim_version", "returned_from", "desk_since", "rank_at"]
    )
    withdraw(dossier=conversation.dossier, agent=holder)
    messages.note(
        conversation,
        "La connexion de l'agent s'est coupée. Vous passez en premier : un agent va reprendre. Rien n'est perdu.",
        now=now,
    )
    _record(conversation, "tchat rendu à la file", {"agent": holder.service_number})
    count("tchat-rendu", conversation.desk_id, exercise=conversation.dossier.exercise)
    events.moved(conversation, from_desk=conversation.desk_id, from_agent=holder.pk)
    return True


def take_back(*, agent, conversation_id, now: datetime | None = None) -> bool:
    """The agent who vanished is here again, and nobody took the conversation meanwhile: it goes on with the same."""
    if not Conversation.objects.live().filter(pk=conversation_id, returned_from=agent).exists():
        return False
    try:
        claim(agent=agent, conversation_id=conversation_id, now=now, again=True)
    except Refusal:
        return False
    Conversation.objects.filter(pk=conversation_id).update(rank_at=F("rank_at") + HEAD)
    return True


# --- waits that grew too long


def overflow(*, now: datetime) -> Counter:
    """By the rules in force: to another desk, or the offer of an answer later. Competence stays what it was."""
    rules = rulebooks.in_force()
    done: Counter = Counter()
    if not rules.overflows:
        return done
    real = exercises.real_desks()
    soonest = now - timedelta(minutes=min(step.after_minutes for step in rules.overflows))
    waiting = Conversation.objects.live().filter(desk_since__lt=soonest).in_queue_order()
    for key, desk, severity, since, saturated in waiting.values_list(
        "pk", "desk_id", "severity", "desk_since", "saturated_at"
    ):
        step = rulebooks.due(rules, desk=real.get(desk, desk), severity=severity, since=since, now=now)
        if step is None or (not step.target and saturated):
            continue
        if desk in real:
            step = exercises.twin_step(step)
        name, act = ("moved", _move_on) if step.target else ("saturated", _offer_later)
        done[name] += _each([key], functools.partial(act, step=step, now=now))
        if done.total() >= AT_ONCE:
            break
    return done


@transaction.atomic
def _move_on(conversation_id, step: dispatch.Overflow, *, now: datetime) -> bool:
    conversation = locked(conversation_id, wait=False)
    if conversation.state != State.WAITING or conversation.desk_id != step.desk:
        return False
    target = Desk.objects.get(pk=step.target)
    conversation.desk, conversation.desk_since = target, now
    conversation.claim_version += 1
    conversation.reasons = [
        *conversation.reasons,
        f"attente de plus de {step.after_minutes} min au bureau précédent : {target.name.lower()}",
    ]
    conversation.save(update_fields=["desk", "desk_since", "claim_version", "reasons"])
    messages.note(
        conversation, f"L'attente était longue : un autre bureau peut aussi vous répondre. {target.name}.", now=now
    )
    _record(conversation, "tchat débordé", {"de": step.desk, "vers": step.target})
    count("tchat-deborde", f"{step.desk}>{step.target}", exercise=conversation.dossier.exercise)
    events.moved(conversation, from_desk=step.desk, from_agent=None)
    return True


@transaction.atomic
def _offer_later(conversation_id, step: dispatch.Overflow, *, now: datetime) -> bool:
    conversation = locked(conversation_id, wait=False)
    if conversation.state != State.WAITING or conversation.desk_id != step.desk or conversation.saturated_at:
        return False
    conversation.saturated_at = now
    conversation.save(update_fields=["saturated_at"])
    messages.note(
        conversation,
        "Tous les agents sont occupés. Vous gardez votre place. "
        "Vous pouvez aussi demander une réponse plus tard ou un rappel.",
        now=now,
    )
    count("tchat-sature", step.desk, exercise=conversation.dossier.exercise)
    events.queue_changed(conversation)
    return True


# --- desks where the guichet gives out the work


def assign_work(*, now: datetime | None = None) -> int:
    """The next in the queue to the agent there who holds the fewest, never above what the desk allows; the gravest by
    one above."""
    desks = list(Desk.objects.filter(assignment=Assignment.AUTO).exclude(capacity=None))
    return sum(_assign_at(desk, now=now) for desk in desks)


def _assign_at(desk: Desk, *, now: datetime | None) -> int:
    waiting = list(
        Conversation.objects.live().filter(desk=desk).in_queue_order().values_list("pk", "severity")[:AT_ONCE]
    )
    if not waiting:
        return 0
    awake = Presence.objects.there(now=now).filter(paused_at=None)
    there = {agent.pk: agent for agent in desk.agents.filter(is_active=True, presence__in=awake)}
    held = Counter(Conversation.objects.active().filter(agent__in=there).values_list("agent_id", flat=True))
    given = 0
    for key, severity in waiting:
        free = [agent for pk, agent in there.items() if held[pk] < places(desk.capacity, severity)]
        if not free:
            continue
        agent = min(free, key=lambda each: (held[each.pk], each.service_number))
        try:
            claim(agent=agent, conversation_id=key, now=now)
        except Refusal:
            continue
        except (DatabaseError, CannotOpen) as error:
            log.warning("a conversation was not given out: %s", type(error).__name__)
            continue
        held[agent.pk] += 1
        given += 1
    return given


def _record(conversation: Conversation, verb: str, detail: dict) -> None:
    audit.record(
        actor=SYSTEM,
        verb=verb,
        chain=conversation.dossier.chain,
        target=str(conversation.pk),
        detail=detail,
    )
