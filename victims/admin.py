"""Dossiers, complaints and pieces in the admin: read-only, and nothing that is sealed or opens a dossier is shown."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from guichet.audit.admin import ReadOnlyAdmin
from victims.models import Complaint, Dispute, Dossier, Evidence, Reception, Referral, Report
from victims.referral_content import REFERRAL
from victims.services import receptions, referral_answers, referrals


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


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    fields = ("number", "state", "service", "created_at", "filed_at", "noted_by", "noted_at", "withdrawn_at")
    list_display = ("__str__", "state", "service", "created_at", "filed_at")
    list_select_related = ("service",)
    list_filter = ("state", "filed_at")
    search_fields = ("number",)


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    fields = ("file_name", "dossier", "kind", "media_type", "size", "sha256", "added_at")
    list_display = ("file_name", "dossier", "kind", "size", "added_at")
    list_select_related = ("dossier",)
    list_filter = ("kind",)
    search_fields = ("file_name", "dossier__reference", "sha256")


@admin.register(Reception)
class ReceptionAdmin(admin.ModelAdmin):
    """Units that receive by appointment at their opening hours; the hours themselves are those of the unit."""

    list_display = ("unit", "minutes", "posts", "changed_at", "stopped_at")
    list_select_related = ("unit",)
    list_filter = (("stopped_at", admin.EmptyFieldListFilter),)
    search_fields = ("unit__name", "unit__folded", "=unit__postcode")
    raw_id_fields = ("unit",)
    readonly_fields = ("hours", "changed_by", "changed_at")
    fields = ("unit", "minutes", "posts", "stopped_at", "hours", "changed_by", "changed_at")

    @admin.display(description="horaires suivis")
    def hours(self, reception: Reception) -> str:
        return reception.unit.hours_in_force if reception.pk else ""

    def save_model(self, request, obj, form, change):
        obj.changed_by, obj.changed_at = request.user, timezone.now()
        super().save_model(request, obj, form, change)
        made = receptions.follow_hours(obj)
        messages.info(request, f"Heures ouvertes : {made}.")

    def has_delete_permission(self, request, obj=None):
        return False


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label="Votre réponse",
        max_length=REFERRAL.message_max,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 30, "class": "vLargeTextField"}),
        error_messages={"required": "Écrivez votre réponse.", "max_length": "Réponse trop longue."},
    )


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Those without an answer first. Reading one is noted on the dossier's journal; who the victim is is not shown."""

    list_display = ("opened_at", "side", "provider", "answered_at", "answered_by")
    list_select_related = ("referral__provider", "answered_by")
    list_filter = (("answered_at", admin.EmptyFieldListFilter), "side")
    list_display_links = ("opened_at",)

    @admin.display(description="prestataire")
    def provider(self, dispute: Dispute) -> str:
        return dispute.referral.provider.name

    def get_urls(self):
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.read_view))
        return [path("<uuid:pk>/change/", view, name="victims_dispute_change"), *super().get_urls()]

    def read_view(self, request: HttpRequest, pk) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Dispute.objects.select_related("referral__provider", "referral__dossier", "answered_by")
        dispute = get_object_or_404(found.filter(referral__dossier__erased_at=None), pk=pk)
        form = AnswerForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            try:
                referral_answers.answer_dispute(dispute=dispute, agent=request.user, text=form.cleaned_data["answer"])
            except referrals.Refused as refusal:
                form.add_error(None, refusal.text)
            else:
                messages.success(request, "La réponse est enregistrée : la personne la lit sur sa page.")
                return redirect("admin:victims_dispute_changelist")
        referrals.note(dispute.referral, request.user.audit_name, "différend lu")
        text, answer = referral_answers.dispute_words(dispute)
        page = {
            **self.admin_site.each_context(request),
            "title": f"Différend avec {dispute.referral.provider}",
            "opts": self.model._meta,
            "dispute": dispute,
            "text": text,
            "answer": answer,
            "form": form,
        }
        return render(request, "admin/victims/dispute.html", page, status=422 if form.errors else 200)


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    """Who was asked and what came of it: no dossier, no word."""

    fields = ("provider", "state", "asked_at", "due_at", "answered_at", "ended_at", "decline_reason", "rating")
    list_display = ("asked_at", "provider", "state", "answered_at", "ended_at", "rating")
    list_select_related = ("provider",)
    list_filter = ("state", "asked_at")
    search_fields = ("provider__name", "=provider__siren")
