"""The frame that partner sites show: the questions and the first advice, without a cookie, without a script.

The only authority is the sealed state that the form carries, and nothing on the server changes but counters: so these
views ask for no token. They are the only ones of the house that another site may frame, and only a registered one.
"""

import functools
import hashlib
from pathlib import Path

from csp.constants import NONE, SELF
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from diagnostic import advice, content, engine, fragments
from diagnostic.engine import Question, Resolution
from diagnostic.forms import AnswerForm
from diagnostic.journey import CHANGED, LOST, Journey
from diagnostic.module import branches, services, state
from diagnostic.module.state import Carried
from diagnostic.presentation import VOICES, gesture
from diagnostic.prevention import banners
from diagnostic.services import report_outcome
from guichet.lib import ratelimit

FIRST_ACTIONS = 3
STYLE = "css/guichet.css"
DAY = 24 * 3600
COUNTED_PER_HOUR = 60


# --- what a browser is told ---------------------------------------------------------------------------
def framed(response: HttpResponse, origins: tuple[str, ...]) -> HttpResponse:
    """May be framed by these origins, whatever isolation their own page asks of its frames (COEP, sandbox)."""
    response._csp_replace = {
        "frame-ancestors": list(origins),
        "script-src": [NONE],
        "connect-src": [NONE],
        "worker-src": [NONE],
        "manifest-src": [NONE],
    }
    response.xframe_options_exempt = True
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


def _page(template: str, context: dict, status: int = 200) -> HttpResponse:
    """No request is given to the template: no context processor runs, so no session and no cookie."""
    style = f"{reverse('module:style')}?{_style()[1]}"
    return HttpResponse(render_to_string(f"module/{template}.html", {"style": style, **context}), status=status)


@require_safe
@gzip_page
def style(request: HttpRequest) -> HttpResponse:
    """Our stylesheet, for the frame: a sandboxed frame has no origin, and may not read what is « same-origin » only."""
    response = HttpResponse(_style()[0], content_type="text/css; charset=utf-8")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"public, max-age={DAY}"
    return response


@functools.cache
def _style() -> tuple[bytes, str]:
    text = Path(finders.find(STYLE)).read_bytes()
    return text, hashlib.sha256(text).hexdigest()[:12]


# --- the views ----------------------------------------------------------------------------------------
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def frame(request: HttpRequest, partner: str, node: str = "") -> HttpResponse:
    """A question or the result. Unknown or withdrawn partner: a plain page that nobody may frame."""
    origins = (SELF,) if partner == services.PREVIEW else services.framing_origins(partner)
    if origins is None:
        return _page("unavailable", {}, 404)
    return framed(_post(request, partner) if request.method == "POST" else _begin(partner, node), origins)


def _begin(partner: str, node: str, notice: str = "") -> HttpResponse:
    """From the first question, or from the branch that the link names; the answers it supposes can be changed."""
    catalogue = content.published()
    journey = Journey(version=catalogue.version)
    branch = branches.branch_of(catalogue, node) if node else None
    if branch:
        journey.answers = dict(branch.answers)
    carried = Carried(catalogue, journey, partner)
    return _onward(carried, engine.resolve(catalogue, journey.answers), notice, supposed=branch)


def _post(request: HttpRequest, partner: str) -> HttpResponse:
    """« vers » shows a question already answered; « question » answers one. Anything else shows where one stands."""
    carried = state.opened(request.POST.get(state.FIELD, ""))
    if carried is None or carried.partner != partner:
        return _begin(partner, "", LOST)
    catalogue, journey = carried.catalogue, carried.journey
    notice = CHANGED if carried.changed else ""
    node = request.POST.get("vers") or request.POST.get("question", "")
    found = engine.question_at(catalogue, journey.answers, node) if node in catalogue.nodes else None
    if found is None:
        return _onward(carried, engine.resolve(catalogue, journey.answers), notice)
    if "vers" in request.POST:
        return _question(carried, *found, notice=notice)
    return _answer(request, carried, *found)


def _answer(request: HttpRequest, carried: Carried, resolution: Resolution, asked: Question) -> HttpResponse:
    form = AnswerForm(asked, request.POST)
    if not form.is_valid():
        return _question(carried, resolution, asked, form=form)
    journey = carried.journey
    after = journey.answer(carried.catalogue, asked.node.id, form.ids(), form.once(timezone.now()))
    _count(request, carried, after)
    return _onward(carried, after)


def _count(request: HttpRequest, carried: Carried, after: Resolution) -> None:
    """One statement at most. An old state can be sent again: one address counts so many times an hour, no more."""
    if carried.partner == services.PREVIEW:
        return
    pairs = [] if carried.begun else [(services.BEGUN, carried.partner)]
    ends = after.complete and not carried.journey.counted
    if not (pairs or ends):
        return
    address = ratelimit.client_address(request)
    if ratelimit.wait_before("module-count", address, allowed=COUNTED_PER_HOUR, seconds=3600):
        return
    carried.begun = True
    if ends:
        carried.journey.counted = report_outcome(carried.catalogue, after, also=pairs)
    else:
        services.count(pairs)


# --- what is shown ------------------------------------------------------------------------------------
def _onward(carried: Carried, after: Resolution, notice: str = "", supposed=None) -> HttpResponse:
    if after.question is None:
        return _result(carried, after, notice)
    return _question(carried, after, after.question, notice=notice, supposed=supposed)


def _shared(carried: Carried, resolution: Resolution, notice: str) -> dict:
    return {
        "action": reverse("module:frame", args=[carried.partner]),
        "state": state.sealed(carried),
        "notices": carried.catalogue.notices(resolution.urgent, resolution.voice),
        "notice": notice,
        "back": resolution.path[-1].page if resolution.path else "",
    }


def _question(
    carried: Carried,
    resolution: Resolution,
    asked: Question,
    *,
    form: AnswerForm | None = None,
    notice: str = "",
    supposed=None,
) -> HttpResponse:
    journey = carried.journey
    given = asked.given or journey.answers.get(asked.node.id, ()) or journey.kept.get(asked.node.id, ())
    told = given or any(ask.given for ask in asked.asks)
    drawn = form or (AnswerForm(asked, given=given) if told else None)
    context = {
        "asked": asked,
        "form": form,
        "choices": fragments.choices(carried.catalogue.version, asked, drawn),
        "supposed": supposed.labels if supposed else (),
        "banners": () if resolution.path else banners.everywhere(timezone.now()),
    }
    return _page("question", _shared(carried, resolution, notice) | context, 422 if form else 200)


def _result(carried: Carried, resolution: Resolution, notice: str) -> HttpResponse:
    """The first gestures and the numbers; the rest, the tchat and the dossier are on our own site."""
    now = timezone.now()
    plan = advice.plan(carried.catalogue, resolution, now=now)
    voices = [channel for channel in plan.channels if channel.kind in VOICES and channel.tel]
    context = {
        "plan": plan,
        "others": plan.threats[1:],
        "gestures": [gesture(action, now, letter="", done=False) for action in plan.first[:FIRST_ACTIONS]],
        "voices": [
            {"tel": each.tel, "number": each.name.partition(" – ")[0], "who": each.purpose, "hours": each.hours}
            for each in voices
        ],
        "onward": reverse("module:onward"),
        "banners": banners.about(plan.main.id, now),
    }
    return _page("result", _shared(carried, resolution, notice) | context)
