"""« Qui a ouvert votre dossier » : the audit chain of one dossier in plain words, and the steps it went through."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from guichet.audit.models import Line
from victims.enums import ComplaintState, EvidenceKind, ReportState
from victims.models import Complaint, Dossier, Report
from victims.services import pdf_seals
from victims.states import COMPLAINT, REPORT, Machine

AGENT, COMPANION = "agent:", "accompagnant:"
SHOWN = 50
WORDS = {
    "dossier attribué": "a reçu la charge de votre dossier",
    "dossier rendu": "n'a plus la charge de votre dossier",
    "dossier lu": "a lu votre dossier",
    "tchat pris": "a rejoint votre conversation",
    "tchat lu": "a lu votre conversation",
    "tchat clos": "a terminé votre conversation",
    "tchat rendu": "a rendu votre conversation à la file",
    "tchat transféré": "a transmis votre conversation",
    "tchat suivi": "a lu votre conversation en même temps que l'agent",
    "tchat passé en tête": "vous a fait passer en premier dans la file",
    "note ajoutée": "a écrit une note pour ses collègues",
    "urgence donnée": "a demandé une aide urgente pour vous",
    "urgence prise en compte": "a pris en charge cette demande d'aide urgente",
    "rendez-vous proposé": "vous a proposé un rendez-vous",
    "rendez-vous annulé": "a annulé votre rendez-vous",
    "liens consultés": "a cherché des dossiers qui parlent du même auteur",
    "abus signalé": "a arrêté la conversation et dit pourquoi",
    "plainte commencée": "a commencé une plainte avec vous",
    "plainte préparée": "a préparé votre plainte",
    "plainte lue": "a lu votre plainte",
    "plainte prise en charge": "a pris votre plainte en charge",
    "plainte confiée": "a confié votre plainte à une unité",
    "identité vérifiée à l'unité": "a vérifié votre identité à l'unité",
    "justificatif vu à l'unité": "a vu votre justificatif à l'unité",
    "précision demandée": "vous a demandé une précision",
    "plainte transmise": "a transmis votre plainte au procureur",
    "signalement lu": "a lu votre signalement",
    "signalement pris en compte": "a pris votre signalement en compte",
    "différend lu": "a lu votre différend avec un prestataire",
    "différend répondu": "a répondu à votre différend avec un prestataire",
    "pièce ajoutée": "a ajouté une pièce",
    "pièce ouverte": "a ouvert une pièce",
    "aperçu vu": "a vu l'image d'une pièce",
    "pièces lues": "a lu la liste de vos pièces",
    "pièce exportée": "a emporté une pièce",
    "dossier exporté": "a emporté votre dossier",
    "accompagnant venu": "est venu vous aider, avec son code",
    "accès ouvert": "a ouvert votre dossier",
    "accès fermé": "a fermé votre dossier",
    "a agi dans le dossier": "a écrit ou coché dans votre dossier",
}


CUSTODY = {
    ("victime", "pièce ajoutée"): "Vous l’avez ajoutée.",
    ("victime", "pièce ouverte"): "Vous l’avez ouverte.",
    ("victime", "pièce exportée"): "Vous l’avez emportée avec votre dossier.",
    ("système", "pièce ajoutée"): "Le guichet l’a ajoutée.",
    ("système", "pièce analysée"): "L’antivirus l’a analysée.",
    ("système", "pièce datée"): "Un tiers l’a datée, après coup. Le fichier n’a pas changé.",
    ("accompagnant", "pièce ajoutée"): "l’a ajoutée.",
    ("accompagnant", "pièce ouverte"): "l’a ouverte.",
    ("agent", "pièce ajoutée"): "l’a ajoutée.",
    ("agent", "pièce ouverte"): "l’a ouverte.",
    ("accompagnant", "aperçu vu"): "en a vu l’image.",
    ("agent", "aperçu vu"): "en a vu l’image.",
    ("agent", "pièce exportée"): "l’a emportée avec le dossier.",
}
SEALS = {
    pdf_seals.DATED: "Scellée, et datée par un tiers.",
    pdf_seals.UNDATED: "Scellée, sans date d’un tiers.",
    pdf_seals.UNSEALED: "Le sceau n’a pas pu être mis. L’empreinte reste vérifiable.",
}


@dataclass(frozen=True)
class Visit:
    """One thing an agent did on the dossier."""

    who: str
    what: str
    at: datetime


@dataclass(frozen=True)
class Milestone:
    title: str
    text: str
    state: str = ""  # "done", "now", or nothing: still to come


def _on(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y, H \\h i")


def visits_of(dossier: Dossier) -> list[Visit]:
    """What agents and companions did, the latest first. An agent has no name here, a companion has a number."""
    others = Q(actor__startswith=AGENT) | Q(actor__startswith=COMPANION)
    lines = Line.objects.filter(others, chain=dossier.chain).order_by("-position")[:SHOWN]
    return [Visit(_who(line.actor), WORDS.get(line.verb, f"a fait : {line.verb}"), line.at) for line in lines]


def _who(actor: str) -> str:
    kind, _, number = actor.partition(":")
    return f"{kind.capitalize()} {number}"


def custody_of(dossier: Dossier, pieces) -> dict[str, list[tuple[str, datetime]]]:
    """Piece -> (sentence, when), oldest first: who added, opened and exported it."""
    found: dict[str, list[tuple[str, datetime]]] = {str(piece.pk): [] for piece in pieces}
    for line in Line.objects.filter(chain=dossier.chain, target__in=list(found)).order_by("position"):
        who, _, number = line.actor.partition(":")
        words = CUSTODY.get((who, line.verb))
        if words:
            found[line.target].append((f"{_who(line.actor)} {words}" if number else words, line.at))
        if seal := SEALS.get(line.detail.get("sceau")):
            found[line.target].append((seal, line.at))
    return found


def milestones_of(
    dossier: Dossier, complaint: Complaint | None, conversations, report: Report | None = None
) -> list[Milestone]:
    """Where things stand: answers, conversations (given oldest first), report, complaint."""
    return [
        Milestone("Vos réponses sont reçues", _on(dossier.created_at), "done"),
        *(_talk(conversation) for conversation in conversations),
        *_report(report),
        *_complaint(complaint),
    ]


def _talk(conversation) -> Milestone:
    desk = conversation.desk.name
    if conversation.closed_at:
        outcome = f" {conversation.get_outcome_display()}." if conversation.outcome else ""
        return Milestone("Vous avez échangé par écrit", f"{desk}.{outcome} {_on(conversation.closed_at)}", "done")
    if conversation.taken_at:
        who = conversation.agent.public_name
        return Milestone("Vous échangez par écrit", f"{who}. {_on(conversation.taken_at)}", "now")
    return Milestone("Un agent va vous lire", f"{desk}. {_on(conversation.created_at)}", "now")


def _report(report: Report | None) -> list[Milestone]:
    if report is None:
        return []
    if report.state == ReportState.DRAFT:
        return [Milestone(REPORT.states[report.state].told_fr, f"Brouillon gardé le {_on(report.saved_at)}", "now")]
    steps = [(ReportState.FILED, report.filed_at), (ReportState.NOTED, report.noted_at)]
    steps.append((ReportState.WITHDRAWN, report.withdrawn_at))
    return _dated(REPORT, steps, f"Numéro {report.number}.", {})


def _complaint(complaint: Complaint | None) -> list[Milestone]:
    """One step for each change, dated; the last one is where it stands."""
    if complaint is None:
        return [Milestone("Votre plainte, si vous le voulez", "Vos réponses y seront déjà reprises")]
    if complaint.state == ComplaintState.DRAFT:
        told = COMPLAINT.states[complaint.state].told_fr
        return [Milestone(told, f"Brouillon gardé le {_on(complaint.saved_at)}", "now")]
    who = {ComplaintState.TAKEN_OVER: complaint.taken_over_by.public_name} if complaint.taken_over_at else {}
    asked = complaint.asked_at if complaint.state == ComplaintState.QUESTIONED else None
    steps = [
        (ComplaintState.FILED, complaint.filed_at),
        (ComplaintState.TAKEN_OVER, complaint.taken_over_at),
        (ComplaintState.QUESTIONED, asked),
        (ComplaintState.FORWARDED, complaint.forwarded_at),
        (ComplaintState.WITHDRAWN, complaint.withdrawn_at),
    ]
    return _dated(COMPLAINT, steps, f"Numéro {complaint.number}.", who)


def _dated(machine: Machine, steps, number: str, who: dict) -> list[Milestone]:
    found = []
    for state, moment in steps:
        if moment:
            by = f"{who[state]}. " if state in who else ""
            first = "" if found else f"{number} "
            mark = "now" if state == ComplaintState.QUESTIONED else "done"
            found.append(Milestone(machine.states[state].told_fr, f"{first}{by}{_on(moment)}", mark))
    return found


def receipt_of(complaint: Complaint):
    return complaint.pieces.filter(kind=EvidenceKind.RECEIPT).first()
