"""What follows a filed complaint: the unit takes it over, asks, forwards it; the victim adds, answers or withdraws; an
unknown unit is found. Each change is dated, on the audit chain, and told on « Mon dossier ». The complaint itself is
never rewritten. Who may do what, and in which state, is data: `victims/content/states.yaml`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import crypto
from guichet.lib.text import clean_text
from guichet.observatory.services import count
from guichet.territory.models import Service
from victims import rules
from victims.models import Addition, Complaint
from victims.services import mailing, standing
from victims.services.complaints import locked
from victims.services.dossiers import VICTIM, touch
from victims.states import AFTER_FILING, COMPLAINT, Refused

LIMIT = 10_000
__all__ = ["AFTER_FILING", "Refused"]


@dataclass(frozen=True)
class Added:
    """One addition, opened."""

    id: str
    text: str
    at: datetime
    read_at: datetime | None


@transaction.atomic
def take_over(*, complaint: Complaint, agent, now: datetime | None = None) -> Complaint:
    """The unit acknowledges: somebody answers for this complaint from now on. Raises Refused."""
    complaint = locked(complaint.pk)
    if not rules.can_read_complaint(agent, complaint):
        raise Refused("not-yours")
    complaint.state = COMPLAINT.after("take_over", complaint.state, "unit")
    complaint.taken_over_by, complaint.taken_over_at = agent, now or timezone.now()
    complaint.save(update_fields=["state", "taken_over_by", "taken_over_at"])
    _record(complaint, agent.audit_name, "plainte prise en charge")
    mailing.told(COMPLAINT, "take_over", complaint.dossier)
    count("plainte-prise-en-charge", exercise=complaint.dossier.exercise)
    return complaint


@transaction.atomic
def ask(*, complaint: Complaint, agent, text: str, now: datetime | None = None) -> Complaint:
    """The unit needs one thing more from the victim, who answers with an addition. Raises Refused."""
    text = _checked(text)
    complaint = locked(complaint.pk)
    if not rules.can_read_complaint(agent, complaint):
        raise Refused("not-yours")
    complaint.state = COMPLAINT.after("ask", complaint.state, "unit")
    complaint.sealed_question = crypto.seal(complaint.dossier.key, text, bound=complaint.question_bound)
    complaint.asked_at = now or timezone.now()
    complaint.save(update_fields=["state", "sealed_question", "asked_at"])
    _record(complaint, agent.audit_name, "précision demandée")
    mailing.told(COMPLAINT, "ask", complaint.dossier)
    return complaint


def question_of(complaint: Complaint) -> str:
    """What the unit asked last, opened; empty when it asked nothing."""
    if not complaint.sealed_question:
        return ""
    return crypto.unseal(complaint.dossier.key, complaint.sealed_question, bound=complaint.question_bound).decode()


@transaction.atomic
def see_proof(*, complaint: Complaint, agent, now: datetime | None = None) -> Complaint:
    """The unit was shown what gives the right to complain for somebody else; noted once. Raises Refused."""
    complaint = locked(complaint.pk)
    if not rules.can_read_complaint(agent, complaint):
        raise Refused("not-yours")
    COMPLAINT.after("see_proof", complaint.state, "unit")
    if complaint.proof_seen_at or not standing.proof_to_show(complaint):
        raise Refused("no-proof")
    complaint.proof_seen_by, complaint.proof_seen_at = agent, now or timezone.now()
    complaint.save(update_fields=["proof_seen_by", "proof_seen_at"])
    _record(complaint, agent.audit_name, "justificatif vu à l'unité")
    return complaint


@transaction.atomic
def forward(*, complaint: Complaint, agent, now: datetime | None = None) -> Complaint:
    """The unit has done its part: the prosecutor decides what follows. Raises Refused."""
    complaint = locked(complaint.pk)
    if not rules.can_read_complaint(agent, complaint):
        raise Refused("not-yours")
    complaint.state = COMPLAINT.after("forward", complaint.state, "unit")
    complaint.forwarded_at = now or timezone.now()
    complaint.save(update_fields=["state", "forwarded_at"])
    _record(complaint, agent.audit_name, "plainte transmise")
    mailing.told(COMPLAINT, "forward", complaint.dossier)
    count("plainte-transmise", exercise=complaint.dossier.exercise)
    return complaint


@transaction.atomic
def entrust(*, complaint: Complaint, agent, service: Service, now: datetime | None = None) -> Complaint:
    """A supervisor names the unit of a complaint that has none: it then lies in that unit's tray. Raises Refused."""
    complaint = locked(complaint.pk)
    if not rules.can_entrust(agent, complaint):
        raise Refused("not-yours")
    if complaint.service_id:
        raise Refused("has-unit")
    complaint.state = COMPLAINT.after("entrust", complaint.state, "supervisor")
    complaint.service = service
    complaint.save(update_fields=["service"])
    _record(complaint, agent.audit_name, "plainte confiée", {"unité": service.pk})
    return complaint


@transaction.atomic
def add(*, complaint: Complaint, text: str, now: datetime | None = None) -> Addition:
    """The victim adds to a filed complaint; the same text sent twice in a row is kept once. Raises Refused."""
    text = _checked(text)
    complaint = locked(complaint.pk)
    COMPLAINT.after("add", complaint.state, "victim")
    last = complaint.additions.last()
    if last and _opened(last, complaint).text == text:
        return last
    addition = Addition(complaint=complaint, added_at=now or timezone.now())
    addition.sealed_text = crypto.seal(complaint.dossier.key, text, bound=addition.bound)
    addition.save(force_insert=True)
    _record(complaint, VICTIM, "complément ajouté")
    if COMPLAINT.allows("answer", complaint.state, "victim"):
        complaint.state = COMPLAINT.after("answer", complaint.state, "victim")
        complaint.save(update_fields=["state"])
    touch(dossier=complaint.dossier)
    return addition


@transaction.atomic
def withdraw(*, complaint: Complaint, now: datetime | None = None) -> Complaint:
    """The victim withdraws it. The unit still sees that it was there; the law may let the case go on without it."""
    complaint = locked(complaint.pk)
    complaint.state = COMPLAINT.after("withdraw", complaint.state, "victim")
    complaint.withdrawn_at = now or timezone.now()
    complaint.save(update_fields=["state", "withdrawn_at"])
    _record(complaint, VICTIM, "plainte retirée")
    count("plainte-retiree", exercise=complaint.dossier.exercise)
    touch(dossier=complaint.dossier)
    return complaint


def additions_of(complaint: Complaint, *, reader=None, now: datetime | None = None) -> list[Added]:
    """What was added, oldest first. An agent who reads them marks them as read: the victim sees when."""
    found = [_opened(each, complaint) for each in complaint.additions.all()]
    if reader is not None:
        complaint.additions.filter(read_at=None).update(read_at=now or timezone.now())
    return found


def _checked(text: str) -> str:
    text = clean_text(text).strip()
    if not text:
        raise Refused("empty")
    if len(text) > LIMIT:
        raise Refused("too-long")
    return text


def _opened(addition: Addition, complaint: Complaint) -> Added:
    text = crypto.unseal(complaint.dossier.key, bytes(addition.sealed_text), bound=addition.bound).decode()
    return Added(str(addition.pk), text, addition.added_at, addition.read_at)


def _record(complaint: Complaint, actor: str, verb: str, detail: dict | None = None) -> None:
    audit.record(actor=actor, verb=verb, chain=complaint.dossier.chain, target=str(complaint.pk), detail=detail or {})
