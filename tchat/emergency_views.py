"""The emergencies alone, for the pages of the console that the queue's bell does not refresh."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from guichet.accounts.rules import can_use_console
from tchat import console
from tchat.console_views import is_muted


@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    """Asked for now and then: nothing comes as long as nothing changed. Who is no longer signed in reads so, and stays
    on the page with what is typed there."""
    if not request.htmx:
        return redirect("console:desk")
    if not can_use_console(request.user):
        return render(request, "console/_alerts_ended.html")
    found, muted = console.emergencies(request.user), is_muted(request)
    mark = watch_mark(found, muted=muted)
    if request.GET.get("vu") == mark:
        return HttpResponse(status=204)
    page = {"emergencies": found, "mark": mark, "muted": muted}
    return render(request, "console/_alerts.html", page)


def watch_mark(found: console.Emergencies, *, muted: bool) -> str:
    return found.mark + ("-" if muted else "")
