"""Desks and who answers them. Conversations without a word of what was said; messages are not here at all."""

from django.contrib import admin

from tchat import rulebook_admin  # noqa: F401 (its pages register themselves)
from tchat.admin_forms import ReplyForm
from tchat.models import AbuseFlag, Alert, Appointment, Conversation, Desk, Reply


@admin.register(Desk)
class DeskAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "kind", "institution"]
    list_filter = ["kind", "institution"]
    search_fields = ["name", "slug"]
    filter_horizontal = ["agents"]

    def get_readonly_fields(self, request, obj=None):
        """Dispatch names the desks by their identifier."""
        return ["slug"] if obj else []

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class KeptAdmin(admin.ModelAdmin):
    """When, where and who; never the sealed words. Read only."""

    search_fields = ["=conversation__dossier__reference", "=agent__service_number"]

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Conversation)
class ConversationAdmin(KeptAdmin):
    list_display = ["id", "desk", "state", "severity", "outcome", "created_at", "taken_at", "closed_at"]
    list_filter = ["state", "desk", "severity", "outcome"]
    list_select_related = ["desk"]
    search_fields = ["=id", "=dossier__reference"]
    date_hierarchy = "created_at"
    fields = [
        "id", "dossier", "desk", "institution", "service", "competence_source", "reasons", "severity", "state",
        "outcome", "agent", "claim_version", "last_seq", "created_at", "taken_at", "closed_at",
    ]  # fmt: skip


@admin.register(Reply)
class ReplyAdmin(admin.ModelAdmin):
    list_display = ["title", "order", "desk", "active"]
    list_editable = ["order", "active"]
    list_filter = ["active", "desk"]
    list_select_related = ["desk"]
    search_fields = ["title", "text"]
    form = ReplyForm


@admin.register(Alert)
class AlertAdmin(KeptAdmin):
    list_display = ["raised_at", "kind", "desk", "agent", "acknowledged_by", "acknowledged_at"]
    list_filter = ["kind", "desk"]
    list_select_related = ["desk", "agent", "acknowledged_by"]
    fields = ["conversation", "desk", "kind", "agent", "raised_at", "acknowledged_by", "acknowledged_at"]


@admin.register(AbuseFlag)
class AbuseFlagAdmin(KeptAdmin):
    list_display = ["at", "reason", "desk", "agent"]
    list_filter = ["reason", "desk"]
    list_select_related = ["desk", "agent"]
    fields = ["conversation", "desk", "agent", "reason", "at"]


@admin.register(Appointment)
class AppointmentAdmin(KeptAdmin):
    list_display = ["proposed_at", "state", "agent", "chosen"]
    list_filter = ["state"]
    list_select_related = ["agent"]
    fields = ["conversation", "agent", "slots", "state", "chosen", "proposed_at", "answered_at"]
