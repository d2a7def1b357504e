"""The observatory's public pages: what is published, as pages, CSV and JSON."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from guichet import figures_api
from guichet import figures_data as data
from guichet.figures_charts import bars, columns
from guichet.figures_tables import BY_ID, TABLES
from guichet.observatory import national, publishing, series
from guichet.observatory.disclosure import STEP, THRESHOLD
from guichet.observatory.series import Series
from guichet.observatory.tables import Table, first_day

MOST_BARS = 10
RULES = {"threshold": THRESHOLD, "step": STEP, "licence": data.LICENCE, "licence_url": data.LICENCE_URL}


def _table(table_id: str) -> Table:
    if table_id not in BY_ID:
        raise Http404
    return BY_ID[table_id]


def _series(table_id: str) -> Series:
    return series.read([_table(table_id)], today=timezone.localdate())[0]


def _words(period: str) -> str:
    return date_format(first_day(period), "F Y") if len(period) > 4 else period


def _json(content: dict) -> JsonResponse:
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False})
    response["Link"] = f'<{data.LICENCE_URL}>; rel="license"'
    return response


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    shown = series.read(TABLES, today=timezone.localdate())
    months = sorted({period.name for each in shown for period in each.months})
    page = {
        "tables": [
            {"series": each, "bars": bars(each)[:MOST_BARS], "more": len(each.rows) > MOST_BARS}
            for each in shown
            if not each.is_empty
        ],
        "awaited": [each.table for each in shown if each.is_empty],
        "months": [_words(month) for month in (months[0], months[-1])] if months else [],
        "national": national.figures(),
        "lines": [columns(line.points, line.title) | {"line": line} for line in national.lines()],
        **RULES,
    }
    return render(request, "observatory/home.html", page)


@require_safe
def table(request: HttpRequest, table: str) -> HttpResponse:
    found = _series(table)
    points = [(date_format(first_day(p.name), "M Y"), n) for p, n in zip(found.months, found.total.months, strict=True)]
    page = {
        "series": found,
        "bars": bars(found),
        "chart": columns(points, f"Ensemble, en {found.table.unit}") if points else None,
        "columns": [{"name": date_format(first_day(p.name), "M Y"), "period": p} for p in found.months],
        "years": found.years,
        "rows": [*found.rows, found.total],
        "beside": national.by_departement() if found.table.id == "departements" else None,
        **RULES,
    }
    return render(request, "observatory/table.html", page)


@require_safe
def history(request: HttpRequest, table: str) -> HttpResponse:
    """Each publication with its date and its digest; a revised figure beside what it was."""
    found = _table(table)
    names = found.names | {"": "Ensemble"}
    rows = [
        {
            "publication": row,
            "period": _words(row.period),
            "changes": [(names.get(value, value), before, after) for value, before, after in changed],
        }
        for row, changed in data.revisions(publishing.history(found.id))
    ]
    return render(request, "observatory/history.html", {"table": found, "rows": rows, **RULES})


@require_safe
def dictionary(request: HttpRequest) -> HttpResponse:
    page = {"tables": TABLES, "columns": data.COLUMNS, "addresses": figures_api.addresses(), **RULES}
    return render(request, "observatory/dictionary.html", page)


# --- data ---------------------------------------------------------------------------------------------
@require_safe
def table_csv(request: HttpRequest, table: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{_table(table).id}.csv"',
        "Link": f'<{data.LICENCE_URL}>; rel="license"',
    }
    return HttpResponse(data.table_lines(_series(table)), content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def table_json(request: HttpRequest, table: str) -> HttpResponse:
    return _json(data.table_data(_series(table)))


@require_safe
def history_json(request: HttpRequest, table: str) -> HttpResponse:
    return _json(data.history_data(_table(table), publishing.history(table)))


@require_safe
def tables_json(request: HttpRequest) -> HttpResponse:
    return _json(data.listed())


@require_safe
def dictionary_json(request: HttpRequest) -> HttpResponse:
    return _json(data.dictionary())
