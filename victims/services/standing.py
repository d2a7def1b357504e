"""Who complains, in what capacity and on what proof: asked before the blocks, kept with them in the sealed document."""

from datetime import datetime

from django.utils import timezone

from victims.capacities import BLOCK, CHOOSE, PIECE, UNIT, WHOM, Capacity, capacity_of
from victims.complaint_form import Section
from victims.diagnosed import scene_of
from victims.enums import EvidenceKind
from victims.models import Complaint, Evidence
from victims.services import blocks
from victims.services.blocks import Missing

TITLE = "Qui porte plainte"
SECTION = Section(id=BLOCK, title_fr=TITLE, fields=())
AT_UNIT = "Sera montré à l’unité"
PROVE = "Dites comment vous prouvez que vous pouvez porter plainte."
JOIN = "Ajoutez ce document à vos pièces, ou cochez-le s’il y est déjà."


def stored(complaint: Complaint) -> dict:
    return blocks.read_form(complaint).get(BLOCK, {})


def capacity(complaint: Complaint, typed: dict | None = None) -> Capacity | None:
    """The one chosen; None while nobody chose, or when the answers now close it."""
    typed = stored(complaint) if typed is None else typed
    return capacity_of(scene_of(complaint.dossier.diagnosis), typed.get("quality", ""))


def choose(*, complaint: Complaint, quality: str, now: datetime | None = None) -> Complaint:
    """Another capacity keeps who is represented, and asks for its own proof."""
    typed = stored(complaint)
    if typed.get("quality") == quality:
        return complaint
    kept = {name: value for name, value in typed.items() if name in ("represented", "entitled")}
    chosen = {**kept, "quality": quality}
    try:
        return keep(complaint=complaint, typed=chosen, version=complaint.version, now=now)
    except blocks.Conflict as conflict:  # another tab a moment ago: the last choice holds
        return keep(complaint=complaint, typed=chosen, version=conflict.version, now=now)


def keep(*, complaint: Complaint, typed: dict, version: int, now: datetime | None = None) -> Complaint:
    """As typed, right or wrong. Raises Conflict or AlreadyFiled."""
    return blocks.save_section(record=complaint, section=SECTION, typed=typed, version=version, now=now)


def files_of(complaint: Complaint) -> list[Evidence]:
    """What may be named as the proof: the files that the victim gave."""
    return list(complaint.dossier.pieces.filter(kind=EvidenceKind.FILE).order_by("added_at", "pk"))


def proofs_of(complaint: Complaint, typed: dict) -> list[Evidence]:
    """Those named and still there: a file taken back proves nothing."""
    named = set(typed.get("pieces", []))
    return [piece for piece in files_of(complaint) if str(piece.pk) in named]


def errors_in(complaint: Complaint, typed: dict) -> dict[str, str]:
    """Field -> what is missing, in the order of the page."""
    chosen = capacity(complaint, typed)
    if chosen is None:
        return {"quality": CHOOSE}
    found = {}
    if chosen.represented and not typed.get("represented", "").strip():
        found["represented"] = WHOM
    if chosen.proof is None:
        return found
    if chosen.proof.at_unit and typed.get("proof") not in (PIECE, UNIT):
        found["proof"] = PROVE
    elif not _shown_there(chosen, typed) and not proofs_of(complaint, typed):
        found["pieces"] = JOIN
    return found


def _shown_there(chosen: Capacity, typed: dict) -> bool:
    return chosen.proof.at_unit and typed.get("proof") == UNIT


def proof_to_show(complaint: Complaint) -> str:
    """The document to be shown at the unit, whether it was seen there since or not; empty when there is none."""
    typed = stored(complaint)
    chosen = capacity(complaint, typed)
    return chosen.proof.name_fr if chosen and chosen.proof and _shown_there(chosen, typed) else ""


def seen_words(complaint: Complaint) -> str:
    """Who saw it and when; empty as long as nobody did."""
    if complaint.proof_seen_at is None:
        return ""
    moment = timezone.localtime(complaint.proof_seen_at)
    return f"Vu à l’unité le {moment:%d/%m/%Y à %H h %M}, {complaint.proof_seen_by.public_name}"


def missing(complaint: Complaint) -> list[Missing]:
    return [Missing(BLOCK, TITLE, name, message) for name, message in errors_in(complaint, stored(complaint)).items()]


def shown(complaint: Complaint) -> dict:
    """As one more block: the recap, the console and the paper read the same."""
    typed = stored(complaint)
    chosen = capacity(complaint, typed)
    rows = [] if chosen is None else _rows(complaint, chosen, typed)
    groups = [{"title": "", "rows": [{"label": label, "value": value} for label, value in rows if value]}]
    return {"id": BLOCK, "title": TITLE, "groups": groups if rows else []}


def _rows(complaint: Complaint, chosen: Capacity, typed: dict) -> list[tuple[str, str]]:
    rows = [("Qualité", chosen.says_fr)]
    if chosen.represented:
        rows.append(("Personne représentée", typed.get("represented", "")))
    if chosen.proof:
        named = "\n".join(f"{piece.name} (SHA-256 {piece.sha256[:16]}…)" for piece in proofs_of(complaint, typed))
        rows += [
            ("Précisions", typed.get("entitled", "")),
            ("Preuve demandée", chosen.proof.name_fr),
            (
                "Preuve",
                seen_words(complaint) or AT_UNIT if _shown_there(chosen, typed) else named or "Pas encore jointe",
            ),
            ("Texte", chosen.source),
        ]
    return rows


def told(complaint: Complaint) -> dict:
    """What was said of the capacity before it began, to keep with the rest of what was told."""
    chosen = capacity(complaint)
    return {"id": chosen.id, "told": chosen.told, "source": chosen.source} if chosen else {}
