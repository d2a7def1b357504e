"""A file of the victim becomes a piece: known by its content, sealed as received, once, within what a dossier takes."""

import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Sum

from victims.enums import EvidenceKind, Scan
from victims.models import Dossier, Evidence
from victims.services.dossiers import VICTIM, touch
from victims.services.evidence import add_piece
from victims.signals import file_given
from victims.states import AFTER_FILING
from victims.vault import limits
from victims.vault.exceptions import Refused
from victims.vault.filetypes import type_of
from victims.vault.names import clean_name
from victims.vault.sensitive import goes_to_quarantine


@dataclass(frozen=True, slots=True)
class Room:
    """What the victim's files take in the dossier, and what is left."""

    files: int
    used: int

    @property
    def left(self) -> int:
        return max(0, limits.DOSSIER_LIMIT - self.used)

    @property
    def left_words(self) -> str:
        """In the same unit as what is told: rounded down."""
        return f"{self.left // limits.MIB} Mo" if self.left >= limits.MIB else "moins de 1 Mo"


def room_of(dossier: Dossier) -> Room:
    found = dossier.pieces.filter(kind=EvidenceKind.FILE).aggregate(files=Count("pk"), used=Sum("size"))
    return Room(found["files"], found["used"] or 0)


def check_room(room: Room, size: int) -> None:
    if size > limits.FILE_LIMIT:
        raise Refused("too-big")
    if room.files >= limits.FILES_LIMIT:
        raise Refused("too-many")
    if size > room.left:
        raise Refused("full")


def keep_file(*, dossier: Dossier, name: str, content: bytes, actor: str = VICTIM) -> Evidence:
    """The piece of these bytes, made once. It joins the complaint that is already filed. Raises Refused."""
    file_type = type_of(content)
    source = f"fichier:{hashlib.sha256(content).hexdigest()}"
    with transaction.atomic():
        Dossier.objects.select_for_update().get(pk=dossier.pk)
        found = dossier.pieces.filter(kind=EvidenceKind.FILE, source=source).first()
        if found:
            return found
        room = room_of(dossier)
        check_room(room, len(content))
        piece = add_piece(
            dossier=dossier,
            kind=EvidenceKind.FILE,
            source=source,
            file_name=f"piece-{room.files + 1}.{file_type.endings[0]}",
            media_type=file_type.media_type,
            content=content,
            actor=actor,
            given_name=clean_name(name, file_type.endings),
            scan=Scan.WAITING,
            quarantined=goes_to_quarantine(dossier.diagnosis, file_type),
        )
        join_filed(dossier, [piece])
        touch(dossier=dossier)
        transaction.on_commit(lambda: file_given.send(sender=Evidence, piece=piece, actor=actor), robust=True)
    return piece


def join_filed(dossier: Dossier, pieces: list[Evidence]) -> None:
    """What comes after the filing joins what was filed. The caller holds the dossier's row: a filing takes it too."""
    for complaint in dossier.complaints.filter(state__in=AFTER_FILING):
        complaint.pieces.add(*pieces)


def join_complaint(complaint) -> None:
    """When it is filed, every file that the victim gave goes with it; one that is being kept right now comes after."""
    Dossier.objects.select_for_update().get(pk=complaint.dossier_id)
    complaint.pieces.add(*complaint.dossier.pieces.filter(kind=EvidenceKind.FILE))
