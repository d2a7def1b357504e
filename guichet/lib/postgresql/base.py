from types import SimpleNamespace

import psycopg
from django.db.backends.postgresql import base

from guichet.lib.postgresql.bounded import BoundedConnection


class DatabaseWrapper(base.DatabaseWrapper):
    """Where there is no pool, Django connects by the driver it names `Database`; a pool is told its class of
    connections in the settings."""

    Database = SimpleNamespace(**{**vars(psycopg), "connect": BoundedConnection.connect})
