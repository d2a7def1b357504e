"""Sign-in of agents: a password, then a code for whoever has a second factor. Slowed down by account and by address."""

import unicodedata

from django.contrib import messages as notices
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods

from guichet.accounts import services, threshold
from guichet.accounts.enums import Means
from guichet.accounts.forms import UNREADABLE, WRONG, CodeForm, SignInForm
from guichet.accounts.models import Agent
from guichet.accounts.rules import can_use_console, must_enrol
from guichet.accounts.services import Check
from guichet.audit import services as audit
from guichet.lib import ratelimit

FEW_CODES, TEN_MINUTES = 3, 600
BACKEND = "django.contrib.auth.backends.ModelBackend"


def wait_of_account(name: str) -> int:
    return ratelimit.wait_before("sign-in", _meant(name), allowed=8, seconds=TEN_MINUTES)


def _meant(name: str) -> str:
    """The account that is meant: the form takes wide letters and outer spaces for the same name."""
    return unicodedata.normalize("NFKC", name.strip()[:150]).lower()


def wait_of_address(request: HttpRequest) -> int:
    return ratelimit.wait_before("sign-in-address", ratelimit.client_address(request), allowed=60, seconds=TEN_MINUTES)


class SignIn(LoginView):
    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request, *args, **kwargs):
        wait = max(wait_of_account(request.POST.get("username", "")), wait_of_address(request))
        if wait:
            form = self.get_form_class()(request)
            return self.render_to_response(self.get_context_data(form=form, wait=wait), status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        agent, follow = form.get_user(), self.get_redirect_url()
        # Only wrong passwords count: a whole service that comes on duty behind one address is let in.
        ratelimit.give_back("sign-in", _meant(self.request.POST.get("username", "")), seconds=TEN_MINUTES)
        ratelimit.give_back("sign-in-address", ratelimit.client_address(self.request), seconds=TEN_MINUTES)
        if agent.factor_mark:
            threshold.stand(self.request, agent=agent, follow=follow)
            return redirect("comptes:sign_in_code")
        if must_enrol(agent):
            threshold.stand(self.request, agent=agent, follow=follow)
            return redirect("comptes:second_factor")
        return redirect(enter(self.request, agent, follow=follow))

    def get_default_redirect_url(self):
        return home_of(self.request.user)


def home_of(agent: Agent) -> str:
    return resolve_url("console:desk" if can_use_console(agent) else "admin:index")


def enter(request: HttpRequest, agent: Agent, *, follow: str = "", means: Means | None = None) -> str:
    """Sign in, and say where to go: the only place where an agent's session begins."""
    login(request, agent, backend=BACKEND)
    audit.record(actor=agent.audit_name, verb="connexion", detail={"facteur": str(means)} if means else {})
    return follow or home_of(agent)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second door: only for who stands before it."""
    if request.user.is_authenticated:
        return redirect(home_of(request.user))
    agent = threshold.standing(request)
    if agent is None or not agent.factor_mark:
        return redirect("comptes:sign_in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "accounts/sign_in_code.html", {"form": form})
    wait = wait_of_address(request)
    if form.is_valid() and not wait:
        found = services.check(agent=agent, code=form.cleaned_data["code"], purpose="connexion")
        if found.means:
            _tell(request, agent, found)
            follow = threshold.step_in(request)
            return redirect(enter(request, agent, follow=follow, means=found.means))
        wait = found.wait
        say_refusal(form, found)
    return render(request, "accounts/sign_in_code.html", {"form": form, "wait": wait}, status=429 if wait else 422)


def say_refusal(form, found: Check) -> None:
    """Beside the field; a wait is said by the page."""
    if found.unreadable:
        form.add_error("code", UNREADABLE)
    elif not found.means and not found.wait:
        form.add_error("code", WRONG)


def _tell(request: HttpRequest, agent: Agent, found: Check) -> None:
    if found.failures_before:
        notices.warning(
            request,
            f"Codes refusés depuis votre dernière entrée : {found.failures_before}. Si ce n’était pas vous, quelqu’un "
            "a votre mot de passe : prévenez votre administrateur.",
        )
    factor = services.factor_of(agent)
    if found.means == Means.RECOVERY and factor and services.codes_left(factor) <= FEW_CODES:
        left = services.codes_left(factor)
        notices.warning(request, f"Codes de secours restants : {left}. Renouvelez-les dans « Second facteur ».")


class SignOut(LogoutView):
    http_method_names = ["post", "options"]

    def post(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            audit.record(actor=request.user.audit_name, verb="déconnexion")
        with transaction.atomic():  # who is told by `user_logged_out` asks after the session is gone, not before
            return super().post(request, *args, **kwargs)


def sign_in_first(request):
    """The admin's own sign-in page is closed: one door for every agent. Who is already in has no place there."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", resolve_url("admin:index")))
