from django.contrib import admin

from guichet.observatory.models import Count


@admin.register(Count)
class CountAdmin(admin.ModelAdmin):
    """Read only: a counter that can be corrected by hand proves nothing."""

    list_display = ["day", "key", "value", "n"]
    list_filter = ["key"]
    search_fields = ["key", "value"]
    date_hierarchy = "day"

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
