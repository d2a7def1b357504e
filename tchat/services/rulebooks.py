"""The rules of the queue: read those in force, draft others, check them, try them on past arrivals, publish them."""

import functools
import itertools
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from diagnostic import content
from guichet.audit import services as audit
from tchat import dispatch
from tchat.enums import RulebookState
from tchat.exceptions import Refusal
from tchat.models import Conversation, Desk, Overflow, Rule, Rulebook

REHEARSED_DAYS = 30
FRESH = timedelta(hours=24)


def in_force() -> dispatch.Rules:
    """The published rules, or those of the code. Three statements: somebody asks for the tchat, not a hot path."""
    book = Rulebook.objects.filter(state=RulebookState.IN_FORCE).first()
    return rules_of(book) if book else dispatch.DEFAULT


def rules_of(book: Rulebook) -> dispatch.Rules:
    return dispatch.Rules(
        rules=tuple(_rule(row) for row in book.rules.all()),
        overflows=tuple(
            dispatch.Overflow(row.desk_id, row.after_minutes, row.target_id or "", row.min_severity)
            for row in book.overflows.all()
        ),
        head_starts={2: book.head_start_2, 3: book.head_start_3, 4: book.head_start_4},
        rulebook_id=book.pk,
    )


def _rule(row: Rule) -> dispatch.Rule:
    return dispatch.Rule(
        row.desk_id,
        where=row.where,
        service_id=row.service_id,
        threats=frozenset(row.threats),
        facts=frozenset(row.facts),
        min_severity=row.min_severity,
        weekdays=frozenset(row.weekdays),
        opens=row.opens,
        closes=row.closes,
        reason=row.reason,
    )


@transaction.atomic
def draft(*, author, name: str) -> Rulebook:
    """A draft that says what the rules in force say, to be changed."""
    rules = in_force()
    book = Rulebook.objects.create(
        name=name,
        author=author,
        **{f"head_start_{severity}": minutes for severity, minutes in rules.head_starts.items()},
    )
    for place, rule in enumerate(rules.rules, 1):
        Rule.objects.create(
            rulebook=book,
            order=place * 10,
            desk_id=rule.desk,
            where=rule.where,
            service_id=rule.service_id,
            threats=sorted(rule.threats),
            facts=sorted(rule.facts),
            min_severity=rule.min_severity,
            weekdays=sorted(rule.weekdays),
            opens=rule.opens,
            closes=rule.closes,
            reason=rule.reason,
        )
    for step in rules.overflows:
        Overflow.objects.create(
            rulebook=book,
            desk_id=step.desk,
            min_severity=step.min_severity,
            after_minutes=step.after_minutes,
            target_id=step.target or None,
        )
    return book


def problems(book: Rulebook) -> list[str]:
    """What forbids to publish, in plain words; empty when nothing does."""
    rules = rules_of(book)
    found = []
    if not rules.rules or not rules.rules[-1].always_holds:
        found.append("La dernière règle doit valoir pour tous, sans condition.")
    found += [f"Après la règle {place}, rien ne sert : elle vaut déjà pour tous." for place in _useless(rules)]
    catalogue = content.published()
    for place, rule in enumerate(rules.rules, 1):
        unknown = sorted((rule.threats - set(catalogue.threats)) | (rule.facts - set(catalogue.facts)))
        found += [f"Règle {place} : « {name} » n'est ni une atteinte ni un fait du catalogue." for name in unknown]
        if not rule.weekdays <= set(range(1, 8)):
            found.append(f"Règle {place} : les jours vont de 1 (lundi) à 7 (dimanche).")
    starts = [rules.head_starts.get(severity, 0) for severity in range(1, 5)]
    if starts != sorted(starts):
        found.append("Une gravité plus haute ne peut pas avoir moins d'avance qu'une plus basse.")
    if loop := _loop(rules):
        found.append(f"Les débordements tournent en rond : {' → '.join(loop)}.")
    return [*found, *_empty_desks(rules)]


def _useless(rules: dispatch.Rules) -> list[int]:
    return [place for place, rule in enumerate(rules.rules[:-1], 1) if rule.always_holds]


def _empty_desks(rules: dispatch.Rules) -> list[str]:
    """A desk that nobody answers must not receive anyone."""
    named = {rule.desk for rule in rules.rules} | {step.target for step in rules.overflows if step.target}
    staffed = set(Desk.objects.filter(agents__is_active=True).values_list("pk", flat=True))
    names = dict(Desk.objects.values_list("pk", "name"))
    return [f"Personne ne répond au bureau « {names[desk]} »." for desk in sorted(named - staffed)]


def _loop(rules: dispatch.Rules) -> list[str]:
    """Desks that would send somebody round for ever."""
    after: dict[str, set[str]] = {}
    for step in rules.overflows:
        if step.target:
            after.setdefault(step.desk, set()).add(step.target)

    def walk(desk: str, path: list[str]) -> list[str]:
        if desk in path:
            return [*path[path.index(desk) :], desk]
        return next((found for target in sorted(after.get(desk, ())) if (found := walk(target, [*path, desk]))), [])

    return next((found for desk in sorted(after) if (found := walk(desk, []))), [])


@dataclass(frozen=True)
class Rehearsal:
    """What the draft would have done to the arrivals of the last days. `moves`: (before, after) → how many."""

    arrivals: int
    before: Counter
    after: Counter
    moves: Counter
    ranks: int

    @property
    def changed(self) -> int:
        return sum(n for (before, after), n in self.moves.items() if before != after)


def rehearse(*, book: Rulebook, days: int = REHEARSED_DAYS, now: datetime | None = None) -> Rehearsal:
    """Every arrival of the last days, sent again by the rules in force and by the draft, at its own hour.

    Competence is that of today's edition. `ranks`: pairs of neighbours in time that would change order.
    """
    now = now or timezone.now()
    place_of = functools.cache(lambda commune, abroad: dispatch.find_place(commune=commune, abroad=abroad))
    old, new = in_force(), rules_of(book)
    moves: Counter = Counter()
    asked = []
    real = Conversation.objects.filter(dossier__exercise=False)
    arrivals = real.filter(created_at__gt=now - timedelta(days=days)).select_related("dossier__diagnosis")
    for one in arrivals.order_by("created_at").iterator(chunk_size=500):
        matter = {
            "place": place_of(one.dossier.commune_id or "", one.dossier.abroad),
            "threat": one.threat,
            "severity": one.severity,
            "facts": frozenset(one.dossier.diagnosis.facts),
            "when": one.created_at,
        }
        moves[dispatch.decide(**matter, rules=old).desk, dispatch.decide(**matter, rules=new).desk] += 1
        asked.append((one.severity, one.created_at))
    swapped = sum(
        (old.rank_at(*first) < old.rank_at(*second)) != (new.rank_at(*first) < new.rank_at(*second))
        for first, second in itertools.pairwise(asked)
    )
    Rulebook.objects.filter(pk=book.pk).update(rehearsed_at=now)
    before, after = Counter(), Counter()
    for (left, right), n in moves.items():
        before[left] += n
        after[right] += n
    return Rehearsal(sum(moves.values()), before, after, moves, swapped)


@transaction.atomic
def publish(*, book: Rulebook, agent, now: datetime | None = None) -> Rulebook:
    """In force from now on, for whoever asks next. Raises Refusal: not a draft, unsound, not tried since its change."""
    now = now or timezone.now()
    book = Rulebook.objects.select_for_update().get(pk=book.pk)
    if book.state == RulebookState.IN_FORCE:
        raise Refusal("rules-in-force")
    if problems(book):
        raise Refusal("rules-unsound")
    if not book.rehearsed_at or book.rehearsed_at < book.updated_at or now - book.rehearsed_at > FRESH:
        raise Refusal("rules-untried")
    Rulebook.objects.filter(state=RulebookState.IN_FORCE).update(state=RulebookState.RETIRED)
    book.state, book.published_at = RulebookState.IN_FORCE, now
    book.save(update_fields=["state", "published_at"])
    audit.record(actor=agent.audit_name, verb="règlement publié", target=str(book.pk), detail={"nom": book.name})
    return book


def due(rules: dispatch.Rules, *, desk: str, severity: int, since: datetime, now: datetime) -> dispatch.Overflow | None:
    """The step that this wait at this desk has reached; the last one when several have."""
    reached = [
        step
        for step in rules.overflows
        if step.desk == desk and severity >= step.min_severity and now - since >= timedelta(minutes=step.after_minutes)
    ]
    return max(reached, key=lambda step: step.after_minutes, default=None)
