"""« Qui a ouvert votre dossier » : the audit chain of one dossier in plain words, and the steps it went through."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from guichet.audit.models import Line
from victims.enums import ComplaintState, EvidenceKind
from victims.models import Complaint, Dossier

AGENT = "agent:"
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
    "abus signalé": "a arrêté la conversation et dit pourquoi",
    "plainte commencée": "a commencé une plainte avec vous",
    "plainte préparée": "a préparé votre plainte",
    "plainte lue": "a lu votre plainte",
    "plainte prise en charge": "a pris votre plainte en charge",
    "plainte confiée": "a confié votre plainte à une unité",
    "pièce ajoutée": "a ajouté une pièce",
    "pièce ouverte": "a ouvert une pièce",
    "pièces lues": "a lu la liste de vos pièces",
    "pièce exportée": "a emporté une pièce",
    "dossier exporté": "a emporté votre dossier",
}


CUSTODY = {
    ("victime", "pièce ajoutée"): "Vous l’avez ajoutée.",
    ("victime", "pièce ouverte"): "Vous l’avez ouverte.",
    ("victime", "pièce exportée"): "Vous l’avez emportée avec votre dossier.",
    ("système", "pièce ajoutée"): "Le guichet l’a ajoutée.",
    ("système", "pièce analysée"): "L’antivirus l’a analysée.",
    ("agent", "pièce ajoutée"): "l’a ajoutée.",
    ("agent", "pièce ouverte"): "l’a ouverte.",
    ("agent", "pièce exportée"): "l’a emportée avec le dossier.",
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
    """What agents did, the latest first. The dossier is named by its number only: an agent has no name here."""
    lines = Line.objects.filter(chain=dossier.chain, actor__startswith=AGENT).order_by("-position")[:SHOWN]
    return [
        Visit(f"Agent {line.actor.removeprefix(AGENT)}", WORDS.get(line.verb, f"a fait : {line.verb}"), line.at)
        for line in lines
    ]


def custody_of(dossier: Dossier, pieces) -> dict[str, list[tuple[str, datetime]]]:
    """Piece -> (sentence, when), oldest first: who added, opened and exported it."""
    found: dict[str, list[tuple[str, datetime]]] = {str(piece.pk): [] for piece in pieces}
    for line in Line.objects.filter(chain=dossier.chain, target__in=list(found)).order_by("position"):
        who, _, number = line.actor.partition(":")
        words = CUSTODY.get((who, line.verb))
        if words:
            found[line.target].append((f"Agent {number} {words}" if number else words, line.at))
    return found


def milestones_of(dossier: Dossier, complaint: Complaint | None, conversations) -> list[Milestone]:
    """Where things stand: answers, conversations (given oldest first), complaint."""
    return [
        Milestone("Vos réponses sont reçues", _on(dossier.created_at), "done"),
        *(_talk(conversation) for conversation in conversations),
        _complaint(complaint),
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


def _complaint(complaint: Complaint | None) -> Milestone:
    if complaint is None:
        return Milestone("Votre plainte, si vous le voulez", "Vos réponses y seront déjà reprises")
    if complaint.state == ComplaintState.DRAFT:
        return Milestone("Votre plainte est commencée", f"Brouillon gardé le {_on(complaint.saved_at)}", "now")
    number = f"Numéro {complaint.number}."
    if complaint.state == ComplaintState.WITHDRAWN:
        return Milestone("Vous avez retiré votre plainte", f"{number} {_on(complaint.withdrawn_at)}", "done")
    if complaint.state == ComplaintState.TAKEN_OVER:
        who = complaint.taken_over_by.public_name
        return Milestone("Votre plainte est prise en charge", f"{number} {who}. {_on(complaint.taken_over_at)}", "done")
    return Milestone("Votre plainte est déposée", f"{number} {_on(complaint.filed_at)}", "done")


def receipt_of(complaint: Complaint):
    return complaint.pieces.filter(kind=EvidenceKind.RECEIPT).first()
