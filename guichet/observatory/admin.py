from django.contrib import admin

from guichet.observatory.models import Count, ThreatSurge


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Count)
class CountAdmin(ReadOnly):
    """A counter that can be corrected by hand proves nothing."""

    list_display = ["day", "key", "value", "n"]
    list_filter = ["key"]
    search_fields = ["key", "value"]
    date_hierarchy = "day"


@admin.register(ThreatSurge)
class ThreatSurgeAdmin(ReadOnly):
    """Each has its draft among the announcements."""

    list_display = ["raised_at", "threat", "place", "observed", "expected"]
    list_filter = ["place"]
    search_fields = ["threat"]
    date_hierarchy = "raised_at"
