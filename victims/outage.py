"""What somebody reads when the guichet breaks while a complaint or a report is being sent: what is sure, and no more.

Two pages, neither of which asks the database anything: it was not sent (`blocks.NotFiled`), or nobody can tell yet.
"""

import functools
import logging
from urllib.parse import urlencode

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from victims.services.blocks import NotFiled

log = logging.getLogger("victims.outage")
AGAIN = 60


def told(what: str, *, boxes: tuple[str, ...] = ()):
    """`what` is sent by this view, or shown as sent: « plainte » or « signalement ». `boxes`: what is ticked on
    the form and kept in no draft; the way back carries them."""

    def wrap(view):
        @functools.wraps(view)
        def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except (NotFiled, Error, OSError) as error:
                return _page(what, error, ticked(request, boxes))

        return answered

    return wrap


def ticked(request: HttpRequest, boxes: tuple[str, ...]) -> str:
    """Those that were ticked, as the end of an address: names of ours alone, nothing that was typed."""
    sent = request.POST if request.method == "POST" else request.GET
    found = urlencode({name: "on" for name in boxes if sent.get(name)})
    return f"?{found}" if found else ""


def _page(what: str, error: Exception, boxes: str) -> HttpResponse:
    """No request is given to the template: no context processor runs, so no session and no database."""
    log.error("%s: %s, %s", what, type(error).__name__, type(error.__cause__).__name__)
    words = {"what": what, "sure": isinstance(error, NotFiled), "boxes": boxes, "here": "dossier"}
    return HttpResponse(
        render_to_string("complaint/outage.html", words), status=503, headers={"Retry-After": str(AGAIN)}
    )
