"""What the guichet publishes about its own waiting times, as a page and as CSV."""

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tchat.services import waiting_times as service


@require_safe
def waits(request: HttpRequest) -> HttpResponse:
    found = service.published()
    columns = [service.WORDS[real] for real in service.CLASSES]
    page = {"waits": found, "columns": columns, "threshold": service.THRESHOLD}
    return render(request, "tchat/waits.html", page)


@require_safe
def waits_csv(request: HttpRequest) -> HttpResponse:
    found = service.published()
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="attentes-{found.until}.csv"'},
    )
    lines = csv.writer(response, delimiter=";", lineterminator="\n")
    lines.writerow(["debut", "fin", "attente_annoncee", "attente_reelle", "nombre"])
    for told in (*service.CLASSES, service.UNKNOWN):
        for real in service.CLASSES:
            n = found.cell(told, real)
            lines.writerow([found.since, found.until, told, real, "" if n is None else n])
    return response
