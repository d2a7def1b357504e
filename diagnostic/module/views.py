"""`/module/`: what partner sites choose from, copy and ask for; and the door by which a frame's journey comes in."""

import io
from typing import Any

import segno
from csp.constants import SELF
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from diagnostic import content, engine
from diagnostic.catalogue import Catalogue
from diagnostic.engine import Resolution
from diagnostic.journey import Journey, save
from diagnostic.module import branches, services, state
from diagnostic.module.exceptions import TooManyWaiting
from diagnostic.module.forms import FRAME, ChoiceForm, RequestForm
from diagnostic.module.state import Carried
from guichet.lib import ratelimit

YOURS = "votre-identifiant"
HOUR = 3600
ASKED_PER_HOUR = 5
RECEIVED = "recue"


class SeeOther(HttpResponseRedirect):
    status_code = 303


# --- the page for partners ----------------------------------------------------------------------------
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """No statement, no cookie."""
    return _home(request, RequestForm())


def _home(request: HttpRequest, form: RequestForm, *, status: int = 200, full: bool = False) -> HttpResponse:
    catalogue = content.published()
    asked = request.GET if "forme" in request.GET else {"forme": FRAME}
    choice = ChoiceForm(branches.offered(catalogue), asked)
    valid = choice.is_valid()
    chosen = choice.cleaned_data
    shape, node = (chosen.get("forme") or FRAME, chosen.get("branche", "")) if valid else (FRAME, "")
    context: dict[str, Any] = {
        "choice": choice,
        "form": form,
        "shape": shape,
        "received": RECEIVED in request.GET,
        "full": full,
        "threshold": services.SHOWN_FROM,
        **_lines(request, shape, node, chosen.get("identifiant") or YOURS),
    }
    response = render(request, "module/home.html", context, status=status)
    response._csp_update = {"frame-src": [SELF]}
    return response


def _lines(request: HttpRequest, shape: str, node: str, slug: str) -> dict[str, str]:
    """The addresses to copy, whole; the frame that the page shows is our own, and counts nothing."""
    names = ("module:frame_at", [node]) if node else ("module:frame", [])
    entry = reverse("module:enter", args=[node]) if node else reverse("diagnostic:start")
    return {
        "origin": request.build_absolute_uri("/").rstrip("/"),
        "frame": request.build_absolute_uri(reverse(names[0], args=[slug, *names[1]])),
        "preview": reverse(names[0], args=[services.PREVIEW, *names[1]]),
        "entry": request.build_absolute_uri(entry),
        "code": reverse("module:code_of", args=[node]) if node else reverse("module:code"),
    }


@csrf_exempt
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """A request needs no right, so no token and no cookie; a form on another site is sent back to ours."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return SeeOther(reverse("module:home"))
    form = RequestForm(request.POST)
    done = SeeOther(f"{reverse('module:home')}?{RECEIVED}#demande")
    if form.trapped:
        return done
    if not form.is_valid():
        return _home(request, form, status=422)
    address = ratelimit.client_address(request)
    if wait := ratelimit.wait_before("module-ask", address, allowed=ASKED_PER_HOUR, seconds=HOUR):
        response = _home(request, form, status=429, full=True)
        response.headers["Retry-After"] = str(wait)
        return response
    try:
        services.ask_partner(**{name: form.cleaned_data[name] for name in RequestForm.Meta.fields})
    except TooManyWaiting:
        return _home(request, form, status=503, full=True)
    return done


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "rows": services.public_counts(today),
        "month": services.last_month(today)[0],
        "threshold": services.SHOWN_FROM,
    }
    return render(request, "module/figures.html", context)


@require_safe
def code(request: HttpRequest, node: str = "") -> HttpResponse:
    """The drawing of an address, as a file to print."""
    if node and branches.branch_of(content.published(), node) is None:
        raise Http404
    address = _lines(request, "", node, YOURS)["entry"]
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", scale=6, border=4, light="#fff", dark="#000")
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


# --- coming in ----------------------------------------------------------------------------------------
@require_safe
def enter(request: HttpRequest, node: str) -> HttpResponse:
    """A link to a branch. Reading it changes nothing, whatever journey the person may be in; the button does."""
    catalogue = content.published()
    branch = branches.branch_of(catalogue, node)
    if branch is None:
        return HttpResponseRedirect(reverse("diagnostic:start"))
    journey = Journey(version=catalogue.version, answers=dict(branch.answers))
    context = {"branch": branch, "state": state.sealed(Carried(catalogue, journey, ""))}
    return render(request, "module/enter.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def onward(request: HttpRequest) -> HttpResponse:
    """The sealed answers of a frame become an ordinary journey. Sent by another site, they wait for a yes."""
    carried = state.opened(request.POST.get(state.FIELD, "")) if request.method == "POST" else None
    if carried is None:
        lost = "?perdu" if request.method == "POST" else ""
        return SeeOther(reverse("diagnostic:start") + lost)
    if not _from_us(request):
        return render(request, "module/enter.html", {"state": request.POST[state.FIELD]})
    catalogue, journey = carried.catalogue, carried.journey
    if carried.partner and carried.partner != services.PREVIEW:
        services.count([(services.ONWARD, carried.partner)])
    response = SeeOther(_place(catalogue, engine.resolve(catalogue, journey.answers)))
    save(response, catalogue, journey)
    return response


def _from_us(request: HttpRequest) -> bool:
    """A sandboxed frame has no origin, and an old browser does not say: both are asked once more, from our page."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    return request.headers.get("Origin") == request.build_absolute_uri("/").rstrip("/")


def _place(catalogue: Catalogue, resolution: Resolution) -> str:
    if resolution.question is None:
        return reverse("diagnostic:result")
    return reverse("diagnostic:question", args=[resolution.question.node.id])
