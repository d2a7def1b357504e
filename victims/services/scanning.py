"""Ask the antivirus about a file. It is « saine » only when the scanner said so; no answer leaves it waiting, kept."""

import logging

from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import crypto
from victims.enums import Scan
from victims.models import Evidence
from victims.services.evidence import content_of
from victims.vault import clamav

log = logging.getLogger("victims.scanning")
AT_ONCE = 100


def is_awaited(piece: Evidence) -> bool:
    """A scanner is there and has not answered yet: an agent waits. Without one, the agent is told and decides."""
    return piece.scan == Scan.WAITING and clamav.is_configured()


def scan_piece(piece_id) -> str:
    """The state after it. Raises clamav.Unavailable: the piece then waits, and is asked about again later."""
    piece = Evidence.objects.select_related("dossier").filter(pk=piece_id, scan=Scan.WAITING).first()
    if piece is None or piece.dossier.erased_at:
        return ""
    try:
        virus = clamav.virus_in(content_of(piece))
    except (clamav.NotScanned, crypto.CannotOpen, OSError) as error:
        log.warning("piece %s not scanned: %s", piece_id, type(error).__name__)
        return Scan.WAITING
    return _noted(piece, virus)


@transaction.atomic
def _noted(piece: Evidence, virus: str) -> str:
    state = Scan.REFUSED if virus else Scan.CLEAN
    changed = Evidence.objects.filter(pk=piece.pk, scan=Scan.WAITING).update(scan=state, scanned_at=timezone.now())
    if changed:
        detail = {"résultat": state, "virus": virus} if virus else {"résultat": state}
        audit.record(
            actor="système", verb="pièce analysée", chain=piece.dossier.chain, target=str(piece.pk), detail=detail
        )
    return state


def scan_waiting(ids=None) -> int:
    """How many have an answer now. The first silence of the scanner ends the round."""
    if not clamav.is_configured():
        return 0
    waiting = Evidence.objects.filter(scan=Scan.WAITING, dossier__erased_at=None)
    if ids is not None:
        waiting = waiting.filter(pk__in=ids)
    done = 0
    for piece_id in waiting.order_by("?").values_list("pk", flat=True)[:AT_ONCE]:
        try:
            done += scan_piece(piece_id) in (Scan.CLEAN, Scan.REFUSED)
        except clamav.Unavailable as error:
            log.warning("scanner silent: %s", error)
            break
    return done
