"""`make tamper N=1000 SEED=1`: as many changes, each put before `verify.py` alone; the last line gives the figures."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="guichet-tamper-"))
os.environ.update(DATABASE_URL="", REDIS_URL="", GUICHET_VAR_DIR=str(FOLDER), DJANGO_SETTINGS_MODULE="guichet.settings")

import django  # noqa: E402 (the place of the data is told first)

django.setup()

from django.core.management import call_command  # noqa: E402

from tests.tamper.bundles import several  # noqa: E402
from tests.tamper.trial import Alone, put_to_trial  # noqa: E402
from victims.services import seals  # noqa: E402


def main() -> int:
    call_command("migrate", verbosity=0)
    taken, alone = several(), Alone()
    key = seals.public_keys()[0]
    untouched = [alone.verdict(each.raw, f"--cle={key.hex()}") for each in taken]
    alone.close()
    times, seed = int(os.environ.get("N") or "1000"), int(os.environ.get("SEED") or "1")
    score = put_to_trial(taken, times=times, seed=seed, key=key)
    for each in [verdict for verdict in untouched if verdict.code]:
        print(f"untouched, and not said intact: {each.said}")
    for each in score.silent:
        print(f"not found: {each}")
    print(score.line())
    return 0 if score.found == score.tamperings and not any(each.code for each in untouched) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
