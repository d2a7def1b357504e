"""Traces kept as keyed marks: where a trace was confirmed, and in how many other dossiers it was seen.

The value never leaves the sealed form. A mark can be compared, never read nor tried without `GUICHET_TRACE_KEYS`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from guichet.lib import crypto
from victims.enums import ComplaintState
from victims.linking.enums import TraceKind
from victims.linking.traces import ABOUT_AUTHOR, LOSS, OWN_BLOCKS, Trace, about_author
from victims.models import Complaint, Dossier, Fingerprint, Member, Report, Series, Sighting

# Blocks whose change may change what links: what is said of the author, and what is the victim's own.
TELLING = (ABOUT_AUTHOR, LOSS, *OWN_BLOCKS, "facts")


@dataclass(frozen=True, slots=True)
class Link:
    """One trace of a dossier, without its value: its nature, and how many other dossiers and units know it."""

    fingerprint: Fingerprint
    kind: str
    dossiers: int
    units: int


def mark_of(trace: Trace, *, key: str | None = None) -> str:
    return crypto.trace_mark(trace.kind, trace.value, key=key or crypto.current_trace_key())


def known(traces) -> dict[Trace, Fingerprint]:
    """Those already known, under the current key or under an older one: then marked again with the current key."""
    names = list(crypto.trace_keys())
    marks = {mark_of(trace, key=name): (trace, name) for name in names for trace in traces}
    stored = {each.mark: each for each in Fingerprint.objects.filter(mark__in=marks)}
    found: dict[Trace, Fingerprint] = {}
    for mark, (trace, name) in marks.items():
        if mark not in stored:
            continue
        if trace in found:
            _merge(stored[mark], into=found[trace])
        else:
            found[trace] = stored[mark] if name == names[0] else _marked_again(stored[mark], trace)
    return found


def _marked_again(old: Fingerprint, trace: Trace) -> Fingerprint:
    old.mark, old.key = mark_of(trace), crypto.current_trace_key()
    old.save(update_fields=["mark", "key"])
    return old


def _merge(old: Fingerprint, *, into: Fingerprint) -> None:
    """A trace was seen under both keys while one process had not the new one yet: it is one trace."""
    for sighting in old.sightings.all():
        if not into.sightings.filter(dossier=sighting.dossier_id).exists():
            sighting.fingerprint = into
            sighting.save(update_fields=["fingerprint"])
    for series in old.series.all():
        series.fingerprints.add(into)
    for made in old.merges.all():
        made.fingerprints.add(into)
    old.delete()


def _fingerprints(traces, now: datetime) -> list[Fingerprint]:
    found = known(traces)
    for trace in traces:
        if trace not in found:
            found[trace], _ = Fingerprint.objects.get_or_create(
                mark=mark_of(trace),
                defaults={"kind": trace.kind, "key": crypto.current_trace_key(), "created_at": now},
            )
    return [found[trace] for trace in traces]


@transaction.atomic
def note_draft(*, complaint: Complaint, sections: dict, now: datetime | None = None) -> None:
    """The draft links as the victim leaves it: what is taken out of it links no more."""
    now = now or timezone.now()
    marks = _fingerprints(sorted(about_author(sections)), now)
    _unsee(Sighting.objects.filter(draft=complaint).exclude(fingerprint__in=marks))
    _see(marks, complaint.dossier, now, draft=complaint)


@transaction.atomic
def note_filed(*, record: Complaint | Report, sections: dict, now: datetime | None = None) -> None:
    """Filed: it stays as long as the dossier does, for the unit that is competent."""
    now = now or timezone.now()
    marks = _fingerprints(sorted(about_author(sections)), now)
    if isinstance(record, Complaint):
        _unsee(Sighting.objects.filter(draft=record).exclude(fingerprint__in=marks))
    _see(marks, record.dossier, now, service=record.service)
    Sighting.objects.filter(fingerprint__in=marks, dossier=record.dossier).update(draft=None, service=record.service)
    _join_series(marks, record.dossier, now)


def _join_series(marks: list[Fingerprint], dossier: Dossier, now: datetime) -> None:
    """Proposed only: an agent who reads this dossier says whether it belongs."""
    found = Series.objects.current().filter(fingerprints__in=marks, exercise=dossier.exercise).distinct()
    Member.objects.bulk_create(
        [Member(series=series, dossier=dossier, proposed_at=now) for series in found], ignore_conflicts=True
    )


def _see(marks: list[Fingerprint], dossier: Dossier, now: datetime, **where) -> None:
    Sighting.objects.bulk_create(
        [Sighting(fingerprint=mark, dossier=dossier, seen_at=now, **where) for mark in marks], ignore_conflicts=True
    )


def forget(*, dossier: Dossier) -> None:
    """With the dossier's key go the marks that only it knew, and its place in the others' counts."""
    _unsee(dossier.sightings.all())
    dossier.memberships.all().delete()


def unsee_report(*, report: Report) -> None:
    """Taken back before any unit had it: it links no more, unless a complaint of the dossier tells the same."""
    filed = report.dossier.complaints.exclude(state=ComplaintState.DRAFT).exists()
    if not filed:
        _unsee(report.dossier.sightings.filter(draft=None))
        report.dossier.memberships.all().delete()


def _unsee(sightings) -> None:
    """A mark that no dossier holds any more is no longer kept."""
    marks = list(sightings.values_list("fingerprint", flat=True))
    sightings.delete()
    _unseen().filter(pk__in=marks).delete()


def _unseen():
    return Fingerprint.objects.filter(~Exists(Sighting.objects.filter(fingerprint=OuterRef("pk"))))


def forget_unseen() -> int:
    """Those left by a draft that expired or a trace whose term is over."""
    return _unseen().delete()[1].get("victims.Fingerprint", 0)


# --- read


def counted(*, exercise: bool):
    """What links: filed, of dossiers that are not erased; an exercise never meets real victims."""
    return Sighting.objects.filter(draft=None, dossier__erased_at=None, dossier__exercise=exercise)


def links_of(dossier: Dossier) -> list[Link]:
    """The traces of this dossier that others know too, the most shared first. Two statements, whatever they count."""
    mine = {each.fingerprint_id: each.fingerprint for each in dossier.sightings.select_related("fingerprint")}
    rows = (
        counted(exercise=dossier.exercise)
        .filter(fingerprint__in=mine)
        .exclude(dossier=dossier)
        .values("fingerprint")
        .order_by()
        .annotate(dossiers=Count("dossier", distinct=True), units=Count("service", distinct=True))
    )
    found = [
        Link(
            mine[row["fingerprint"]],
            TraceKind(mine[row["fingerprint"]].kind).label,
            row["dossiers"],
            row["units"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda link: (-link.dossiers, link.kind, str(link.fingerprint.pk)))


def others_of(dossier: Dossier) -> int:
    """« 12 autres dossiers » : however many traces they share with this one."""
    mine = dossier.sightings.values("fingerprint")
    return (
        counted(exercise=dossier.exercise)
        .filter(fingerprint__in=mine)
        .exclude(dossier=dossier)
        .aggregate(n=Count("dossier", distinct=True))["n"]
    )
