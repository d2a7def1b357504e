from django.contrib import admin, messages
from django.utils import timezone

from diagnostic.module import services
from diagnostic.module.forms import PartnerForm
from diagnostic.module.models import Partner


@admin.register(Partner)
class PartnerAdmin(admin.ModelAdmin):
    """For administrators. Activation goes through the actions, so that it is dated and told in the journal."""

    form = PartnerForm
    list_display = ["name", "slug", "active", "created_at", "this_month", "previous_month"]
    list_filter = ["active"]
    search_fields = ["name", "slug", "origins"]
    date_hierarchy = "created_at"
    fields = ["name", "slug", "origins", "contact", "notes", "active", "created_at", "activated_at"]
    actions = ["activate", "deactivate"]

    def get_readonly_fields(self, request, obj=None):
        """The name of a partner stands in the lines it copied: it is set once."""
        fixed = ["active", "created_at", "activated_at"]
        return ["slug", *fixed] if obj else fixed

    def get_queryset(self, request):
        return services.with_counts(super().get_queryset(request), timezone.localdate())

    @admin.display(description="parcours ce mois-ci", ordering="this_month")
    def this_month(self, partner: Partner) -> int:
        return partner.this_month

    @admin.display(description="le mois dernier", ordering="previous_month")
    def previous_month(self, partner: Partner) -> int:
        return partner.previous_month

    @admin.action(description="Activer", permissions=["change"])
    def activate(self, request, queryset):
        done = sum(services.activate(partner, actor=request.user.audit_name) for partner in queryset)
        self.message_user(request, f"Activés : {done}.", messages.SUCCESS)

    @admin.action(description="Retirer", permissions=["change"])
    def deactivate(self, request, queryset):
        done = sum(services.deactivate(partner, actor=request.user.audit_name) for partner in queryset)
        self.message_user(request, f"Retirés : {done}.", messages.SUCCESS)
