"""Keep a piece of the dossier: sealed before it reaches the store, hashed as received, opened under audit."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction

from guichet.audit import services as audit
from guichet.lib import crypto
from victims.enums import EvidenceKind
from victims.models import Dossier, Evidence
from victims.services import late_stamps, pdf_seals

PDF = "application/pdf"
# What the guichet itself gives on paper: sealed inside, so that it can be shown alone, without the bundle.
PAPERS = (
    EvidenceKind.COMPLAINT,
    EvidenceKind.RECEIPT,
    EvidenceKind.REPORT,
    EvidenceKind.REPORT_RECEIPT,
    EvidenceKind.TRANSCRIPT,
)


def _store():
    return storages["evidence"]


class Closed(crypto.CannotOpen):
    """Kept sealed and given to nobody: in quarantine, or a virus is known in it."""


def add_piece(
    *,
    dossier: Dossier,
    kind: EvidenceKind,
    source: str,
    file_name: str,
    media_type: str,
    content: bytes,
    actor: str,
    given_name: str = "",
    scan: str = "",
    quarantined: bool = False,
) -> Evidence:
    """The piece of this kind and source, made once: a repeated call gives the first one back.

    `given_name` is what the victim called the file: it is sealed, and `file_name` then says nothing personal.
    """
    found = Evidence.objects.filter(dossier=dossier, kind=kind, source=source).first()
    if found:
        return found
    content, seal = pdf_seals.sealed(content) if kind in PAPERS and media_type == PDF else (content, "")
    piece = Evidence(
        dossier=dossier,
        kind=kind,
        source=source,
        file_name=file_name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        scan=scan,
        quarantined=quarantined,
    )
    if given_name:
        piece.sealed_name = crypto.seal(dossier.key, given_name, bound=piece.name_bound)
    sealed = crypto.seal(dossier.key, content, bound=piece.bound)
    # The file goes first: a row always has its bytes. An orphan file is only ciphertext without a key.
    piece.stored_at = _store().save(f"{dossier.pk.hex}/{piece.pk.hex}", ContentFile(sealed))
    try:
        with transaction.atomic():
            piece.save(force_insert=True)
            late_stamps.owe(piece, seal)
            audit.record(
                actor=actor,
                verb="pièce ajoutée",
                chain=dossier.chain,
                target=str(piece.pk),
                detail={
                    "nature": kind,
                    "sha256": piece.sha256,
                    "taille": piece.size,
                    **({"sceau": seal} if seal else {}),
                },
            )
    except IntegrityError:
        _store().delete(piece.stored_at)
        return Evidence.objects.get(dossier=dossier, kind=kind, source=source)
    return piece


def content_of(piece: Evidence) -> bytes:
    """The bytes as received, for the house itself. Raises crypto.CannotOpen if they were changed."""
    with _store().open(piece.stored_at) as stored:
        content = crypto.unseal(piece.dossier.key, stored.read(), bound=piece.bound)
    if hashlib.sha256(content).hexdigest() != piece.sha256:
        raise crypto.CannotOpen(piece.bound)
    return content


def read_piece(*, piece: Evidence, actor: str) -> bytes:
    """The bytes as received, for a person; the reading leaves a line. Raises Closed, or crypto.CannotOpen."""
    if piece.is_closed:
        raise Closed(piece.bound)
    content = content_of(piece)
    audit.record(actor=actor, verb="pièce ouverte", chain=piece.dossier.chain, target=str(piece.pk))
    return content
