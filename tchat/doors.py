"""The tchat without a websocket: the same frames by plain requests, where the network lets nothing else pass."""

from django.http import HttpRequest, JsonResponse

from tchat import frames
from tchat.enums import Author, State
from tchat.exceptions import Refusal
from tchat.forms import AfterForm, MessageForm
from tchat.models import Conversation
from tchat.services import messages
from tchat.services.messages import Sender
from tchat.services.queue import place_of

STATUS = {"not-yours": 409, "no-access": 401, "too-fast": 429}


def wants_frames(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def refused(refusal: Refusal, name: str | None = None, status: int | None = None) -> JsonResponse:
    return answer([frames.err(refusal, name)], status or STATUS.get(refusal.code, 422))


def answer(found: list[dict], status: int = 200, **beside) -> JsonResponse:
    return JsonResponse({"frames": found, **beside}, status=status, json_dumps_params={"ensure_ascii": False})


def state_of(conversation: Conversation) -> dict:
    waits = conversation.state == State.WAITING
    return frames.state(conversation, place_of(conversation=conversation) if waits else None)


def after(request: HttpRequest, conversation: Conversation, side: Author) -> JsonResponse:
    """Everything after `apres`, then the state; `lu` says what this side has seen."""
    form = AfterForm(request.GET)
    if not form.is_valid():
        return refused(Refusal("bad-frame"))
    lines = messages.messages_after(conversation=conversation, seq=form.cleaned_data["apres"])
    if form.cleaned_data["lu"]:
        messages.mark_read(conversation_id=conversation.pk, author=side, seq=form.cleaned_data["lu"])
    return answer([*(frames.msg(line) for line in lines), state_of(conversation)])


def send(request: HttpRequest, conversation: Conversation, sender: Sender) -> JsonResponse:
    """Acknowledged after the commit, with the id that the script made."""
    form = MessageForm(request.POST)
    name = request.POST.get("client_id", "")[:36]
    if not form.is_valid():
        return refused(Refusal(form.errors.as_data()["text"][0].code), name)
    try:
        message = messages.send_message(
            conversation_id=conversation.pk,
            sender=sender,
            client_id=form.cleaned_data["client_id"],
            text=form.cleaned_data["text"],
        )
    except Refusal as refusal:
        return refused(refusal, name)
    return answer([frames.ack(message)])
