"""The plan kept in the dossier: its ticks, its time limits in a calendar, its letters."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from diagnostic import agenda, content, letters
from diagnostic.calendar_views import as_calendar
from diagnostic.deadlines import unpacked
from diagnostic.letter_views import MEDIA, as_file, page
from victims import diagnosed
from victims.gate import with_companion
from victims.services import ticks


@require_POST
@with_companion
def done(request: HttpRequest) -> HttpResponse:
    ticks.keep(dossier=request.dossier, shown=request.POST.getlist("vu"), ticked=request.POST.getlist("fait"))
    if request.htmx:
        return HttpResponse(status=204)
    response = redirect(reverse("dossier:home") + "#gestes")
    response.status_code = 303
    return response


@require_safe
@with_companion
def calendar(request: HttpRequest, action: str = "") -> HttpResponse:
    """All the limits still to come, or one."""
    now, plan = timezone.now(), request.dossier.diagnosis.plan
    dues = [(each["id"], unpacked(each.get("due"))) for each in plan]
    found = agenda.reminders(request.dossier.reference, dues, now)
    if action:
        place = next((number for number, (key, _) in enumerate(dues, start=1) if key == action), 0)
        found = [each for each in found if each.number == place]
    else:
        found = agenda.near(found, now)
    if not found and action:
        raise Http404
    return as_calendar(agenda.ics(found, now)) if found else redirect("dossier:home")


@require_safe
@with_companion
def letter(request: HttpRequest, letter: str, form: str = "") -> HttpResponse:
    """The words of the letter are today's; what fills it is what was answered that day."""
    found = content.published().letters.get(letter)
    if found is None or form not in ("", *MEDIA):
        raise Http404
    diagnosis = request.dossier.diagnosis
    moment, amount = diagnosed.when_and_how_much(diagnosis)
    scene = diagnosed.letter_scene(diagnosis)
    written = letters.write(found, scene, moment=moment, amount=amount, now=timezone.now())
    if form:
        return as_file(written, form)
    base = reverse("dossier:letter", args=[letter])
    return page(request, written, base=base, back=reverse("dossier:home"), here="dossier")
