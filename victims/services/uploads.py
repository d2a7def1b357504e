"""A file that arrives part by part: a cut at any point goes on from what the server has; nothing is lost or doubled.

Parts are sealed in the store like pieces. The server alone says where to go on; a part from elsewhere is not taken.
"""

import hashlib
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from guichet.lib import crypto
from victims.models import Dossier, Evidence, Upload, UploadPart
from victims.services import deposits
from victims.services.dossiers import VICTIM
from victims.vault import limits
from victims.vault.exceptions import Refused
from victims.vault.names import clean_name

STILL_COMING = timedelta(hours=1)


class WrongOffset(Exception):
    """This is not the next byte; `received` is where to go on."""

    def __init__(self, received: int):
        super().__init__("offset")
        self.received = received


@transaction.atomic
def begin(*, dossier: Dossier, name: str, size: int, sha256: str = "", now: datetime | None = None) -> Upload:
    """A new upload, or the one of the same file that was cut. Raises Refused before a byte is sent."""
    now = now or timezone.now()
    Dossier.objects.select_for_update().get(pk=dossier.pk)
    open_ones = dossier.uploads.filter(piece=None)
    if sha256 and (found := open_ones.filter(claimed_sha256=sha256, size=size).first()):
        return found
    if not size:
        raise Refused("empty")
    coming = open_ones.filter(touched_at__gt=now - STILL_COMING)
    if coming.count() >= limits.UPLOADS_AT_ONCE:
        raise Refused("busy")
    room = deposits.room_of(dossier)
    announced = coming.aggregate(n=Sum("size"))["n"] or 0
    deposits.check_room(deposits.Room(room.files, room.used + announced), size)
    upload = Upload(dossier=dossier, size=size, claimed_sha256=sha256, created_at=now, touched_at=now)
    upload.sealed_name = crypto.seal(dossier.key, clean_name(name), bound=upload.name_bound)
    upload.save(force_insert=True)
    return upload


def find(*, dossier: Dossier, upload_id) -> Upload | None:
    return dossier.uploads.filter(pk=upload_id).first()


def _locked(upload: Upload) -> Upload:
    return Upload.objects.select_for_update(of=("self",)).select_related("dossier__diagnosis").get(pk=upload.pk)


@transaction.atomic
def add_part(*, upload: Upload, offset: int, data: bytes, now: datetime | None = None) -> Upload:
    """The next bytes. Raises WrongOffset when they are not the next ones, Refused past the size that was told."""
    upload = _locked(upload)
    if offset != upload.received or upload.piece_id:
        raise WrongOffset(upload.received)
    if not data or len(data) > limits.PART_LIMIT or offset + len(data) > upload.size:
        raise Refused("wrong-hash")
    part = UploadPart(upload=upload, offset=offset, size=len(data))
    sealed = crypto.seal(upload.dossier.key, data, bound=part.bound)
    part.stored_at = storages["evidence"].save(
        f"{upload.dossier_id.hex}/{upload.pk.hex}-{offset:08}", ContentFile(sealed)
    )
    part.save(force_insert=True)
    upload.received, upload.touched_at = offset + len(data), now or timezone.now()
    upload.save(update_fields=["received", "touched_at"])
    return upload


def finish(*, upload: Upload, sha256: str = "", actor: str = VICTIM) -> Evidence:
    """The piece, made once however often it is asked. Raises WrongOffset when bytes are missing.

    Raises Refused when the hash or the file is not good: then nothing of it stays.
    """
    try:
        return _finished(upload, sha256, actor)
    except Refused:
        discard(upload)
        raise


@transaction.atomic
def _finished(upload: Upload, sha256: str, actor: str) -> Evidence:
    upload = _locked(upload)
    if upload.piece_id:
        return upload.piece
    if upload.received != upload.size:
        raise WrongOffset(upload.received)
    content = _assembled(upload)
    claimed = {each for each in (sha256, upload.claimed_sha256) if each}
    if len(content) != upload.size or claimed - {hashlib.sha256(content).hexdigest()}:
        raise Refused("wrong-hash")
    name = crypto.unseal(upload.dossier.key, upload.sealed_name, bound=upload.name_bound).decode()
    piece = deposits.keep_file(dossier=upload.dossier, name=name, content=content, actor=actor)
    upload.piece = piece
    upload.save(update_fields=["piece"])
    _drop_parts(upload)
    return piece


def _assembled(upload: Upload) -> bytes:
    key, store, content = upload.dossier.key, storages["evidence"], bytearray()
    try:
        for part in upload.parts.order_by("offset"):
            with store.open(part.stored_at) as stored:
                content += crypto.unseal(key, stored.read(), bound=part.bound)
    except (crypto.CannotOpen, OSError):
        raise Refused("wrong-hash") from None
    return bytes(content)


def _drop_parts(upload: Upload) -> None:
    places = list(upload.parts.values_list("stored_at", flat=True))
    upload.parts.all().delete()
    transaction.on_commit(lambda: [storages["evidence"].delete(place) for place in places])


@transaction.atomic
def discard(upload: Upload) -> None:
    """Given up, refused or dead: the parts go, no piece was made."""
    _drop_parts(upload)
    Upload.objects.filter(pk=upload.pk).delete()
