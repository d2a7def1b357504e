"""`make test`: every suite that this machine can run, one process each.

The first suite needs nothing, and alone plays what asks no database, or only whole rows (« once »). The others run
where their services answer; with GUICHET_REQUIRE=1 (continuous integration) a missing service is a failure, never a
silence.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests import services


@dataclass(frozen=True)
class Suite:
    name: str
    arguments: tuple[str, ...]
    needs: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    yields: bool = False


POSTGRESQL = {"DATABASE_URL": services.DATABASE_URL, "GUICHET_DB_PATIENT": "1"}
HERE = "not stack and not faults and not browser"
SLOWEST = ("--durations", "5", "--durations-min", "5")
FLOWS = ("-n", "2", "--dist", "loadfile", "-m", f"{HERE} and not reference", "tests")
TERRITORY = ("-m", f"{HERE} and reference", "tests")
TALKS, FAULTS = "tests/faults/test_chaos.py", ("postgresql", "redis")
ON_POSTGRESQL = {**POSTGRESQL, "GUICHET_TESTS": "database"}
# Side by side. What only computes leaves the processor to the others first: they watch clocks, and mostly wait.
LANES = (
    (
        Suite("units and flows, SQLite", FLOWS, yields=True),
        Suite("flows, PostgreSQL", FLOWS, ("postgresql",), ON_POSTGRESQL, yields=True),
        Suite("real territory, SQLite", TERRITORY, yields=True),
    ),
    (
        Suite("browser", ("-m", "browser", "tests/browser"), ("chromium",)),
        Suite("faults elsewhere", ("-m", "faults", "tests/faults", f"--ignore={TALKS}"), FAULTS),
    ),
    (
        Suite("real territory, PostgreSQL", TERRITORY, ("postgresql",), POSTGRESQL),  # one test database with the next
        Suite("stack", ("-m", "stack", "tests"), ("postgresql", "redis", "caddy"), POSTGRESQL),
        Suite("faults of the talks", ("-m", "faults", TALKS), FAULTS),
    ),
)
PRINTING = threading.Lock()


def run(suite: Suite) -> int:
    """What the suite prints is kept until it ends: two lanes do not mix."""
    started = time.monotonic()
    politely = ("nice", "-n", "5") if suite.yields and shutil.which("nice") else ()
    done = subprocess.run(
        [*politely, sys.executable, "-m", "pytest", "-q", *SLOWEST, *suite.arguments],
        env={**os.environ, **suite.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    with PRINTING:
        sys.stdout.buffer.write(done.stdout)
        print(f"--- {suite.name}: exit {done.returncode}, {time.monotonic() - started:.0f} s\n", flush=True)
    return done.returncode


class Report:
    def __init__(self, *, required: bool) -> None:
        self.required = required
        self.failed: list[str] = []
        self.left_out: list[str] = []

    def play(self, lane: tuple[Suite, ...]) -> None:
        for suite in lane:
            absent = services.missing(*suite.needs)
            if absent and not self.required:
                self.left_out.append(f"{suite.name} (needs {', '.join(absent)})")
            elif absent or run(suite):
                self.failed.append(suite.name + (f" (missing: {', '.join(absent)})" if absent else ""))


def main() -> int:
    report = Report(required=os.environ.get("GUICHET_REQUIRE") == "1")
    with ThreadPoolExecutor(len(LANES)) as pool:
        list(pool.map(report.play, LANES))
    for name in report.left_out:
        print(f"left out: {name}")
    print("failed: " + ", ".join(report.failed) if report.failed else "every suite that ran passed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
