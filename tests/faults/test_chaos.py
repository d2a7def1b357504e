"""Every fault of docs/reliability.md, then broken guichets that the same checks must catch."""

import asyncio

import pytest

from tests.faults.chaos import GIVE_UP, Chaos
from tests.faults.menu import FAULTS

pytestmark = pytest.mark.faults


def _only(*names: str):
    return tuple(fault for fault in FAULTS if fault.strike.__name__ in names)


@pytest.mark.parametrize("seed", [1])
def test_nothing_acknowledged_is_lost_doubled_or_shown_out_of_order(seed):
    report = asyncio.run(Chaos(seed=seed).run())

    assert report.sent == report.acked == report.stored
    assert (report.faults, report.lost, report.duplicates, report.wrong_displays) == (19, 0, 0, 0)
    assert report.worst_recovery < GIVE_UP, report.late


@pytest.mark.parametrize(
    ("mutant", "faults"),
    [
        ("ack-before-commit", _only("slow_network")),
        ("deaf", _only("redis_absent")),
        ("no-client-id", _only("daphne_killed", "mute_client")),
    ],
)
def test_broken_guichet_is_caught(mutant, faults):
    report = asyncio.run(Chaos(seed=1, faults=faults, conversations=4, mutant=mutant).run())

    assert not report.clean
