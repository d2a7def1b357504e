"""What links dossiers, for agents: how many others speak of the same author, and the series that agents confirm."""

import uuid

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from guichet.audit import services as audit
from guichet.audit.models import Line
from tchat.console_views import for_agents
from tchat.services.reading import SAME_OPENING, note_reading
from tchat.supervision_views import for_supervisors
from victims import rules
from victims.models import Dossier, Series
from victims.services import merges, sightings, surges
from victims.services import series as series_services

HERE = "series"
SHOWN = 100


def _dossier(agent, key: uuid.UUID) -> Dossier:
    found = Dossier.objects.select_related("diagnosis").filter(pk=key, erased_at=None).first()
    if found is None or not rules.can_see_links(agent, found):
        raise Http404
    return found


@require_safe
@for_agents
def links(request: HttpRequest, dossier: uuid.UUID) -> HttpResponse:
    return _links(request, _dossier(request.user, dossier))


def _links(request: HttpRequest, found: Dossier, refusal: str = "") -> HttpResponse:
    note_reading(agent=request.user, verb="liens consultés", dossier=found, target=str(found.pk))
    rows = sightings.links_of(found)
    mine = series_services.seen_by(request.user).filter(fingerprints__in=[each.fingerprint for each in rows])
    page = {
        "dossier": found,
        "named": rules.can_read_dossier(request.user, found),
        "links": rows,
        "others": sightings.others_of(found),
        "series": mine.distinct(),
        "refusal": refusal,
        "here": HERE,
    }
    return render(request, "console/links.html", page, status=422 if refusal else 200)


@require_POST
@for_agents
def propose(request: HttpRequest, dossier: uuid.UUID, fingerprint: uuid.UUID) -> HttpResponse:
    found = _dossier(request.user, dossier)
    try:
        series = series_services.propose(agent=request.user, dossier=found, fingerprint_id=fingerprint)
    except series_services.Refused as refusal:
        return _links(request, found, str(refusal))
    return redirect("console:one_series", series.pk)


# --- series


@require_safe
@for_agents
def all_series(request: HttpRequest) -> HttpResponse:
    found = series_services.seen_by(request.user).distinct()[:SHOWN]
    return render(request, "console/all_series.html", {"series": list(found), "here": HERE})


def followed(agent, key: uuid.UUID) -> Series:
    found = Series.objects.select_related("opened_by", "confirmed_by", "dissolved_by").filter(pk=key).first()
    if found is None or not rules.can_follow_series(agent, found):
        raise Http404
    return found


@require_safe
@for_agents
def one_series(request: HttpRequest, series: uuid.UUID) -> HttpResponse:
    return series_page(request, followed(request.user, series))


def series_page(request: HttpRequest, found: Series, *, refusal="", typed="", doing="", chosen="") -> HttpResponse:
    _note_reading(request.user, found)
    page = {
        "series": found,
        "members": series_services.members_of(found, reader=request.user),
        "total": found.members.count(),
        "kinds": list(dict.fromkeys(each.get_kind_display() for each in found.fingerprints.all())),
        "reason": series_services.words_of(found, "sealed_reason"),
        "ending": series_services.words_of(found, "sealed_ending"),
        "open": found.is_open,
        "candidates": merges.candidates_of(found, request.user) if found.is_open else [],
        "merges": merges.merges_of(found),
        "inside": merges.taken_into(found),
        "chosen": chosen,
        "refusal": refusal,
        "typed": typed,
        "doing": doing,
        "here": HERE,
    }
    return render(request, "console/one_series.html", page, status=422 if refusal else 200)


def _note_reading(agent, series: Series) -> None:
    """As for a dossier: a page that is refreshed is the same reading."""
    from_then = timezone.now() - SAME_OPENING
    seen = Line.objects.filter(chain=str(series.pk), actor=agent.audit_name, verb="série lue", at__gt=from_then)
    if not seen.exists():
        audit.record(actor=agent.audit_name, verb="série lue", chain=str(series.pk), target=series.code)


@require_POST
@for_agents
def confirm(request: HttpRequest, series: uuid.UUID) -> HttpResponse:
    return _decided(request, series, series_services.confirm, "confirmer", "La série est confirmée.")


@require_POST
@for_agents
def dissolve(request: HttpRequest, series: uuid.UUID) -> HttpResponse:
    return _decided(request, series, series_services.dissolve, "dissoudre", "La série est dissoute.")


def _decided(request: HttpRequest, key: uuid.UUID, service, doing: str, said: str) -> HttpResponse:
    found, typed = followed(request.user, key), request.POST.get("motif", "")
    try:
        service(agent=request.user, series=found, reason=typed)
    except series_services.Refused as refusal:
        return series_page(request, found, refusal=str(refusal), typed=typed, doing=doing)
    notices.success(request, said)
    return redirect("console:one_series", key)


@require_POST
@for_agents
def decide(request: HttpRequest, series: uuid.UUID, member: int) -> HttpResponse:
    found = followed(request.user, series)
    try:
        series_services.decide(
            agent=request.user, series=found, member_id=member, keep=request.POST.get("avis") == "garder"
        )
    except series_services.Refused as refusal:
        return series_page(request, found, refusal=str(refusal))
    return redirect("console:one_series", series)


@require_POST
@for_supervisors
def acknowledge(request: HttpRequest, surge: uuid.UUID) -> HttpResponse:
    if surges.acknowledge(supervisor=request.user, surge_id=surge):
        notices.success(request, "Noté : vous avez vu cet afflux.")
    else:
        notices.warning(request, "Un collègue l’a déjà vu.")
    return redirect("console:supervision")
