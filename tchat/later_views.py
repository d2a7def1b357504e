"""An answer later: what the victim may ask for when all agents are busy, and the agents' list of those who did."""

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guichet.lib.text import clean_text
from tchat import console
from tchat.console_views import for_agents
from tchat.dispatch import ANSWERED_WITHIN
from tchat.enums import State
from tchat.exceptions import Refusal
from tchat.services import later as service
from tchat.views import current
from victims.gate import with_dossier

HOUR = timedelta(hours=1)


class LaterForm(forms.Form):
    phone = forms.CharField(
        label="Un numéro où vous rappeler",
        required=False,
        max_length=40,
        help_text="Seulement si on peut vous appeler sans danger.",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "input--short"}),
    )

    def clean_phone(self) -> str:
        return clean_text(self.cleaned_data["phone"])


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def later(request: HttpRequest) -> HttpResponse:
    conversation = current(request.dossier)
    waits = conversation is not None and conversation.state == State.WAITING
    if not waits or not (conversation.saturated_at or conversation.is_deferred):
        return redirect("tchat:room")
    form = LaterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.defer(dossier=request.dossier, conversation_id=conversation.pk, phone=form.cleaned_data["phone"])
            return redirect("tchat:later")
        except Refusal as refusal:
            form.add_error("phone" if refusal.code == "bad-phone" else None, refusal.text)
    page = {"conversation": conversation, "form": form, "here": "dossier", "has_phone": conversation.sealed_callback}
    return render(request, "tchat/later.html", page, status=422 if form.errors else 200)


@require_POST
@with_dossier
def wait_again(request: HttpRequest) -> HttpResponse:
    conversation = current(request.dossier)
    if conversation:
        service.wait_again(dossier=request.dossier, conversation_id=conversation.pk)
    return redirect("tchat:room")


@require_safe
@for_agents
def deferred(request: HttpRequest) -> HttpResponse:
    rows = [
        {
            "conversation": one,
            "place": console.place_of(one),
            "has_phone": bool(one.sealed_callback),
            "left_at": None if one.deferred_at else one.victim_seen_at,
        }
        for one in service.deferred_for(request.user)[:200]
    ]
    limits = [f"{limit // HOUR} h en gravité {severity}" for severity, limit in sorted(ANSWERED_WITHIN.items())]
    page = {"rows": rows, "limits": ", ".join(reversed(limits)), "here": "differees"}
    return render(request, "console/deferred.html", page)
