"""The whole file as one zip that proves itself: stored in a fixed order, one piece in memory at a time.

The layout and every check stand in `victims/verifier.py`, which travels inside as `verify.py`.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.utils import timezone

from guichet.audit import services as audit
from guichet.audit.models import Chain
from guichet.lib import crypto
from victims import verifier
from victims.enums import ComplaintState, EvidenceKind, ReportState
from victims.models import Complaint, Dossier, Evidence, Report, Stamp
from victims.services import blocks, complaints, evidence, plan_papers, referral_papers, reports, seals
from victims.services.scanning import is_awaited

EXPORTED = "dossier exporté"
FOLDERS = {
    EvidenceKind.COMPLAINT: "plainte",
    EvidenceKind.RECEIPT: "plainte",
    EvidenceKind.REPORT: "signalement",
    EvidenceKind.REPORT_RECEIPT: "signalement",
    EvidenceKind.TRANSCRIPT: "transcriptions",
    EvidenceKind.TRANSCRIPT_DATA: "transcriptions",
}
VERIFIER = Path(verifier.__file__)
ENDING, ANSWER = ".tsr", "application/timestamp-reply"


def software() -> str:
    try:
        return version("guichet")
    except PackageNotFoundError:
        return "source"


def file_name(dossier: Dossier) -> str:
    return f"dossier-{dossier.reference}.zip"


def _json(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def _diagnosis(dossier: Dossier) -> dict:
    found = dossier.diagnosis
    names = ("tree_version", "audience", "answers", "path", "facts", "threats", "threat_names", "severity")
    return {"made_at": found.created_at.isoformat(), **{name: getattr(found, name) for name in names}}


def _complaint(complaint: Complaint) -> dict:
    return {
        "number": complaint.number,
        "state": complaint.state,
        "filed_at": complaint.filed_at.isoformat(),
        "service": str(complaint.service or ""),
        "begun": complaints.begun_with(complaint),
        "typed": complaints.read_form(complaint),
        "shown": complaints.present(complaint),
    }


def _report(report: Report) -> dict:
    return {
        "number": report.number,
        "state": report.state,
        "filed_at": report.filed_at.isoformat(),
        "service": str(report.service or ""),
        "complaint": report.complaint.number if report.complaint else "",
        "typed": blocks.read_form(report),
        "shown": reports.present(report),
    }


def _journal(dossier: Dossier) -> dict:
    head = Chain.objects.get(name=dossier.chain)
    names = ("position", "actor", "verb", "target", "detail", "digest")
    lines = head.lines.filter(position__lte=head.length).order_by("position")
    return {
        "length": head.length,
        "head": head.head,
        "lines": [{**{n: getattr(each, n) for n in names}, "at": each.at.isoformat()} for each in lines],
    }


def _dated(path: str, stamp: Stamp | None) -> dict:
    """What the manifest says of the date of a third party, for a paper that was sealed without."""
    if stamp is None:
        return {}
    dated = (
        {"file": path + ENDING, "at": stamp.dated_at.isoformat()} if stamp.answer else {"file": "", "at": "attendue"}
    )
    return {"dated_later": dated}


class Bundle:
    """One export of a dossier. `complaint` narrows it to what goes with this complaint, for an agent."""

    def __init__(
        self, *, dossier: Dossier, actor: str, complaint: Complaint | None = None, now: datetime | None = None
    ):
        self.dossier, self.actor, self.now = dossier, actor, now or timezone.now()
        self.filed = [complaint] if complaint else self._filed()
        sent = dossier.reports.exclude(state=ReportState.DRAFT).select_related("service", "complaint")
        self.reports = list(sent.filter(complaint=complaint) if complaint else sent)
        self.referrals = [] if complaint else list(dossier.referrals.select_related("provider", "shortlist"))
        pieces = complaint.pieces if complaint else dossier.pieces
        found = list(pieces.order_by("added_at", "pk"))
        for each in found:
            each.dossier = dossier
        self.withheld = [(each, why) for each in found if (why := self._closed(each, to_agent=bool(complaint)))]
        closed = {each.pk for each, _ in self.withheld}
        self.pieces = [each for each in found if each.pk not in closed]
        self.entries: list[tuple[str, int, int]] = []
        self.files: list[dict] = []

    def _filed(self) -> list[Complaint]:
        found = self.dossier.complaints.exclude(state=ComplaintState.DRAFT).select_related("service")
        return list(found.order_by("filed_at", "pk"))

    @staticmethod
    def _closed(piece: Evidence, *, to_agent: bool) -> str:
        if piece.is_closed:
            return "fermée par sécurité"
        return "analyse en attente" if to_agent and is_awaited(piece) else ""

    def _entry(self, path: str, content: bytes) -> Iterator[bytes]:
        crc = zlib.crc32(content)
        self.entries.append((path, len(content), crc))
        yield verifier.local_header(path, len(content), crc)
        yield content

    def _file(self, path: str, content: bytes, *, role: str, media_type: str, **more) -> Iterator[bytes]:
        self.files.append(
            {
                "path": path,
                "sha256": hashlib.sha256(content).hexdigest(),
                "size": len(content),
                "media_type": media_type,
                "role": role,
                **more,
            }
        )
        yield from self._entry(path, content)

    def _data(self, path: str, value, role: str) -> Iterator[bytes]:
        return self._file(path, _json(value), role=role, media_type="application/json")

    def _piece(self, place: int, piece: Evidence) -> Iterator[bytes]:
        """A piece that does not open is named among what is missing: the rest still leaves."""
        try:
            content = evidence.content_of(piece)
        except (crypto.CannotOpen, OSError):
            self.withheld.append((piece, "abîmée"))
            return
        path = f"{FOLDERS.get(piece.kind, 'pieces')}/{place:03}-{piece.file_name}"
        stamp = Stamp.objects.filter(piece=piece).first()
        more = {"given_name": piece.name, "received_at": piece.added_at.isoformat(), **_dated(path, stamp)}
        audit.record(actor=self.actor, verb="pièce exportée", chain=self.dossier.chain, target=str(piece.pk))
        yield from self._file(path, content, role=piece.kind, media_type=piece.media_type, **more)
        if stamp and stamp.answer:
            yield from self._file(path + ENDING, bytes(stamp.answer), role=verifier.STAMP, media_type=ANSWER, of=path)

    def _manifest(self) -> bytes:
        return _json(
            {
                "format": verifier.FORMAT,
                "dossier": self.dossier.reference,
                "made_at": self.now.isoformat(),
                "made_for": self.actor,
                "software": software(),
                "tree_version": self.dossier.diagnosis.tree_version,
                "keys": [verifier.key_id(seals.public_keys()[0])],
                "files": self.files,
                "withheld": [
                    {"name": e.name, "sha256": e.sha256, "size": e.size, "why": why} for e, why in self.withheld
                ],
            }
        )

    def parts(self) -> Iterator[bytes]:
        """The archive. Its last part comes only once the journal holds the digest of its manifest."""
        for place, piece in enumerate(self.pieces, start=1):
            yield from self._piece(place, piece)
        for complaint in self.filed:
            complaint.dossier = self.dossier
            yield from self._data(f"plainte/{complaint.number}.json", _complaint(complaint), "plainte-donnees")
        for report in self.reports:
            report.dossier = self.dossier
            yield from self._data(f"signalement/{report.number}.json", _report(report), "signalement-donnees")
        for place, referral in enumerate(self.referrals, start=1):
            paper = referral_papers.data_of(referral, self.dossier)
            yield from self._data(f"prestataires/{place:03}.json", paper, "prestataire-donnees")
        yield from self._data("diagnostic/diagnostic.json", _diagnosis(self.dossier), "diagnostic")
        yield from self._data("diagnostic/plan.json", self.dossier.diagnosis.plan, "plan")
        paper = plan_papers.plan_paper(self.dossier)
        yield from self._file("diagnostic/plan.pdf", paper, role="plan-papier", media_type="application/pdf")
        yield from self._data("journal.json", _journal(self.dossier), "journal")
        yield from self._file("verify.py", VERIFIER.read_bytes(), role="verificateur", media_type="text/x-python")
        manifest = self._manifest()
        yield from self._entry(verifier.MANIFEST, manifest)
        yield from self._entry(verifier.SIGNATURE, seals.seal(manifest))
        digest = hashlib.sha256(manifest).hexdigest()
        audit.record(actor=self.actor, verb=EXPORTED, chain=self.dossier.chain, detail={"manifeste": digest})
        yield verifier.directory(self.entries)
