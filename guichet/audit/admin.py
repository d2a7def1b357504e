from django.contrib import admin

from guichet.audit.models import Line


class ReadOnlyAdmin(admin.ModelAdmin):
    """What the admin may look at and never touch."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Line)
class LineAdmin(ReadOnlyAdmin):
    list_display = ["at", "chain", "position", "actor", "verb", "target"]
    list_select_related = ["chain"]
    search_fields = ["chain__name", "actor", "verb"]
    date_hierarchy = "at"
