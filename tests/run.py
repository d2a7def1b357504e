"""`make test`: every suite that this machine can run, one process each.

The first suite needs nothing. The others run where their services answer; with GUICHET_REQUIRE=1 (continuous
integration) a missing service is a failure, never a silence.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

from tests import services


@dataclass(frozen=True)
class Suite:
    name: str
    arguments: tuple[str, ...]
    needs: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


POSTGRESQL = {"DATABASE_URL": services.DATABASE_URL, "GUICHET_DB_PATIENT": "1"}
HERE = "not stack and not faults and not browser"
FLOWS = ("-n", "2", "--dist", "loadfile", "-m", f"{HERE} and not reference", "tests")
TERRITORY = ("-m", f"{HERE} and reference", "tests")
SUITES = (
    Suite("units and flows, SQLite", FLOWS),
    Suite("real territory, SQLite", TERRITORY),
    Suite("units and flows, PostgreSQL", FLOWS, ("postgresql",), POSTGRESQL),
    Suite("real territory, PostgreSQL", TERRITORY, ("postgresql",), POSTGRESQL),
    Suite("stack", ("-m", "stack", "tests"), ("postgresql", "redis", "caddy"), POSTGRESQL),
    Suite("browser", ("-m", "browser", "tests"), ("chromium",)),
    Suite("faults", ("-m", "faults", "tests"), ("postgresql", "redis")),
)


def run(suite: Suite) -> int:
    started = time.monotonic()
    code = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *suite.arguments], env={**os.environ, **suite.environment}, check=False
    ).returncode
    print(f"--- {suite.name}: exit {code}, {time.monotonic() - started:.0f} s\n", flush=True)
    return code


def main() -> int:
    required = os.environ.get("GUICHET_REQUIRE") == "1"
    failed, left_out = [], []
    for suite in SUITES:
        absent = services.missing(*suite.needs)
        if absent and not required:
            left_out.append(f"{suite.name} (needs {', '.join(absent)})")
            continue
        if absent or run(suite):
            failed.append(suite.name + (f" (missing: {', '.join(absent)})" if absent else ""))
    for name in left_out:
        print(f"left out: {name}")
    print("failed: " + ", ".join(failed) if failed else "every suite that ran passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
