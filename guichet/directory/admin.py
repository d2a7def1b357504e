"""Vetting in the admin: what was checked, then the state, by a form that asks why. Draws are read, never touched."""

from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from guichet.audit import services as audit
from guichet.audit.admin import ReadOnlyAdmin
from guichet.directory.enums import ALLOWED, ProviderState
from guichet.directory.forms import StateForm
from guichet.directory.models import Change, Draw, Provider, Skill, Zone
from guichet.directory.rulebook import VETTING
from guichet.directory.services import providers
from guichet.territory.departements import DEPARTEMENTS

SOON_DAYS = 30


class ProviderForm(forms.ModelForm):
    checks = forms.MultipleChoiceField(
        label="Vérifications faites",
        required=False,
        choices=[(check.id, check.name_fr) for check in VETTING.checks],
        widget=forms.CheckboxSelectMultiple,
    )
    label = forms.ChoiceField(
        label="Label", required=False, choices=[("", "Aucun"), *((each.id, each.name_fr) for each in VETTING.labels)]
    )


class SkillForm(forms.ModelForm):
    kind = forms.ChoiceField(label="Compétence", choices=[(each.id, each.name_fr) for each in VETTING.skills])
    level = forms.TypedChoiceField(
        label="Niveau", coerce=int, choices=[(each.level, each.name_fr) for each in VETTING.levels if each.level]
    )


class ZoneForm(forms.ModelForm):
    departement = forms.ChoiceField(
        label="Département", choices=[(code, f"{code} {name}") for code, (name, _) in DEPARTEMENTS.items()]
    )


class SkillInline(admin.TabularInline):
    model = Skill
    form = SkillForm
    extra = 0


class ZoneInline(admin.TabularInline):
    model = Zone
    form = ZoneForm
    extra = 0


class ChangeInline(admin.TabularInline):
    model = Change
    fields = readonly_fields = ["at", "before", "after", "reason", "actor"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):
    form = ProviderForm
    list_display = ["name", "state", "created_at", "listed_until", "label_until", "siren", "commune", "invented"]
    list_filter = ["state", "label", "invented", "remote", "listed_until", "label_until"]
    list_select_related = ["commune"]
    search_fields = ["name", "=siren"]
    search_help_text = "Nom ou SIREN"
    raw_id_fields = ["commune"]
    inlines = [SkillInline, ZoneInline, ChangeInline]
    change_list_template = "admin/directory/provider_list.html"
    change_form_template = "admin/directory/provider_form.html"
    readonly_fields = [
        "state", "state_at", "listed_until", "charter_version", "charter_at", "created_at", "answer_minutes", "rating",
        "invented",
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": ["name", "siren", "state", "state_at", "listed_until", "created_at", "invented"]}),
        ("Vérifications", {"fields": ["checks", "charter_version", "charter_at"]}),
        ("Contact", {"fields": ["contact_email", "phone", "website", "commune", "presentation"]}),
        (
            "Ce que le prestataire fait",
            {"fields": ["for_people", "for_companies", "for_public", "on_site", "remote", "capacity"]},
        ),
        ("Label", {"fields": ["label", "label_number", "label_until"]}),
        ("Prix", {"fields": ["price_low", "price_high", "quote_free"]}),
        ("Ce que nous mesurons", {"fields": ["answer_minutes", "rating"]}),
    ]

    @admin.display(description="minutes pour répondre, médiane")
    def answer_minutes(self, provider: Provider) -> str:
        return "—" if provider.answer_minutes is None else f"{provider.answer_minutes:g}"

    @admin.display(description="note moyenne (dès cinq notes)")
    def rating(self, provider: Provider) -> str:
        return "—" if provider.rating is None else f"{provider.rating:g} sur 5"

    def has_add_permission(self, request) -> bool:
        """By the page where a company applies, or from a file: both accept the charter."""
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Provider, form, change) -> None:
        super().save_model(request, obj, form, change)
        audit.record(
            actor=request.user.audit_name,
            verb="prestataire modifié",
            target=f"prestataire:{obj.pk}",
            detail={"champs": sorted(form.changed_data)},
        )

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """The queue of applications, oldest first, and the listings and labels that end soon."""
        today = timezone.localdate()
        soon = today + timedelta(days=SOON_DAYS)
        listed = Provider.objects.listed()
        queue = {
            "waiting": Provider.objects.filter(state=ProviderState.CANDIDATE).count(),
            "ending": listed.filter(listed_until__lt=soon).count(),
            "labels": listed.filter(label_until__gte=today, label_until__lt=soon).count(),
            "soon": soon.isoformat(),
            "today": today.isoformat(),
        }
        return super().changelist_view(request, {**(extra_context or {}), "queue": queue})

    def get_urls(self):
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.state_view))
        return [path("<int:pk>/etat/", view, name="directory_provider_state"), *super().get_urls()]

    def state_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        provider = get_object_or_404(Provider, pk=pk)
        if not self.has_change_permission(request, provider):
            raise PermissionDenied
        states = [state for state in ProviderState if state in ALLOWED[ProviderState(provider.state)]]
        form = StateForm(request.POST or None, states=states)
        if request.method == "POST" and form.is_valid():
            try:
                providers.change_state(
                    provider=provider,
                    to=ProviderState(form.cleaned_data["to"]),
                    reason=form.cleaned_data["reason"],
                    actor=request.user.audit_name,
                )
            except providers.Refused as refusal:
                form.add_error(None, refusal.text)
            else:
                messages.success(request, f"{provider} : {provider.get_state_display().lower()}.")
                return redirect(reverse("admin:directory_provider_change", args=[pk]))
        page = {
            **self.admin_site.each_context(request),
            "title": f"{provider} : changer d’état",
            "opts": self.model._meta,
            "provider": provider,
            "form": form,
            "missing": [check.name_fr for check in VETTING.checks if check.id not in provider.checks],
        }
        return render(request, "admin/directory/provider_state.html", page, status=422 if form.errors else 200)


@admin.register(Draw)
class DrawAdmin(ReadOnlyAdmin):
    list_display = ["made_at", "id", "asked", "sha256"]
    fields = ["id", "made_at", "seed", "asked", "rule", "eligible", "order", "sha256"]
    date_hierarchy = "made_at"
