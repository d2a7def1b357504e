"""An agent's own second factor: add it, renew the recovery codes, remove it. Whoever owes one comes here first."""

import functools

from django.contrib import messages as notices
from django.contrib.auth import logout, update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guichet.accounts import services, threshold, totp
from guichet.accounts.enums import Means
from guichet.accounts.forms import WRONG, ConfirmForm, PasswordAndCodeForm
from guichet.accounts.models import Agent
from guichet.accounts.rules import factor_is_required
from guichet.accounts.views import enter, home_of, say_refusal, wait_of_account, wait_of_address

either = require_http_methods(["GET", "HEAD", "POST"])


def for_owner(view):
    """The agent whose factor it is: signed in, or on the threshold and without any (with one, its code comes first)."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs):
        agent = request.user if request.user.is_authenticated else threshold.standing(request)
        if agent is None or (agent.factor_mark and not request.user.is_authenticated):
            return redirect("comptes:sign_in")
        return view(request, agent, *args, **kwargs)

    return guarded


def for_holder(view):
    """Signed in, with a second factor."""

    @for_owner
    @functools.wraps(view)
    def guarded(request: HttpRequest, agent: Agent):
        return view(request, agent) if agent.factor_mark else redirect("comptes:second_factor")

    return guarded


@require_safe
@for_owner
def second_factor(request: HttpRequest, agent: Agent) -> HttpResponse:
    factor = services.factor_of(agent)
    page = {
        "factor": factor,
        "left": services.codes_left(factor) if factor else 0,
        "total": services.RECOVERY_CODES,
        "required": factor_is_required(),
        "inside": request.user.is_authenticated,
        "home": home_of(agent),
    }
    return render(request, "accounts/second_factor.html", page)


@require_POST
@for_owner
def propose(request: HttpRequest, agent: Agent) -> HttpResponse:
    services.propose(agent=agent)
    return redirect("comptes:add_factor")


@sensitive_post_parameters()
@either
@for_owner
def add_factor(request: HttpRequest, agent: Agent) -> HttpResponse:
    proposal = services.proposal_of(agent)
    if agent.factor_mark or proposal is None:
        return redirect("comptes:second_factor")
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    wait = wait_of_address(request) if request.method == "POST" else 0
    if request.method == "POST" and form.is_valid() and not wait:
        try:
            codes = services.confirm(agent=agent, code=form.cleaned_data["code"])
        except services.NothingProposed:
            return redirect("comptes:second_factor")
        if codes:
            return _added(request, agent, codes)
        form.add_error("code", WRONG)
    return _add_page(request, agent, proposal, form, wait)


def _add_page(request: HttpRequest, agent: Agent, proposal, form: ConfirmForm, wait: int) -> HttpResponse:
    secret = proposal.secret
    page = {
        "form": form,
        "wait": wait,
        "picture": totp.picture(totp.address(secret, name=agent.get_username())),
        "secret": totp.spelled(secret),
        "issuer": totp.ISSUER,
        "name": agent.get_username(),
    }
    status = 200 if request.method != "POST" else 429 if wait else 422
    return render(request, "accounts/add_factor.html", page, status=status)


def _added(request: HttpRequest, agent: Agent, codes: list[str]) -> HttpResponse:
    """Shown in the answer itself: nothing keeps the codes in a readable form, not even for the time of a redirect."""
    if request.user.is_authenticated:
        update_session_auth_hash(request, agent)
        follow = home_of(agent)
    else:
        follow = enter(request, agent, follow=threshold.step_in(request), means=Means.APPLICATION)
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "follow": follow, "added": True})


def _checked(request: HttpRequest, agent: Agent, purpose: str) -> tuple[PasswordAndCodeForm, int, bool]:
    """Password, then code: (form, seconds to wait, both right). A wrong password uses no code."""
    wait = max(wait_of_account(agent.get_username()), wait_of_address(request))
    form = PasswordAndCodeForm(None if wait else request.POST, agent=agent)
    if wait or not form.is_valid():
        return form, wait, False
    found = services.check(agent=agent, code=form.cleaned_data["code"], purpose=purpose)
    say_refusal(form, found)
    return form, found.wait, bool(found.means)


@sensitive_post_parameters()
@either
@for_holder
def renew_codes(request: HttpRequest, agent: Agent) -> HttpResponse:
    form, wait, right = PasswordAndCodeForm(agent=agent), 0, False
    if request.method == "POST":
        form, wait, right = _checked(request, agent, "codes de secours")
    if right:
        codes = services.renew_codes(agent=agent)
        return render(request, "accounts/recovery_codes.html", {"codes": codes, "follow": home_of(agent)})
    return render(request, "accounts/renew_codes.html", {"form": form, "wait": wait}, status=_status(request, wait))


@sensitive_post_parameters()
@either
@for_holder
def remove_factor(request: HttpRequest, agent: Agent) -> HttpResponse:
    form, wait, right = PasswordAndCodeForm(agent=agent), 0, False
    if request.method == "POST":
        form, wait, right = _checked(request, agent, "retrait")
    if right:
        return _removed(request, agent)
    page = {"form": form, "wait": wait, "required": factor_is_required()}
    return render(request, "accounts/remove_factor.html", page, status=_status(request, wait))


def _removed(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Where a second factor is required, the agent is back on the threshold until there is another."""
    services.remove(agent=agent)
    if factor_is_required():
        with transaction.atomic():
            logout(request)
        threshold.stand(request, agent=agent)
    else:
        update_session_auth_hash(request, agent)
    notices.success(request, "Votre second facteur est retiré.")
    return redirect("comptes:second_factor")


def _status(request: HttpRequest, wait: int) -> int:
    return 200 if request.method != "POST" else 429 if wait else 422
