"""The agents' console: queue, conversations, dossier. Plain links and forms; a script only refreshes parts of it."""

import functools
import uuid
from dataclasses import replace

from django.contrib import messages as notices
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from guichet.accounts.rules import can_use_console
from tchat import console, doors, presenters, rules, whispers
from tchat.console_forms import AbuseForm, AlertForm, NoteForm, OutcomeForm
from tchat.enums import Author, State
from tchat.exceptions import Refusal
from tchat.forms import MessageForm
from tchat.models import Conversation
from tchat.models.talks import GONE
from tchat.presenters import Day
from tchat.services import (
    appointments,
    complaining,
    conversations,
    handing,
    later,
    messages,
    notes,
    presence,
    replies,
    supervision,
)
from tchat.services.messages import Sender
from tchat.services.reading import note_reading
from victims.services import appointments as bookings

EVERYTHING = 100_000
SOUND = "son"
ABSENT = "Cette personne n’est pas devant la page : elle lira votre réponse dans son dossier, ou attend un appel."
NAVIGATE = "navigate"


def for_agents(view):
    """Signed in, then allowed: an editor has no place here."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs):
        if not request.user.is_authenticated:
            if doors.wants_frames(request):
                return doors.refused(Refusal("no-access"))
            return redirect_to_login(_way_back(request, kwargs.get("conversation")))
        if not can_use_console(request.user):
            raise PermissionDenied
        if not request.htmx:
            presence.page_seen(request.user, by_script=request.headers.get("Sec-Fetch-Mode", NAVIGATE) != NAVIGATE)
        request.deferred_count = functools.partial(later.count_for, request.user)
        return view(request, *args, **kwargs)

    return guarded


def _way_back(request: HttpRequest, conversation: uuid.UUID | None) -> str:
    """Where one goes on after signing in again: a page, never a part of one or the address of a form."""
    if request.method in {"GET", "HEAD"} and not request.htmx:
        return request.get_full_path()
    return reverse("console:conversation", args=[conversation]) if conversation else reverse("console:desk")


@require_safe
@for_agents
def desk(request: HttpRequest) -> HttpResponse:
    return console_page(request)


@require_safe
@for_agents
def queue(request: HttpRequest) -> HttpResponse:
    """The parts that a bell refreshes: figures, queue, tabs. What the agent holds is read once, for all of them."""
    if not request.htmx:
        return redirect("console:desk")
    held = console.held_by(request.user)
    selected = _selected(request, held)
    board = console.board(
        request.user, selected=selected, beside=_beside(request, selected, held), held=held, seen=whispers.seen(request)
    )
    whispers.see(request, selected, held)
    page = {"board": board, "selected": selected, "out_of_band": True}
    if selected and selected.state == State.ACTIVE and rules.can_follow(request.user, selected):
        written = notes.of(selected)
        page |= {"open": True, "notes": written, "whisper": whispers.last_of_others(written, request.user)}
        page |= {"readers": supervision.readers_of(selected), "victim_seen": presenters.victim_seen(selected)}
    return render(request, "console/_board.html", page | {"muted": is_muted(request)})


def _selected(request: HttpRequest, held: list[Conversation]) -> Conversation | None:
    """What the main pane shows: one that the agent holds, else one that waits or is over."""
    shown = _uuid(request.GET.get("vu", ""))
    if shown is None:
        return None
    mine = next((each for each in held if each.pk == shown), None)
    return mine or Conversation.objects.select_related("dossier").filter(pk=shown).first()


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def console_page(
    request: HttpRequest, selected: Conversation | None = None, *, status: int = 200, **more
) -> HttpResponse:
    held = console.held_by(request.user)
    seen = whispers.seen(request)
    board = console.board(request.user, selected=selected, beside=more.get("beside"), held=held, seen=seen)
    whispers.see(request, selected, held)
    shown = {"board": board, "selected": selected, "here": "file", **more}
    return render(request, "console/desk.html", shown | {"muted": is_muted(request)}, status=status)


def is_muted(request: HttpRequest) -> bool:
    return request.COOKIES.get(SOUND) == "non"


def found_for(request: HttpRequest, conversation: uuid.UUID, rule) -> Conversation:
    """The conversation if this agent may; for everybody else it does not exist."""
    found = console.conversations().filter(pk=conversation).first()
    if found is None or not rule(request.user, found):
        raise Http404
    return found


@require_safe
@for_agents
def conversation(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    found = found_for(
        request, conversation, lambda agent, one: rules.can_preview(agent, one) or rules.can_reread(agent, one)
    )
    if found.state == State.WAITING:
        return _preview(request, found)
    return conversation_page(request, found)


def _preview(request: HttpRequest, found: Conversation) -> HttpResponse:
    """Before it is taken: the diagnosis, never a word that the victim typed."""
    note_reading(agent=request.user, verb="dossier lu", dossier=found.dossier, target=str(found.pk))
    return console_page(
        request, found, preview=True, dossier=console.dossier_of(found), **_targets(request.user, found)
    )


def _targets(agent, found: Conversation) -> dict:
    allowed = rules.can_transfer(agent, found)
    forces, others = console.transfer_targets(found) if allowed else ([], [])
    receivers = handing.colleagues(found) if rules.can_hand_over(agent, found) else []
    return {"forces": forces, "other_desks": others, "can_transfer": allowed, "receivers": receivers}


def _beside(
    request: HttpRequest, selected: Conversation | None, held: list[Conversation] | None = None
) -> Conversation | None:
    """The other conversation that the agent wants to see at the side of this one."""
    wanted = _uuid(request.GET.get(console.BESIDE, ""))
    if wanted is None or selected is None or wanted == selected.pk:
        return None
    held = console.held_by(request.user) if held is None else held
    found = next((each for each in held if each.pk == wanted), None)
    return found if found and rules.can_follow(request.user, found) else None


def _talk(request: HttpRequest, found: Conversation, *, mark: str = "") -> dict:
    """The lines of a conversation that stands on the page: shown is read. `mark` keeps two panes' ids apart; as a
    leading zero it leaves the number what it is."""
    note_reading(agent=request.user, verb="tchat lu", dossier=found.dossier, target=str(found.pk))
    lines = messages.messages_after(conversation=found, seq=0, limit=EVERYTHING)
    if lines and found.agent_id == request.user.pk:
        messages.mark_read(conversation_id=found.pk, author=Author.AGENT, seq=lines[-1].seq)
        found.agent_read = max(found.agent_read, lines[-1].seq)
    days = presenters.bubbles_by_day(lines, side=Author.AGENT, other_read=found.victim_read)
    if mark:
        days = [Day(day.label, [replace(each, id=f"{mark}{each.id}") for each in day.bubbles]) for day in days]
    return {
        "days": days,
        "last_day": days[-1].label if days else "",
        "last_seq": lines[-1].seq if lines else 0,
        "socket": f"/ws/tchat/{found.pk}/?cote=agent",
        "client_id": uuid.uuid4(),
    }


def conversation_page(
    request: HttpRequest, found: Conversation, form=None, outcome_form=None, *, status: int = 200, **more
) -> HttpResponse:
    beside = _beside(request, found) if request.method == "GET" else None
    form, written = form or MessageForm(), notes.of(found)
    more = {
        **_talk(request, found),
        "samples": presenters.samples(),
        "beside": beside,
        "beside_talk": {**_talk(request, beside, mark="0"), "replies": replies.ready_for(beside)} if beside else None,
        "form": form,
        "client_id": form.data.get("client_id") or uuid.uuid4(),
        "outcome_form": outcome_form or OutcomeForm(),
        "open": found.state == State.ACTIVE,
        "replies": replies.ready_for(found, search=more.get("search", "")) if found.is_open else [],
        "dossier": console.dossier_of(found),
        "complaint": found.dossier.complaints.first(),
        "leads": console.leads_of(found) if found.is_open else [],
        "notes": written,
        "whisper": whispers.last_of_others(written, request.user) if found.is_open else None,
        "readers": supervision.readers_of(found) if found.is_open else [],
        "victim_seen": presenters.victim_seen(found),
        "note_form": NoteForm(auto_id="note_%s"),
        "alert_form": AlertForm(auto_id="alert_%s"),
        "appointment": appointments.last_of(found),
        "booking": bookings.current(found.dossier) if found.is_open else None,
        "abuse_form": AbuseForm(auto_id="abuse_%s"),
        **more,
    }
    return console_page(request, found, status=status, **more, **_targets(request.user, found))


@require_POST
@for_agents
def claim(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    try:
        taken = conversations.claim(agent=request.user, conversation_id=conversation)
    except Refusal as refusal:
        return console_page(request, status=409, refusal=refusal)
    return _led_to(request, taken)


@require_POST
@for_agents
def claim_next(request: HttpRequest) -> HttpResponse:
    try:
        taken = conversations.claim_next(agent=request.user)
    except Refusal as refusal:
        notices.warning(request, refusal.text)
        return redirect(_shown(request))
    return _led_to(request, taken)


def _led_to(request: HttpRequest, taken: Conversation) -> HttpResponse:
    if taken.deferred_at or timezone.now() - taken.victim_seen_at > GONE:
        notices.info(request, ABSENT)
    return redirect(console.address(taken))


def _shown(request: HttpRequest) -> str:
    """Back at what the page showed, with what stood beside; at the queue if it may not be seen any more."""
    shown, second = _uuid(request.POST.get("vu", "")), _uuid(request.POST.get(console.BESIDE, ""))
    found = console.conversations().filter(pk=shown).first() if shown else None
    if found is None or not rules.can_open(request.user, found):
        return reverse("console:desk")
    held = console.held_by(request.user)
    return console.address(found, next((each for each in held if each.pk == second), None))


@require_POST
@for_agents
def send(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    sender = Sender(Author.AGENT, request.user.pk)
    found = console.conversations().filter(pk=conversation).first()
    if found is None or not rules.can_follow(request.user, found):
        if doors.wants_frames(request):
            return doors.refused(Refusal("not-yours"))
        return console_page(
            request, status=409, refusal=Refusal("not-yours"), typed=request.POST.get("text", "")[:20_000]
        )
    if doors.wants_frames(request):
        return doors.send(request, found, sender)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return conversation_page(request, found, form, status=422)
    try:
        messages.send_message(
            conversation_id=found.pk, sender=sender, client_id=form.message_id, text=form.cleaned_data["text"]
        )
    except Refusal as refusal:
        form.add_error("text", refusal.text)
        return conversation_page(request, found, form, status=409)
    return redirect(console.address(found))


@require_safe
@for_agents
def after(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    found = console.conversations().filter(pk=conversation).first()
    if found is None or not rules.can_follow(request.user, found):
        return doors.refused(Refusal("not-yours"))
    note_reading(agent=request.user, verb="tchat lu", dossier=found.dossier, target=str(found.pk))
    return doors.after(request, found, Author.AGENT)


@require_POST
@for_agents
def close(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    found = found_for(request, conversation, rules.can_follow)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return conversation_page(request, found, None, form, status=422)
    try:
        conversations.close_conversation(
            agent=request.user, conversation_id=found.pk, outcome=form.cleaned_data["outcome"]
        )
    except Refusal as refusal:
        return console_page(request, status=409, refusal=refusal)
    notices.success(
        request, f"Conversation {found.dossier.reference} terminée. La transcription est jointe au dossier."
    )
    return redirect("console:desk")


@require_POST
@for_agents
def prepare_complaint(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    found = found_for(request, conversation, rules.can_follow)
    try:
        complaining.prepare_complaint(agent=request.user, conversation_id=found.pk)
    except Refusal as refusal:
        notices.warning(request, refusal.text)
    else:
        notices.success(request, "Plainte préparée. La victime la complète et la dépose depuis son dossier.")
    return redirect(console.address(found))
