"""The dossier: open it, note its keys, find it again, read it, leave it."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from diagnostic.services import JourneyIncomplete, current_journey
from guichet.lib import ratelimit, references
from guichet.lib.crypto import CannotOpen, fingerprint, open_cookie, seal_cookie
from guichet.lib.exercise import is_exercise
from guichet.territory.forms import CommuneForm
from victims import diagnosed
from victims.downloads import as_download, as_preview
from victims.enums import ComplaintState
from victims.forms import NotedForm, SignInForm
from victims.gate import actor_of, with_companion, with_dossier
from victims.journal import milestones_of, visits_of
from victims.models import Evidence
from victims.services import access, appointments, complaints, dossiers, evidence, previews, referrals, reports, ticks

OPENING = settings.COOKIE_PREFIX + "ouverture"
PURPOSE = "opening"
OPENING_LIFE = 30 * 60
FOLLOWS = {
    "tchat": "tchat:room",
    "plainte": "dossier:complaint",
    "signalement": "dossier:report",
    "prestataires": "dossier:referrals",
    "rendez-vous": "dossier:appointments",
}
HOUR = 3600
OPENED_PER_HOUR = 300
CROWDED = (
    "Beaucoup de dossiers viennent d’être ouverts depuis ce réseau. Les réponses sont gardées. Attendre {wait}, puis "
    "essayer de nouveau, ou appeler un numéro d’aide."
)


def _opening_of(request: HttpRequest) -> tuple[str, str]:
    """The opening, and the mark of the journey it was made for."""
    data = open_cookie(PURPOSE, request.COOKIES.get(OPENING, ""), OPENING_LIFE)
    return (data.get("o", ""), data.get("j", "")) if isinstance(data, dict) else ("", "")


def _mark_of(journey) -> str:
    """Other answers, or another journey: another dossier."""
    return fingerprint("journey", json.dumps([journey.id, sorted(journey.answers.items())]))[:16]


def _keep_opening(response: HttpResponse, opening: str, mark: str) -> HttpResponse:
    response.set_cookie(
        OPENING,
        seal_cookie(PURPOSE, {"o": opening, "j": mark}),
        max_age=OPENING_LIFE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def _follow_of(request: HttpRequest) -> str:
    asked = request.POST.get("suite") or request.GET.get("suite", "")
    return asked if asked in FOLLOWS else ""


def _with_follow(name: str, follow: str) -> str:
    return resolve_url(name) + (f"?suite={follow}" if follow else "")


@require_http_methods(["GET", "HEAD", "POST"])
def open_dossier(request: HttpRequest) -> HttpResponse:
    """The same opening leads to the same dossier, however often the form is sent; another journey opens another."""
    journey, (opening, kept), follow = current_journey(request), _opening_of(request), _follow_of(request)
    if journey is None or not diagnosed.is_complete(journey):
        return redirect("diagnostic:start")
    mark = _mark_of(journey)
    opening = opening if kept == mark else ""
    if request.method == "POST" and opening:
        form = CommuneForm(request.POST)
        if form.is_valid() and not _crowded(request, form):
            return _opened(request, journey, opening, form, follow)
    else:
        form = CommuneForm()
    page = {"form": form, "follow": follow, "already": access.dossier_of(request), "here": "dossier"}
    page["voice"] = diagnosed.voice_of(journey)
    status = 429 if form.non_field_errors() else 422 if form.is_bound else 200
    response = render(request, "dossier/open.html", page, status=status)
    return _keep_opening(response, opening or dossiers.new_opening(), mark)


def _crowded(request: HttpRequest, form: CommuneForm) -> bool:
    """Whether too many dossiers were opened from one network: one more costs a slow hash and rows that stay."""
    network = ratelimit.network_of(request)
    wait = network and ratelimit.wait_before("dossier-opened", network, allowed=OPENED_PER_HOUR, seconds=HOUR)
    if wait:
        form.add_error(None, CROWDED.format(wait=_in_words(wait)))
    return bool(wait)


def _opened(request: HttpRequest, journey, opening: str, form: CommuneForm, follow: str) -> HttpResponse:
    try:
        dossier = dossiers.open_dossier(
            journey=journey,
            opening=opening,
            commune=form.cleaned_data["commune"],
            abroad=form.cleaned_data["abroad"],
            exercise=is_exercise(request),
        )
    except JourneyIncomplete:
        return redirect("diagnostic:result")
    response = HttpResponseRedirect(_with_follow("dossier:keys", follow))
    access.keep(response, access.grant_access(dossier=dossier))
    return _keep_opening(response, opening, _mark_of(journey))


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def keys(request: HttpRequest) -> HttpResponse:
    """Reference and code, until the person says that they are noted."""
    dossier, (opening, mark), follow = request.dossier, _opening_of(request), _follow_of(request)
    if dossier.code_noted_at:
        return redirect(FOLLOWS.get(follow, "dossier:home"))
    if fingerprint("opening", opening) != dossier.opening:
        return render(request, "dossier/lost_code.html", {"here": "dossier"})
    form = NotedForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        dossiers.note_code(dossier=dossier)
        response = redirect(FOLLOWS.get(follow, "dossier:home"))
        response.delete_cookie(OPENING, path="/", samesite="Lax")
        return response
    page = {
        "form": form,
        "follow": follow,
        "dossier": dossier,
        "code": dossiers.code_of(opening),
        "milestones": milestones_of(dossier, None, []),
        "here": "dossier",
    }
    response = render(request, "dossier/keys.html", page, status=422 if form.is_bound else 200)
    return _keep_opening(response, opening, mark)


@require_POST
@with_dossier
def renew(request: HttpRequest) -> HttpResponse:
    """A new code for who never noted the first one and still holds the access."""
    opening = dossiers.renew_opening(dossier=request.dossier)
    response = redirect("dossier:keys" if opening else "dossier:home")
    return _keep_opening(response, opening, _opening_of(request)[1]) if opening else response


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        if access.dossier_of(request):
            return redirect("dossier:home")
        return _sign_in_page(request, SignInForm(), 200)
    wait = wait_to_open(request)
    if wait:
        return too_many(request, wait)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, 422)
    try:
        dossier = dossiers.find_dossier(**form.cleaned_data)
    except dossiers.NotFound:
        form.add_error(
            None, "Cette référence et ce code ne vont pas ensemble. Relisez les deux lignes sur votre papier."
        )
        return _sign_in_page(request, form, 422)
    opened_rightly(request)
    access.end_access(request)
    response = redirect("dossier:home")
    access.keep(response, access.grant_access(dossier=dossier))
    return response


def _sign_in_page(request: HttpRequest, form: SignInForm, status: int) -> HttpResponse:
    page = {"form": form, "closed": request.GET.get("suite") == "ferme", "here": "dossier"}
    return render(request, "dossier/sign_in.html", page, status=status)


def wait_to_open(request: HttpRequest) -> int:
    """Seconds to wait before one more try at a reference and its code."""
    waits = (ratelimit.wait_before(name, key, allowed=n, seconds=HOUR) for name, key, n in _tries(request))
    return next((wait for wait in waits if wait), 0)


def opened_rightly(request: HttpRequest) -> None:
    """Only wrong codes count: who leaves fast and comes back with the right one is let in each time."""
    for name, key, _allowed in _tries(request):
        ratelimit.give_back(name, key, seconds=HOUR)


def _tries(request: HttpRequest) -> list[tuple[str, str, int]]:
    """What is counted, and how often an hour: by address, by reference from there, and by reference from anywhere, wide
    enough that somebody elsewhere who only knows the reference does not keep its owner out. What cannot be a reference
    opens nothing: it counts for no one."""
    address = ratelimit.client_address(request)
    found = [("dossier-address", address, 30)]
    try:
        reference = references.read_reference(request.POST.get("reference", "").strip()[:40])
    except references.Unreadable:
        return found
    return [*found, ("dossier", f"{reference} {address}", 5), ("dossier-anywhere", reference, 60)]


def _in_words(wait: int) -> str:
    minutes = -(-wait // 60)
    return "une minute" if minutes == 1 else f"{minutes} minutes"


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    response = render(request, "dossier/wait.html", {"wait": _in_words(wait), "here": "dossier"}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


@require_GET
@with_companion
def home(request: HttpRequest) -> HttpResponse:
    dossier = request.dossier
    complaint, report = complaints.current(dossier), reports.current(dossier)
    first, later = diagnosed.gestures(dossier.diagnosis, done=ticks.done(dossier), now=timezone.now())
    conversations = list(dossier.conversations.select_related("desk", "agent").order_by("created_at"))
    booking = appointments.current(dossier)
    page = {
        "dossier": dossier,
        "meeting": (booking.slot.words_for(dossier), booking.slot.unit.name) if booking else None,
        "companion": request.companion,
        "diagnosis": dossier.diagnosis,
        "told": diagnosed.told(dossier.diagnosis),
        "first": first,
        "later": later,
        "dated": any(action.get("due") for action in dossier.diagnosis.plan),
        "door": diagnosed.first_door(dossier.diagnosis),
        "complaint": complaint,
        "expires": complaints.expires_at(complaint) if complaint else None,
        "filed": complaint is not None and complaint.state != ComplaintState.DRAFT,
        "conversations": conversations,
        "talking": next((each for each in conversations if each.is_open), None),
        "milestones": milestones_of(dossier, complaint, conversations, report),
        "report": report,
        "report_expires": reports.expires_at(report) if report else None,
        "pieces": dossier.pieces.all(),
        "helped": not request.companion and referrals.is_offered(dossier),
        "asked": [] if request.companion else dossier.referrals.select_related("provider"),
        "visits": visits_of(dossier),
        "here": "dossier",
    }
    return render(request, "dossier/home.html", page)


@require_GET
@with_companion
def piece(request: HttpRequest, piece_id) -> HttpResponse:
    """One piece of this dossier, as a file to keep: another dossier's piece does not exist here."""
    found = get_object_or_404(Evidence.objects.select_related("dossier"), pk=piece_id, dossier=request.dossier)
    try:
        content = evidence.read_piece(piece=found, actor=actor_of(request))
    except evidence.Closed:
        return render(request, "dossier/closed.html", {"piece": found, "here": "dossier"}, status=403)
    except (CannotOpen, OSError):
        return render(request, "dossier/damaged.html", {"piece": found, "here": "dossier"}, status=500)
    return as_download(found, content)


@require_GET
@with_companion
def preview(request: HttpRequest, piece_id) -> HttpResponse:
    """The small image of one piece of this dossier."""
    found = get_object_or_404(Evidence.objects.select_related("dossier"), pk=piece_id, dossier=request.dossier)
    return as_preview(previews.shown(piece=found, actor=actor_of(request)))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """« Fermer mon dossier »: this browser opens it no more."""
    access.end_access(request)
    response = redirect("home")
    response.delete_cookie(access.COOKIE, path="/", samesite="Lax")
    response.delete_cookie(OPENING, path="/", samesite="Lax")
    return response
