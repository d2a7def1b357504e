"""Every fault of docs/reliability.md, then broken guichets that the same checks must catch.

Two runs at a time, each in a process of its own with its own PostgreSQL, Redis and daphnes.
"""

from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.faults.chaos import Report, new_folder, play, prepare
from tests.faults.menu import FAULTS

pytestmark = pytest.mark.faults
SEEDS = (1, 2)
# What the check must find, and the faults that bring it out.
MUTANTS = {
    "ack-before-commit": ("lost", ("slow_network",)),
    "deaf": ("late", ("redis_absent",)),
    "no-client-id": ("duplicates", ("daphne_killed", "mute_client")),
    "no-lock": ("wrong_displays", ("connections_cut",)),
    "global-id": ("wrong_displays", ("slow_network",)),
    "no-health-check": ("broken", ("postgres_restarted_unseen",)),
}


@pytest.fixture(scope="module")
def runs():
    """All of them, begun at once, two at a time."""
    folder = new_folder()
    prepared = prepare(folder)
    pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    found: dict[int | str, Future[Report]] = {seed: pool.submit(play, seed, (), 10, "", prepared) for seed in SEEDS}
    for name, (_, faults) in MUTANTS.items():
        found[name] = pool.submit(play, 1, faults, 4, name, prepared)
    yield found
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_acknowledged_is_lost_doubled_or_shown_out_of_order(runs, seed):
    report = runs[seed].result()

    print("\n".join(report.told), report.line(), sep="\n")
    assert report.sent == report.acked == report.stored
    assert (report.lost, report.duplicates, report.holes, report.wrong_displays) == (0, 0, 0, 0)
    assert (report.faults, report.broken, report.late) == (len(FAULTS), [], [])


@pytest.mark.parametrize("mutant", MUTANTS)
def test_broken_guichet_is_caught(runs, mutant):
    report = runs[mutant].result()

    print(report.line(), report.late, report.broken)
    assert getattr(report, MUTANTS[mutant][0])
