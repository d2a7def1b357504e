"""What an agent does beside talking: ready-made answers. Plain forms, each with one service."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from tchat import rules
from tchat.console_views import conversation_page, for_agents, found_for
from tchat.forms import MessageForm
from tchat.services import replies

LONGEST = 20_000


@require_POST
@for_agents
def reply(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    """Searches the ready-made answers, or puts one into the composer under what is typed there. Sends nothing."""
    found = found_for(request, conversation, rules.can_follow)
    typed, wanted = request.POST.get("text", "")[:LONGEST], request.POST.get("reponse", "")
    if wanted.isdecimal():
        text = replies.one_for(found, int(wanted[:9]))
        typed = replies.joined(typed, text) if text else typed
    search = "" if wanted else request.POST.get("chercher", "")[:80]
    form = MessageForm(initial={"text": typed})
    return conversation_page(request, found, form, search=search, searched=bool(search), chosen=bool(wanted))
