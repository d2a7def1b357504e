"""What the database holds, read at most once in a few seconds by each process: pages make no statement for it.

A change made in this process is seen at once (`forget`), elsewhere within `SECONDS`. A database that does not answer
never hides the advice: what was read last stays.
"""

import logging
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import DatabaseError

SECONDS = 4.0
log = logging.getLogger("guichet.prevention")
Value = TypeVar("Value")


class Kept(Generic[Value]):
    def __init__(self, read: Callable[[], Value], empty: Value):
        self.read = read
        self.empty = self.value = empty
        self.until = 0.0

    def get(self) -> Value:
        now = time.monotonic()
        if now >= self.until:
            self.until = now + SECONDS
            try:
                self.value = self.read()
            except DatabaseError:
                log.warning("prevention: published texts not read")
        return self.value

    def forget(self) -> None:
        self.until = 0.0
