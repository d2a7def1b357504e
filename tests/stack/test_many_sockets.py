"""Thousands of people on one process: those who are quiet stay connected, and all are back soon after a restart.

GUICHET_IDLE_SECONDS=600 GUICHET_BACK_SECONDS=10 give the ten minutes and the ten seconds of docs/reliability.md, on a
quiet machine; continuous integration, where other suites run beside, idles less and waits longer.
"""

import json
import os
import resource
import subprocess
import sys

import pytest

from tests import places

pytestmark = pytest.mark.stack
SOCKETS, BACK = 2000, 1000
OPENED_WITHIN, BACK_WITHIN = 90, float(os.environ.get("GUICHET_BACK_SECONDS", "25"))
IDLE = float(os.environ.get("GUICHET_IDLE_SECONDS", "20"))
FILES = 8192


@pytest.fixture(scope="module")
def place():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(FILES, hard)), hard))
    found = places.production(processes=1, territory=False)
    try:
        yield found.start()
    finally:
        found.stop()


@pytest.fixture(scope="module")
def seats(place):
    """Both sides of a thousand conversations, the victims first, as a file of addresses and headers."""
    seeded = json.loads(places.run_module(place.environment, "tests.stack.crowd", "0", str(SOCKETS // 2)))
    names, address = seeded["cookies"], place.url.replace("http", "ws")
    found = [
        [
            f"{address}/ws/tchat/{talk['id']}/{side}",
            {
                "Origin": place.url,
                "Cookie": f"{names[role]}={talk['token'] if role == 'victim' else seeded['session']}",
            },
        ]
        for role, side in (("victim", ""), ("agent", "?cote=agent"))
        for talk in seeded["talking"]
    ]
    path = place.folder / "seats.json"
    path.write_text(json.dumps(found))
    return path


class Holders:
    """The people, in a process of their own."""

    def __init__(self, seats, count: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.stack.holders", str(seats), str(count)],
            cwd=places.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> "Holders":
        return self

    def __exit__(self, *error) -> None:
        self.process.communicate("end\n", timeout=60)

    def ask(self, order: str, seconds: float) -> dict:
        self.process.stdin.write(f"{order} {seconds}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def test_quiet_sockets_stay_and_come_back_after_a_restart(place, seats):
    with Holders(seats, SOCKETS) as people:
        opened = people.ask("back", OPENED_WITHIN)
        idle = people.ask("idle", IDLE)
    with Holders(seats, BACK) as people:
        people.ask("back", OPENED_WITHIN)
        place.daphnes[0].stop()
        place.daphnes[0].start()
        back = people.ask("back", BACK_WITHIN)

    print(
        f"sockets={opened['open']} opened_s={opened['took']} idle_s={IDLE:.0f} lost={sum(idle['fell'].values())} "
        f"back={back['open']} back_s={back['took']}"
    )
    assert opened["open"] == SOCKETS
    assert (idle["open"], idle["fell"]) == (SOCKETS, {})
    assert (back["open"], back["took"] < BACK_WITHIN) == (BACK, True)
    assert "Traceback" not in place.log.read_text()
