"""Our daphne that stops at a chosen step of filing, so that the test strikes there and nowhere else.

python -m tests.faults.steps <arguments of guichet.server>

The test puts a file named after the step in the folder GUICHET_STEPS; the process that comes by renames it « reached »
and waits for « go ».
"""

import os
import threading
import time
from pathlib import Path

import django

django.setup()

from django.db import OperationalError  # noqa: E402 (after setup)
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

from guichet import server  # noqa: E402
from victims import complaint_views, gate  # noqa: E402
from victims.services import complaint_papers, complaints, deposits, reports  # noqa: E402

FOLDER = Path(os.environ["GUICHET_STEPS"])
LONGEST = 20
here = threading.local()

# Before each of these calls, in the order of filing.
BEFORE = {
    "entered": (gate, "access_of_token"),
    "before the row lock": (complaints, "locked"),
    "state changed": (deposits, "join_complaint"),
    "transcripts kept": (reports, "join"),
    "complaint on paper": (complaint_papers, "attach_receipt"),
    "receipt kept": (reports, "become"),
    "line in the journal": (complaints, "count_filed"),
    "before the page that says so": (complaint_views, "receipt_of"),
}
AFTER = {"before the commit": (complaints, "touch"), "committed": (complaints, "file_complaint")}
UNHEARD = "the commit's answer is lost"
STEPS = (*BEFORE, *AFTER, UNHEARD)


def halt(step: str) -> bool:
    """Whether the test wanted to strike here; it did when this returns."""
    try:
        (FOLDER / step).rename(FOLDER / "reached")
    except FileNotFoundError:
        return False
    deadline = time.monotonic() + LONGEST
    while not (FOLDER / "go").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return True


def stop_before(step: str, module, name: str) -> None:
    call = getattr(module, name)

    def stopped(*args, **kwargs):
        halt(step)
        return call(*args, **kwargs)

    setattr(module, name, stopped)


def stop_after(step: str, module, name: str) -> None:
    call = getattr(module, name)

    def stopped(*args, **kwargs):
        here.filing = name == "touch"
        result = call(*args, **kwargs)
        halt(step)
        return result

    setattr(module, name, stopped)


def lose_the_answer() -> None:
    """PostgreSQL commits, and is cut off before it could say so."""
    commit = BaseDatabaseWrapper._commit

    def unheard(connection):
        commit(connection)
        filing, here.filing = getattr(here, "filing", False), False
        if filing and halt(UNHEARD):
            raise OperationalError("server closed the connection unexpectedly")

    BaseDatabaseWrapper._commit = unheard


if __name__ == "__main__":
    for step, (module, name) in BEFORE.items():
        stop_before(step, module, name)
    for step, (module, name) in AFTER.items():
        stop_after(step, module, name)
    lose_the_answer()
    server.main()
