"""The journey: one question at a time, then the result. A question costs no statement; the result, one count."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from diagnostic import content, engine, fragments, letters
from diagnostic.catalogue import Catalogue
from diagnostic.company import company_of
from diagnostic.conditions import Scene
from diagnostic.door import Doors
from diagnostic.engine import Question, Resolution
from diagnostic.forms import AnswerForm
from diagnostic.journey import CHANGED, LOST, Journey, forget, load, save
from diagnostic.outcome import outcome_of
from diagnostic.presentation import is_in_person, result_context
from diagnostic.prevention import banners
from diagnostic.services import report_outcome
from guichet.directory.rulebook import RULE
from guichet.lib.exercise import is_exercise

RESUME = "resume"


class SeeOther(HttpResponseRedirect):
    """After a POST, the browser asks for the next page with a GET, whatever it is."""

    status_code = 303


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The first question; « ?reprendre » goes back to where the person was."""
    loaded = load(request)
    catalogue, journey = loaded.catalogue, loaded.journey
    if journey and journey.answers and "reprendre" in request.GET:
        return _next_page(engine.resolve(catalogue, journey.answers))
    notice = loaded.notice or (LOST if "perdu" in request.GET and not journey else "")
    if journey and journey.answers and not notice:
        notice = RESUME
    resolution, question = _question_of(catalogue, journey or Journey(), catalogue.start)
    response = _show(request, catalogue, resolution, question, notice=notice, given=question.given)
    if loaded.notice == LOST:
        forget(response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, node: str) -> HttpResponse:
    loaded = load(request)
    catalogue, journey = loaded.catalogue, loaded.journey
    if node not in catalogue.nodes:
        raise Http404
    if journey is None and node != catalogue.start:
        return _lost(request, catalogue)
    journey = journey or Journey()
    found = _question_of(catalogue, journey, node)
    if found is None:
        return _elsewhere(request, catalogue, journey)
    resolution, asked = found
    if request.method == "POST":
        return _answer(request, catalogue, journey, resolution, asked)
    return _show(request, catalogue, resolution, asked, notice=loaded.notice, given=_given(journey, asked))


@require_safe
def result(request: HttpRequest) -> HttpResponse:
    """The plan. « ?tout » opens every fold: nothing is dropped from paper, with or without script."""
    loaded = load(request)
    if loaded.journey is None:
        return HttpResponseRedirect(reverse("diagnostic:start") + "?perdu")
    outcome = outcome_of(request)
    if outcome is None:
        return _next_page(engine.resolve(loaded.catalogue, loaded.journey.answers))
    resolution, plan = outcome.resolution, outcome.plan
    context = result_context(
        resolution,
        plan,
        outcome.doors,
        now=outcome.now,
        letters=letters.for_actions(
            outcome.catalogue, Scene(resolution.scene_facts, resolution.audience, plan.severity)
        ),
        done=frozenset(outcome.journey.done),
    )
    dossier = reverse("dossier:open")
    context |= {
        "notices": _urgent(outcome.catalogue, resolution),
        "banners": banners.about(plan.main.id, outcome.now),
        "company": None if plan.calm else company_of(plan.main.id),
        "changed": loaded.notice == CHANGED,
        "unfold": "tout" in request.GET,
        "dossier_url": dossier,
        "provider_url": _provider_url(resolution, plan, dossier),
        "chat_url": f"{dossier}?suite=tchat",
        "meeting_url": f"{dossier}?suite=rendez-vous" if _in_person(outcome.doors) and not plan.calm else "",
        "letters_url": reverse("diagnostic:letters"),
        "calendar_url": reverse("diagnostic:calendar"),
    }
    return render(request, "diagnostic/result.html", context)


def _in_person(doors: Doors) -> bool:
    return any(is_in_person(door) for door in (doors.first, *doors.others))


@require_POST
def done(request: HttpRequest) -> HttpResponse:
    """Keeps the ticks of this page in the journey: what the page did not show is left as it was."""
    outcome = outcome_of(request)
    if outcome is None:
        return SeeOther(reverse("diagnostic:start") + "?perdu")
    known = {action.id for action in outcome.plan.actions}
    shown = known & set(request.POST.getlist("vu"))
    outcome.journey.tick(shown, request.POST.getlist("fait"))
    response = HttpResponse(status=204) if request.htmx else SeeOther(reverse("diagnostic:result") + "#gestes")
    save(response, outcome.catalogue, outcome.journey)
    return response


@require_POST
def express(request: HttpRequest) -> HttpResponse:
    """What cannot wait: the first answers are given at once; they are read and changed like any other."""
    catalogue = content.published()
    way = next((way for way in catalogue.express if way.id == request.POST.get("vers")), None)
    if way is None:
        return SeeOther(reverse("diagnostic:start"))
    journey = Journey(version=catalogue.version, answers=dict(way.answers))
    response = _next_page(engine.resolve(catalogue, journey.answers))
    save(response, catalogue, journey)
    return response


@require_POST
def restart(request: HttpRequest) -> HttpResponse:
    """Forgets everything and starts again."""
    response = SeeOther(reverse("diagnostic:start"))
    forget(response)
    return response


# --- what a POST does ---------------------------------------------------------------------------------
def _answer(
    request: HttpRequest, catalogue: Catalogue, journey: Journey, resolution: Resolution, asked: Question
) -> HttpResponse:
    form = AnswerForm(asked, request.POST)
    if not form.is_valid():
        return _show(request, catalogue, resolution, asked, form=form, status=422)
    after = journey.answer(catalogue, asked.node.id, form.ids(), form.once(timezone.now()))
    if after.complete and not journey.counted:
        journey.counted = is_exercise(request) or report_outcome(catalogue, after)
    response = _onward(request, catalogue, journey, after, before=resolution)
    save(response, catalogue, journey)
    return response


def _onward(
    request: HttpRequest, catalogue: Catalogue, journey: Journey, after: Resolution, *, before: Resolution | None = None
) -> HttpResponse:
    """htmx gets the next question at once, except the result, which is a page of its own. Only news is announced."""
    if not request.htmx:
        return _next_page(after)
    if after.question is None:
        return HttpResponseClientRedirect(reverse("diagnostic:result"))
    news = before is not None and not set(after.urgent) <= set(before.urgent)
    return _show(request, catalogue, after, after.question, given=_given(journey, after.question), live=news)


def _next_page(resolution: Resolution) -> HttpResponse:
    if resolution.question is None:
        return SeeOther(reverse("diagnostic:result"))
    return SeeOther(reverse("diagnostic:question", args=[resolution.question.node.id]))


def _lost(request: HttpRequest, catalogue: Catalogue) -> HttpResponse:
    """A question in the middle without a journey: an old link, or a browser that keeps no cookie."""
    if not request.htmx:
        return SeeOther(reverse("diagnostic:start") + "?perdu")
    resolution, first = _question_of(catalogue, Journey(), catalogue.start)
    return _show(request, catalogue, resolution, first, notice=LOST)


def _elsewhere(request: HttpRequest, catalogue: Catalogue, journey: Journey) -> HttpResponse:
    """This question is not on the person's path: the one that is comes instead, nothing is changed."""
    return _onward(request, catalogue, journey, engine.resolve(catalogue, journey.answers))


# --- what is shown ------------------------------------------------------------------------------------
def _question_of(catalogue: Catalogue, journey: Journey, node: str) -> tuple[Resolution, Question] | None:
    return engine.question_at(catalogue, journey.answers, node)


def _provider_url(resolution: Resolution, plan, dossier: str) -> str:
    """Paid help, where something is to be repaired, and never where the rule of the draw says no."""
    refused = set(resolution.facts) & set(RULE.never_with_facts)
    return f"{dossier}?suite=prestataires" if plan.provider_useful and not plan.calm and not refused else ""


def _given(journey: Journey, asked: Question) -> tuple[str, ...]:
    return asked.given or journey.answers.get(asked.node.id, ()) or journey.kept.get(asked.node.id, ())


def _urgent(catalogue: Catalogue, resolution: Resolution) -> list:
    return catalogue.notices(resolution.urgent, resolution.voice)


def _show(
    request: HttpRequest,
    catalogue: Catalogue,
    resolution: Resolution,
    asked: Question,
    *,
    form: AnswerForm | None = None,
    given: tuple[str, ...] = (),
    notice: str = "",
    live: bool = False,
    status: int = 200,
) -> HttpResponse:
    told = given or any(ask.given for ask in asked.asks)
    drawn = form or (AnswerForm(asked, given=given) if told else None)
    back = resolution.path[-1].page if resolution.path else ""
    context: dict[str, Any] = {
        "asked": asked,
        "choices": fragments.choices(catalogue.version, asked, drawn),
        "form": form,
        "action": reverse("diagnostic:question", args=[asked.node.id]),
        "back": reverse("diagnostic:question", args=[back]) if back else "",
        "notices": _urgent(catalogue, resolution),
        "live": live,
        "notice": notice,
        "express": catalogue.express if asked.node.id == catalogue.start else (),
        "csrf_token": get_token(request),
    }
    if request.htmx:
        return HttpResponse(render_to_string("diagnostic/_question.html", context), status=status)
    return render(request, "diagnostic/question.html", context, status=status)
