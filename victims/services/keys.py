"""Rotate the key-encryption key: every dossier's own key is wrapped again, nothing else is rewritten."""

from django.db import transaction

from guichet.audit import services as audit
from guichet.lib import crypto
from victims.models import Dossier


def rotate_keys(*, batch: int = 500) -> tuple[int, int]:
    """(rewrapped, unreadable). A dossier whose key does not open is left as it is and counted."""
    current, done, unreadable, last = crypto.current_kek(), 0, 0, None
    while True:
        waiting = Dossier.objects.filter(erased_at=None).exclude(kek=current).order_by("pk")
        dossiers = list((waiting.filter(pk__gt=last) if last else waiting)[:batch])
        if not dossiers:
            break
        for dossier in dossiers:
            last = dossier.pk
            if _rewrap(dossier):
                done += 1
            else:
                unreadable += 1
    if done or unreadable:
        audit.record(actor="système", verb="clés renouvelées", detail={"renouvelées": done, "illisibles": unreadable})
    return done, unreadable


@transaction.atomic
def _rewrap(dossier: Dossier) -> bool:
    try:
        key = dossier.key
    except crypto.CannotOpen:
        return False
    kek, wrapped = crypto.wrap(key, owner=str(dossier.pk))
    return Dossier.objects.filter(pk=dossier.pk, kek=dossier.kek).update(kek=kek, wrapped_key=wrapped) == 1
