"""Two series made one by an agent who follows both, and split again."""

import uuid

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tchat.console_views import for_agents
from tchat.link_views import followed, series_page
from victims.services import merges
from victims.services.series import Refused

MERGE, SPLIT = "reunir", "separer"


@require_POST
@for_agents
def merge(request: HttpRequest, series: uuid.UUID) -> HttpResponse:
    found, typed, code = followed(request.user, series), request.POST.get("motif", ""), request.POST.get("autre", "")
    try:
        made = merges.merge(agent=request.user, kept=found, code=code[:24], reason=typed)
    except Refused as refusal:
        return series_page(request, found, refusal=str(refusal), typed=typed, doing=MERGE, chosen=code)
    notices.success(request, f"La série {made.taken.code} est réunie à celle-ci.")
    return redirect("console:one_series", series)


@require_POST
@for_agents
def split(request: HttpRequest, series: uuid.UUID, merge: uuid.UUID) -> HttpResponse:
    found, typed = followed(request.user, series), request.POST.get("motif", "")
    try:
        back = merges.split(agent=request.user, merge_id=merge, kept=found, reason=typed)
    except Refused as refusal:
        return series_page(request, found, refusal=str(refusal), typed=typed, doing=f"{SPLIT}-{merge}")
    notices.success(request, f"La série {back.code} est de nouveau à part.")
    return redirect("console:one_series", series)
