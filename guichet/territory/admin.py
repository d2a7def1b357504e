"""Reference data is read here and changed by loading a file; only notes, services and units are typed in."""

from django.contrib import admin, messages
from django.utils import timezone

from guichet.lib.text import fold
from guichet.territory.hours import read_hours
from guichet.territory.models import Alias, Commune, Competence, Edition, Postcode, Service, Unit
from guichet.territory.opening import openings, set_own_hours

UNREAD = "Ces lignes seront montrées telles quelles, mais n'ouvrent aucun rendez-vous : {lines}"


class ReadOnly:
    """What a file brings, a file takes away: nothing is added or removed by hand."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class PostcodeInline(ReadOnly, admin.TabularInline):
    model = Postcode
    readonly_fields = ["code"]
    extra = 0


class AliasInline(ReadOnly, admin.TabularInline):
    model = Alias
    fields = readonly_fields = ["code", "name"]
    extra = 0


class CompetenceInline(ReadOnly, admin.TabularInline):
    model = Competence
    fields = readonly_fields = ["institution", "service", "edition"]
    extra = 0

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("service", "edition")


@admin.register(Commune)
class CommuneAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["code", "name", "departement", "population", "ended_at"]
    list_filter = ["kind", ("ended_at", admin.EmptyFieldListFilter)]
    search_fields = ["=code", "folded", "=postcodes__code"]
    search_help_text = "Nom, code INSEE ou code postal"
    raw_id_fields = ["parent", "successor"]
    list_select_related = ["parent"]
    fields = [
        "code",
        "name",
        "kind",
        "departement",
        "population",
        "lat",
        "lng",
        "parent",
        "ended_at",
        "successor",
        "notes",
    ]
    readonly_fields = [name for name in fields if name != "notes"]
    inlines = [PostcodeInline, AliasInline, CompetenceInline]

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, fold(search_term))


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):
    list_display = ["label", "institution", "official_id", "departement", "seat", "ended_at"]
    list_display_links = ["label"]
    list_filter = ["institution", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["seat"]
    search_fields = ["name", "folded", "=official_id", "=departement"]
    raw_id_fields = ["seat"]
    exclude = ["folded"]

    def save_model(self, request, obj, form, change):
        obj.folded = fold(obj.name)
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Competence)
class CompetenceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["commune", "institution", "service", "edition"]
    list_filter = ["institution"]
    list_select_related = ["commune", "service", "edition"]
    search_fields = ["=commune__code", "commune__folded", "service__folded"]
    raw_id_fields = ["commune", "service"]
    fields = ["commune", "institution", "service", "edition", "notes"]
    readonly_fields = ["commune", "institution", "service", "edition"]

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, fold(search_term))


@admin.register(Unit)
class UnitAdmin(admin.ModelAdmin):
    list_display = ["name", "institution", "postcode", "phone", "commune", "ended_at"]
    list_filter = ["institution", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["commune"]
    search_fields = ["name", "folded", "=official_id", "=postcode"]
    raw_id_fields = ["service", "commune"]
    exclude = ["folded"]
    # A load writes these again: what the unit says goes into its own hours, which win.
    readonly_fields = ["hours", "hours_source"]

    @admin.display(description="horaires montrés au public")
    def hours_source(self, unit: Unit) -> str:
        found = openings([unit]).get(unit.pk) if unit.pk else None
        return found.source if found else "Aucun horaire connu."

    def save_model(self, request, obj, form, change):
        obj.folded = fold(obj.name)
        own, obj.own_hours = obj.own_hours, form.initial.get("own_hours", "")
        super().save_model(request, obj, form, change)
        set_own_hours(obj, own, day=timezone.localdate())
        unread = read_hours(obj.own_hours).unread
        if unread:
            messages.warning(request, UNREAD.format(lines=" ; ".join(unread)))


@admin.register(Edition)
class EditionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["topic", "name", "loaded_at", "sha256"]
    list_filter = ["topic"]
    fields = readonly_fields = ["topic", "name", "loaded_at", "sha256", "counts"]
