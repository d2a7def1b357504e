"""The report of a dossier: told what it is, typed block by block without a name, read again, sent."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from victims import block_pages, diagnosed, outage
from victims.block_pages import HERE, Flow
from victims.enums import EvidenceKind, ReportState
from victims.gate import with_companion, with_dossier
from victims.models import Report
from victims.report_content import WORDS
from victims.retention import SCHEDULE
from victims.services import blocks, complaints, filing, reports
from victims.states import REPORT, Refused

FLOW = Flow(
    name="signalement",
    begin="dossier:report",
    section="dossier:report_section",
    recap="dossier:report_recap",
    filed="dossier:report_sent",
    last_step="Relire et envoyer",
    sections_of=diagnosed.report_sections_of,
    missing=reports.missing,
    expires_at=reports.expires_at,
)
BOXES = ("files", "talks")
WORDED = {**HERE, "words": WORDS, "days": SCHEDULE.life("draft").days}


class JoinForm(forms.Form):
    """What goes with the report, if the victim wants."""

    files = forms.BooleanField(label=WORDS.files_fr, help_text=WORDS.files_hint_fr, required=False)
    talks = forms.BooleanField(label=WORDS.talks_fr, help_text=WORDS.talks_hint_fr, required=False)

    def __init__(self, dossier, data=None):
        super().__init__(data)
        if not dossier.pieces.filter(kind=EvidenceKind.FILE).exists():
            del self.fields["files"]
        if not dossier.conversations.exists():
            del self.fields["talks"]


def _draft(request: HttpRequest) -> Report | HttpResponse:
    report = reports.current(request.dossier)
    if report is None or report.state == ReportState.WITHDRAWN:
        return redirect("dossier:report")
    return report if report.state == ReportState.DRAFT else redirect("dossier:report_sent")


@require_http_methods(["GET", "HEAD", "POST"])
@with_dossier
def begin(request: HttpRequest) -> HttpResponse:
    report = reports.current(request.dossier)
    if report and report.state in reports.SENT:
        return redirect("dossier:report_sent")
    if report and report.state == ReportState.DRAFT and request.method != "POST":
        return redirect("dossier:report_recap")
    if request.method == "POST":
        reports.start(dossier=request.dossier)
        return redirect("dossier:report_section", diagnosed.report_sections_of(request.dossier.diagnosis)[0].id)
    return render(request, "complaint/report_begin.html", WORDED)


@require_http_methods(["GET", "HEAD", "POST"])
@with_companion
def section(request: HttpRequest, section_id: str) -> HttpResponse:
    report = _draft(request)
    return report if isinstance(report, HttpResponse) else block_pages.section(request, FLOW, report, section_id)


@require_GET
@with_companion
def recap(request: HttpRequest) -> HttpResponse:
    report = _draft(request)
    return report if isinstance(report, HttpResponse) else _recap_page(request, report, status=200)


def _recap_page(request: HttpRequest, report: Report, *, status: int) -> HttpResponse:
    sections = diagnosed.report_sections_of(request.dossier.diagnosis)
    page = {
        "complaint": report,
        "blocks": reports.present(report),
        "missing": reports.missing(report),
        "refused": status != 200,
        "form": JoinForm(request.dossier, request.POST or request.GET or None),
        "service": filing.competent_service(request.dossier),
        "expires": reports.expires_at(report),
        "steps": block_pages.steps(FLOW, report, sections, ""),
        "total": len(sections) + 1,
    }
    return render(request, "complaint/report_recap.html", {**WORDED, **page}, status=status)


@require_POST
@outage.told("signalement", boxes=BOXES)
@with_dossier
def send(request: HttpRequest) -> HttpResponse:
    report = _draft(request)
    if isinstance(report, HttpResponse):
        return report
    form = JoinForm(request.dossier, request.POST)
    wanted = form.cleaned_data if form.is_valid() else {}
    try:
        reports.send(report=report, with_files=wanted.get("files", False), with_talks=wanted.get("talks", False))
    except blocks.Incomplete:
        return _recap_page(request, report, status=422)
    return redirect("dossier:report_sent")


@require_GET
@outage.told("signalement", boxes=BOXES)
@with_dossier
def sent(request: HttpRequest) -> HttpResponse:
    report = reports.current(request.dossier)
    if report is None:
        return redirect("dossier:report")
    if report.state == ReportState.DRAFT:
        return redirect(resolve_url("dossier:report_recap") + outage.ticked(request, BOXES))
    return _sent_page(request, report)


def _sent_page(request: HttpRequest, report: Report, *, refusal: Refused | None = None) -> HttpResponse:
    complaint = complaints.current(request.dossier)
    page = {
        "report": report,
        "receipt": report.pieces.filter(kind=EvidenceKind.REPORT_RECEIPT).first(),
        "pieces": report.pieces.select_related("dossier").order_by("added_at"),
        "told": REPORT.states[report.state].told_fr,
        "complaint": complaint,
        "can_withdraw": REPORT.allows("withdraw", report.state, "victim"),
        "refusal": refusal,
    }
    return render(request, "complaint/report_sent.html", {**WORDED, **page}, status=422 if refusal else 200)


@require_POST
@with_dossier
def withdraw(request: HttpRequest) -> HttpResponse:
    report = reports.current(request.dossier)
    if report is None or report.state == ReportState.DRAFT:
        return redirect("dossier:home")
    try:
        reports.withdraw(report=report)
    except Refused as refusal:
        return _sent_page(request, report, refusal=refusal)
    return redirect("dossier:report_sent")
