"""Taking the plan away: on paper, as a PDF or one file, to another device, by e-mail."""

import io
import logging
from smtplib import SMTPException

import segno
from django.core.mail import EmailMessage, get_connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from diagnostic import takeaway
from diagnostic.forms import MailForm
from diagnostic.journey import catalogue_of, save
from diagnostic.moments import PARIS, day_words, hour_words
from diagnostic.outcome import Outcome, outcome_of
from guichet.lib import documents, ratelimit

SUBJECT = "Votre mémo"
HOUR = 3600
log = logging.getLogger("guichet.diagnostic")


def _lost() -> HttpResponse:
    return HttpResponseRedirect(reverse("diagnostic:start") + "?perdu")


@require_http_methods(["GET", "HEAD", "POST"])
def takeaway_page(request: HttpRequest) -> HttpResponse:
    """Every way to take the plan away. A POST asks for the code that carries the answers."""
    outcome = outcome_of(request)
    if outcome is None:
        return _lost()
    token = ""
    if request.method == "POST":
        if wait := _wait(request, "takeaway-code", 20):
            return _too_many(request, wait)
        token = takeaway.keep(outcome.journey, life=takeaway.DEVICE_LIFE)
    return _page(request, form=MailForm(), token=token)


def _page(request: HttpRequest, *, form: MailForm, token: str = "", sent: bool = False, failed: bool = False):
    context = {
        "form": form,
        "token": token,
        "link": _link(request, token) if token else "",
        "home": request.build_absolute_uri(reverse("diagnostic:start")),
        "sent": sent,
        "failed": failed,
    }
    status = 422 if form.is_bound and form.errors else 503 if failed else 200
    return render(request, "diagnostic/takeaway.html", context, status=status)


def _link(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("diagnostic:carried", args=[token]))


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """One link to an address that nobody keeps: not in the database, not in a log, not in a queue."""
    outcome = outcome_of(request)
    if outcome is None:
        return _lost()
    form = MailForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    address = form.cleaned_data["adresse"]
    wait = _wait(request, "takeaway-mail", 5)
    wait = wait or ratelimit.wait_before("takeaway-address", address.lower(), allowed=3, seconds=HOUR)
    if wait:
        return _too_many(request, wait)
    token = takeaway.keep(outcome.journey, life=takeaway.MAIL_LIFE)
    body = render_to_string("diagnostic/mail.txt", {"link": _link(request, token)})
    try:
        EmailMessage(SUBJECT, body, to=[address], connection=get_connection(timeout=10)).send()
    except (SMTPException, OSError) as error:
        log.warning("takeaway: mail not sent (%s)", type(error).__name__)
        return _page(request, form=form, failed=True)
    return _page(request, form=MailForm(), sent=True)


@require_safe
def code(request: HttpRequest, token: str = "") -> HttpResponse:
    """The drawing of an address: ours alone, or the one-use link while it waits."""
    if token and not takeaway.waits(token):
        raise Http404
    address = _link(request, token) if token else request.build_absolute_uri(reverse("diagnostic:start"))
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", scale=6, border=4, light="#fff", dark="#000")
    response = HttpResponse(out.getvalue(), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def carried(request: HttpRequest, token: str) -> HttpResponse:
    """The other device. Reading the page uses nothing up (mail filters open links); pressing the button does."""
    if request.method != "POST":
        waits = takeaway.waits(token)
        return render(request, "diagnostic/carried.html", {"waits": waits}, status=200 if waits else 410)
    journey = takeaway.take(token)
    if journey is None:
        return render(request, "diagnostic/carried.html", {"waits": False}, status=410)
    catalogue = catalogue_of(journey.version)
    if journey.version != catalogue.version:
        journey.settle(catalogue)
    response = HttpResponseRedirect(reverse("diagnostic:result"))
    response.status_code = 303
    save(response, catalogue, journey)
    return response


@require_safe
def plan_pdf(request: HttpRequest) -> HttpResponse:
    outcome = outcome_of(request)
    if outcome is None:
        return _lost()
    if wait := _wait(request, "takeaway-pdf", 30):
        return _too_many(request, wait)
    data = {**takeaway.sheet(outcome), "printed": _printed(outcome)}
    return _download(documents.render("plan", data, moment=outcome.now), "application/pdf", "memo.pdf")


@require_safe
def plan_file(request: HttpRequest) -> HttpResponse:
    """One file that opens without a network, and leaves nothing in the browser that gave it."""
    outcome = outcome_of(request)
    if outcome is None:
        return _lost()
    sheet = {"sheet": takeaway.sheet(outcome), "printed": _printed(outcome)}
    page = render_to_string("diagnostic/memo_file.html", sheet)
    return _download(page.encode(), "text/html; charset=utf-8", "memo.html")


def _printed(outcome: Outcome) -> str:
    at = timezone.localtime(outcome.now, PARIS)
    return f"du {day_words(at)}, {hour_words(at)}"


def _download(content: bytes, media: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media)
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _wait(request: HttpRequest, purpose: str, allowed: int) -> int:
    return ratelimit.wait_before(purpose, ratelimit.client_address(request), allowed=allowed, seconds=HOUR)


def _too_many(request: HttpRequest, wait: int) -> HttpResponse:
    minutes = -(-wait // 60)
    words = "une minute" if minutes == 1 else f"{minutes} minutes"
    response = render(request, "diagnostic/wait.html", {"wait": words}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
