"""Traces read in the files, to confirm one by one before they join the draft of the complaint."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from victims.enums import ComplaintState
from victims.gate import with_dossier
from victims.services import complaints, findings


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def confirm(request: HttpRequest) -> HttpResponse:
    complaint = complaints.current(request.dossier)
    if complaint is None or complaint.state != ComplaintState.DRAFT or not complaint.notices_read_at:
        return redirect("dossier:complaint")
    if request.method == "POST":
        try:
            findings.confirm(complaint=complaint, keys=set(request.POST.getlist("trace")[: findings.MOST]))
        except complaints.AlreadyFiled:
            return redirect("dossier:filed")
        except complaints.Conflict:
            return redirect("dossier:traces")
        return redirect("dossier:section", findings.BLOCK)
    page = {"findings": findings.proposed(complaint), "here": "dossier"}
    return render(request, "dossier/traces.html", page)
