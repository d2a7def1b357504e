"""What nobody clicks: agents who vanished, answers that are late, waits that grew too long, desks where nobody is,
desks where the guichet gives out the work.

Every process runs it every two seconds. Each step is a compare-and-set on one conversation, so it does not matter how
many do it at once, nor whether one of them is late.
"""

import functools
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib.crypto import CannotOpen
from guichet.observatory.services import count
from tchat import dispatch, events
from tchat.enums import Assignment, DeskKind, State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Desk, Presence
from tchat.services import exercises, messages, rulebooks
from tchat.services.conversations import claim, locked, places
from victims.services.dossiers import withdraw

log = logging.getLogger("tchat.tending")
SYSTEM = "système"
HEAD = timedelta(days=1)
AT_ONCE = 50
# A desk is deserted when nobody has been on duty there for so long: an agent whose page reloads leaves nobody alone.
DESERTED = timedelta(minutes=1)
HAVENS = (DeskKind.SHARED, DeskKind.FORCE, DeskKind.SPECIAL)


def tend(*, leases_count: bool = True, now: datetime | None = None) -> Counter:
    """How many were given back, owed an answer, moved on, offered an answer later, given out. `leases_count` is false
    just after the database was away: nobody could renew a lease then, so none is judged."""
    done: Counter = Counter()
    if leases_count:
        done["returned"] = _each(vanished(now), lambda key: give_back(key, now=now))
    done["owed"] = _each(late_answers(now), lambda key: owe(key, now=now))
    done.update(overflow(now=now))
    if leases_count:
        done.update(desert(now=now))
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


# --- answers later that are late


def late_answers(now: datetime | None = None) -> list:
    """Whoever is answered later, or left the page, for longer than the severity allows."""
    late = Q()
    for severity, limit in dispatch.ANSWERED_WITHIN.items():
        before = (now or Now()) - limit
        since = Q(deferred_at__lt=before) | Q(deferred_at=None, victim_seen_at__lt=before)
        late |= Q(severity=severity) & since
    found = Conversation.objects.deferred().filter(late)
    return list(found.in_queue_order().values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def owe(conversation_id, *, now: datetime | None = None) -> bool:
    """Back among those who wait now, as if asked now: before nobody who stands in front of the page, and never last
    for ever. An agent answers in writing, or calls."""
    conversation = locked(conversation_id, wait=False)
    if not Conversation.objects.deferred().filter(pk=conversation.pk).exists():
        return False
    now = now or timezone.now()
    conversation.owed_at = conversation.desk_since = now
    conversation.rank_at = max(conversation.rank_at, rulebooks.in_force().rank_at(conversation.severity, now))
    conversation.save(update_fields=["owed_at", "desk_since", "rank_at"])
    _record(conversation, "réponse due", {})
    count("tchat-du", conversation.desk_id, exercise=conversation.dossier.exercise)
    events.queue_changed(conversation)
    return True


# --- waits that grew too long, desks where nobody is


def overflow(*, now: datetime | None = None) -> Counter:
    """By the rules in force: to another desk where somebody is on duty, or the offer of an answer later. Competence
    stays what it was."""
    rules = rulebooks.in_force()
    done: Counter = Counter()
    if not rules.overflows:
        return done
    answered = set(Desk.objects.answered(now=now).values_list("pk", flat=True))
    now = now or timezone.now()
    real = exercises.real_desks()
    soonest = now - timedelta(minutes=min(step.after_minutes for step in rules.overflows))
    waiting = Conversation.objects.live().filter(desk_since__lt=soonest).in_queue_order()
    for key, desk, severity, since, saturated in waiting.values_list(
        "pk", "desk_id", "severity", "desk_since", "saturated_at"
    ):
        step = rulebooks.due(rules, desk=real.get(desk, desk), severity=severity, since=since, now=now)
        if step is None:
            continue
        if desk in real:
            step = exercises.twin_step(step)
        if step.target not in answered:  # nobody moves to an empty desk: the place is kept here until somebody comes
            step = replace(step, target="")
        if not step.target and saturated:
            continue
        if step.target:
            done["moved"] += _each([key], functools.partial(_move_on, step=step, now=now))
        else:
            done["saturated"] += _each([key], functools.partial(_offer_later, desk=desk, now=now))
        if done.total() >= AT_ONCE:
            break
    return done


@transaction.atomic
def _move_on(conversation_id, step: dispatch.Overflow, *, now: datetime) -> bool:
    conversation = locked(conversation_id, wait=False)
    if conversation.state != State.WAITING or conversation.desk_id != step.desk:
        return False
    target = Desk.objects.get(pk=step.target)
    why = f"après {step.after_minutes} min d'attente à « {conversation.desk.name} », passée à « {target.name} »"
    words = f"L'attente était longue : un autre bureau peut aussi vous répondre. {target.name}."
    _bring(conversation, target, why=why, words=words, now=now)
    return True


def _bring(conversation: Conversation, target: Desk, *, why: str, words: str, now: datetime) -> None:
    """To another desk, in the place that waiting has earned."""
    left = conversation.desk_id
    conversation.desk, conversation.desk_since = target, now
    conversation.claim_version += 1
    conversation.reasons = [*conversation.reasons, why]
    conversation.save(update_fields=["desk", "desk_since", "claim_version", "reasons"])
    messages.note(conversation, words, now=now)
    _record(conversation, "tchat débordé", {"de": left, "vers": target.pk})
    count("tchat-deborde", f"{left}>{target.pk}", exercise=conversation.dossier.exercise)
    events.moved(conversation, from_desk=left, from_agent=None)


@transaction.atomic
def _offer_later(conversation_id, *, desk: str, now: datetime | None) -> bool:
    conversation = locked(conversation_id, wait=False)
    if conversation.state != State.WAITING or conversation.desk_id != desk or conversation.saturated_at:
        return False
    now = now or timezone.now()
    conversation.saturated_at = now
    conversation.save(update_fields=["saturated_at"])
    messages.note(
        conversation,
        "Aucun agent n'est libre pour le moment. Vous gardez votre place. "
        "Vous pouvez aussi demander une réponse plus tard ou un rappel.",
        now=now,
    )
    count("tchat-sature", desk, exercise=conversation.dossier.exercise)
    events.queue_changed(conversation)
    return True


def desert(*, now: datetime | None = None) -> Counter:
    """Nobody stays at a desk where nobody is: whoever waits there goes where somebody is on duty, whatever the rules
    say; with nobody anywhere, an answer later is offered."""
    done: Counter = Counter()
    lately = Desk.objects.answered(within=DESERTED, now=now).values("pk")
    waiting = Conversation.objects.live().filter(desk_since__lt=(now or Now()) - DESERTED).exclude(desk__in=lately)
    haven_of = functools.cache(lambda desk: _haven(Desk.objects.get(pk=desk), now))
    for key, desk, saturated in waiting.in_queue_order().values_list("pk", "desk_id", "saturated_at"):
        haven = haven_of(desk)
        if haven:
            done["moved"] += _each([key], functools.partial(_leave, desk=desk, haven=haven, now=now))
        elif not saturated:
            done["saturated"] += _each([key], functools.partial(_offer_later, desk=desk, now=now))
        if done.total() >= AT_ONCE:
            break
    return done


def _haven(desk: Desk, now: datetime | None) -> Desk | None:
    """Where somebody is on duty: of the same force, else the shared desk, the other force, the specialists."""
    found = Desk.objects.kin(desk).exclude(pk=desk.pk).answered(now=now)
    return min(
        found, key=lambda each: (each.institution != desk.institution, HAVENS.index(each.kind), each.pk), default=None
    )


@transaction.atomic
def _leave(conversation_id, *, desk: str, haven: Desk, now: datetime | None) -> bool:
    conversation = locked(conversation_id, wait=False)
    if conversation.state != State.WAITING or conversation.desk_id != desk:
        return False
    why = f"personne n'était en service à « {conversation.desk.name} » : passée à « {haven.name} »"
    words = f"Un autre bureau, où des agents sont présents, va vous répondre. {haven.name}."
    _bring(conversation, haven, why=why, words=words, now=now or timezone.now())
    return True


# --- desks where the guichet gives out the work


def assign_work(*, now: datetime | None = None) -> int:
    """The next in the queue to the agent there who holds the fewest, never above what the desk allows; the gravest by
    one above. With nobody live, one who is answered later to each agent who holds nobody."""
    desks = list(Desk.objects.filter(assignment=Assignment.AUTO))
    return sum(_assign_at(desk, now=now) for desk in desks)


def _assign_at(desk: Desk, *, now: datetime | None) -> int:
    here = Conversation.objects.filter(desk=desk).in_queue_order().values_list("pk", "severity")
    live = list(here.live()[:AT_ONCE])
    waiting = live or list(here.deferred()[:AT_ONCE])
    if not waiting:
        return 0
    on_duty = Presence.objects.on_duty(now=now)
    there = {agent.pk: agent for agent in desk.agents.filter(is_active=True, presence__in=on_duty)}
    held = Counter(Conversation.objects.active().filter(agent__in=there).values_list("agent_id", flat=True))
    given = 0
    for key, severity in waiting:
        free = [agent for pk, agent in there.items() if held[pk] < (places(desk.capacity, severity) if live else 1)]
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
