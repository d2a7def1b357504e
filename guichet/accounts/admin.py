from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from guichet.accounts import rules, services
from guichet.accounts.enums import ResetReason
from guichet.accounts.forms import ResetForm
from guichet.accounts.models import Agent

POWERS = ("is_superuser", "groups", "user_permissions")


@admin.register(Agent)
class AgentAdmin(UserAdmin):
    list_display = ["service_number", "username", "has_factor", "role", "institution", "service", "is_active"]
    list_filter = ["role", "institution", "is_active", ("factor_mark", admin.EmptyFieldListFilter)]
    list_select_related = ["service"]
    search_fields = ["service_number", "username", "last_name"]
    raw_id_fields = ["service"]
    readonly_fields = ["has_factor"]
    change_form_template = "admin/accounts/agent_form.html"
    fieldsets = (
        (None, {"fields": ("username", "password", "has_factor")}),
        ("Service", {"fields": ("service_number", "role", "institution", "service")}),
        ("Personne", {"fields": ("first_name", "last_name", "email")}),
        ("Droits", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "service_number", "role", "password1", "password2")}),
    )

    @admin.display(description="second facteur", boolean=True)
    def has_factor(self, agent: Agent) -> bool:
        return bool(agent.factor_mark)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or rules.can_supervise(request.user)

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        """A supervisor whom an administrator let into the administration finds there who lost a telephone."""
        if super().has_view_permission(request, obj):
            return True
        return rules.can_supervise(request.user) and (obj is None or rules.can_reset_factor(request.user, obj))

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_change_permission(request, obj) and _is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and _is_within_reach(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        """Only a superuser gives rights: whoever may give them to anybody may take them all."""
        found = super().get_readonly_fields(request, obj)
        return found if request.user.is_superuser else [*found, *POWERS]

    def get_queryset(self, request: HttpRequest):
        """A supervisor sees the people whom the rule lets them help, and no others."""
        found = super().get_queryset(request)
        if super().has_view_permission(request):
            return found
        return found.filter(institution=request.user.institution, role__in=rules.CONSOLE, is_superuser=False)

    def get_fieldsets(self, request: HttpRequest, obj=None):
        if obj is None or super().has_view_permission(request, obj):
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ("username", "has_factor", "service_number", "role", "institution", "service")})]

    def get_urls(self):
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.factor_view))
        return [path("<int:pk>/second-facteur/", view, name="accounts_agent_factor"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        agent = self.get_object(request, object_id)
        may = bool(agent and agent.factor_mark and rules.can_reset_factor(request.user, agent))
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "may_reset_factor": may})

    def factor_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        agent = get_object_or_404(Agent, pk=pk)
        if not rules.can_reset_factor(request.user, agent):
            raise PermissionDenied
        form = ResetForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._reset(request, agent, form):
            return redirect(reverse("admin:accounts_agent_change", args=[pk]))
        page = {
            **self.admin_site.each_context(request),
            "title": f"{agent} : réinitialiser le second facteur",
            "opts": self.model._meta,
            "agent": agent,
            "form": form,
        }
        return render(request, "admin/accounts/reset_factor.html", page, status=422 if form.errors else 200)

    @staticmethod
    def _reset(request: HttpRequest, agent: Agent, form: ResetForm) -> bool:
        try:
            services.reset(agent=agent, reason=ResetReason(form.cleaned_data["reason"]), by=request.user)
        except services.NotAllowed:
            form.add_error(None, "Ce compte n’a pas de second facteur : il n’y a rien à réinitialiser.")
            return False
        messages.success(request, f"Second facteur de {agent} retiré. Ses sessions sont fermées.")
        return True


def _is_within_reach(request: HttpRequest, agent: Agent | None) -> bool:
    """A superuser's account, its password first, is touched by a superuser only."""
    return agent is None or request.user.is_superuser or not agent.is_superuser
