"""CSV for a French spreadsheet, by a double click: UTF-8 said by its mark, semicolons, no text run as a formula."""

import csv
import io
from collections.abc import Iterable

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def text_of(rows: Iterable[Iterable]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return MARK + out.getvalue()


def _safe(cell):
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
