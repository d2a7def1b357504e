"""The victim erases the dossier: told first what goes, then done at once, for ever."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from victims.gate import with_dossier
from victims.services import access, retention


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def erase(request: HttpRequest) -> HttpResponse:
    confirmed = request.method == "POST" and request.POST.get("confirm") == "oui"
    if confirmed and retention.erase_now(dossier=request.dossier):
        response = render(request, "dossier/erased.html")
        response.delete_cookie(access.COOKIE, path="/", samesite="Lax")
        return response
    page = {
        "possible": retention.can_be_erased(request.dossier),
        "unconfirmed": request.method == "POST",
        "here": "dossier",
    }
    return render(request, "dossier/erase.html", page, status=422 if request.method == "POST" else 200)
