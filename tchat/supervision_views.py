"""The supervisors' pages: the desks now, one conversation read along, the report of a period, what was flagged."""

import functools
import uuid
from datetime import date

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from guichet.accounts.rules import can_supervise
from guichet.audit import services as audit
from guichet.lib import spreadsheet
from tchat import console, presenters, rules
from tchat.console_forms import ReportForm
from tchat.console_views import EVERYTHING, for_agents, found_for
from tchat.enums import Author, Outcome, State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Desk
from tchat.presenters import waited
from tchat.services import handing, messages, moderation, notes, supervision
from tchat.services.reports import Row, period_of, report
from victims.services import surges

HERE = "supervision"
SHOWN = 100
COLUMNS = (
    "Bureau", "Demandes", "Prises", "Attente médiane (min)", "Attente p90 (min)", "Annoncée, médiane (min)",
    "Réelle quand annoncée, médiane (min)", "Annonces tenues (%)", "Transmissions pour 100", "Avis",
    "Avis : utile, en tout ou en partie (%)",
)  # fmt: skip


def for_supervisors(view):
    @for_agents
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs):
        if not can_supervise(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@for_supervisors
def live(request: HttpRequest) -> HttpResponse:
    """The desks now; the part alone for a script, which asks for it again."""
    now = timezone.now()
    found = supervision.live(request.user, now=now)
    talks = [_talk(talk, now) for talk in found.talks[:SHOWN]]
    page = {"live": found, "talks": talks, "more": len(found.talks) - len(talks), "now": now, "here": HERE}
    page["surges"] = [] if request.htmx else surges.waiting()
    return render(request, "console/_supervision.html" if request.htmx else "console/supervision.html", page)


def _talk(talk: Conversation, now) -> dict:
    waits = talk.state == State.WAITING
    return {
        "conversation": talk,
        "place": console.place_of(talk),
        "since": waited(talk.created_at if waits else talk.taken_at, now),
        "late": waits and now - talk.created_at > console.LATE,
        "waits": waits,
        "deferred": waits and not talk.waits_now,
        "left_at": None if talk.deferred_at else talk.victim_seen_at,
    }


@require_safe
@for_supervisors
def follow(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    """Read along. The agent sees it, the journal keeps it, and nothing is marked as read. A page that asks again is
    answered with nothing as long as nothing was said or read."""
    found = found_for(request, conversation, rules.can_read_along)
    supervision.read_along(supervisor=request.user, conversation=found)
    mark = f"{found.last_seq}-{found.victim_read}"
    if request.htmx and request.GET.get("vu") == mark:
        return HttpResponse(status=204)
    lines = messages.messages_after(conversation=found, seq=0, limit=EVERYTHING)
    page = {
        "mark": mark,
        "selected": found,
        "days": presenters.bubbles_by_day(lines, side=Author.AGENT, other_read=found.victim_read),
        "here": HERE,
    }
    if request.htmx:
        return render(request, "console/_followed.html", page)
    forces, others = console.transfer_targets(found)
    page |= {
        "notes": notes.of(found),
        "forces": forces,
        "other_desks": others,
        "receivers": handing.colleagues(found),
        "dossier": console.dossier_of(found),
    }
    return render(request, "console/follow.html", page)


@require_safe
@for_supervisors
def assign(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    """To whom or where a conversation goes; of who waits, the situation only."""
    found = found_for(request, conversation, rules.can_hand_over)
    forces, others = console.transfer_targets(found)
    receivers = handing.colleagues(found)
    page = {"selected": found, "forces": forces, "other_desks": others, "receivers": receivers, "here": HERE}
    return render(request, "console/assign.html", page)


@require_POST
@for_supervisors
def put_first(request: HttpRequest, conversation: uuid.UUID) -> HttpResponse:
    found = found_for(request, conversation, lambda agent, one: rules.can_supervise(agent, one.desk))
    try:
        supervision.put_first(supervisor=request.user, conversation_id=found.pk)
    except Refusal as refusal:
        notices.warning(request, refusal.text)
    else:
        notices.success(request, "Cette personne est maintenant la première de la file.")
    return redirect("console:supervision")


@require_safe
@for_supervisors
def abuses(request: HttpRequest) -> HttpResponse:
    page = {"flags": moderation.flagged_at(request.user), "here": HERE}
    return render(request, "console/abuses.html", page)


# --- reports


@require_safe
@for_supervisors
def figures(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.GET)
    if not form.is_valid():
        raise Http404
    period = period_of(form.cleaned_data["periode"], form.cleaned_data["jour"] or _today())
    rows = report(Desk.objects.real().filter(agents=request.user), period)
    if form.cleaned_data["format"] == "csv":
        return _csv(request, period, rows)
    page = {"period": period, "rows": rows, "columns": COLUMNS, "outcomes": Outcome.labels, "today": _today()}
    return render(request, "console/report.html", page | {"here": HERE, "table": [_cells(row) for row in rows]})


def _today() -> date:
    return timezone.localdate()


def _cells(row: Row) -> list[str]:
    numbers = (
        row.asked, row.taken, row.median, row.p90, row.told_median, row.told_real_median, row.kept,
        row.transfers_per_100, row.opinions, row.helped_share, *row.endings,
    )  # fmt: skip
    return [row.name, *(_number(number) for number in numbers)]


def _number(value: float | None) -> str:
    """French, one decimal at most; nothing to say is a dash."""
    return "–" if value is None else f"{value:.1f}".removesuffix(".0").replace(".", ",")


def _csv(request: HttpRequest, period, rows: list[Row]) -> HttpResponse:
    name = f"tchat-{period.kind}-{period.first.isoformat()}.csv"
    lines = [[*COLUMNS, *Outcome.labels], *map(_cells, rows)]
    response = HttpResponse(spreadsheet.text_of(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    audit.record(actor=request.user.audit_name, verb="rapport exporté", detail={"fichier": name})
    return response
