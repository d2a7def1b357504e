"""The observatory as data: one table as JSON, as CSV, its history, and the dictionary that explains them."""

from collections.abc import Iterator

from django.urls import reverse

from guichet.figures_tables import TABLES
from guichet.lib import spreadsheet
from guichet.observatory.disclosure import STEP, THRESHOLD, Figure
from guichet.observatory.models import Publication
from guichet.observatory.series import Row, Series
from guichet.observatory.tables import Table

LICENCE = "Licence Ouverte 2.0 (Etalab)"
LICENCE_URL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
COLUMNS = (
    ("periode", "Le mois (2026-10) ou l’année entière (2025)."),
    ("valeur", "L’identifiant stable de la ligne ; vide pour l’ensemble."),
    ("libelle", "Les mots de cette valeur, qui peuvent changer."),
    ("nombre", f"Le chiffre, arrondi au multiple de {STEP} le plus proche ; vide : non donné."),
    ("revision", "1 à la première publication ; plus si le chiffre a été corrigé depuis."),
    ("publie_le", "Le jour de la publication de cette révision."),
)


# --- one table ----------------------------------------------------------------------------------------
def table_data(found: Series) -> dict:
    return {
        "id": found.table.id,
        "title": found.table.title,
        "unit": found.table.unit,
        "note": found.table.note,
        "periods": [
            {"period": p.name, "revision": p.revision, "published": f"{p.published_at:%Y-%m-%d}"}
            for p in (*found.months, *found.years)
        ],
        "rows": [_row_data(found, row) for row in found.rows],
        "total": _row_data(found, found.total),
        "disclosure": {"threshold": THRESHOLD, "rounding": STEP, "not_given": None},
        "history": reverse("observatory:history_json", args=[found.table.id]),
        "licence": LICENCE,
    }


def _row_data(found: Series, row: Row) -> dict:
    return {
        "value": row.value,
        "label": row.label,
        "months": [{"month": p.name, "n": n} for p, n in zip(found.months, row.months, strict=True)],
        "years": [{"year": p.name, "n": n} for p, n in zip(found.years, row.years, strict=True)],
        "at_least": row.at_least,
        "complete": row.complete,
    }


def table_lines(found: Series) -> str:
    """Long form: one line a value and a period."""
    lines = [[name for name, _ in COLUMNS]]
    for row in (*found.rows, found.total):
        figures = zip((*found.months, *found.years), (*row.months, *row.years), strict=True)
        for period, n in figures:
            shown = "" if n is None else str(n)
            lines.append([period.name, row.value, row.label, shown, period.revision, f"{period.published_at:%Y-%m-%d}"])
    return spreadsheet.text_of(lines)


# --- history ------------------------------------------------------------------------------------------
def changes(before: Publication | None, after: Publication) -> list[tuple[str, Figure, Figure]]:
    """(value, figure before, figure after) of what a revision changed."""
    if before is None:
        return []
    values = dict.fromkeys((*before.figures, *after.figures))
    pairs = [(value, before.figures.get(value, 0), after.figures.get(value, 0)) for value in values]
    return [pair for pair in pairs if pair[1] != pair[2]]


def revisions(rows: list[Publication]) -> Iterator[tuple[Publication, list[tuple[str, Figure, Figure]]]]:
    """Each publication with what it changed of the one before; the rows come revision by revision."""
    before: Publication | None = None
    for row in rows:
        same = before is not None and before.period == row.period
        yield row, changes(before if same else None, row)
        before = row


def history_data(table: Table, rows: list[Publication]) -> dict:
    return {
        "id": table.id,
        "publications": [
            {
                "period": row.period,
                "revision": row.revision,
                "published": row.published_at.isoformat(),
                "sha256": row.digest,
                "figures": row.figures,
                "changes": [{"value": v, "before": before, "after": after} for v, before, after in changed],
            }
            for row, changed in revisions(rows)
        ],
        "licence": LICENCE,
    }


# --- what there is ------------------------------------------------------------------------------------
def listed() -> dict:
    return {
        "tables": [
            {
                "id": table.id,
                "title": table.title,
                "unit": table.unit,
                "href": reverse("observatory:json", args=[table.id]),
                "csv": reverse("observatory:csv", args=[table.id]),
                "history": reverse("observatory:history_json", args=[table.id]),
            }
            for table in TABLES
        ],
        "dictionary": reverse("observatory:dictionary_json"),
        "licence": LICENCE,
    }


def dictionary() -> dict:
    return {
        "columns": [{"name": name, "meaning": meaning} for name, meaning in COLUMNS],
        "tables": [
            {
                "id": table.id,
                "title": table.title,
                "unit": table.unit,
                "meaning": table.note,
                "counts_the_same_as": [each.id for each in TABLES if each is not table and each.family == table.family],
                "values": [{"value": value, "label": label} for value, label in table.names.items()],
            }
            for table in TABLES
        ],
        "digest": "sha256 of the JSON {figures, period, previous, revision, table}, keys sorted, no space, UTF-8; "
        "previous: the digest of the revision before, or an empty text.",
        "disclosure": {"threshold": THRESHOLD, "rounding": STEP, "not_given": None},
        "licence": {"name": LICENCE, "href": LICENCE_URL},
    }
