"""The provider's side, by a signed link and without an account. A GET changes nothing: mail filters follow links."""

import functools
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from guichet.directory.rulebook import RULE
from guichet.lib import ratelimit
from victims.enums import ReferralState, Side
from victims.models import Referral
from victims.referral_content import REFERRAL
from victims.referral_forms import DeclineForm, DisputeForm, FindingsForm, TextForm, shown_findings
from victims.referral_views import bubbles, contact_pairs, disputes_of, unsent
from victims.services import referral_answers, referral_mail, referrals
from victims.services.referrals import Refused

HOUR = 3600


def by_link(view):
    """The view gets the request that the link names; any other link, or an erased dossier, reads the same page."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        referral = referral_mail.referral_of(token)
        if referral is None:
            return render(request, "provider/gone.html", status=410)
        return view(request, token, referral_answers.settle(referral))

    return guarded


@require_safe
@by_link
def show(request: HttpRequest, token: str, referral: Referral) -> HttpResponse:
    return _page(request, token, referral)


def _page(
    request: HttpRequest, token: str, referral: Referral, *, refusal: Refused | None = None, **forms_
) -> HttpResponse:
    """What may be read follows the state alone: nothing of the person before the provider accepts, nor at the end."""
    if refusal:  # somebody, or the other tab, was faster: the page says what is
        referral.refresh_from_db()
    readable = referrals.is_readable(referral)
    accepted = readable and referral.state == ReferralState.ACCEPTED
    page = {
        "referral": referral,
        "token": token,
        "rule": RULE,
        "words": REFERRAL,
        "readable": readable,
        "accepted": accepted,
        "waiting": readable and referral.state == ReferralState.ASKED,
        "reported": readable and referral.state == ReferralState.REPORTED,
        "disputes": (disputes := disputes_of(referral, Side.PROVIDER)),
        "may_dispute": all(each["answer"] for each in disputes),
        "dispute_form": DisputeForm(),
        "decline_form": DeclineForm(),
        "refusal": refusal,
        "unsent": [] if accepted else unsent(forms_.values()),
    }
    if readable and referral.is_open:
        page["brief"] = referrals.opened(referral, "sealed_brief")
    if accepted:
        page |= {
            "contact": contact_pairs(referrals.opened(referral, "sealed_contact")),
            "messages": bubbles(referral, reader=Side.PROVIDER),
            "form": TextForm(),
            "client_id": uuid.uuid4(),
            "findings_form": _findings_form(referral),
        }
    if page["reported"]:
        page["findings"] = shown_findings(referrals.opened(referral, "sealed_report"))
    failed = refusal or any(form.errors for form in forms_.values())
    return render(request, "provider/request.html", {**page, **forms_}, status=422 if failed else 200)


def _findings_form(referral: Referral, data=None) -> FindingsForm:
    asked = referral.shortlist.draw.asked
    name = dict(referrals.opened(referral, "sealed_brief"))["Problème"]
    return FindingsForm(data, asked=asked["threat"], audience=asked["audience"], name=name)


@require_POST
@by_link
def accept(request: HttpRequest, token: str, referral: Referral) -> HttpResponse:
    try:
        referral_answers.accept(referral=referral)
    except Refused as refusal:
        if refusal.code != "accepted":  # pressed twice is once
            return _page(request, token, referral, refusal=refusal)
    return redirect("provider:request", token)


@require_POST
@by_link
def decline(request: HttpRequest, token: str, referral: Referral) -> HttpResponse:
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _page(request, token, referral, decline_form=form)
    try:
        referral_answers.decline(referral=referral, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        if refusal.code != "declined":
            return _page(request, token, referral, refusal=refusal)
    return redirect("provider:request", token)


@require_POST
@by_link
def write(request: HttpRequest, token: str, referral: Referral) -> HttpResponse:
    form = TextForm(request.POST)
    if not form.is_valid():
        return _page(request, token, referral, form=form)
    if ratelimit.wait_before("provider-message", str(referral.pk), allowed=60, seconds=HOUR):
        form.add_error("text", "Beaucoup de messages en une heure. Attendez un peu, puis renvoyez ce texte.")
        return _page(request, token, referral, form=form)
    values = {"client_id": form.cleaned_data["client_id"], "text": form.cleaned_data["text"]}
    try:
        referral_answers.write(referral=referral, sender=Side.PROVIDER, **values)
    except Refused as refusal:
        return _page(request, token, referral, form=form, refusal=refusal)
    return redirect("provider:request", token)


@require_POST
@by_link
def report(request: HttpRequest, token: str, referral: Referral) -> HttpResponse:
    form = _findings_form(referral, request.POST)
    if not form.is_valid() and referral.state == ReferralState.ACCEPTED:
        return _page(request, token, referral, findings_form=form)
    try:
        referral_answers.report(referral=referral, findings=form.cleaned_data)
    except Refused as refusal:
        if refusal.code == "reported":
            return redirect("provider:request", token)
        return _page(request, token, referral, findings_form=form, refusal=refusal)
    return redirect("provider:request", token)


@require_POST
@by_link
def dispute(request: HttpRequest, token: str, referral: Referral) -> HttpResponse:
    form = DisputeForm(request.POST)
    if not form.is_valid():
        return _page(request, token, referral, dispute_form=form)
    try:
        referral_answers.dispute(referral=referral, side=Side.PROVIDER, text=form.cleaned_data["dispute"])
    except Refused as refusal:
        form.add_error("dispute", refusal.text)
        return _page(request, token, referral, dispute_form=form)
    return redirect("provider:request", token)
