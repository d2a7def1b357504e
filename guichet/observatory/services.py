"""Count what happens. A sink: services report here, and it knows none of them."""

from django.db import connection
from django.utils import timezone

from guichet.observatory.models import Count

UPSERT = """
INSERT INTO {table} (day, key, value, n) VALUES (%s, %s, %s, 1)
ON CONFLICT (day, key, value) DO UPDATE SET n = {table}.n + 1
"""


def count(key: str, value: str = "") -> None:
    """One more today, in one statement that two processes may run at once."""
    with connection.cursor() as cursor:
        cursor.execute(UPSERT.format(table=Count._meta.db_table), [timezone.localdate(), key, value])
