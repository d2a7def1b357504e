"""Series: dossiers that agents hold to be one affair. A common trace proposes, an agent confirms, with a reason.

Across zones an agent sees that dossiers are there, and in which units: never what they say.
"""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import crypto, references
from guichet.lib.text import clean_text
from victims import rules
from victims.enums import ReportState
from victims.linking.enums import MemberState, SeriesState
from victims.models import Dossier, Fingerprint, Member, Report, Series
from victims.services.sightings import counted

LIMIT = 2000
SHOWN = 200
OTHER = "Autre dossier"


class Refused(Exception):
    """Words for the page: why it cannot be done."""


def _new_code() -> str:
    while True:
        code = "S-" + "".join(secrets.choice(references.ALPHABET) for _ in range(6))
        if not Series.objects.filter(code=code).exists():
            return code


@transaction.atomic
def propose(*, agent, dossier: Dossier, fingerprint_id, now: datetime | None = None) -> Series:
    """The series of this trace, opened if there is none. Every dossier that knows the trace may become a member."""
    now = now or timezone.now()
    if not rules.can_see_links(agent, dossier):
        raise Refused("Ce dossier n'est pas à vous.")
    mark = Fingerprint.objects.select_for_update().filter(pk=fingerprint_id, sightings__dossier=dossier).first()
    others = counted(exercise=dossier.exercise).filter(fingerprint=mark).exclude(dossier=dossier) if mark else None
    if others is None or not others.exists():
        raise Refused("Aucun autre dossier ne connaît cette trace.")
    series = mark.series.current().filter(exercise=dossier.exercise).first()
    if series is None:
        series = Series(code=_new_code(), exercise=dossier.exercise, opened_by=agent, opened_at=now)
        series.kek, series.wrapped_key = crypto.wrap(crypto.new_key(), owner=str(series.pk))
        series.save(force_insert=True)
        series.fingerprints.add(mark)
        record(agent, "série proposée", series)
    dossiers = {dossier.pk, *others.order_by().values_list("dossier", flat=True).distinct()}
    members = [Member(series=series, dossier_id=each, proposed_at=now) for each in dossiers]
    Member.objects.bulk_create(members, ignore_conflicts=True)
    return series


@transaction.atomic
def confirm(*, agent, series: Series, reason: str, now: datetime | None = None) -> Series:
    """Somebody says why these dossiers are one affair. Raises Refused."""
    series, reason = locked(agent, series), reason_of(reason)
    if series.state != SeriesState.PROPOSED:
        raise Refused("Cette série est déjà confirmée ou dissoute.")
    series.state, series.confirmed_by, series.confirmed_at = SeriesState.CONFIRMED, agent, now or timezone.now()
    series.sealed_reason = crypto.seal(series.key, reason, bound=series.bound("sealed_reason"))
    series.save(update_fields=["state", "confirmed_by", "confirmed_at", "sealed_reason"])
    record(agent, "série confirmée", series)
    return series


@transaction.atomic
def dissolve(*, agent, series: Series, reason: str, now: datetime | None = None) -> Series:
    """It was no series: it stays as a line with its reason, and links nobody any more. Raises Refused."""
    series, reason = locked(agent, series), reason_of(reason)
    if not series.is_open:
        raise Refused("Cette série est déjà dissoute ou réunie à une autre.")
    series.state, series.dissolved_by, series.dissolved_at = SeriesState.DISSOLVED, agent, now or timezone.now()
    series.sealed_ending = crypto.seal(series.key, reason, bound=series.bound("sealed_ending"))
    series.save(update_fields=["state", "dissolved_by", "dissolved_at", "sealed_ending"])
    record(agent, "série dissoute", series)
    return series


@transaction.atomic
def decide(*, agent, series: Series, member_id: int, keep: bool, now: datetime | None = None) -> Member:
    """Only who reads the dossier says whether it belongs. Raises Refused."""
    series = locked(agent, series)
    member = series.members.select_related("dossier").filter(pk=member_id).first()
    if not series.is_open or member is None:
        raise Refused("Cette série est close, ou ce dossier n'y est plus.")
    if not rules.can_see_links(agent, member.dossier):
        raise Refused("Seul un agent qui lit ce dossier peut le dire.")
    member.state = MemberState.CONFIRMED if keep else MemberState.REJECTED
    member.decided_by, member.decided_at = agent, now or timezone.now()
    member.save(update_fields=["state", "decided_by", "decided_at"])
    record(agent, "dossier confirmé dans la série" if keep else "dossier écarté de la série", series)
    return member


def locked(agent, series: Series) -> Series:
    fresh = Series.objects.select_for_update(of=("self",)).get(pk=series.pk)
    if not rules.can_follow_series(agent, fresh):
        raise Refused("Cette série n'est pas à vous.")
    return fresh


def reason_of(typed: str) -> str:
    reason = clean_text(typed).strip()
    if not reason:
        raise Refused("Écrivez un motif.")
    if len(reason) > LIMIT:
        raise Refused(f"Le motif est trop long : {LIMIT} caractères au plus.")
    return reason


def record(agent, verb: str, series: Series, other: str = "") -> None:
    detail = {"série": other} if other else {}
    audit.record(actor=agent.audit_name, verb=verb, chain=str(series.pk), target=series.code, detail=detail)


# --- read


def seen_by(agent):
    """Those of the dossiers that this agent reads; all of them for a supervisor."""
    if rules.can_supervise(agent):
        return Series.objects.all()
    return Series.objects.of_dossiers_read_by(agent)


def words_of(series: Series, field: str) -> str:
    sealed = getattr(series, field)
    if sealed is None:
        return ""
    try:
        return crypto.unseal(series.key, sealed, bound=series.bound(field)).decode()
    except crypto.CannotOpen:
        return "Ces mots ne peuvent plus être lus."


def members_of(series: Series, *, reader) -> list[dict]:
    """Of a dossier that the reader may open, the reference; of a report that the reader has, its number; of the others,
    the unit and the day only."""
    shown = list(_first(series.members.read_by(reader).with_named(reader), SHOWN))
    mine = {member.pk for member in shown}
    names = {each.dossier_id: each.dossier.reference for each in shown if each.named}
    sent = Report.objects.exclude(state__in=(ReportState.DRAFT, ReportState.WITHDRAWN))
    told = sent.filter(dossier__in=[each.dossier_id for each in shown if not each.named])
    names |= {dossier: f"Signalement {number}" for dossier, number in told.values_list("dossier", "number")}
    shown += _first(series.members.filter(dossier__erased_at=None).exclude(pk__in=mine), SHOWN - len(shown))
    rows = counted(exercise=series.exercise).filter(fingerprint__in=series.fingerprints.all()).select_related("service")
    seen = {row.dossier_id: row for row in rows.filter(dossier__in=[each.dossier_id for each in shown])}
    return [_shown(member, seen.get(member.dossier_id), names if member.pk in mine else {}) for member in shown]


def _first(members, n: int):
    return members.select_related("dossier", "decided_by").order_by("proposed_at", "pk")[:n]


def _shown(member: Member, sighting, names: dict) -> dict:
    return {
        "member": member,
        "mine": bool(names),
        "name": names.get(member.dossier_id, OTHER),
        "unit": sighting.service.label if sighting and sighting.service else "Unité à déterminer",
        "day": sighting.seen_at if sighting else member.proposed_at,
    }


def forget_empty() -> int:
    """A series whose last dossier is gone says nothing of anyone any more."""
    return Series.objects.filter(members=None).delete()[1].get("victims.Series", 0)
