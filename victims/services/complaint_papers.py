"""The complaint and its receipt on paper, sealed as pieces of the dossier."""

from django.utils import timezone

from guichet.lib import documents
from guichet.lib.text import readable_size
from victims.complaint_form import NOTICES
from victims.diagnosed import threat_names
from victims.enums import EvidenceKind
from victims.models import Complaint, Evidence, Report
from victims.services import blocks as blocks_service
from victims.services import identities, receipts
from victims.services.evidence import add_piece

UNKNOWN_SERVICE = "Service à déterminer : la compétence de votre commune n’est pas connue"
NEXT = (
    "Dans un service réel, un agent du service destinataire lirait votre plainte et la signerait.",
    "Il pourrait vous rappeler, ou vous proposer un rendez-vous. Vous pouvez demander à être entendu.",
    "Vous gardez l’accès à votre dossier et à ces pièces, avec votre référence et votre code.",
    "Vous pouvez être aidé gratuitement par France Victimes, au 116 006.",
)


def paris(moment) -> str:
    return timezone.localtime(moment).strftime("%d/%m/%Y à %H h %M") if moment else ""


def _head(complaint: Complaint) -> dict:
    return {
        "number": complaint.number,
        "filed_at": f"{paris(complaint.filed_at)} (heure de Paris)",
        "dossier": complaint.dossier.reference,
        "service": str(complaint.service) if complaint.service else UNKNOWN_SERVICE,
        "threats": threat_names(complaint.dossier.diagnosis),
        "exercise": complaint.dossier.exercise,
    }


def listed(record: Complaint | Report) -> list[dict]:
    return [
        {
            "kind": piece.get_kind_display(),
            "name": piece.name,
            "size": readable_size(piece.size),
            "sha256": piece.sha256,
        }
        for piece in record.pieces.select_related("dossier").order_by("added_at", "pk")
    ]


def _complaint(complaint: Complaint, blocks: list[dict]) -> dict:
    agent = complaint.prepared_by
    identity = identities.latest(complaint.dossier)
    return {
        **_head(complaint),
        "prepared": f"préparée avec {agent.public_name}, complétée par la victime" if agent else "par la victime",
        "identity": identities.told(identity),
        "verified": identities.rows_of(identity) if identity else [],
        "sections": blocks,
        "notices_read_at": paris(complaint.notices_read_at),
        "confirmed": blocks_service.open_document(complaint).get("begun", {}).get("confirmed", []),
        "notices": [{"text": each.text_fr, "source": each.source} for each in NOTICES.notices],
        "truth": {"text": NOTICES.truth.text_fr, "source": NOTICES.truth.source},
        "pieces": listed(complaint),
    }


def _receipt(complaint: Complaint) -> dict:
    address = receipts.address_of(complaint)
    check = {"address": address, "drawing": receipts.drawing_of(address), "digest": receipts.short_digest(complaint)}
    return {**_head(complaint), "pieces": listed(complaint), "next": list(NEXT), "check": check}


def _attach(complaint: Complaint, kind: EvidenceKind, name: str, paper: bytes, actor: str) -> Evidence:
    piece = add_piece(
        dossier=complaint.dossier,
        kind=kind,
        source=f"plainte:{complaint.pk}",
        file_name=f"{name}-{complaint.number}.pdf",
        media_type="application/pdf",
        content=paper,
        actor=actor,
    )
    complaint.pieces.add(piece)
    return piece


def attach_complaint(complaint: Complaint, *, blocks: list[dict], actor: str) -> Evidence:
    """Under the filing lock, after the transcripts: the paper names the pieces that came before it."""
    paper = documents.render("complaint", _complaint(complaint, blocks), moment=complaint.filed_at)
    return _attach(complaint, EvidenceKind.COMPLAINT, "plainte", paper, actor)


def attach_receipt(complaint: Complaint, *, actor: str) -> Evidence:
    """Last of all: it lists every other piece with its digest."""
    paper = documents.render("receipt", _receipt(complaint), moment=complaint.filed_at)
    return _attach(complaint, EvidenceKind.RECEIPT, "recepisse", paper, actor)
