"""Forget in time: what the schedule no longer lets us keep is deleted, dossier by dossier, and counted.

A dossier in use is left alone: an open conversation, a piece in a complaint, a complaint in its term. Counts of the
observatory are sinks and do not move; lines of the audit name no one and stay.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from guichet.audit import services as audit
from guichet.observatory.services import count
from victims.enums import ComplaintState, ReportState
from victims.models import Access, Complaint, Dossier, Evidence, Referral, Report, Sighting, Upload, UploadPart
from victims.retention import SCHEDULE
from victims.services import access, series, sightings, uploads
from victims.services.dossiers import erase
from victims.services.previews import files_of

BATCH = 200
# By the states that are: « not closed » would ask that no conversation of the dossier ever was.
OPEN = Q(conversations__state__in=("attente", "en-cours"))
FILED = tuple(state for state in ComplaintState.values if state != ComplaintState.DRAFT)
SENT = tuple(state for state in ReportState.values if state != ReportState.DRAFT)
HELD = (ReportState.NOTED, ReportState.BECAME_COMPLAINT)
ORPHAN_AGE = timedelta(days=1)


def purge(*, now: datetime | None = None, dry: bool = False) -> Counter:
    """How many of each kind were deleted, or would be. Safe to stop at any point and to run again."""
    now = now or timezone.now()
    found = {
        "draft": _due_drafts(now),
        "report_draft": _due_report_drafts(now),
        "upload": Upload.objects.filter(touched_at__lt=now - SCHEDULE.life("upload")),
        "talk": _due_talks(now),
        "piece": _due_pieces(now),
        "referral": Referral.objects.filter(ended_at__lt=now - SCHEDULE.life("referral")),
        "dossier": _due_dossiers(now),
        "access": Access.objects.filter(created_at__lt=now - SCHEDULE.life("access") - access.LIFETIME),
        "trace": Sighting.objects.filter(seen_at__lt=now - SCHEDULE.life("trace")),
    }
    if dry:
        return Counter({kind: rows.count() for kind, rows in found.items()})
    done = Counter({kind: sum(_forget(kind, rows, row, now) for row in _each(rows)) for kind, rows in found.items()})
    done["orphan"] = delete_orphans(now=now)
    sightings.forget_unseen()
    series.forget_empty()
    for kind, n in done.items():
        if n:
            count("conservation", kind)
    if done.total():
        audit.record(actor="système", verb="données expirées effacées", detail=dict(+done))
    return done


def _each(rows) -> Iterator:
    """In batches, by key: a row that could not be deleted is not asked for again in this run."""
    last = None
    while True:
        batch = list((rows.filter(pk__gt=last) if last is not None else rows).order_by("pk")[:BATCH])
        if not batch:
            return
        yield from batch
        last = batch[-1].pk


@transaction.atomic
def _forget(kind: str, rows, row, now: datetime) -> int:
    """Asked again under its lock: what was due when its batch was read may be filed, or in use, since."""
    list(type(row).objects.select_for_update().order_by().filter(pk=row.pk).values_list("pk"))
    return _DELETE[kind](row, now) if rows.filter(pk=row.pk).exists() else 0


def _due_drafts(now: datetime):
    return Complaint.objects.filter(state=ComplaintState.DRAFT, created_at__lt=now - SCHEDULE.life("draft"))


def _due_report_drafts(now: datetime):
    return Report.objects.filter(state=ReportState.DRAFT, created_at__lt=now - SCHEDULE.life("draft"))


def _due_talks(now: datetime):
    """The conversations are another floor's: only their dossiers are named here."""
    old = now - SCHEDULE.life("talk")
    filed = Complaint.objects.filter(dossier=OuterRef("pk"), state__in=FILED)
    return Dossier.objects.filter(~Exists(filed), conversations__closed_at__lt=old).distinct()


def _due_pieces(now: datetime):
    old = now - SCHEDULE.life("piece")
    return Evidence.objects.filter(added_at__lt=old, complaints=None, reports=None)


def _due_dossiers(now: datetime):
    """Erased ones, ones without a complaint, and copies whose term is over. None that is in use."""
    same, complaint, report = {"dossier": OuterRef("pk")}, SCHEDULE.life("complaint"), SCHEDULE.life("report")
    filed = Complaint.objects.filter(**same, state__in=FILED, filed_at__gte=now - complaint)
    reported = Report.objects.filter(**same, state__in=SENT, filed_at__gte=now - report)
    talking = Dossier.objects.filter(OPEN, pk=OuterRef("pk"))
    idle = Q(touched_at__lt=now - SCHEDULE.life("dossier")) | Q(erased_at__isnull=False)
    return Dossier.objects.filter(idle, ~Exists(filed), ~Exists(reported), ~Exists(talking))


def _delete_row(row: Complaint | Report | Referral | Access | Sighting, now: datetime) -> int:
    row.delete()
    return 1


def _delete_upload(upload: Upload, now: datetime) -> int:
    uploads.discard(upload)
    return 1


@transaction.atomic
def _delete_talks(dossier: Dossier, now: datetime) -> int:
    gone = dossier.conversations.filter(closed_at__lt=now - SCHEDULE.life("talk"))
    n = gone.count()
    gone.delete()
    return n


@transaction.atomic
def _delete_piece(piece: Evidence, now: datetime) -> int:
    """The row, then the file: what a stop leaves between the two is swept as an orphan."""
    places = files_of(Evidence.objects.filter(pk=piece.pk))
    audit.record(actor="système", verb="pièce effacée", chain=piece.dossier.chain, target=str(piece.pk))
    piece.delete()
    transaction.on_commit(lambda: [storages["evidence"].delete(place) for place in places])
    return 1


@transaction.atomic
def _delete_dossier(dossier: Dossier, now: datetime) -> int:
    """The key first: whatever copy remains is unreadable. Then every row, then the files."""
    erase(dossier=dossier, now=now)
    places = files_of(dossier.pieces)
    places += UploadPart.objects.filter(upload__dossier=dossier).values_list("stored_at", flat=True)
    diagnosis = dossier.diagnosis
    dossier.delete()
    diagnosis.delete()
    transaction.on_commit(lambda: [storages["evidence"].delete(place) for place in places])
    return 1


_DELETE = {
    "draft": _delete_row,
    "report_draft": _delete_row,
    "upload": _delete_upload,
    "talk": _delete_talks,
    "piece": _delete_piece,
    "dossier": _delete_dossier,
    "access": _delete_row,
    "referral": _delete_row,
    "trace": _delete_row,
}


def delete_orphans(*, now: datetime | None = None) -> int:
    """Sealed files that no row names any more, older than a day: a stop between a row and its file leaves some."""
    now, store, gone = now or timezone.now(), storages["evidence"], 0
    try:
        folders, _ = store.listdir("")
    except FileNotFoundError:
        return 0
    for folder in folders:
        _, names = store.listdir(folder)
        places = {f"{folder}/{name}" for name in names}
        known = set()
        for model, field in ((Evidence, "stored_at"), (Evidence, "preview_at"), (UploadPart, "stored_at")):
            known.update(model.objects.filter(**{f"{field}__in": places}).values_list(field, flat=True))
        for place in places - known:
            if now - store.get_modified_time(place) > ORPHAN_AGE:
                store.delete(place)
                gone += 1
    return gone


def can_be_erased(dossier: Dossier) -> bool:
    """By the victim: not once a unit holds a complaint or a report, nor while an agent is there."""
    busy = Dossier.objects.filter(OPEN, pk=dossier.pk).exists()
    held = dossier.complaints.filter(state__in=FILED).exists() or dossier.reports.filter(state__in=HELD).exists()
    return not busy and not held


@transaction.atomic
def erase_now(*, dossier: Dossier) -> bool:
    """The victim's own wish. Nothing can bring it back. A series that has no other dossier goes at once too, with what
    agents wrote of it. What another tab is filing at this moment is waited for, and then keeps the dossier."""
    for filing in (dossier.complaints, dossier.reports):
        list(filing.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    if not can_be_erased(dossier):
        return False
    audit.record(actor="victime", verb="effacement demandé", chain=dossier.chain, target=dossier.reference)
    _delete_dossier(dossier, timezone.now())
    series.forget_empty()
    return True


def delete_exercises() -> int:
    """What exercises made, and nothing else: each dossier with all that hangs on it, its files too."""
    gone = [_delete_dossier(dossier, timezone.now()) for dossier in Dossier.objects.filter(exercise=True)]
    return len(gone)
