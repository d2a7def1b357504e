"""The rules of the queue in Django's admin: a draft from those in force, its faults, a try on the past, publication."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tchat.enums import RulebookState
from tchat.exceptions import Refusal
from tchat.models import Desk, Overflow, Rule, Rulebook
from tchat.rulebook_forms import RuleForm
from tchat.services import rulebooks


class OfDraft:
    """Only a draft changes: what was in force stays as it was, so that a conversation can be explained later."""

    extra = 1

    def has_add_permission(self, request, obj=None) -> bool:
        return is_draft(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request, obj=None) -> bool:
        return is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        return is_draft(obj) and super().has_delete_permission(request, obj)


def is_draft(book: Rulebook | None) -> bool:
    return book is not None and book.state == RulebookState.DRAFT


class RuleInline(OfDraft, admin.StackedInline):
    model = Rule
    form = RuleForm
    fields = [
        ("order", "desk"), ("where", "service"), ("threats", "facts"), ("min_severity", "opens", "closes"), "weekdays",
        "reason",
    ]  # fmt: skip
    autocomplete_fields = ["service"]


class OverflowInline(OfDraft, admin.TabularInline):
    model = Overflow


@admin.register(Rulebook)
class RulebookAdmin(admin.ModelAdmin):
    list_display = ["name", "state", "author", "published_at", "updated_at"]
    list_filter = ["state"]
    list_select_related = ["author"]
    fields = ["name", "head_start_2", "head_start_3", "head_start_4", "state", "rehearsed_at", "published_at"]
    readonly_fields = ["state", "rehearsed_at", "published_at"]
    inlines = [RuleInline, OverflowInline]
    change_form_template = "admin/tchat/rulebook_form.html"

    def add_view(self, request: HttpRequest, form_url="", extra_context=None) -> HttpResponse:
        """A draft is never empty: it begins as what is in force."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return render(request, "admin/tchat/rulebook_new.html", self._page(request, "Nouveau règlement"))
        name = f"Brouillon du {timezone.localtime():%d/%m/%Y à %H:%M}"
        book = rulebooks.draft(author=request.user, name=name)
        return redirect("admin:tchat_rulebook_change", book.pk)

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_draft(obj))

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or is_draft(obj))

    def save_related(self, request, form, formsets, change) -> None:
        """A change of one rule is a change of the whole: it must be tried again."""
        super().save_related(request, form, formsets, change)
        form.instance.save(update_fields=["updated_at"])

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/essai/", view(self.try_view), name="tchat_rulebook_try"),
            path("<int:pk>/publier/", view(require_POST(self.publish_view)), name="tchat_rulebook_publish"),
            *super().get_urls(),
        ]

    def _page(self, request: HttpRequest, title: str, **more) -> dict:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.model._meta, **more}

    def _found(self, request: HttpRequest, pk: int) -> Rulebook:
        if not super().has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Rulebook, pk=pk)

    def try_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        book = self._found(request, pk)
        tried = rulebooks.rehearse(book=book)
        names = dict(Desk.objects.real().values_list("pk", "name"))
        rows = [
            {"desk": name, "before": tried.before[key], "after": tried.after[key]}
            for key, name in sorted(names.items(), key=lambda item: item[1])
        ]
        moves = [
            {"before": names[before], "after": names[after], "n": n}
            for (before, after), n in tried.moves.most_common()
            if before != after
        ]
        page = {"book": book, "tried": tried, "rows": rows, "moves": moves, "days": rulebooks.REHEARSED_DAYS}
        faults = rulebooks.problems(book)
        return render(
            request,
            "admin/tchat/rulebook_try.html",
            self._page(request, f"Essai : {book.name}", problems=faults, in_force=_in_force(book), **page),
        )

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        book = self._found(request, pk)
        try:
            rulebooks.publish(book=book, agent=request.user)
        except Refusal as refusal:
            messages.error(request, refusal.text)
            return redirect("admin:tchat_rulebook_try", book.pk)
        messages.success(request, f"« {book.name} » est en vigueur pour les prochaines demandes.")
        return redirect(reverse("admin:tchat_rulebook_changelist"))


def _in_force(book: Rulebook) -> bool:
    return book.state == RulebookState.IN_FORCE
