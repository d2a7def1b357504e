"""Rotate the keys: each dossier's own key is wrapped again, and the traces are marked again with the current key."""

from collections import Counter

from django.db import transaction

from guichet.audit import services as audit
from guichet.lib import crypto
from victims.linking.traces import about_author
from victims.models import Dossier, Fingerprint, Series, Sighting
from victims.services import blocks, sightings


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


def rotate_series() -> int:
    """The series have keys of their own, wrapped like the dossiers'. How many were wrapped again."""
    current, done = crypto.current_kek(), 0
    for series in Series.objects.exclude(kek=current).order_by("pk"):
        try:
            kek, wrapped = crypto.wrap(series.key, owner=str(series.pk))
        except crypto.CannotOpen:
            continue
        done += Series.objects.filter(pk=series.pk, kek=series.kek).update(kek=kek, wrapped_key=wrapped)
    return done


def rotate_marks() -> Counter:
    """After a new key of the traces: the forms that hold them are read again. `left`: marks of the old key still."""
    current, done = crypto.current_trace_key(), Counter()
    waiting = Sighting.objects.exclude(fingerprint__key=current).values("dossier")
    for dossier in Dossier.objects.filter(pk__in=waiting, erased_at=None).order_by("pk"):
        done["dossiers"] += _mark_again(dossier)
    done["left"] = Fingerprint.objects.exclude(key=current).count()
    if done.total():
        audit.record(actor="système", verb="empreintes renouvelées", detail=dict(done))
    return done


@transaction.atomic
def _mark_again(dossier: Dossier) -> bool:
    for record in (*dossier.complaints.all(), *dossier.reports.all()):
        try:
            sightings.known(about_author(blocks.read_form(record)))
        except crypto.CannotOpen:
            return False
    return True
