"""The read-only API of the observatory, described as OpenAPI 3.1: the addresses are stable."""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from guichet.figures_data import LICENCE, LICENCE_URL
from guichet.figures_tables import TABLES

VERSION = "2"
TEXT = {"type": "string"}
MONTH = {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}
YEAR = {"type": "string", "pattern": "^[0-9]{4}$"}
PERIOD = {"type": "string", "pattern": "^[0-9]{4}(-(0[1-9]|1[0-2]))?$", "description": "A month, or a whole year."}
DAY = {"type": "string", "format": "date"}
FIGURE = {
    "type": ["integer", "null"],
    "minimum": 0,
    "multipleOf": 5,
    "description": "Rounded to the nearest multiple of five; null: not given, so that nobody is pointed at.",
}


def _object(**properties) -> dict:
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _list(items: dict, **more) -> dict:
    return {"type": "array", "items": items, **more}


def _ref(name: str) -> dict:
    return {"$ref": f"#/components/schemas/{name}"}


DISCLOSURE = _object(threshold={"const": 5}, rounding={"const": 5}, not_given={"type": "null"})
SCHEMAS = {
    "Figure": FIGURE,
    "Disclosure": DISCLOSURE,
    "Row": _object(
        value=TEXT,
        label=TEXT,
        months=_list(_object(month=MONTH, n=_ref("Figure")), maxItems=12),
        years=_list(_object(year=YEAR, n=_ref("Figure")), maxItems=5),
        at_least={
            "type": "integer",
            "minimum": 0,
            "description": "The sum of the months that are given; the true sum is larger where one is not.",
        },
        complete={"type": "boolean", "description": "Whether every month is given."},
    ),
    "Table": _object(
        id=TEXT,
        title=TEXT,
        unit=TEXT,
        note=TEXT,
        periods=_list(_object(period=PERIOD, revision={"type": "integer", "minimum": 1}, published=DAY)),
        rows=_list(_ref("Row")),
        total=_ref("Row"),
        disclosure=_ref("Disclosure"),
        history=TEXT,
        licence=TEXT,
    ),
    "History": _object(
        id=TEXT,
        publications=_list(
            _object(
                period=PERIOD,
                revision={"type": "integer", "minimum": 1},
                published={"type": "string", "format": "date-time"},
                sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
                figures={"type": "object", "additionalProperties": _ref("Figure")},
                changes=_list(_object(value=TEXT, before=_ref("Figure"), after=_ref("Figure"))),
            )
        ),
        licence=TEXT,
    ),
    "Tables": _object(
        tables=_list(_object(id=TEXT, title=TEXT, unit=TEXT, href=TEXT, csv=TEXT, history=TEXT)),
        dictionary=TEXT,
        licence=TEXT,
    ),
    "Dictionary": _object(
        columns=_list(_object(name=TEXT, meaning=TEXT)),
        tables=_list(
            _object(
                id=TEXT,
                title=TEXT,
                unit=TEXT,
                meaning=TEXT,
                counts_the_same_as=_list(TEXT),
                values=_list(_object(value=TEXT, label=TEXT)),
            )
        ),
        digest=TEXT,
        disclosure=_ref("Disclosure"),
        licence=_object(name=TEXT, href={"type": "string", "format": "uri"}),
    ),
}
NO_TABLE = {"description": "No table has this id.", "content": {"text/html": {"schema": TEXT}}}
ID = {
    "name": "table",
    "in": "path",
    "required": True,
    "description": "The id of a table, as the list of tables gives it.",
    "schema": {"type": "string", "enum": [table.id for table in TABLES]},
}


def _get(operation: str, summary: str, schema: dict, kind: str = "application/json", *, table: bool = False) -> dict:
    found = {
        "operationId": operation,
        "summary": summary,
        "responses": {"200": {"description": summary, "content": {kind: {"schema": schema}}}},
    }
    if table:
        found["parameters"] = [ID]
        found["responses"]["404"] = NO_TABLE
    return {"get": found}


def _path(name: str) -> str:
    """« /observatoire/{table}/tableau.json »."""
    return reverse(f"observatory:{name}", args=["gravite"]).replace("gravite", "{table}")


def document() -> dict:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Guichet cyber : observatoire",
            "version": VERSION,
            "license": {"name": LICENCE, "url": LICENCE_URL},
            "description": "Les mois et les années entiers, en lecture seule, sans clé. Un chiffre publié reste : "
            "corrigé, il devient une révision. Une démonstration, pas un service de l'État.",
        },
        "paths": {
            reverse("observatory:tables_json"): _get("tables", "Les tableaux", _ref("Tables")),
            reverse("observatory:dictionary_json"): _get("dictionary", "Le dictionnaire", _ref("Dictionary")),
            _path("json"): _get("table", "Un tableau", _ref("Table"), table=True),
            _path("csv"): _get("table_csv", "Un tableau, en CSV", TEXT, "text/csv", table=True),
            _path("history_json"): _get("history", "Les publications d'un tableau", _ref("History"), table=True),
        },
        "components": {"schemas": SCHEMAS},
    }


def addresses() -> list[tuple[str, str]]:
    """(address, what is there), for people."""
    return [(path, found["get"]["summary"]) for path, found in document()["paths"].items()]


@require_safe
def description(request: HttpRequest) -> JsonResponse:
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})
