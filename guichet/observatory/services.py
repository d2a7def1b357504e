"""Count what happens. A sink: services report here, and it knows none of them."""

from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.utils import timezone

from guichet.observatory.models import Count

UPSERT = """
INSERT INTO {table} (day, key, value, n) VALUES {rows}
ON CONFLICT (day, key, value) DO UPDATE SET n = {table}.n + 1
"""


def count(key: str, value: str = "", *, day: date | None = None, exercise: bool = False) -> None:
    """One more today, in one statement that two processes may run at once. What an `exercise` made is not counted."""
    count_all([(key, value)], day=day, exercise=exercise)


def count_all(pairs: Iterable[tuple[str, str]], *, day: date | None = None, exercise: bool = False) -> None:
    """One more of each, in one statement. Rows come sorted, so that two processes never wait for each other."""
    rows = sorted(set(pairs))
    if exercise or not rows:
        return
    today = day or timezone.localdate()
    statement = UPSERT.format(
        table=connection.ops.quote_name(Count._meta.db_table), rows=", ".join(["(%s, %s, %s, 1)"] * len(rows))
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [part for key, value in rows for part in (today, key, value)])
