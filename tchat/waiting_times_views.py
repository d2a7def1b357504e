"""What the guichet publishes about its own waiting times, as a page and as CSV."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guichet.lib import spreadsheet
from tchat.services import waiting_times as service

COLUMNS = ("mois", "attente_annoncee", "attente_reelle", "nombre")


@require_safe
def waits(request: HttpRequest) -> HttpResponse:
    page = {"waits": service.published(), "columns": [service.WORDS[real] for real in service.CLASSES]}
    return render(request, "tchat/waits.html", page)


@require_safe
def waits_csv(request: HttpRequest) -> HttpResponse:
    """An empty cell is not given. Before the first month is over there is only the head."""
    found, lines = service.published(), [COLUMNS]
    month = f"{found.month:%Y-%m}" if found else ""
    for told in (*service.CLASSES, service.UNKNOWN) if found else ():
        for real in service.CLASSES:
            n = found.cell(told, real)
            lines.append((month, told, real, "" if n is None else n))
    name = f"attentes-{month}.csv" if month else "attentes.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(spreadsheet.text_of(lines), content_type="text/csv; charset=utf-8", headers=headers)
