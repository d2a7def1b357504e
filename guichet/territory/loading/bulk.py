"""Write many rows at once, on both databases."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Model

from guichet.lib.postgresql.bounded import patiently

# Keys named by one statement, rows carried by one: what both databases take well.
KEYS_AT_ONCE = 500
ROWS_AT_ONCE = 5000


@contextmanager
def one_transaction() -> Iterator[None]:
    """All or nothing, without the limit that a page has: the last statement checks every key of a whole country."""
    if connection.vendor != "postgresql":
        with transaction.atomic():
            yield
        return
    with patiently(connection), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        yield


def upsert(
    model: type[Model], fields: Sequence[str], rows: Sequence[Sequence], *, key: Sequence[str], keep: Sequence[str] = ()
) -> None:
    """Insert, or update the row of the same key, `keep` excepted.

    `bulk_create` takes three times longer on this volume: it builds a model for each row to throw it away.
    """
    names = {name: model._meta.get_field(name).column for name in fields}
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(map(quote, names.values()))
    updated = [f"{quote(names[name])} = excluded.{quote(names[name])}" for name in fields if name not in (*key, *keep)]
    clash = f"ON CONFLICT ({', '.join(quote(names[name]) for name in key)})"
    then = f"DO UPDATE SET {', '.join(updated)}" if updated else "DO NOTHING"
    into = f"INTO {table} ({columns})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One JSON parameter for thousands of rows: the driver would quote each cell.
            source = f"{columns} FROM json_populate_recordset(NULL::{table}, %s::json)"
            sql = " ".join(["INSERT", into, "SELECT", source, clash, then])
            for batch in batched(rows, ROWS_AT_ONCE):
                cursor.execute(sql, [json.dumps([dict(zip(names.values(), row, strict=True)) for row in batch])])
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(" ".join(["INSERT", into, f"VALUES ({marks})", clash, then]), rows)


def delete_by_key(model: type[Model], keys: Sequence) -> None:
    for batch in batched(keys):
        model.objects.filter(pk__in=batch).delete()


def batched(items: Sequence, size: int = KEYS_AT_ONCE) -> Iterator[Sequence]:
    return (items[start : start + size] for start in range(0, len(items), size))
