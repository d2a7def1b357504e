"""« Vous n'êtes pas seul »: how many asked for the same thing, in the last month published.

Only a figure that is published: what disclosure control does not give is not said here either.
"""

from dataclasses import dataclass

from diagnostic.prevention.kept import Kept
from guichet.observatory.models import Publication
from guichet.observatory.tables import first_day

TABLE, A_MONTH = "atteintes", "-"


@dataclass(frozen=True, slots=True)
class Company:
    """`month` is its first day."""

    month: object
    figures: dict[str, int | None]


def _read() -> Company | None:
    months = Publication.objects.filter(table=TABLE, period__contains=A_MONTH)
    last = months.order_by("-period", "-revision").first()
    return Company(first_day(last.period), last.figures) if last else None


latest: Kept[Company | None] = Kept(_read, None)


def company_of(threat: str) -> dict | None:
    found = latest.get()
    n = found.figures.get(threat) if found else None
    return {"n": n, "month": found.month} if n else None
