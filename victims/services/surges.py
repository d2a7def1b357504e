"""A trace or a series that grows faster than chance: told to supervisors, with a draft for the editors.

The week is compared with the eight before. Nothing is ever published by itself.
"""

from collections import Counter
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from diagnostic.models import Announcement, Diagnosis
from diagnostic.prevention.enums import State
from diagnostic.prevention.services import draft_announcement
from guichet.audit import services as audit
from guichet.observatory.surges import LEAST, is_surge
from victims.linking.enums import MemberState
from victims.models import Series, Surge
from victims.services.sightings import counted

WEEK, BEFORE = timedelta(days=7), 8


def watch(*, now: datetime | None = None) -> int:
    """How many were raised. One that waits, or was raised this week, is not raised again."""
    now = now or timezone.now()
    return _watch_traces(now) + _watch_series(now)


def _counts(rows, by: str, now: datetime):
    """(key, dossiers of the week, dossiers that a week usually has) of what is many enough to be looked at."""
    this, since = Q(seen_at__gt=now - WEEK), now - WEEK * (BEFORE + 1)
    counts = (
        rows.filter(seen_at__gt=since, seen_at__lte=now)
        .values(by)
        .order_by()
        .annotate(new=Count("dossier", distinct=True, filter=this), old=Count("dossier", distinct=True, filter=~this))
        .filter(new__gte=LEAST)
    )
    return [(row[by], row["new"], row["old"] / BEFORE) for row in counts]


def _watch_traces(now: datetime) -> int:
    rows, raised = counted(exercise=False), 0
    for key, observed, expected in _counts(rows, "fingerprint", now):
        if is_surge(observed, expected):
            raised += _raise(rows.filter(fingerprint=key), observed, expected, now, fingerprint_id=key)
    return raised


def _watch_series(now: datetime) -> int:
    rows, raised = counted(exercise=False), 0
    for series in Series.objects.confirmed().filter(exercise=False):
        inside = series.members.exclude(state=MemberState.REJECTED).values("dossier")
        own = rows.filter(fingerprint__in=series.fingerprints.all(), dossier__in=inside)
        week = own.filter(seen_at__gt=now - WEEK, seen_at__lte=now).values("dossier").distinct().count()
        old = own.filter(seen_at__gt=now - WEEK * (BEFORE + 1), seen_at__lte=now - WEEK)
        expected = old.values("dossier").distinct().count() / BEFORE
        if is_surge(week, expected):
            raised += _raise(own, week, expected, now, series_id=series.pk)
    return raised


def _raise(rows, observed: int, expected: float, now: datetime, **of) -> int:
    if Surge.objects.filter(Q(acknowledged_at=None) | Q(raised_at__gt=now - WEEK), **of).exists():
        return 0
    threat, name = _commonest(rows.filter(seen_at__gt=now - WEEK))
    try:
        with transaction.atomic():
            surge = Surge.objects.create(threat=threat, observed=observed, expected=expected, raised_at=now, **of)
            surge.announcement = _draft(threat, name, now)
            surge.save(update_fields=["announcement"])
    except IntegrityError:
        return 0
    audit.record(actor="système", verb="afflux signalé", target=str(surge.pk), detail={"dossiers": observed})
    return 1


def _draft(threat: str, name: str, now: datetime) -> Announcement:
    """One draft for one affair: an author's account and number grow together."""
    asked = Surge.objects.filter(threat=threat, raised_at__gt=now - WEEK, announcement__state=State.DRAFT)
    if found := asked.select_related("announcement").first():
        return found.announcement
    return draft_announcement(
        title=f"À relire : {name}"[:120],
        summary="Plusieurs personnes disent avoir affaire au même auteur. Brouillon : à écrire et à relire.",
        threats=[threat] if threat else [],
    )


def _commonest(rows) -> tuple[str, str]:
    """(id, name) of the threat that most of these dossiers tell."""
    diagnoses = Diagnosis.objects.filter(dossier__in=rows.values("dossier"))
    found = Counter((each.threats[0], each.threat_names[0]) for each in diagnoses if each.threats)
    return found.most_common(1)[0][0] if found else ("", "même auteur")


def waiting():
    return Surge.objects.filter(acknowledged_at=None).select_related("fingerprint", "series", "announcement")


@transaction.atomic
def acknowledge(*, supervisor, surge_id, now: datetime | None = None) -> bool:
    """Compare and set: the first who says so is the one who saw it."""
    now = now or timezone.now()
    changed = Surge.objects.filter(pk=surge_id, acknowledged_at=None).update(
        acknowledged_at=now, acknowledged_by=supervisor
    )
    if changed:
        audit.record(actor=supervisor.audit_name, verb="afflux vu", target=str(surge_id))
    return bool(changed)
