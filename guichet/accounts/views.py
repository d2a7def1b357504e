"""Sign-in of agents, slowed down by account and by address."""

from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.shortcuts import redirect, resolve_url

from guichet.accounts.forms import SignInForm
from guichet.accounts.rules import can_use_console
from guichet.audit import services as audit
from guichet.lib import ratelimit


class SignIn(LoginView):
    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request, *args, **kwargs):
        name = request.POST.get("username", "")[:150].lower()
        wait = max(
            ratelimit.wait_before("sign-in", name, allowed=8, seconds=600),
            ratelimit.wait_before("sign-in-address", ratelimit.client_address(request), allowed=60, seconds=600),
        )
        if wait:
            form = self.get_form_class()(request)
            return self.render_to_response(self.get_context_data(form=form, wait=wait), status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        audit.record(actor=form.get_user().audit_name, verb="connexion")
        return response

    def get_default_redirect_url(self):
        agent = self.request.user
        return resolve_url("console:desk" if can_use_console(agent) else "admin:index")


class SignOut(LogoutView):
    http_method_names = ["post", "options"]

    def post(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            audit.record(actor=request.user.audit_name, verb="déconnexion")
        with transaction.atomic():  # who is told by `user_logged_out` asks after the session is gone, not before
            return super().post(request, *args, **kwargs)


def sign_in_first(request):
    """The admin's own sign-in page is closed: one door for every agent."""
    return redirect(f"{resolve_url('comptes:sign_in')}?next={request.GET.get('next', resolve_url('admin:index'))}")
