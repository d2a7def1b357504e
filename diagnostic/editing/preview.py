"""A draft walked as the public would: same engine, same fragments, marked « Brouillon »; nothing counted or saved."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from diagnostic import advice, door, engine, fragments, letters
from diagnostic.catalogue import Catalogue
from diagnostic.conditions import Scene
from diagnostic.editing import services
from diagnostic.editing.pages import address, editors_only, page, to
from diagnostic.forms import AnswerForm
from diagnostic.journey import Journey
from diagnostic.letters import Written
from diagnostic.models import TreeVersion
from diagnostic.presentation import result_context
from guichet.lib.crypto import open_cookie, seal_cookie

COOKIE = settings.COOKIE_PREFIX + "apercu"
PURPOSE, MAX_AGE = "apercu", 4 * 3600
# The label under which fragments of a draft are kept apart from those of the public.
DRAFT = "brouillon"


def _catalogue(version: TreeVersion) -> Catalogue | None:
    return services.examination_of(version).catalogue


def _journey(request: HttpRequest, version: TreeVersion, catalogue: Catalogue) -> Journey:
    """The answers given in this preview; those of another version start afresh."""
    data = open_cookie(PURPOSE, request.COOKIES.get(COOKIE, ""), MAX_AGE)
    found = Journey(version=catalogue.version)
    if isinstance(data, dict) and data.get("version") == version.pk and isinstance(data.get("answers"), dict):
        found.answers = {str(node): tuple(map(str, ids)) for node, ids in data["answers"].items()}
    return found


def _kept(response: HttpResponse, version: TreeVersion, journey: Journey) -> HttpResponse:
    data = {"version": version.pk, "answers": {node: list(ids) for node, ids in journey.answers.items()}}
    response.set_cookie(
        COOKIE, seal_cookie(PURPOSE, data), path="/", secure=settings.HTTPS, httponly=True, samesite="Strict"
    )
    return response


@editors_only
@require_safe
def start(request: HttpRequest, version: TreeVersion) -> HttpResponse:
    catalogue = _catalogue(version)
    if catalogue is None:
        why = "Ce brouillon a des erreurs : il ne se parcourt pas encore. Voir les contrôles."
        return page(request, "refused", version, tab="preview", title="Aperçu", why=why)
    return _kept(to(version, "preview_node", catalogue.start), version, Journey(version=catalogue.version))


@editors_only
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, version: TreeVersion, node: str) -> HttpResponse:
    catalogue = _catalogue(version)
    if catalogue is None or node not in catalogue.nodes:
        raise Http404
    journey = _journey(request, version, catalogue)
    found = engine.question_at(catalogue, journey.answers, node)
    if found is None:
        return _next(version, engine.resolve(catalogue, journey.answers))
    resolution, asked = found
    form = AnswerForm(asked, request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        after = journey.answer(catalogue, node, form.ids(), form.once(timezone.now()))
        return _kept(_onward(request, version, catalogue, after), version, journey)
    return _show(request, version, catalogue, resolution, asked, form=form)


@editors_only
@require_safe
def result(request: HttpRequest, version: TreeVersion) -> HttpResponse:
    catalogue = _catalogue(version)
    if catalogue is None:
        raise Http404
    journey = _journey(request, version, catalogue)
    resolution = engine.resolve(catalogue, journey.answers)
    if not resolution.complete:
        return _next(version, resolution)
    now = timezone.now()
    plan = advice.plan(catalogue, resolution, now=now)
    context = result_context(resolution, plan, door.choose(catalogue, resolution, plan), now=now)
    context |= {
        "notices": catalogue.notices(resolution.urgent, resolution.voice),
        "unfold": "tout" in request.GET,
        "written": _letters(catalogue, resolution, plan, now),
        **_frame(version),
    }
    return render(request, "admin/diagnostic/preview_result.html", context)


def _letters(catalogue: Catalogue, resolution: engine.Resolution, plan: advice.Plan, now: datetime) -> list[Written]:
    """Each letter that this plan would offer, whole: an editor reads it before anybody sends it."""
    scene = Scene(resolution.scene_facts, resolution.audience, plan.severity)
    offered = letters.for_actions(catalogue, scene)
    wanted = dict.fromkeys(offered[each.id] for each in plan.actions if each.id in offered)
    told = {"moment": resolution.moment, "amount": resolution.amount, "now": now}
    return [letters.write(catalogue.letters[key], scene, **told) for key in wanted]


@editors_only
@require_POST
def leave(request: HttpRequest, version: TreeVersion) -> HttpResponse:
    response = to(version, "overview")
    response.delete_cookie(COOKIE, path="/", samesite="Strict")
    return response


def _next(version: TreeVersion, resolution: engine.Resolution) -> HttpResponse:
    if resolution.question is None:
        return to(version, "preview_result")
    return to(version, "preview_node", resolution.question.node.id)


def _onward(request: HttpRequest, version: TreeVersion, catalogue: Catalogue, after: engine.Resolution) -> HttpResponse:
    if not request.htmx or after.question is None:
        response = _next(version, after)
        if request.htmx:
            return HttpResponse(headers={"HX-Redirect": response["Location"]})
        return response
    return _show(request, version, catalogue, after, after.question)


def _show(
    request: HttpRequest,
    version: TreeVersion,
    catalogue: Catalogue,
    resolution: engine.Resolution,
    asked: engine.Question,
    *,
    form: AnswerForm | None = None,
) -> HttpResponse:
    drawn = form or (AnswerForm(asked, given=asked.given) if asked.given else None)
    back = resolution.path[-1].page if resolution.path else ""
    context = {
        "asked": asked,
        "choices": fragments.choices(f"{DRAFT}-{catalogue.version}", asked, drawn),
        "form": form,
        "action": address(version, "preview_node", asked.node.id),
        "back": address(version, "preview_node", back) if back else "",
        "notices": catalogue.notices(resolution.urgent, resolution.voice),
        "csrf_token": get_token(request),
        "node": asked.node,
        **_frame(version),
    }
    status = 422 if form else 200
    if request.htmx:
        return HttpResponse(render_to_string("diagnostic/_question.html", context), status=status)
    return render(request, "admin/diagnostic/preview_question.html", context, status=status)


def _frame(version: TreeVersion) -> dict:
    return {
        "version": version,
        "overview_url": address(version, "overview"),
        "again_url": address(version, "preview"),
        "chat_url": "#",
        "leave_url": address(version, "preview_leave"),
    }
