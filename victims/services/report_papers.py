"""The report and its acknowledgement on paper, sealed as pieces. No name, and no reference of the dossier."""

from guichet.lib import documents
from victims.diagnosed import threat_names
from victims.enums import EvidenceKind
from victims.models import Evidence, Report
from victims.report_content import WORDS
from victims.services import receipts
from victims.services.complaint_papers import UNKNOWN_SERVICE, listed, paris
from victims.services.dossiers import VICTIM
from victims.services.evidence import add_piece

KINDS = (EvidenceKind.REPORT, EvidenceKind.REPORT_RECEIPT)


def _head(report: Report) -> dict:
    return {
        "number": report.number,
        "filed_at": f"{paris(report.filed_at)} (heure de Paris)",
        "service": str(report.service) if report.service else UNKNOWN_SERVICE,
        "threats": threat_names(report.dossier.diagnosis),
        "pieces": listed(report),
        "exercise": report.dossier.exercise,
    }


def attach_report(report: Report, *, blocks: list[dict]) -> Evidence:
    data = {**_head(report), "sections": blocks, "is_not": WORDS.is_not_fr}
    paper = documents.render("report", data, moment=report.filed_at)
    return _attach(report, EvidenceKind.REPORT, "signalement", paper)


def attach_receipt(report: Report) -> Evidence:
    """Last of all: it lists every other piece with its digest."""
    address = receipts.address_of(report)
    check = {"address": address, "drawing": receipts.drawing_of(address), "digest": receipts.short_digest(report)}
    data = {**_head(report), "next": list(WORDS.next_fr), "is_not": WORDS.is_not_fr, "check": check}
    paper = documents.render("acknowledgement", data, moment=report.filed_at)
    return _attach(report, EvidenceKind.REPORT_RECEIPT, "accuse-de-reception", paper)


def _attach(report: Report, kind: EvidenceKind, name: str, paper: bytes) -> Evidence:
    piece = add_piece(
        dossier=report.dossier,
        kind=kind,
        source=f"signalement:{report.pk}",
        file_name=f"{name}-{report.number}.pdf",
        media_type="application/pdf",
        content=paper,
        actor=VICTIM,
    )
    report.pieces.add(piece)
    return piece
