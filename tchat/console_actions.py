"""What an agent does beside talking: answers, notes, transfers, emergencies, abuse. Each form has one service."""

import uuid

from django.contrib import messages as notices
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from guichet.accounts.rules import can_supervise
from tchat import console, rules
from tchat.console_forms import AbuseForm, AlertForm, NoteForm, TransferForm
from tchat.console_views import SOUND, console_page, conversation_page, for_agents, found_for, is_muted
from tchat.exceptions import Refusal
from tchat.forms import MessageForm
from tchat.models import Alert, Conversation
from tchat.services import alerts, handing, moderation, notes, presence, replies, transfers

LONGEST = 20_000
A_YEAR = 365 * 24 * 3600


@require_POST
@for_agents
def reply(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    """Searches the ready-made answers, or puts one of them, or a question, into the composer under what is typed there.
    Sends nothing."""
    found = found_for(request, conversation, rules.can_follow)
    typed, text = request.POST.get("text", "")[:LONGEST], _chosen(request, found)
    search = "" if {"reponse", "question"} & request.POST.keys() else request.POST.get("chercher", "")[:80]
    form = MessageForm(initial={"text": replies.joined(typed, text) if text else typed})
    return conversation_page(request, found, form, search=search, searched=bool(search))


def _chosen(request: HttpRequest, found: Conversation) -> str:
    wanted, question = request.POST.get("reponse", ""), request.POST.get("question", "")
    if wanted.isdecimal():
        return replies.one_for(found, int(wanted[:9]))
    return next((lead.text for lead in console.leads_of(found) if lead.key == question), "")


@require_POST
@for_agents
def note(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    found = found_for(request, conversation, rules.can_annotate)
    form = NoteForm(request.POST, auto_id="note_%s")
    follows = not rules.can_reread(request.user, found)
    if not form.is_valid() and follows:
        typed = request.POST.get("note", "")[:LONGEST]
        return console_page(request, status=422, refusal=Refusal(form.errors.as_data()["note"][0].code), typed=typed)
    if not form.is_valid():
        return conversation_page(request, found, status=422, note_form=form)
    try:
        notes.add(agent=request.user, conversation_id=found.pk, text=form.cleaned_data["note"])
    except Refusal as refusal:
        return console_page(request, status=409, refusal=refusal, typed=form.cleaned_data["note"])
    notices.success(request, "Note gardée. Elle suit la conversation, la victime ne la voit pas.")
    return redirect("console:follow", found.pk) if follows else redirect(console.address(found))


@require_POST
@for_agents
def transfer(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    """To a desk or to a colleague, with a note or without: both are done, or neither."""
    found = found_for(request, conversation, rules.can_transfer)
    form = TransferForm(request.POST)
    valid, typed = form.is_valid(), request.POST.get("note", "")[:LONGEST]
    if "note" in form.errors:
        refusal = Refusal(form.errors.as_data()["note"][0].code)
        return console_page(request, status=422, refusal=refusal, typed=typed)
    try:
        with transaction.atomic():
            told = _give(request.user, found, form.cleaned_data if valid else {"note": form.cleaned_data.get("note")})
    except Refusal as refusal:
        return console_page(request, status=409, refusal=refusal, typed=typed)
    notices.success(request, f"Conversation {found.dossier.reference} transmise : {told}.")
    gave_own = found.agent_id in {None, request.user.pk} or not can_supervise(request.user)
    return redirect("console:desk" if gave_own else "console:supervision")


def _give(agent, found: Conversation, wanted: dict) -> str:
    """Whom it went to. Raises Refusal."""
    if wanted.get("note"):
        notes.add(agent=agent, conversation_id=found.pk, text=wanted["note"], with_transfer=True)
    if wanted.get("agent"):
        moved = handing.hand_over(agent=agent, conversation_id=found.pk, to=wanted["agent"])
        return moved.agent.public_name
    return transfers.transfer(agent=agent, conversation_id=found.pk, to=wanted.get("desk", "")).desk.name


@require_POST
@for_agents
def alert(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    found = found_for(request, conversation, rules.can_follow)
    form = AlertForm(request.POST, auto_id="alert_%s")
    if not form.is_valid():
        return conversation_page(request, found, status=422, alert_form=form)
    try:
        alerts.raise_alert(agent=request.user, conversation_id=found.pk, **form.cleaned_data)
    except Refusal as refusal:
        return console_page(request, status=409, refusal=refusal)
    return redirect(console.address(found))


@require_POST
@for_agents
def acknowledge(request: HttpRequest, alert: uuid.UUID) -> HttpResponse:
    try:
        taken = alerts.acknowledge(agent=request.user, alert_id=alert)
    except Alert.DoesNotExist:
        raise Http404
    except Refusal as refusal:
        if refusal.code == "not-yours":
            raise Http404
        return console_page(request, status=409, refusal=refusal)
    notices.success(request, f"Urgence prise en compte. L'agent {taken.agent.service_number} le voit.")
    return redirect("console:desk")


@require_POST
@for_agents
def abuse(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    found = found_for(request, conversation, rules.can_follow)
    form = AbuseForm(request.POST, auto_id="abuse_%s")
    if not form.is_valid():
        return conversation_page(request, found, status=422, abuse_form=form)
    try:
        moderation.stop(agent=request.user, conversation_id=found.pk, **form.cleaned_data)
    except Refusal as refusal:
        return console_page(request, status=409, refusal=refusal)
    notices.success(request, f"Conversation {found.dossier.reference} arrêtée. Les superviseurs voient le motif.")
    return redirect("console:desk")


@require_POST
@for_agents
def pause(request: HttpRequest) -> HttpResponse:
    """On or off, as the button says: two pages open at once do not undo each other."""
    if request.POST.get("pause") == "oui":
        presence.pause(agent=request.user)
    else:
        presence.resume(agent=request.user)
    return _duty(request)


@require_POST
@for_agents
def sound(request: HttpRequest) -> HttpResponse:
    """Remembered on this computer by a cookie of the console alone, since a script stores nothing here."""
    on = request.POST.get("son") == "oui"
    response = _duty(request, muted=not on)
    response.set_cookie(
        SOUND,
        "oui" if on else "non",
        max_age=A_YEAR,
        path=reverse("console:desk"),
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )
    return response


def _duty(request: HttpRequest, *, muted: bool | None = None) -> HttpResponse:
    """The part alone for a script; else the page that the button stood on."""
    if request.htmx:
        silent = is_muted(request) if muted is None else muted
        board = console.board(request.user)
        return render(request, "console/_duty.html", {"board": board, "muted": silent})
    back = request.POST.get("retour", "")
    return redirect(back if back.startswith(reverse("console:desk")) else "console:desk")
