"""`make faults SEED=n`: every fault once, in the order of the seed; the last line gives the figures."""

import asyncio
import os
import sys

from tests.faults.chaos import Chaos


def main() -> int:
    report = asyncio.run(Chaos(seed=int(os.environ.get("SEED", "1"))).run())
    for each in report.late:
        print(f"late: {each}")
    for each in report.broken:
        print(f"broken: {each}")
    if report.wrong_displays or report.holes:
        print(f"wrong displays: {report.wrong_displays}, holes: {report.holes}")
    print(report.line())
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main())
