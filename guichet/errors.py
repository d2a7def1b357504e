"""Errors, in plain words and with the emergency numbers. None of these pages asks the database anything."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from guichet.bodies import limit_of

LAST_RESORT = (
    "<!doctype html><html lang=fr><meta charset=utf-8><title>Guichet cyber</title>"
    "<h1>Le guichet ne répond pas pour le moment.</h1><p>Ce n’est pas de votre faute. Réessayez dans une minute."
    "<p>Danger immédiat&nbsp;: <a href=tel:17>17</a>, <a href=tel:112>112</a>, par SMS <a href=sms:114>114</a>."
)


def _page(status: int, **words) -> HttpResponse:
    """No request is given to the template: no context processor runs, so no session and no database."""
    return HttpResponse(render_to_string(f"{status}.html", words), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("400.html", {"too_big": True}), status=413)
    return _page(400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form too long for its page was not read, its token neither."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) > limit_of(request.path.encode()):
        return bad_request(request, RequestDataTooBig())
    return _page(403, stale=True)


def broken(request: HttpRequest) -> HttpResponse:
    """The last page: if even the template cannot be read, plain words are sent."""
    try:
        return _page(500)
    except Exception:
        return HttpResponse(LAST_RESORT, status=500)
