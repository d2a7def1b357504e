"""What follows a filed complaint: the unit takes it over, the victim adds to it or withdraws it, an unknown unit is
found. Each change is dated, on the audit chain, and told on « Mon dossier ». The complaint itself is never rewritten.

| from | what | who | to |
|---|---|---|---|
| deposee | prise en charge | an agent of the competent unit, or who holds the dossier | prise-en-charge |
| deposee | confiée à une unité | a supervisor, where no unit is known | deposee |
| deposee, prise-en-charge | complément | the victim | unchanged |
| deposee, prise-en-charge | retrait | the victim | retiree |
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
from victims.enums import ComplaintState
from victims.models import Addition, Complaint
from victims.services.complaints import locked
from victims.services.dossiers import VICTIM, touch

LIMIT = 10_000
AFTER_FILING = (ComplaintState.FILED, ComplaintState.TAKEN_OVER)


class Refused(Exception):
    """What the state of the complaint, or the right of who asks, does not allow. The text is for a person."""

    TEXTS = {
        "not-filed": "Cette plainte n'est pas déposée, ou elle est retirée.",
        "not-yours": "Cette plainte est destinée à une autre unité.",
        "taken": "Cette plainte est déjà prise en charge.",
        "empty": "Écrivez ce que vous voulez ajouter.",
        "too-long": "Ce texte dépasse 10 000 caractères. Ajoutez-le en plusieurs fois.",
        "has-unit": "Cette plainte a déjà son unité.",
    }

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code
        self.text = self.TEXTS[code]


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
    if complaint.state == ComplaintState.TAKEN_OVER:
        raise Refused("taken")
    if complaint.state != ComplaintState.FILED:
        raise Refused("not-filed")
    complaint.state, complaint.taken_over_by = ComplaintState.TAKEN_OVER, agent
    complaint.taken_over_at = now or timezone.now()
    complaint.save(update_fields=["state", "taken_over_by", "taken_over_at"])
    _record(complaint, agent.audit_name, "plainte prise en charge")
    count("plainte-prise-en-charge")
    return complaint


@transaction.atomic
def entrust(*, complaint: Complaint, agent, service: Service, now: datetime | None = None) -> Complaint:
    """A supervisor names the unit of a complaint that has none: it then lies in that unit's tray. Raises Refused."""
    complaint = locked(complaint.pk)
    if not rules.can_entrust(agent, complaint):
        raise Refused("not-yours")
    if complaint.service_id:
        raise Refused("has-unit")
    if complaint.state not in AFTER_FILING:
        raise Refused("not-filed")
    complaint.service = service
    complaint.save(update_fields=["service"])
    _record(complaint, agent.audit_name, "plainte confiée", {"unité": service.pk})
    return complaint


@transaction.atomic
def add(*, complaint: Complaint, text: str, now: datetime | None = None) -> Addition:
    """The victim adds to a filed complaint; the same text sent twice in a row is kept once. Raises Refused."""
    text = clean_text(text).strip()
    if not text:
        raise Refused("empty")
    if len(text) > LIMIT:
        raise Refused("too-long")
    complaint = locked(complaint.pk)
    if complaint.state not in AFTER_FILING:
        raise Refused("not-filed")
    last = complaint.additions.last()
    if last and _opened(last, complaint).text == text:
        return last
    addition = Addition(complaint=complaint, added_at=now or timezone.now())
    addition.sealed_text = crypto.seal(complaint.dossier.key, text, bound=addition.bound)
    addition.save(force_insert=True)
    _record(complaint, VICTIM, "complément ajouté")
    touch(dossier=complaint.dossier)
    return addition


@transaction.atomic
def withdraw(*, complaint: Complaint, now: datetime | None = None) -> Complaint:
    """The victim withdraws it. The unit still sees that it was there; the law may let the case go on without it."""
    complaint = locked(complaint.pk)
    if complaint.state not in AFTER_FILING:
        raise Refused("not-filed")
    complaint.state, complaint.withdrawn_at = ComplaintState.WITHDRAWN, now or timezone.now()
    complaint.save(update_fields=["state", "withdrawn_at"])
    _record(complaint, VICTIM, "plainte retirée")
    count("plainte-retiree")
    touch(dossier=complaint.dossier)
    return complaint


def additions_of(complaint: Complaint, *, reader=None, now: datetime | None = None) -> list[Added]:
    """What was added, oldest first. An agent who reads them marks them as read: the victim sees when."""
    found = [_opened(each, complaint) for each in complaint.additions.all()]
    if reader is not None:
        complaint.additions.filter(read_at=None).update(read_at=now or timezone.now())
    return found


def _opened(addition: Addition, complaint: Complaint) -> Added:
    text = crypto.unseal(complaint.dossier.key, bytes(addition.sealed_text), bound=addition.bound).decode()
    return Added(str(addition.pk), text, addition.added_at, addition.read_at)


def _record(complaint: Complaint, actor: str, verb: str, detail: dict | None = None) -> None:
    audit.record(actor=actor, verb=verb, chain=complaint.dossier.chain, target=str(complaint.pk), detail=detail or {})
