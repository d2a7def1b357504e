"""The read-only API of the observatory, described as OpenAPI 3.1: the addresses are stable."""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from guichet.figures import LICENCE, TABLES

FIGURE = {
    "type": ["integer", "null"],
    "minimum": 0,
    "multipleOf": 5,
    "description": "Rounded to the nearest multiple of five; null: not given, so that nobody is pointed at.",
}
ROW = {
    "type": "object",
    "required": ["value", "label", "months", "year"],
    "properties": {
        "value": {"type": "string"},
        "label": {"type": "string"},
        "months": {
            "type": "array",
            "minItems": 12,
            "maxItems": 12,
            "items": {
                "type": "object",
                "required": ["month", "n"],
                "properties": {"month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}, "n": FIGURE},
            },
        },
        "year": FIGURE,
    },
}
TABLE = {
    "type": "object",
    "required": ["id", "title", "unit", "rows", "total", "licence"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "unit": {"type": "string"},
        "note": {"type": "string"},
        "rows": {"type": "array", "items": ROW},
        "total": ROW,
        "disclosure": {"type": "object"},
        "licence": {"type": "string"},
    },
}


def _answer(words: str, schema: dict) -> dict:
    return {"200": {"description": words, "content": {"application/json": {"schema": schema}}}}


def _path(name: str, *args) -> str:
    return reverse(f"observatory:{name}", args=args)


@require_safe
def description(request: HttpRequest) -> JsonResponse:
    listed = {"type": "object", "required": ["tables"], "properties": {"tables": {"type": "array"}}}
    paths = {_path("tables_json"): {"get": {"summary": "Les tableaux", "responses": _answer("Les tableaux", listed)}}}
    for table in TABLES:
        paths[_path("json", table.id)] = {
            "get": {"summary": table.title, "operationId": table.id, "responses": _answer(table.title, TABLE)}
        }
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Guichet cyber : observatoire",
            "version": "1",
            "license": {"name": LICENCE},
            "description": "Douze mois entiers, lecture seule, sans clé. Une démonstration, pas un service de l'État.",
        },
        "paths": paths,
    }
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False})
