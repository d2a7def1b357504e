"""Traces read in the victim's files, proposed for the complaint: nothing is written before it is ticked."""

from dataclasses import dataclass

from guichet.lib.crypto import CannotOpen
from victims.diagnosed import scene_of, sections_of
from victims.enums import EvidenceKind
from victims.models import Complaint, Dossier
from victims.services import complaints
from victims.services.evidence import content_of
from victims.vault.filetypes import BY_MEDIA_TYPE, MAIL, TEXT
from victims.vault.findings import READ, found_in

BLOCK, OTHER, MOST = "traces", "other", 60


@dataclass(frozen=True, slots=True)
class Finding:
    field: str
    label: str
    value: str
    piece: str

    @property
    def key(self) -> str:
        return f"{self.field}:{self.value}"


def _section(complaint: Complaint):
    return next((each for each in sections_of(complaint.dossier.diagnosis) if each.id == BLOCK), None)


def proposed(complaint: Complaint) -> list[Finding]:
    """What the files say and the draft does not have yet."""
    section = _section(complaint)
    if section is None:
        return []
    typed = complaints.read_form(complaint).get(BLOCK, {})
    labels = {each.id: each.label_fr for each in section.asked(scene_of(complaint.dossier.diagnosis))}
    kept: dict[str, Finding] = {}
    for name, field, value in _said(complaint.dossier):
        field = field if field in labels else OTHER
        finding = Finding(field, labels[field], value, name)
        if value not in typed.get(field, "").split("\n"):
            kept.setdefault(finding.key, finding)
    return list(kept.values())[:MOST]


def _said(dossier: Dossier):
    for piece in dossier.pieces.filter(kind=EvidenceKind.FILE).order_by("added_at"):
        if piece.is_closed:
            continue
        family = BY_MEDIA_TYPE[piece.media_type].family
        try:
            content = content_of(piece) if family in (TEXT, MAIL) and piece.size <= READ else b""
        except (CannotOpen, OSError):
            continue
        for field, value in found_in(content, piece.media_type, piece.name):
            yield piece.name, field, value


def confirm(*, complaint: Complaint, keys: set[str]) -> int:
    """Adds the ticked ones to the draft, after what was typed. Raises AlreadyFiled or Conflict."""
    section, chosen = _section(complaint), [each for each in proposed(complaint) if each.key in keys]
    typed = dict(complaints.read_form(complaint).get(BLOCK, {}))
    limits = {each.id: each.max for each in section.fields} if section else {}
    added = 0
    for each in chosen:
        joined = "\n".join(filter(None, [typed.get(each.field, "").rstrip("\n"), each.value]))
        if len(joined) <= limits[each.field]:
            typed[each.field], added = joined, added + 1
    if added:
        complaints.save_section(complaint=complaint, section=section, typed=typed, version=complaint.version)
    return added
