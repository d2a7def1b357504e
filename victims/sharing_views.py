"""The companions whom the victim lets in."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_POST

from guichet.lib import ratelimit
from victims.forms import SignInForm
from victims.gate import with_dossier
from victims.services import access, companions, dossiers
from victims.views import opened_rightly, too_many, wait_to_open

HERE = {"here": "dossier"}
FULL = "Trois personnes vous aident déjà. Retirez-en une pour en inviter une autre."


class InviteForm(forms.Form):
    name = forms.CharField(
        label="Qui vous aide ?",
        max_length=80,
        help_text="Un prénom suffit. Vous seul le verrez.",
        error_messages={"required": "Écrivez qui vous aide.", "max_length": "80 lettres au plus."},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def invited(request: HttpRequest) -> HttpResponse:
    """The code of a companion is told once, on the answer to the invitation."""
    form, code, companion = InviteForm(request.POST or None), "", None
    if request.method == "POST" and form.is_valid():
        if ratelimit.wait_before("invite", str(request.dossier.pk), allowed=10, seconds=3600):
            form.add_error(None, "Beaucoup d'invitations en une heure. Attendez un peu.")
        else:
            try:
                companion, code = companions.invite(dossier=request.dossier, name=form.cleaned_data["name"])
                form = InviteForm()
            except companions.TooMany:
                form.add_error(None, FULL)
    page = {
        "form": form,
        "code": code,
        "companion": companion,
        "dossier": request.dossier,
        "people": companions.names_of(request.dossier),
    }
    return render(request, "dossier/companions.html", {**HERE, **page}, status=422 if form.errors else 200)


@require_POST
@with_dossier
def end(request: HttpRequest, companion_id) -> HttpResponse:
    companions.end(dossier=request.dossier, companion_id=companion_id)
    return redirect("dossier:companions")


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        wait = wait_to_open(request)
        if wait:
            return too_many(request, wait)
        if form.is_valid():
            try:
                token = companions.join(**form.cleaned_data)
            except dossiers.NotFound:
                form.add_error(None, "Cette référence et ce code ne vont pas ensemble, ou ce code ne sert plus.")
            else:
                opened_rightly(request)
                access.end_access(request)
                response = HttpResponseRedirect(resolve_url("dossier:home"))
                access.keep(response, token)
                return response
    return render(request, "dossier/join.html", {**HERE, "form": form}, status=422 if form.errors else 200)
