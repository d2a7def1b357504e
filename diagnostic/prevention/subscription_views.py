"""Alerts by mail: ask, confirm, stop. Mail filters open links: reading changes nothing, pressing a button does."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from diagnostic.prevention import subscriptions
from diagnostic.prevention.forms import FilterForm
from diagnostic.prevention.subscription_forms import SubscriptionForm
from guichet.lib import ratelimit
from guichet.territory.departements import departement_name

HERE = "prevention"
HOUR, DAY = 3600, 24 * 3600
ASKED_PER_HOUR, MAILS_PER_DAY = 10, 3
both = require_http_methods(["GET", "HEAD", "POST"])


@both
def subscription(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        first = FilterForm(request.GET).chosen()["departement"]
        form = SubscriptionForm(initial={"departement": first})
        return _page(request, "subscription", {"form": form, "sent": "demande" in request.GET})
    form = SubscriptionForm(request.POST)
    if not form.is_valid():
        return _page(request, "subscription", {"form": form}, status=422)
    asker = ratelimit.client_address(request)
    if wait := ratelimit.wait_before("alerts-ask", asker, allowed=ASKED_PER_HOUR, seconds=HOUR):
        return _too_many(request, form, wait)
    address = form.cleaned_data["adresse"]
    # Nobody fills somebody's mailbox from here; the answer stays the same, it says nothing of the address.
    if not ratelimit.wait_before("alerts-address", address.lower(), allowed=MAILS_PER_DAY, seconds=DAY):
        subscriptions.ask(address=address, departements=form.chosen())
    response = HttpResponseRedirect(reverse("prevention:subscription") + "?demande")
    response.status_code = 303
    return response


def _too_many(request: HttpRequest, form: SubscriptionForm, wait: int) -> HttpResponse:
    minutes = -(-wait // 60)
    words = "une minute" if minutes == 1 else f"{minutes} minutes"
    response = _page(request, "subscription", {"form": form, "wait": words}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


@both
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    found = subscriptions.confirm(token) if request.method == "POST" else subscriptions.asked_by(token)
    if found is None:
        return _page(request, "subscription_confirm", {}, status=410)
    waits = found.asked_at is not None
    places = list(map(departement_name, found.asked if waits else found.departements))
    context = {"known": True, "waits": waits, "places": places, "stop": subscriptions.stop_token(found)}
    return _page(request, "subscription_confirm", context)


@csrf_exempt
@both
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """The signed link is the right to stop: the mailbox itself posts here, without a cookie (RFC 8058)."""
    if request.method == "POST":
        known = subscriptions.stop(token)
        return _page(request, "subscription_stop", {"known": known, "done": known}, status=200 if known else 410)
    known = subscriptions.is_stop(token)
    return _page(request, "subscription_stop", {"known": known}, status=200 if known else 410)


def _page(request: HttpRequest, name: str, context: dict, *, status: int = 200) -> HttpResponse:
    response = render(request, f"prevention/{name}.html", {"here": HERE, **context}, status=status)
    if name != "subscription":
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
