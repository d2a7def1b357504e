"""Dossiers, complaints and pieces in the admin: read-only, and nothing that is sealed or opens a dossier is shown."""

from django.contrib import admin

from guichet.audit.admin import ReadOnlyAdmin
from victims.models import Complaint, Dossier, Evidence


@admin.register(Dossier)
class DossierAdmin(ReadOnlyAdmin):
    fields = (
        "reference",
        "commune",
        "abroad",
        "assigned_agent",
        "created_at",
        "touched_at",
        "code_noted_at",
        "erased_at",
    )
    list_display = ("reference", "commune", "assigned_agent", "created_at", "touched_at", "erased_at")
    list_select_related = ("commune", "assigned_agent")
    list_filter = ("abroad", "created_at")
    search_fields = ("reference",)


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyAdmin):
    fields = (
        "number",
        "dossier",
        "state",
        "service",
        "prepared_by",
        "created_at",
        "saved_at",
        "notices_read_at",
        "filed_at",
    )
    list_display = ("__str__", "dossier", "state", "service", "created_at", "filed_at")
    list_select_related = ("dossier", "service")
    list_filter = ("state", "filed_at")
    search_fields = ("number", "dossier__reference")


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    fields = ("file_name", "dossier", "kind", "media_type", "size", "sha256", "added_at")
    list_display = ("file_name", "dossier", "kind", "size", "added_at")
    list_select_related = ("dossier",)
    list_filter = ("kind",)
    search_fields = ("file_name", "dossier__reference", "sha256")
