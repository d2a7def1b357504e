"""Is this paper ours? Answered from the digests of the pieces: nothing personal is read, or said."""

import io
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import segno
from django.conf import settings

from victims.enums import EvidenceKind
from victims.models import Complaint, Evidence

SHORT = 16
PAPERS = (EvidenceKind.COMPLAINT, EvidenceKind.RECEIPT, EvidenceKind.TRANSCRIPT)


@dataclass(frozen=True)
class Genuine:
    what: str
    at: datetime
    digest: str


def short_digest(complaint: Complaint) -> str:
    """Of the filed complaint, which itself lists the digests of its pieces: the receipt cannot hold its own."""
    paper = complaint.pieces.filter(kind=EvidenceKind.COMPLAINT).first()
    return paper.sha256[:SHORT] if paper else ""


def address_of(complaint: Complaint) -> str:
    origin = settings.ORIGINS[0] if settings.ORIGINS else "http://127.0.0.1:8000"
    return f"{origin}/verifier/?{urlencode({'numero': complaint.number, 'empreinte': short_digest(complaint)})}"


def drawing_of(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=4, light="#fff", dark="#000", xmldecl=False
    )
    return out.getvalue().decode()


def receipt_known(*, number: str, digest: str) -> Genuine | None:
    found = Complaint.objects.filter(number=number, dossier__erased_at=None).first()
    if found is None or len(digest) != SHORT or short_digest(found) != digest:
        return None
    return Genuine("Récépissé", found.filed_at, digest)


def paper_known(sha256: str) -> Genuine | None:
    found = Evidence.objects.filter(sha256=sha256, kind__in=PAPERS, dossier__erased_at=None).first()
    return found and Genuine(found.get_kind_display(), found.added_at, sha256)
