"""The victim takes back a file sent by mistake, as long as nobody was given it: bytes and name go, a line stays."""

from django.core.files.storage import storages
from django.db import transaction

from guichet.audit import services as audit
from guichet.audit.models import Line
from victims.enums import EvidenceKind
from victims.models import Dossier, Evidence
from victims.services.dossiers import VICTIM, touch
from victims.services.previews import files_of
from victims.signals import file_removed

REMOVED = "pièce retirée"


class NotRemovable(Exception):
    """It went with a complaint or a report, or it is in quarantine for an investigator."""


def is_removable(piece: Evidence) -> bool:
    return removable(Evidence.objects.filter(pk=piece.pk)).exists()


def removable(pieces):
    return pieces.filter(kind=EvidenceKind.FILE, quarantined=False, complaints=None, reports=None)


@transaction.atomic
def remove_file(*, piece: Evidence) -> None:
    """Under the lock that a filing takes too: either it is filed, or it is gone. Raises NotRemovable."""
    dossier = Dossier.objects.select_for_update().get(pk=piece.dossier_id)
    found = removable(dossier.pieces.filter(pk=piece.pk))
    places, name = files_of(found), piece.name
    if not places:
        raise NotRemovable
    detail = {"sha256": piece.sha256, "taille": piece.size}
    audit.record(actor=VICTIM, verb=REMOVED, chain=dossier.chain, target=str(piece.pk), detail=detail)
    Evidence.objects.get(pk=piece.pk).delete()
    touch(dossier=dossier)
    transaction.on_commit(lambda: [storages["evidence"].delete(place) for place in places])
    told = {"dossier": dossier, "name": name, "sha256": piece.sha256}
    transaction.on_commit(lambda: file_removed.send(sender=Evidence, **told), robust=True)


def removed_from(dossier: Dossier) -> list[dict]:
    """What was taken back, the latest first: digest, size and hour. The name went with the file."""
    lines = Line.objects.filter(chain=dossier.chain, verb=REMOVED).order_by("-position")
    return [{"sha256": each.detail["sha256"], "size": each.detail["taille"], "at": each.at} for each in lines]
