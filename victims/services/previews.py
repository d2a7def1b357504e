"""A small image for the lists, drawn again apart: the original is never shown inside the site, and never changed."""

import logging
import subprocess
import sys
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from guichet.audit import services as audit
from guichet.audit.models import Line
from guichet.lib import crypto
from victims.enums import EvidenceKind
from victims.models import Evidence
from victims.services.dossiers import VICTIM
from victims.services.evidence import content_of
from victims.services.scanning import is_awaited
from victims.vault import filetypes, imaging

log = logging.getLogger("victims.previews")
# As Pillow names them. HEIC has no decoder here: the file is kept, its list has no image.
FORMATS = {
    filetypes.JPEG.media_type: "JPEG",
    filetypes.PNG.media_type: "PNG",
    filetypes.GIF.media_type: "GIF",
    filetypes.WEBP.media_type: "WEBP",
}
SEEN = "aperçu vu"
PATIENCE = imaging.SECONDS + 4
NO_IMAGE = "aucun"


def has_preview(piece: Evidence) -> bool:
    """Never for what is closed, nor before the answer of a scanner that is there."""
    shown = piece.kind == EvidenceKind.FILE and piece.media_type in FORMATS and piece.preview_at != NO_IMAGE
    return shown and not piece.is_closed and not is_awaited(piece)


def preview_of(piece: Evidence) -> bytes | None:
    """The JPEG, made the first time; None when there is none to show."""
    if not has_preview(piece):
        return None
    if piece.preview_at:
        with storages["evidence"].open(piece.preview_at) as stored:
            return crypto.unseal(piece.dossier.key, stored.read(), bound=piece.preview_bound)
    made = _drawn(content_of(piece), FORMATS[piece.media_type])
    _keep(piece, made)
    return made


def shown(*, piece: Evidence, actor: str) -> bytes | None:
    """For a person. Who is not the victim leaves one line a piece: a list that is shown again tells nothing more."""
    try:
        found = preview_of(piece)
    except (crypto.CannotOpen, OSError):
        return None
    if found and actor != VICTIM:
        told = Line.objects.filter(chain=piece.dossier.chain, target=str(piece.pk), verb=SEEN, actor=actor)
        if not told.exists():
            audit.record(actor=actor, verb=SEEN, chain=piece.dossier.chain, target=str(piece.pk))
    return found


def _drawn(content: bytes, known_as: str) -> bytes | None:
    command = [sys.executable, "-I", str(Path(imaging.__file__)), known_as]
    try:
        done = subprocess.run(  # noqa: S603 - our own file, with a format of our list
            command, input=content, capture_output=True, timeout=PATIENCE, env={}, check=False
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        log.warning("no preview: %s", type(error).__name__)
        return None
    return done.stdout if done.returncode == 0 and done.stdout.startswith(b"\xff\xd8\xff") else None


def _keep(piece: Evidence, made: bytes | None) -> None:
    """Two who ask at once: one file stays. A file that gives no image is not tried again."""
    store, place = storages["evidence"], NO_IMAGE
    if made:
        sealed = crypto.seal(piece.dossier.key, made, bound=piece.preview_bound)
        place = store.save(f"{piece.dossier_id.hex}/{piece.pk.hex}-apercu", ContentFile(sealed))
    kept = Evidence.objects.filter(pk=piece.pk, preview_at="").update(preview_at=place)
    if made and not kept:
        store.delete(place)


def files_of(pieces) -> list[str]:
    """Where the sealed files of these pieces stand, previews too: what goes when they go."""
    rows = pieces.values_list("stored_at", "preview_at")
    return [place for row in rows for place in row if place not in ("", NO_IMAGE)]
