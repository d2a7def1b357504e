"""A request waits at one daphne while the other side writes at the other: the bell goes through Redis."""

import asyncio
import json
import urllib.parse
import urllib.request

import pytest

from tests import places
from tests.tchat.client import Client

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def place():
    found = places.production(processes=2)
    try:
        yield found.start()
    finally:
        found.stop()


class Reader:
    """The victim's page without websocket: asks, shows, asks again from there."""

    def __init__(self, url: str, conversation: str, cookie: str) -> None:
        self.address, self.cookie = f"{url}/ws/tchat/{conversation}/suite/", cookie
        self.shown: list[tuple[int, str]] = []
        self.known = ""

    def ask(self) -> None:
        last = self.shown[-1][0] if self.shown else 0
        query = urllib.parse.urlencode({"apres": last, "vu": self.known, "attendre": 20})
        request = urllib.request.Request(f"{self.address}?{query}", headers={"Cookie": self.cookie})
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = json.load(answer)
        self.known = found["vu"]
        self.shown += [(frame["seq"], frame["body"]) for frame in found["frames"] if frame["t"] == "msg"]

    async def read_until(self, count: int) -> None:
        while len(self.shown) < count:
            await asyncio.to_thread(self.ask)


async def test_lines_written_at_another_daphne_end_the_wait_without_a_hole(place):
    seeded = json.loads(places.run_module(place.environment, "tests.bench.seed", "1").splitlines()[-1])
    talk, names = seeded["talks"][0], seeded["cookies"]
    here, there = place.daphnes
    headers = {"Origin": here.url, "Cookie": f"{names['agent']}={seeded['session']}"}
    agent = Client(talk["id"], "agent", [there.url.replace("http", "ws")], headers)
    running = asyncio.create_task(agent.run())
    reader = Reader(here.url, talk["id"], f"{names['victim']}={talk['token']}")
    await asyncio.to_thread(reader.ask)
    before = len(reader.shown)

    reading = asyncio.create_task(reader.read_until(before + 30))
    for number in range(30):
        await agent.say(f"ligne {number}")
        await asyncio.sleep(0.1)
    async with asyncio.timeout(15):
        await reading
        while agent.waiting:
            await asyncio.sleep(0.05)
    running.cancel()

    assert [seq for seq, _ in reader.shown] == list(range(1, before + 31))
    assert [body for _, body in reader.shown[before:]] == [f"ligne {number}" for number in range(30)]
    assert reader.shown == [(seq, body) for seq, _, body in agent.shown]
