from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from guichet.accounts.models import Agent


@admin.register(Agent)
class AgentAdmin(UserAdmin):
    list_display = ["service_number", "username", "role", "institution", "service", "is_active"]
    list_filter = ["role", "institution", "is_active"]
    list_select_related = ["service"]
    search_fields = ["service_number", "username", "last_name"]
    raw_id_fields = ["service"]
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Service", {"fields": ("service_number", "role", "institution", "service")}),
        ("Personne", {"fields": ("first_name", "last_name", "email")}),
        ("Droits", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "service_number", "role", "password1", "password2")}),
    )
