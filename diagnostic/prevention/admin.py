"""Where editors write sheets and announcements. Actions call services; a text once published is never rewritten."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html

from diagnostic.editing.rules import can_edit
from diagnostic.prevention import services
from diagnostic.prevention.enums import State
from diagnostic.prevention.forms import AnnouncementForm, SheetTextForm
from diagnostic.prevention.library import library
from diagnostic.prevention.models import Announcement, SheetText
from guichet.territory.departements import departement_name


class ByRole:
    """Rights follow the role, so that nobody has to tick a list of permissions."""

    def has_module_permission(self, request) -> bool:
        return can_edit(request.user)

    def has_view_permission(self, request, obj=None) -> bool:
        return can_edit(request.user)

    def has_add_permission(self, request) -> bool:
        return can_edit(request.user)

    def has_change_permission(self, request, obj=None) -> bool:
        return can_edit(request.user)

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(SheetText)
class SheetTextAdmin(ByRole, admin.ModelAdmin):
    form = SheetTextForm
    list_display = ["sheet", "state", "author", "updated_at", "published_at"]
    list_display_links = ["sheet"]
    list_filter = ["state"]
    list_select_related = ["author"]
    search_fields = ["slug", "how", "avoid", "body"]
    date_hierarchy = "updated_at"
    fields = ["slug", "how", "avoid", "body", "preview"]
    readonly_fields = ["preview"]
    actions = ["publish", "copy", "withdraw"]

    @admin.display(description="fiche", ordering="slug")
    def sheet(self, text: SheetText) -> str:
        return library().name_of(text.slug)

    @admin.display(description="aperçu")
    def preview(self, text: SheetText) -> str:
        if not text.pk:
            return "Enregistrez d'abord."
        return format_html(
            '<a href="{}">Voir la fiche avec ce texte</a>', reverse("prevention:preview", args=[text.pk])
        )

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == State.DRAFT)

    def has_delete_permission(self, request, obj=None) -> bool:
        return obj is not None and obj.state == State.DRAFT and can_edit(request.user)

    def get_changeform_initial_data(self, request) -> dict:
        """« ?slug=faux-proche » begins with the words that are read now."""
        found = super().get_changeform_initial_data(request)
        return found | services.words_now(found.get("slug", ""))

    def save_model(self, request, obj, form, change) -> None:
        services.save_sheet_text(obj, agent=request.user)

    @admin.action(description="Publier", permissions=["change"])
    def publish(self, request, queryset) -> None:
        self._each(request, queryset, services.publish_sheet_text, "publié", "Seul un brouillon se publie.")

    @admin.action(description="Retirer (le texte d'origine revient)", permissions=["change"])
    def withdraw(self, request, queryset) -> None:
        self._each(request, queryset, services.withdraw_sheet_text, "retiré", "Ce texte n'est pas publié.")

    @admin.action(description="Reprendre en brouillon", permissions=["change"])
    def copy(self, request, queryset) -> None:
        self._each(request, queryset, services.copy_as_draft, "repris en brouillon", "")

    def _each(self, request, queryset, service, done: str, refusal: str) -> None:
        for text in queryset.order_by("updated_at"):
            name = library().name_of(text.slug)
            try:
                service(text, agent=request.user)
            except (services.NotADraft, services.NotPublished):
                self.message_user(request, f"{name} : {refusal}", messages.WARNING)
            else:
                self.message_user(request, f"{name} : {done}.", messages.SUCCESS)


@admin.register(Announcement)
class AnnouncementAdmin(ByRole, admin.ModelAdmin):
    form = AnnouncementForm
    list_display = ["title", "level", "state", "where", "starts_at", "ends_at"]
    list_filter = ["state", "level"]
    search_fields = ["title", "summary", "body"]
    date_hierarchy = "starts_at"

    @admin.display(description="où")
    def where(self, announcement: Announcement) -> str:
        return ", ".join(map(departement_name, announcement.departements)) or "toute la France"

    def has_delete_permission(self, request, obj=None) -> bool:
        return obj is not None and obj.state == State.DRAFT and can_edit(request.user)

    def save_model(self, request, obj, form, change) -> None:
        services.save_announcement(obj, agent=request.user)
