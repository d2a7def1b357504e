"""What this process serves: the published version, and those that journeys in progress began with.

Requests only read memory. A thread looks every second which version is published, with one small query, and
compiles a new one beside the requests: publishing needs no restart and costs no visitor a statement. Without a
database, or with a version that does not open, the files of the software are served: a question is always asked.
"""

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import connection

from diagnostic import content
from diagnostic.catalogue import Catalogue
from diagnostic.compiler import compile_document
from diagnostic.editing import guard, stored
from diagnostic.exceptions import ContentError
from diagnostic.models import State, TreeVersion
from diagnostic.version_models import SERVED

PERIOD = 1.0
KEPT = 8
FILES = 0
WATCHER = "diagnostic-versions"
log = logging.getLogger("guichet.diagnostic")


@dataclass(frozen=True, slots=True)
class Served:
    """`number` is the version's, 0 for the files."""

    number: int
    catalogue: Catalogue


def compile_row(row: TreeVersion) -> Catalogue:
    """The catalogue keeps the label under which it was published, whatever this software adds to it."""
    document = stored.parse(row.document, row.hash, row.layout)
    guard.check_words(document.data)
    return replace(compile_document(document), version=row.label)


class Versions:
    """`content.Source` over the database. `published` never waits once it has answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served: Served | None = None
        self._refused = FILES
        self._older: OrderedDict[str, Catalogue | None] = OrderedDict()
        self._watched_by = 0
        self._ended = threading.Event()
        self._told = False
        # False in tests: no thread of ours then looks at a database that comes and goes.
        self.may_watch = True

    # --- content.Source ---------------------------------------------------------------------------
    def published(self) -> Catalogue:
        return self.served().catalogue

    def served(self) -> Served:
        if self._served is None:
            _apart(self.refresh)
            with self._lock:
                if self._served is None:
                    self._served = Served(FILES, content.from_files())
        return self._served

    def at(self, version: str) -> Catalogue | None:
        if not version or (current := self.published()).version == version:
            return current if version else None
        if version in self._older:
            return self._older[version]
        return self._load_older(version)

    # --- the database -----------------------------------------------------------------------------
    def refresh(self) -> bool:
        """Looks which version is published and takes it up; True when it is a new one. Never raises."""
        try:
            number = TreeVersion.objects.filter(state=State.PUBLISHED).values_list("number", flat=True).first()
            self._told = False
            if number is None or number == self._refused or (self._served and self._served.number == number):
                return False
            return self._take(TreeVersion.objects.get(number=number))
        except Exception as error:
            self._say_once(error)
            return False

    def _say_once(self, error: Exception) -> None:
        """A database that is away for an hour is one line, not one per second."""
        if not self._told:
            log.info("diagnostic: published version not looked up (%s)", type(error).__name__)
        self._told = True

    def _take(self, row: TreeVersion) -> bool:
        try:
            found = Served(row.number, compile_row(row))
        except Exception:
            log.exception("diagnostic: version %s does not open, the one before stays", row.number)
            self._refused = row.number
            return False
        with self._lock:
            before, self._served = self._served, found
            self._older.clear()
            if before and before.number == FILES:
                self._older[before.catalogue.version] = before.catalogue
        log.info("diagnostic: version %s (%s) is served", row.number, row.label)
        return True

    def _load_older(self, version: str) -> Catalogue | None:
        """One query the first time a version is asked for; a version that is not ours is remembered as such."""
        try:
            rows = TreeVersion.objects.filter(label=version, state__in=SERVED, withdrawn=False)
            row = rows.order_by("-number").first()
            found = self._opened(row) if row else self._from_files(version)
        except Exception as error:
            log.warning("diagnostic: version not looked up (%s)", type(error).__name__)
            return None
        with self._lock:
            self._older[version] = found
            while len(self._older) > KEPT:
                self._older.popitem(last=False)
        return found

    def _opened(self, row: TreeVersion) -> Catalogue | None:
        """None, remembered, when this software no longer reads it: its journeys begin again on what is served."""
        try:
            return compile_row(row)
        except (ContentError, RecursionError) as error:
            log.warning("diagnostic: version %s does not open (%s)", row.number, error)
            return None

    def _from_files(self, version: str) -> Catalogue | None:
        """A journey begun on the files, before the first version was put in the database."""
        if TreeVersion.objects.filter(label=version, withdrawn=True).exists():
            return None
        return content.Files().at(version)

    def forget(self) -> None:
        """As a new process: for tests, and after a fork."""
        self._served, self._refused = None, FILES
        self._older = OrderedDict()

    # --- the watch --------------------------------------------------------------------------------
    def watch(self) -> None:
        """Starts the watch once per process; a forked process starts its own."""
        if self._watched_by == os.getpid() or not self.may_watch:
            return
        self._watched_by = os.getpid()
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, args=(self._ended,), name=WATCHER, daemon=True)
        self._watcher.start()

    def _watch(self, ended: threading.Event) -> None:
        self.served()
        while not ended.wait(PERIOD):
            _closing(self.refresh)

    def stop(self) -> None:
        """Ends the watch of this process and waits for it: it holds no connection after that."""
        if self._watched_by == os.getpid():
            self._ended.set()
            self._watcher.join()
        self._watched_by = 0

    def after_fork(self) -> None:
        self._lock = threading.Lock()
        if self._watched_by:
            self.watch()


def _closing(work: Callable[[], object]) -> None:
    """The watch holds no connection between two looks."""
    try:
        work()
    finally:
        connection.close()


def _apart(work: Callable[[], object]) -> None:
    """In a thread: whoever asks first may be in an event loop, or in a transaction that must not break."""
    thread = threading.Thread(target=_closing, args=(work,), daemon=True)
    thread.start()
    thread.join()


VERSIONS = Versions()
os.register_at_fork(after_in_child=VERSIONS.after_fork)


def install() -> None:
    content.serve_from(VERSIONS)


def watch() -> None:
    VERSIONS.watch()
