"""Two series that are one affair become one, and come apart again: nothing is lost on the way, each step is traced.

The series taken in keeps its own rows untouched; the one that is kept gets copies, marked with what brought them.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from guichet.lib import crypto
from victims import rules
from victims.linking.enums import MemberState, SeriesState
from victims.models import Member, Merge, Series, Sighting
from victims.services import series as series_services
from victims.services.series import Refused

GONE = "Cette réunion est déjà défaite."
SAID = ("state", "decided_by", "decided_at")


@transaction.atomic
def merge(*, agent, kept: Series, code: str, reason: str, now: datetime | None = None) -> Merge:
    """Into `kept`, the series of this code. The agent follows both, and says why. Raises Refused."""
    now, reason = now or timezone.now(), series_services.reason_of(reason)
    kept, taken = _both(agent, kept, code)
    made = Merge(kept=kept, taken=taken, state_before=taken.state, merged_by=agent, merged_at=now)
    made.sealed_reason = crypto.seal(kept.key, reason, bound=made.bound("sealed_reason"))
    made.save(force_insert=True)
    mine = set(kept.fingerprints.values_list("pk", flat=True))
    made.fingerprints.set(taken.fingerprints.exclude(pk__in=mine))
    kept.fingerprints.add(*made.fingerprints.all())
    _bring(made)
    Series.objects.filter(pk=taken.pk).update(state=SeriesState.MERGED)
    series_services.record(agent, "série réunie", kept, taken.code)
    series_services.record(agent, "série réunie à une autre", taken, kept.code)
    return made


def _both(agent, kept: Series, code: str) -> tuple[Series, Series]:
    other = Series.objects.filter(code=code.strip().upper()).first()
    if other is None or not rules.can_follow_series(agent, other):
        raise Refused("Choisissez une série que vous suivez.")
    if other.pk == kept.pk:
        raise Refused("Choisissez une autre série que celle-ci.")
    both = sorted([kept, other], key=lambda each: str(each.pk))
    locked = {each.pk: series_services.locked(agent, each) for each in both}
    kept, other = locked[kept.pk], locked[other.pk]
    if not kept.is_open or not other.is_open:
        raise Refused("Une série dissoute ou déjà réunie ne peut pas l'être.")
    if kept.exercise != other.exercise:
        raise Refused("Un exercice ne se mêle jamais à de vrais dossiers.")
    if other.state == SeriesState.CONFIRMED and kept.state != SeriesState.CONFIRMED:
        raise Refused(f"La série {other.code} est confirmée : réunissez celle-ci depuis sa page.")
    return kept, other


def _bring(made: Merge) -> None:
    """Every dossier of the one taken in; what was decided of a dossier in both is kept, else what was decided there."""
    here = {member.dossier_id: member for member in made.kept.members.all()}
    new = []
    for member in made.taken.members.all():
        known = here.get(member.dossier_id)
        said = {name: getattr(member, name) for name in SAID}
        if known is None:
            copied = {"dossier_id": member.dossier_id, "proposed_at": made.merged_at, **said}
            new.append(Member(series=made.kept, brought_by=made, **copied))
        elif known.state == MemberState.PROPOSED and member.state != MemberState.PROPOSED:
            Member.objects.filter(pk=known.pk, state=MemberState.PROPOSED).update(**said)
    Member.objects.bulk_create(new)


@transaction.atomic
def split(*, agent, merge_id: uuid.UUID, kept: Series, reason: str, now: datetime | None = None) -> Series:
    """They were two affairs: the one taken in is what it was, with what came and was decided since. Raises Refused."""
    now, reason = now or timezone.now(), series_services.reason_of(reason)
    kept = series_services.locked(agent, kept)
    made = Merge.objects.select_related("taken").filter(pk=merge_id, kept=kept, split_at=None).first()
    if made is None:
        raise Refused(GONE)
    if not kept.is_open:
        raise Refused("Cette série est dissoute, ou réunie à une autre : séparez d'abord celle-là.")
    made.kept = kept
    made.sealed_ending = crypto.seal(kept.key, reason, bound=made.bound("sealed_ending"))
    made.split_by, made.split_at = agent, now
    made.save(update_fields=["sealed_ending", "split_by", "split_at"])
    _give_back(made)
    Series.objects.filter(pk=made.taken_id).update(state=made.state_before)
    made.taken.refresh_from_db()
    series_services.record(agent, "série séparée", kept, made.taken.code)
    series_services.record(agent, "série séparée d'une autre", made.taken, kept.code)
    return made.taken


def _give_back(made: Merge) -> None:
    kept = made.kept
    others = list(kept.merges.filter(split_at=None).exclude(pk=made.pk).order_by("merged_at", "pk"))
    for mark in made.fingerprints.all():
        heir = next((each for each in others if each.taken.fingerprints.filter(pk=mark.pk).exists()), None)
        if heir:
            heir.fingerprints.add(mark)
        else:
            kept.fingerprints.remove(mark)
    _decided_since(made)
    _came_since(made)
    for member in kept.members.filter(brought_by=made):
        heir = next((each for each in others if each.taken.members.filter(dossier=member.dossier_id).exists()), None)
        if heir:
            Member.objects.filter(pk=member.pk).update(brought_by=heir)
        else:
            member.delete()


def _decided_since(made: Merge) -> None:
    """What an agent said of a dossier while the two were one is true of the series that it came from."""
    since = made.kept.members.filter(brought_by=made, decided_at__gte=made.merged_at)
    for member in since:
        said = {name: getattr(member, name) for name in SAID}
        made.taken.members.filter(dossier=member.dossier_id).update(**said)


def _came_since(made: Merge) -> None:
    """A dossier that joined meanwhile goes where its traces are: there, here, or both."""
    came = made.kept.members.filter(brought_by=None, proposed_at__gte=made.merged_at)
    theirs = Sighting.objects.filter(fingerprint__in=made.taken.fingerprints.all()).values("dossier")
    ours = Sighting.objects.filter(fingerprint__in=made.kept.fingerprints.all()).values("dossier")
    for member in came.filter(dossier__in=theirs):
        said = {name: getattr(member, name) for name in SAID}
        Member.objects.get_or_create(series=made.taken, dossier_id=member.dossier_id, defaults=said)
    came.filter(dossier__in=theirs).exclude(dossier__in=ours).delete()


# --- read


def candidates_of(series: Series, agent) -> list[dict]:
    """Those that this agent follows and that may be taken in, first those that share a dossier or a trace."""
    mine = series_services.seen_by(agent).filter(pk__in=Series.objects.current(), exercise=series.exercise)
    near = Q(members__dossier__in=series.members.values("dossier")) | Q(fingerprints__in=series.fingerprints.all())
    close = set(mine.filter(near).values_list("pk", flat=True))
    found = list(mine.exclude(pk=series.pk).distinct()[: series_services.SHOWN])
    rows = [{"series": each, "close": each.pk in close} for each in found]
    return sorted(rows, key=lambda row: not row["close"])


def merges_of(series: Series) -> list[dict]:
    """What was taken into this series, with the words of who did it; those undone too."""
    found = series.merges.select_related("taken", "merged_by", "split_by")
    rows = [(each, _words(each, "sealed_reason"), _words(each, "sealed_ending")) for each in found]
    return [{"merge": each, "key": str(each.pk), "reason": reason, "ending": ending} for each, reason, ending in rows]


def taken_into(series: Series) -> Series | None:
    """The series that holds this one now."""
    found = series.taken_into.filter(split_at=None).select_related("kept").first()
    return found.kept if found else None


def _words(made: Merge, field: str) -> str:
    sealed = getattr(made, field)
    if sealed is None:
        return ""
    try:
        return crypto.unseal(made.kept.key, sealed, bound=made.bound(field)).decode()
    except crypto.CannotOpen:
        return "Ces mots ne peuvent plus être lus."
