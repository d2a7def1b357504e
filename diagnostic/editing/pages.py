"""What every page of the editing shares: who may see it, the version it is about, its tabs."""

import functools
from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from diagnostic.editing.exceptions import EditingRefused
from diagnostic.editing.rules import can_edit
from diagnostic.exceptions import ContentError
from diagnostic.models import TreeVersion

NAMES = "admin:diagnostic_treeversion_"
TABS = (
    ("overview", "Résumé"),
    ("content", "Contenu"),
    ("checks", "Contrôles"),
    ("differences", "Différences"),
    ("drawing", "Dessin"),
    ("preview", "Aperçu"),
)


def editors_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Signed in, of the staff, and of the editing. A stored text that was tampered with is told, never shown."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, pk: int, *args, **kwargs) -> HttpResponse:
        if not can_edit(request.user):
            raise PermissionDenied
        known = TreeVersion.objects.select_related("author", "reviewer", "base").defer("base__document", "base__layout")
        version = get_object_or_404(known, pk=pk)
        try:
            return view(request, version, *args, **kwargs)
        except (EditingRefused, ContentError) as error:
            messages.error(request, str(error))
            if request.method == "POST":
                return to(version, "overview")
            return page(request, "refused", version, title="Contenu refusé", why=str(error))

    return admin.site.admin_view(guarded)


def page(request: HttpRequest, template: str, version: TreeVersion, *, tab: str = "", status: int = 200, **context):
    context = {
        **admin.site.each_context(request),
        "opts": TreeVersion._meta,
        "version": version,
        "tabs": [(key == tab, reverse(NAMES + key, args=[version.pk]), words) for key, words in TABS],
        "may_edit": version.is_draft,
        **context,
    }
    return TemplateResponse(request, f"admin/diagnostic/{template}.html", context, status=status)


def address(version: TreeVersion, name: str, *args: str) -> str:
    return reverse(NAMES + name, args=[version.pk, *args])


def to(version: TreeVersion, name: str, *args: str) -> HttpResponse:
    return HttpResponseRedirect(address(version, name, *args))
