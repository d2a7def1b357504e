"""Every fault of docs/reliability.md, then broken guichets that the same checks must catch.

Two runs at a time, each in a process of its own with its own PostgreSQL, Redis and daphnes.
"""

from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.faults.chaos import Report, play
from tests.faults.menu import FAULTS

pytestmark = pytest.mark.faults
SEEDS = (1, 2)
# Two runs share two cores here: each row has twice the limit of the table, which `make faults` demands as it is.
SHARED = 2.0
# What the check must find, and the faults that bring it out.
MUTANTS = {
    "ack-before-commit": ("lost", ("slow_network",)),
    "deaf": ("late", ("redis_absent",)),
    "no-client-id": ("duplicates", ("daphne_killed", "mute_client")),
    "no-lock": ("wrong_displays", ("slow_network",)),
    "global-id": ("wrong_displays", ("slow_network",)),
    "no-health-check": ("broken", ("postgres_restarted_unseen",)),
}


@pytest.fixture(scope="module")
def runs(request, prepared):
    """Those that are asked for, all begun at once, two at a time."""
    pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    chosen = [item.callspec.params for item in request.session.items if item.module is request.module]
    found: dict[int | str, Future[Report]] = {}
    for run in chosen:
        if "seed" in run:
            found[run["seed"]] = pool.submit(play, run["seed"], (), 10, "", prepared, SHARED)
        else:
            name = run["mutant"]
            found[name] = pool.submit(play, 1, MUTANTS[name][1], 4, name, prepared)
    yield found
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_acknowledged_is_lost_doubled_or_shown_out_of_order(runs, seed):
    report = runs[seed].result()

    print("\n".join(report.told), report.line(), sep="\n")
    assert report.sent == report.acked == report.stored
    assert (report.lost, report.duplicates, report.holes, report.wrong_displays) == (0, 0, 0, 0)
    assert (report.faults, report.broken) == (len(FAULTS), [])
    assert report.late == []


@pytest.mark.parametrize("mutant", MUTANTS)
def test_broken_guichet_is_caught(runs, mutant):
    report = runs[mutant].result()

    print(report.line(), report.late, report.broken)
    assert getattr(report, MUTANTS[mutant][0])
