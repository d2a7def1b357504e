"""« Quitter vite », the server's half: end the access, empty the browser, leave nothing of ours behind the Back button.

The browser's half is `static/js/guichet.js`; both work alone.
"""

import logging
from contextlib import suppress
from http.cookies import CookieError

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from victims.services.access import end_access

MARK = settings.COOKIE_PREFIX + "page"
OPEN_PATHS = ("/static/", "/quitter/", "/sante/")
log = logging.getLogger("guichet.quick_exit")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """No token is asked: leaving must work from any page, however old; another site may not close it though.

    A form is redirected to ourselves, then to a page that opens the outside one: Chromium refuses a form that leads to
    another host (`form-action`). A script has already left, and only says it (`?dit`): no redirect would be followed.
    """
    if request.method == "GET":
        return _marked(HttpResponse(render_to_string("pages/quit.html", {"leaving": True})))
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return redirect("home")
    _end_access(request)
    if "dit" in request.GET:
        return _marked(_emptied(request, HttpResponse(status=204), '"cache", "storage"'))
    response = redirect("quit")
    response.status_code = 303
    return _emptied(request, response, '"cache", "cookies", "storage"')


def _emptied(request: HttpRequest, response: HttpResponse, kinds: str) -> HttpResponse:
    """Cookies go one by one too: a browser obeys Clear-Site-Data only over HTTPS, and some not at all."""
    response.headers["Clear-Site-Data"] = kinds
    for name in request.COOKIES:
        with suppress(CookieError):  # a name that no server of ours could have set
            response.delete_cookie(name)
    return response


def _marked(response: HttpResponse) -> HttpResponse:
    response.set_cookie(MARK, "1", secure=settings.HTTPS, httponly=True, samesite="Lax")
    return response


def _end_access(request: HttpRequest) -> None:
    """A database that does not answer must not keep the person on the page: the cookie goes all the same."""
    try:
        end_access(request)
    except DatabaseError:
        log.warning("quit: access not ended, database unreachable")


@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    response = redirect("home")
    response.delete_cookie(MARK)
    return response


class AfterQuitMiddleware:
    """After « Quitter vite », Back finds a page without a word of ours, until the person asks to come in again."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request):
        if request.COOKIES.get(MARK) and request.method == "GET" and not request.path.startswith(OPEN_PATHS):
            page = HttpResponse(render_to_string("pages/quit.html"))
            return self._later(page) if iscoroutinefunction(self.get_response) else page
        return self.get_response(request)

    @staticmethod
    async def _later(page):
        return page
