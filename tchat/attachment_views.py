"""A file from the composer, without script; with it the file goes part by part, as in the dossier. Same vault."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tchat.enums import State
from tchat.forms import MessageForm
from tchat.views import current, show_room
from victims.gate import with_dossier
from victims.upload_views import receive


@csrf_exempt  # the token is in the body: access, rate and size are looked at first, then the token
@require_POST
@with_dossier
def attach(request: HttpRequest) -> HttpResponse:
    conversation = current(request.dossier)
    if conversation is None or not conversation.is_open:
        return redirect("tchat:room")
    return receive(request, _answered)


def _answered(request: HttpRequest, *, kept: list, errors: list, status: int) -> HttpResponse:
    """Words that were being written stay in their field; a body that was too heavy is not read for them."""
    conversation = current(request.dossier)
    typed = {} if status == 413 else {name: request.POST.get(name, "") for name in ("text", "client_id")}
    if not errors and not typed["text"].strip():
        place = "tchat:write" if conversation.state == State.WAITING else "tchat:room"
        return redirect(resolve_url(place) + "#ecrire")
    form = MessageForm(initial={"text": typed.get("text", "")})
    return show_room(request, conversation, form, status=status, file_errors=errors)
