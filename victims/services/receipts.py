"""Is this paper ours? Answered from the digests of the pieces: nothing personal is read, or said."""

import io
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import segno
from django.conf import settings

from victims.enums import EvidenceKind
from victims.models import Complaint, Evidence, Report
from victims.services.evidence import PAPERS

SHORT = 16
FILED = {Complaint: (EvidenceKind.COMPLAINT, "Récépissé"), Report: (EvidenceKind.REPORT, "Accusé de réception")}


@dataclass(frozen=True)
class Genuine:
    what: str
    at: datetime
    digest: str


def short_digest(record: Complaint | Report) -> str:
    """Of the filed paper, which itself lists the digests of its pieces: the receipt cannot hold its own."""
    paper = record.pieces.filter(kind=FILED[type(record)][0]).first()
    return paper.sha256[:SHORT] if paper else ""


def address_of(record: Complaint | Report) -> str:
    origin = settings.ORIGINS[0] if settings.ORIGINS else "http://127.0.0.1:8000"
    return f"{origin}/verifier/?{urlencode({'numero': record.number, 'empreinte': short_digest(record)})}"


def drawing_of(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=4, light="#fff", dark="#000", xmldecl=False
    )
    return out.getvalue().decode()


def receipt_known(*, number: str, digest: str) -> Genuine | None:
    for model, (_, title) in FILED.items():
        found = model.objects.select_related("dossier").filter(number=number, dossier__erased_at=None).first()
        if found and len(digest) == SHORT and short_digest(found) == digest:
            return Genuine(_marked(found.dossier, title), found.filed_at, digest)
    return None


def paper_known(sha256: str) -> Genuine | None:
    known = Evidence.objects.select_related("dossier").filter(sha256=sha256, kind__in=PAPERS)
    found = known.filter(dossier__erased_at=None).first()
    return found and Genuine(_marked(found.dossier, found.get_kind_display()), found.added_at, sha256)


def _marked(dossier, what: str) -> str:
    """The paper of an exercise is ours, and proves nothing about anybody."""
    return f"{what} d'exercice" if dossier.exercise else what
