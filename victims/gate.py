"""The victim's gate: a view behind it has `request.dossier`, opened by this browser's own key.

`with_dossier` is for the victim alone; `with_companion` lets in too whom the victim invited, `request.companion` then
says who, and each thing they send leaves a line that the victim sees.
"""

import functools
from urllib.parse import urlencode

from django.http import HttpRequest
from django.shortcuts import redirect, render, resolve_url

from guichet.audit import services as audit
from victims.services.access import COOKIE, access_of_token
from victims.services.dossiers import VICTIM

SIGN_IN = "dossier:sign_in"
ACTED = "a agi dans le dossier"


def with_dossier(view):
    """Without an open access the person is asked for reference and code; nothing says whether the dossier exists."""
    return _guarded(view, companions=False)


def with_companion(view):
    return _guarded(view, companions=True)


def _guarded(view, *, companions: bool):
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs):
        access = access_of_token(request.COOKIES.get(COOKIE, ""), companions=True)
        if access is None:
            return redirect(f"{resolve_url(SIGN_IN)}?{urlencode({'suite': 'ferme'})}")
        request.dossier, request.companion = access.dossier, access.companion
        if access.companion and not companions:
            return render(request, "dossier/not_yours.html", {"here": "dossier"}, status=403)
        if access.companion and request.method == "POST":
            _trace(request)
        return view(request, *args, **kwargs)

    return guarded


def actor_of(request: HttpRequest) -> str:
    """Who acts, as the journal names them."""
    companion = getattr(request, "companion", None)
    return companion.audit_name if companion else VICTIM


def _trace(request: HttpRequest) -> None:
    page = request.resolver_match.url_name
    audit.record(
        actor=request.companion.audit_name,
        verb=ACTED,
        chain=request.dossier.chain,
        target=request.dossier.reference,
        detail={"page": page},
    )
