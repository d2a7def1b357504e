"""The time limits of the plan, as calendar files."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from diagnostic import agenda
from diagnostic.outcome import Outcome, outcome_of


def _reminders(outcome: Outcome) -> dict[str, agenda.Reminder]:
    """By action."""
    dues = [(action.id, action.due) for action in outcome.plan.actions]
    ids = {number: action for number, (action, _) in enumerate(dues, start=1)}
    return {ids[each.number]: each for each in agenda.reminders(outcome.journey.id, dues, outcome.now)}


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """All that ends within the year; back to the plan when no date is known."""
    outcome = outcome_of(request)
    if outcome is None:
        return HttpResponseRedirect(reverse("diagnostic:start") + "?perdu")
    found = agenda.near(_reminders(outcome).values(), outcome.now)
    if not found:
        return HttpResponseRedirect(reverse("diagnostic:result"))
    return as_calendar(agenda.ics(found, outcome.now))


@require_safe
def calendar_one(request: HttpRequest, action: str) -> HttpResponse:
    outcome = outcome_of(request)
    found = _reminders(outcome).get(action) if outcome else None
    if outcome is None or found is None:
        raise Http404
    return as_calendar(agenda.ics([found], outcome.now))


def as_calendar(content: bytes, media_type: str = agenda.MEDIA_TYPE) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, agenda.FILE_NAME)
    response.headers["Cache-Control"] = "no-store"
    return response
