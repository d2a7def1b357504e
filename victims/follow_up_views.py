"""After filing: the victim adds to the complaint, or withdraws it. No script needed; nothing typed is lost."""

import contextlib

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from guichet.lib import ratelimit
from victims.complaint_form import NOTICES
from victims.gate import with_dossier
from victims.models import Complaint
from victims.services import complaints, follow_up

HERE = {"here": "dossier", "notices": NOTICES}


class AdditionForm(forms.Form):
    text = forms.CharField(
        label="Ce que vous voulez ajouter",
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=follow_up.LIMIT,
        help_text="Un fait nouveau, un montant, une adresse. Votre plainte déposée ne change pas.",
        error_messages={
            "required": follow_up.Refused.TEXTS["empty"],
            "max_length": follow_up.Refused.TEXTS["too-long"],
        },
    )


def _filed(request: HttpRequest) -> Complaint | None:
    found = complaints.current(request.dossier)
    return found if found and found.state in follow_up.AFTER_FILING else None


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def add(request: HttpRequest) -> HttpResponse:
    complaint = _filed(request)
    if complaint is None:
        return redirect("dossier:home")
    form = AdditionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if ratelimit.wait_before("addition", str(request.dossier.pk), allowed=20, seconds=3600):
            form.add_error("text", "Beaucoup d'ajouts en une heure. Attendez un peu, puis renvoyez ce texte.")
        elif _added(complaint, form):
            return redirect("dossier:filed")
    status = 422 if form.errors else 200
    return render(request, "complaint/addition.html", {**HERE, "complaint": complaint, "form": form}, status=status)


def _added(complaint: Complaint, form: AdditionForm) -> bool:
    """Signs that cannot be kept make an empty text; another tab may have withdrawn the complaint."""
    try:
        follow_up.add(complaint=complaint, text=form.cleaned_data["text"])
    except follow_up.Refused as refusal:
        form.add_error("text", refusal.text)
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def withdraw(request: HttpRequest) -> HttpResponse:
    complaint = _filed(request)
    if complaint is None:
        return redirect("dossier:home")
    if request.method == "POST" and request.POST.get("confirm") == "oui":
        with contextlib.suppress(follow_up.Refused):  # the other tab has just done it
            follow_up.withdraw(complaint=complaint)
        return redirect("dossier:home")
    page = {**HERE, "complaint": complaint, "unconfirmed": request.method == "POST"}
    return render(request, "complaint/withdraw.html", page, status=422 if request.method == "POST" else 200)
