"""The observatory's public pages: the tables with the words of the catalogue, as pages, CSV and JSON.

The counters know no threat and no desk; the words come from the floors above them, here at the composition root.
"""

import csv
import io

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from diagnostic import content
from guichet.observatory import national
from guichet.observatory.disclosure import STEP, THRESHOLD
from guichet.observatory.tables import Figures, Row, Table, figures
from tchat.enums import Outcome
from tchat.models import Desk

LICENCE = "Licence Ouverte 2.0 (Etalab)"


def _threats() -> dict[str, str]:
    return {key: threat.name for key, threat in content.published().threats.items()}


def _audiences() -> dict[str, str]:
    return dict(content.published().audience_labels)


def _severities() -> dict[str, str]:
    return {str(level): f"Gravité {level} sur 4" for level in range(4, 0, -1)}


def _outcomes() -> dict[str, str]:
    return dict(Outcome.choices)


def _desks() -> dict[str, str]:
    return dict(Desk.objects.values_list("pk", "name"))


TABLES = (
    Table(
        "atteintes",
        "diagnostic",
        "Ce qui arrive aux personnes",
        "diagnostics",
        "L’atteinte principale.",
        _threats,
    ),
    Table(
        "gravite",
        "diagnostic-gravite",
        "À quel point c'est grave",
        "diagnostics",
        "De 1, mineure, à 4, critique.",
        _severities,
    ),
    Table("publics", "diagnostic-public", "Qui demande de l'aide", "diagnostics", "", _audiences),
    Table("tchats", "tchat", "À quel bureau va le tchat", "demandes de tchat", "Le premier bureau choisi.", _desks),
    Table("issues", "tchat-issue", "Comment finissent les conversations", "conversations", "", _outcomes),
)
BY_ID = {table.id: table for table in TABLES}


def _figures(table_id: str) -> Figures:
    if table_id not in BY_ID:
        raise Http404
    return figures(BY_ID[table_id], today=timezone.localdate())


def _bars(found: Figures) -> list[dict]:
    """The rows as bars: `width` in percent of the longest."""
    longest = max((row.year or 0 for row in found.rows), default=0) or 1
    return [{"row": row, "width": round(100 * (row.year or 0) / longest)} for row in found.rows]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    shown = [_figures(table.id) for table in TABLES]
    page = {
        "tables": [{"figures": each, "bars": _bars(each)[:10]} for each in shown],
        "months": [date_format(month, "F Y") for month in (shown[0].months[0], shown[0].months[-1])],
        "threshold": THRESHOLD,
        "step": STEP,
        "licence": LICENCE,
        "national": national.figures(),
    }
    return render(request, "observatory/home.html", page)


@require_safe
def table(request: HttpRequest, table: str) -> HttpResponse:
    found = _figures(table)
    page = {
        "figures": found,
        "bars": _bars(found),
        "columns": [date_format(month, "M Y") for month in found.months],
        "rows": [*found.rows, found.total],
        "threshold": THRESHOLD,
        "step": STEP,
    }
    return render(request, "observatory/table.html", page)


def _value(figure: int | None) -> str:
    return "" if figure is None else str(figure)


@require_safe
def table_csv(request: HttpRequest, table: str) -> HttpResponse:
    """Long form: one line a value and a month; an empty figure is not given."""
    found, text = _figures(table), io.StringIO()
    lines = csv.writer(text, delimiter=";", lineterminator="\n")
    lines.writerow(["mois", "valeur", "libelle", "nombre"])
    for row in (*found.rows, found.total):
        for month, figure in zip(found.months, row.months, strict=True):
            lines.writerow([f"{month:%Y-%m}", row.value, row.label, _value(figure)])
    headers = {"Content-Disposition": f'attachment; filename="{table}.csv"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _row_data(found: Figures, row: Row) -> dict:
    months = [{"month": f"{month:%Y-%m}", "n": n} for month, n in zip(found.months, row.months, strict=True)]
    return {"value": row.value, "label": row.label, "months": months, "year": row.year}


def _data(found: Figures) -> dict:
    return {
        "id": found.table.id,
        "title": found.table.title,
        "unit": found.table.unit,
        "note": found.table.note,
        "rows": [_row_data(found, row) for row in found.rows],
        "total": _row_data(found, found.total),
        "disclosure": {"threshold": THRESHOLD, "rounding": STEP, "not_given": None},
        "licence": LICENCE,
    }


@require_safe
def table_json(request: HttpRequest, table: str) -> HttpResponse:
    return JsonResponse(_data(_figures(table)), json_dumps_params={"ensure_ascii": False})


@require_safe
def tables_json(request: HttpRequest) -> HttpResponse:
    """What there is, and where."""
    found = [
        {"id": each.id, "title": each.title, "unit": each.unit, "href": reverse("observatory:json", args=[each.id])}
        for each in TABLES
    ]
    return JsonResponse({"tables": found, "licence": LICENCE}, json_dumps_params={"ensure_ascii": False})
