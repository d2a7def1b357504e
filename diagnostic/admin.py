from django.contrib import admin

from diagnostic.editing import admin as editing
from diagnostic.models import Diagnosis
from diagnostic.module import admin as module
from diagnostic.prevention import admin as prevention

__all__ = ["DiagnosisAdmin", "editing", "module", "prevention"]


@admin.register(Diagnosis)
class DiagnosisAdmin(admin.ModelAdmin):
    """Read only: it proves what was answered and what was advised."""

    list_display = ["created_at", "main_name", "audience", "severity", "chat_offered", "tree_version"]
    list_filter = ["severity", "audience", "chat_offered"]
    search_fields = ["id", "commune_code"]
    date_hierarchy = "created_at"

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
