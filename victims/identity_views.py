"""« Prouver mon identité »: told first, then the journey to the provider and back. Off unless a provider is set."""

import logging
import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from guichet.lib import ratelimit
from guichet.lib.openid import Refused
from victims.gate import with_dossier
from victims.services import identities
from victims.services.access import COOKIE, access_of_token

log = logging.getLogger("victims.identity")
GIVEN_UP = "Vous n’avez pas prouvé votre identité. Rien n’a changé dans votre dossier."
FAILED = "Votre identité n’a pas pu être vérifiée. Votre dossier n’a pas changé : recommencez, ou allez dans une unité."
AWAY = "Le service d’identité ne répond pas. Votre dossier n’a pas changé : réessayez plus tard."
AGAIN = "Ce retour ne sert plus : il a déjà servi, ou dix minutes ont passé. Recommencez."
SAID = {"provider-away": AWAY, "unknown-state": AGAIN}


def _page(request: HttpRequest, *, error: str = "", status: int = 200, **more) -> HttpResponse:
    identity = identities.latest(request.dossier)
    page = {
        "identity": identity,
        "told": identities.told(identity),
        "rows": identities.rows_of(identity) if identity else [],
        "label": settings.GUICHET_OIDC_LABEL,
        "available": identities.provider() is not None,
        "error": error,
        "here": "dossier",
    }
    return render(request, "dossier/identity.html", {**page, **more}, status=status)


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("dossier:identity_back"))


def _access(request: HttpRequest):
    return access_of_token(request.COOKIES.get(COOKIE, ""))


@require_safe
@with_dossier
def identity(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@with_dossier
def begin(request: HttpRequest) -> HttpResponse:
    """The address of the provider is a link on our page: no form of ours is ever sent elsewhere."""
    if identities.provider() is None:
        raise Http404
    if ratelimit.wait_before("identity", str(request.dossier.pk), allowed=10, seconds=3600):
        return _page(request, error="Beaucoup d’essais en une heure. Attendez un peu.", status=429)
    try:
        address = identities.begin(dossier=request.dossier, access=_access(request), redirect_uri=_back(request))
    except Refused as refusal:
        return _refused(request, refusal)
    return _page(request, leave=address)


@require_safe
@with_dossier
def back(request: HttpRequest) -> HttpResponse:
    """The return: believed once, by the browser that left. Then the session at the provider is ended too."""
    if identities.provider() is None:
        raise Http404
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    if request.GET.get("error") or not code or len(code) > 2000:
        return _page(request, error=GIVEN_UP, status=422)
    try:
        _, verified = identities.finish(access=_access(request), state=state, code=code, redirect_uri=_back(request))
    except Refused as refusal:
        return _refused(request, refusal)
    return _logged_out(request, verified)


def _logged_out(request: HttpRequest, verified) -> HttpResponse:
    """A shared computer must not stay signed in there. The identity token is used for that, and kept nowhere."""
    here = request.build_absolute_uri(reverse("dossier:identity"))
    try:
        address = identities.provider().logout_url(
            id_token=verified.id_token, state=secrets.token_urlsafe(32), back=here
        )
    except Refused:
        address = ""
    return HttpResponseRedirect(address) if address else redirect("dossier:identity")


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    log.warning("identity refused: %s", refusal.code)
    return _page(request, error=SAID.get(refusal.code, FAILED), status=422)
