"""What the console shows: the queue of an agent's desks, their conversations, one dossier; one statement a list."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from diagnostic import content
from diagnostic.journey import catalogue_of
from guichet.accounts.models import Agent
from guichet.lib.exercise import WORD
from tchat.dispatch import FORCE_DESKS
from tchat.guidance import Lead, leads
from tchat.models import Conversation, Desk, Note, Presence
from tchat.presenters import waited
from tchat.services import alerts, later
from tchat.services.alerts import Raised
from victims.diagnosed import told
from victims.services import ticks

SHOWN = 60
LATE = timedelta(minutes=10)
GRAVE = 4
BESIDE = "avec"
DOUBTS = {
    "partagee": "Les deux forces sont compétentes dans cette commune.",
    "inconnue": "La source officielle ne dit pas quelle force est compétente.",
    "etranger": "La personne habite à l'étranger.",
}
SOURCES = {
    "agent": "transmise par un agent",
    "officielle": "source officielle",
    "partagee": "partagée",
    "inconnue": "à déterminer",
    "etranger": "étranger",
}


@dataclass(frozen=True, slots=True)
class Emergencies:
    """What stands at the top of every page of the console. `calls`: those that this agent may take; they ring."""

    raised: list[Raised]
    calls: int

    @property
    def mark(self) -> str:
        """Changes with what is shown: a page that asks again and again is answered with nothing as long as it holds."""
        seen = [
            (each.alert.pk, each.alert.acknowledged_at, each.alert.conversation.agent_id, each.readable)
            for each in self.raised
        ]
        return f"{crc32(repr(seen).encode()):08x}"


@dataclass(frozen=True, slots=True)
class Board:
    """The left column, the figures and the tabs. `notes`: what others left in the talks held. `trains`: the agent sits
    at desks of exercises."""

    items: list[dict]
    count: int
    tabs: list[dict]
    tiles: list[dict]
    emergencies: Emergencies
    notes: int
    paused_at: datetime | None
    colleagues: list[Presence]
    trains: bool

    @property
    def has_beside(self) -> bool:
        return any(tab["beside"] for tab in self.tabs)

    @property
    def unread(self) -> int:
        return sum(tab["unread"] for tab in self.tabs)


def conversations():
    return Conversation.objects.select_related("dossier__diagnosis", "dossier__commune", "desk", "service", "agent")


def held_by(agent: Agent) -> list[Conversation]:
    """The conversations of an agent, the first taken first, each with `notes_of_others`: what colleagues left there."""
    notes = Note.objects.filter(conversation=OuterRef("pk")).exclude(agent=agent).order_by().values("conversation")
    counted = Coalesce(Subquery(notes.annotate(n=Count("pk")).values("n")), 0)
    return list(conversations().active().filter(agent=agent).annotate(notes_of_others=counted).order_by("taken_at"))


def board(
    agent: Agent,
    *,
    selected: Conversation | None = None,
    beside: Conversation | None = None,
    held: list[Conversation] | None = None,
    seen: dict[str, int] | None = None,
    now: datetime | None = None,
) -> Board:
    """`seen`: how many notes of others were on screen, by conversation."""
    now = now or timezone.now()
    noted = Exists(Note.objects.filter(conversation=OuterRef("pk"), with_transfer=True))
    waiting = list(conversations().queued_for(agent).annotate(noted=noted).in_queue_order()[:SHOWN])
    count = len(waiting)
    if count == SHOWN:
        count = Conversation.objects.queued_for(agent).count()
    mine = held_by(agent) if held is None else held
    chosen = selected.pk if selected else None
    own, colleagues = _there(agent)
    return Board(
        items=[_item(each, now, current=each.pk == chosen) for each in waiting],
        count=count,
        tabs=[_tab(each, selected, beside, seen or {}) for each in mine],
        notes=sum(each.notes_of_others for each in mine),
        tiles=_tiles(waiting, count, len(mine), len(colleagues) + bool(own and own.is_there), now),
        emergencies=emergencies(agent, now=now),
        paused_at=own.paused_at if own else None,
        colleagues=colleagues,
        trains=bool(own and own.trains),
    )


def emergencies(agent: Agent, *, now: datetime | None = None) -> Emergencies:
    raised = alerts.shown_to(agent, now=now)
    return Emergencies(raised, sum(each.waits and agent.pk not in each.told_by for each in raised))


def _there(agent: Agent) -> tuple[Presence | None, list[Presence]]:
    """(the agent's own presence, the colleagues of their desks who are there), each with `trains`: one statement."""
    leased = Q(lease_until__gt=Now())
    colleagues = leased & Q(agent__desks__in=Desk.objects.filter(agents=agent))
    found = Presence.objects.filter(colleagues | Q(agent=agent)).select_related("agent").distinct()
    found = found.annotate(is_there=leased)
    twins = Desk.objects.exclude(stands_for=None).filter(agents=OuterRef("agent"))
    found = found.annotate(trains=Exists(twins)).order_by("agent__service_number")
    others = [each for each in found if each.agent_id != agent.pk]
    return next((each for each in found if each.agent_id == agent.pk), None), others


def address(conversation: Conversation, beside: Conversation | None = None) -> str:
    """At the conversation itself, with another one at its side."""
    second = f"?{BESIDE}={beside.pk}" if beside and beside.pk != conversation.pk else ""
    return f"{reverse('console:conversation', args=[conversation.pk])}{second}#parler"


def place_of(conversation: Conversation) -> str:
    """« Bailleul (59) · PN », with the doubt said."""
    commune = str(conversation.dossier.commune or "Commune inconnue")
    parts = ["Étranger" if conversation.competence_source == "etranger" else commune]
    if conversation.institution:
        parts.append(conversation.institution)
    if conversation.competence_source in {"partagee", "inconnue"}:
        parts.append(SOURCES[conversation.competence_source])
    return " · ".join(parts)


def _item(conversation: Conversation, now: datetime, *, current: bool) -> dict:
    return {
        "href": address(conversation),
        "severity": conversation.severity,
        "title": marked(conversation, conversation.dossier.diagnosis.main_name),
        "text": " · ".join([place_of(conversation), *_marks(conversation)]),
        "wait": waited(conversation.created_at, now),
        "late": now - conversation.created_at > LATE,
        "current": current,
    }


def _marks(conversation: Conversation) -> list[str]:
    """Why an answer is owed now to somebody who is perhaps not in front of the page, and whether a colleague wrote."""
    owed = "à reprendre" if conversation.returned_from_id else "réponse due" if conversation.owed_at else ""
    return [*filter(None, [owed]), *(["avec une note"] if conversation.noted else [])]


def _tab(
    conversation: Conversation, selected: Conversation | None, beside: Conversation | None, seen: dict[str, int]
) -> dict:
    """A click changes the main pane; on the one that stands beside, the two change places."""
    current = selected is not None and conversation.pk == selected.pk
    shown = current or (beside is not None and conversation.pk == beside.pk)
    unread = 0 if shown else max(0, conversation.last_seq - conversation.agent_read)
    new = f"{unread} nouveau{'x' if unread > 1 else ''}"
    short = conversation.dossier.reference.partition("-")[2]
    return {
        "href": address(conversation, selected if shown and not current else beside),
        "short": short,
        "label": marked(conversation, short),
        "name": Truncator(conversation.dossier.diagnosis.main_name).chars(20),
        "current": current,
        "beside": "" if shown or selected is None else address(selected, conversation),
        "unread": unread,
        "note": not current and conversation.notes_of_others > seen.get(str(conversation.pk), 0),
        "badge": new if unread else conversation.severity,
        "tone": "lamp" if unread else "brick" if conversation.severity == GRAVE else "",
    }


def _tiles(waiting: list[Conversation], count: int, mine: int, there: int, now: datetime) -> list[dict]:
    grave = sum(each.severity == GRAVE for each in waiting)
    oldest = max((now - each.created_at for each in waiting), default=timedelta())
    minutes = int(oldest.total_seconds() // 60)
    return [
        {"label": "En attente", "value": count},
        {"label": "Gravité 4 en attente", "value": grave, "hot": grave > 0},
        {"label": "Plus longue attente", "value": minutes, "unit": "min", "hot": oldest > LATE},
        {"label": "Vos conversations", "value": mine},
        {"label": "Agents présents", "value": there},
    ]


def facts_of(diagnosis) -> list[str]:
    """The facts in the words of the content; one that the content no longer knows keeps its id."""
    known = content.published().facts
    return [known[key].label_for(diagnosis.audience) if key in known else key for key in diagnosis.facts]


def dossier_of(conversation: Conversation) -> dict:
    """The right column: what was answered and advised, and why this desk. Nothing that the victim typed."""
    diagnosis = conversation.dossier.diagnosis
    plan = gestures_of(conversation)
    return {
        "names": diagnosis.threat_names,
        "told": told(diagnosis),
        "facts": facts_of(diagnosis),
        "first": [action for action in plan if action["first"]],
        "later": [action for action in plan if not action["first"]],
        "ticked": sum(bool(action["done"]) for action in plan),
        "actions": len(plan),
        "offences": _offences(diagnosis),
        "pairs": _pairs(conversation),
        "severity": f"Gravité {conversation.severity} sur 4",
        "tone": "brick" if conversation.severity == GRAVE else "lamp" if conversation.severity == GRAVE - 1 else "",
        "doubt": DOUBTS.get(conversation.competence_source, ""),
    }


def leads_of(conversation: Conversation) -> list[Lead]:
    """What to ask next, by the version of the tree that the person answered."""
    diagnosis = conversation.dossier.diagnosis
    answers = {node: tuple(ids) for node, ids in diagnosis.answers.items()}
    return leads(catalogue_of(diagnosis.tree_version), answers)


def gestures_of(conversation: Conversation) -> list[dict]:
    """The plan as the victim ticks it: what is done, and when."""
    done = ticks.done(conversation.dossier)
    return [action | {"done": done.get(action["id"])} for action in conversation.dossier.diagnosis.plan]


def _pairs(conversation: Conversation) -> list[tuple[str, str]]:
    source = SOURCES.get(conversation.competence_source, conversation.competence_source)
    force = conversation.get_institution_display() or "Force à déterminer"
    return [
        ("Commune", str(conversation.dossier.commune or "Inconnue")),
        ("Compétence", f"{force} ({source})"),
        ("Unité", str(conversation.service or "À déterminer")),
        ("Bureau", conversation.desk.name),
        *_callback(conversation),
    ]


def _callback(conversation: Conversation) -> list[tuple[str, str]]:
    """The number is shown to the agent who holds the conversation, never before."""
    phone = later.callback_of(conversation) if conversation.agent_id else ""
    return [("Rappeler au", phone)] if phone else []


def _offences(diagnosis) -> list[str]:
    catalogue = content.published()
    threats = [catalogue.threats[key] for key in diagnosis.threats if key in catalogue.threats]
    ids = dict.fromkeys(key for threat in threats for key in threat.offences)
    return [f"{catalogue.offences[key].name} ({catalogue.offences[key].article})" for key in ids]


def transfer_targets(conversation: Conversation) -> tuple[list[Desk], list[Desk]]:
    """(the other force, the other desks)."""
    others = [desk for desk in Desk.objects.kin(conversation.desk) if desk.pk != conversation.desk_id]
    forces = set(FORCE_DESKS.values())
    return [each for each in others if _real(each) in forces], [each for each in others if _real(each) not in forces]


def _real(desk: Desk) -> str:
    return desk.stands_for_id or desk.pk


def marked(conversation: Conversation, text: str) -> str:
    """An exercise says so before anything else."""
    return f"{WORD} · {text}" if conversation.dossier.exercise else text
