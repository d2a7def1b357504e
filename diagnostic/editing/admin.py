"""The versions in Django's admin: the list is its own, every other page is ours."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from diagnostic.editing import item_views, preview, services, views
from diagnostic.editing.pages import NAMES
from diagnostic.editing.rules import can_edit
from diagnostic.models import TreeVersion


@admin.register(TreeVersion)
class TreeVersionAdmin(admin.ModelAdmin):
    """Nothing is written by the admin itself: each change goes through a service, which checks and tells the audit."""

    list_display = ["number", "state", "note", "author", "reviewer", "published_at"]
    list_display_links = ["number", "note"]
    list_filter = ["state", "origin"]
    list_select_related = ["author", "reviewer"]
    search_fields = ["note", "=number", "label"]
    change_list_template = "admin/diagnostic/versions.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_edit(request.user)

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return can_edit(request.user)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict:
        return {}

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).defer("document", "layout")

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        if can_edit(request.user):
            services.ensure_first()
        published = TreeVersion.objects.filter(state="publiee").defer("document", "layout").first()
        return super().changelist_view(
            request, {"published": published, "title": "Versions du diagnostic", **(extra_context or {})}
        )

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        return HttpResponseRedirect(reverse(NAMES + "overview", args=[object_id]))

    def get_urls(self) -> list:
        pages = [
            ("resume/", views.overview, "overview"),
            ("agir/", views.act, "act"),
            ("contenu/", item_views.content, "content"),
            ("contenu/<slug:section>/", item_views.content, "section"),
            ("contenu/<slug:section>/fichier/", item_views.file, "file"),
            ("contenu/<slug:section>/element/<slug:key>/", item_views.item, "item"),
            ("controles/", views.checks, "checks"),
            ("differences/", views.differences, "differences"),
            ("dessin/", views.drawing, "drawing"),
            ("dessin/<slug:group>/", views.drawing, "drawing_of"),
            ("dessin/<slug:group>.svg", views.image, "svg"),
            ("apercu/", preview.start, "preview"),
            ("apercu/quitter/", preview.leave, "preview_leave"),
            ("apercu/resultat/", preview.result, "preview_result"),
            ("apercu/question/<slug:node>/", preview.question, "preview_node"),
            ("export.json", views.export, "export"),
        ]
        own = [path(f"<int:pk>/{way}", view, name=f"diagnostic_treeversion_{name}") for way, view, name in pages]
        return [*own, *super().get_urls()]
