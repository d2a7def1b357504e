"""The victim's side of the tchat, whole without script: ask, wait, write, read, leave the queue."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_POST, require_safe

from guichet.lib import ratelimit
from tchat import doors, presenters
from tchat.enums import Author, Opinion, Outcome, State
from tchat.exceptions import Refusal
from tchat.forms import MessageForm, OpinionForm
from tchat.models import Conversation
from tchat.services import conversations, messages, opinions, watch
from tchat.services.messages import VICTIM
from tchat.services.queue import place_of
from victims.enums import ComplaintState
from victims.gate import with_dossier
from victims.models import Dossier
from victims.services.access import dossier_of
from victims.upload_views import told_before

EVERYTHING = 100_000
A_MINUTE, MOST_A_MINUTE = 60, 60
NOT_SENT = "Votre message est parti, pas le fichier. Choisissez-le de nouveau, puis « Envoyer le fichier »."


def current(dossier: Dossier) -> Conversation | None:
    """The open conversation of this dossier, else the last one."""
    found = list(
        Conversation.objects.filter(dossier=dossier)
        .select_related("desk", "agent", "service")
        .order_by("-created_at")[:20]
    )
    for conversation in found:
        conversation.dossier = dossier
    return next((each for each in found if each.is_open), next(iter(found), None))


@require_safe
@with_dossier
def room(request: HttpRequest) -> HttpResponse:
    """One address for the whole tchat: nothing in the history says how far it went."""
    conversation = current(request.dossier)
    if conversation is None:
        return _offer(request)
    if conversation.is_deferred:
        return redirect("tchat:later")
    if conversation.state == State.WAITING:
        return _waiting(request, conversation)
    if request.htmx:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return show_room(request, conversation, MessageForm())


@require_safe
@with_dossier
def write(request: HttpRequest) -> HttpResponse:
    """The first words may be written while one waits; this page does not refresh itself, so nothing typed is lost."""
    conversation = current(request.dossier)
    if conversation is None or conversation.state != State.WAITING:
        return redirect("tchat:room")
    return show_room(request, conversation, MessageForm())


@require_POST
@with_dossier
def ask(request: HttpRequest) -> HttpResponse:
    try:
        conversations.open_conversation(dossier=request.dossier, network=ratelimit.network_of(request))
    except Refusal as refusal:
        return _offer(request, refusal)
    return redirect("tchat:room")


def _offer(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    page = {"here": "dossier", "diagnosis": request.dossier.diagnosis, "refusal": refusal}
    return render(request, "tchat/offer.html", page, status=422 if refusal else 200)


def _waiting(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    watch.victims_seen([conversation.pk])
    place = place_of(conversation=conversation)
    page = {
        "conversation": conversation,
        "place": place,
        "wait": presenters.wait_sentence(place),
        "here": "dossier",
        "socket": _socket(conversation),
        "has_written": conversation.messages.filter(author=Author.VICTIM).exists(),
        "moves": bool(request.htmx),
    }
    return render(request, "tchat/_turn.html" if request.htmx else "tchat/waiting.html", page)


def _socket(conversation: Conversation) -> str:
    return f"/ws/tchat/{conversation.pk}/"


def show_room(
    request: HttpRequest, conversation: Conversation, form: MessageForm, *, status: int = 200, file_errors=()
) -> HttpResponse:
    """Shown is read: the agent sees « lu » for what stands on this page."""
    lines = messages.messages_after(conversation=conversation, seq=0, limit=EVERYTHING)
    if lines:
        messages.mark_read(conversation_id=conversation.pk, author=Author.VICTIM, seq=lines[-1].seq)
    watch.victims_seen([conversation.pk])
    days = presenters.bubbles_by_day(lines, side=Author.VICTIM, other_read=conversation.agent_read)
    filed = not conversation.is_open and conversation.dossier.complaints.filter(state=ComplaintState.FILED).exists()
    page = {
        "conversation": conversation,
        "days": days,
        "last_day": days[-1].label if days else "",
        "last_seq": lines[-1].seq if lines else 0,
        "samples": presenters.samples(Author.VICTIM),
        "title": presenters.title_for_victim(conversation),
        "ending": presenters.ending_of(conversation, filed=filed),
        "complaint_ready": filed or conversation.outcome == Outcome.COMPLAINT,
        "opinions": Opinion.choices if conversation.asks_opinion else [],
        "form": form,
        "client_id": form.data.get("client_id") or uuid.uuid4(),
        "open": conversation.is_open,
        "waits": conversation.state == State.WAITING,
        "socket": _socket(conversation),
        "attach": {"errors": file_errors or _forgotten(request), **told_before(conversation.dossier)},
    }
    return render(request, "tchat/room.html", page, status=status)


def _forgotten(request: HttpRequest) -> list[tuple[str, str]]:
    """A file was chosen, then the words were sent alone: only its name came."""
    return [("", NOT_SENT)] if request.GET.get("fichier") == "choisi" else []


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    dossier = dossier_of(request)
    if dossier is None:
        if doors.wants_frames(request):
            return doors.refused(Refusal("no-access"))
        return _keep_typed(request)
    conversation = current(dossier)
    if conversation is None:
        return redirect("tchat:room")
    if ratelimit.wait_before("tchat-send", str(dossier.pk), allowed=MOST_A_MINUTE, seconds=A_MINUTE):
        return _too_fast(request, conversation)
    if doors.wants_frames(request):
        return doors.send(request, conversation, VICTIM)
    return _send(request, conversation)


def _send(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    form = MessageForm(request.POST)
    if not form.is_valid():
        return show_room(request, conversation, form, status=422)
    try:
        messages.send_message(
            conversation_id=conversation.pk,
            sender=VICTIM,
            client_id=form.message_id,
            text=form.cleaned_data["text"],
        )
    except Refusal as refusal:
        form.add_error("text", refusal.text)
        return show_room(request, current(conversation.dossier), form, status=409 if refusal.code == "closed" else 422)
    waits = conversation.state == State.WAITING
    forgotten = "?fichier=choisi" if request.POST.get("files") else ""
    return redirect(f"{resolve_url('tchat:write' if waits else 'tchat:room')}{forgotten}#ecrire")


def _too_fast(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    refusal = Refusal("too-fast")
    if doors.wants_frames(request):
        return doors.refused(refusal)
    form = MessageForm(request.POST)
    form.is_valid()
    form.add_error("text", refusal.text)
    return show_room(request, conversation, form, status=429)


def _keep_typed(request: HttpRequest) -> HttpResponse:
    """The access ended while somebody was writing: what was written stays on the page, to be copied."""
    typed = request.POST.get("text", "")[:20_000]
    return render(request, "tchat/ended.html", {"typed": typed, "here": "dossier"}, status=401)


@require_safe
def after(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    dossier = dossier_of(request)
    if dossier is None:
        return doors.refused(Refusal("no-access"))
    found = Conversation.objects.select_related("desk", "agent").filter(pk=conversation, dossier=dossier).first()
    if found is None:
        return doors.refused(Refusal("no-access"), status=404)
    found.dossier = dossier
    watch.victims_seen([found.pk])
    return doors.after(request, found, Author.VICTIM)


@require_safe
@with_dossier
def confirm_leave(request: HttpRequest) -> HttpResponse:
    conversation = current(request.dossier)
    if conversation is None or conversation.state != State.WAITING:
        return redirect("tchat:room")
    return render(request, "tchat/leave.html", {"conversation": conversation, "here": "dossier"})


@require_POST
@with_dossier
def leave(request: HttpRequest) -> HttpResponse:
    """Only while one waits: with an agent there, it is the conversation that ends, not the queue."""
    conversation = current(request.dossier)
    if conversation:
        conversations.leave_queue(dossier=request.dossier, conversation_id=conversation.pk)
    return redirect("tchat:room")


@require_POST
@with_dossier
def opinion(request: HttpRequest) -> HttpResponse:
    """The page that follows says what was kept; a button pressed twice, or of an old page, changes nothing."""
    form = OpinionForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        opinions.give_opinion(dossier=request.dossier, conversation_id=said["conversation"], opinion=said["opinion"])
    return redirect(f"{resolve_url('tchat:room')}#avis")
