"""A request waits at one daphne while the other side writes at the other: the bell goes through Redis, and the request
through the proxy of production."""

import asyncio
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
import websockets

from guichet import stack
from guichet.simulation.client import Client
from tests import places

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def place():
    found = places.production(processes=2)
    try:
        yield found.start()
    finally:
        found.stop()


@pytest.fixture(scope="module")
def proxy(place, tmp_path_factory):
    """Caddy as in production, before the two daphnes."""
    daphnes = " ".join(f"127.0.0.1:{each.port}" for each in place.daphnes)
    site, home = f"http://127.0.0.1:{places.free_port()}", str(tmp_path_factory.mktemp("caddy"))
    names = {
        "SITE_ADDRESS": site, "SOCKETS": daphnes, "PAGES": daphnes, "ERRORS": str(places.ROOT / "static" / "erreurs"),
        "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home,
    }  # fmt: skip
    running = subprocess.Popen(
        ["caddy", "run", "--config", str(places.ROOT / "Caddyfile"), "--adapter", "caddyfile"],
        env={**os.environ, **names}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        stack.wait_until_ready(f"{site}/sante/live")
        yield site
    finally:
        running.terminate()
        running.wait(10)


@pytest.fixture
def talk(place) -> dict:
    seeded = json.loads(places.run_module(place.environment, "tests.bench.seed", "1").splitlines()[-1])
    names, found = seeded["cookies"], seeded["talks"][0]
    victim, agent = f"{names['victim']}={found['token']}", f"{names['agent']}={seeded['session']}"
    return {"id": found["id"], "victim": victim, "agent": agent}


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


def _agent(talk: dict, daphne) -> Client:
    headers = {"Origin": daphne.url, "Cookie": talk["agent"]}
    return Client(talk["id"], "agent", [daphne.url.replace("http", "ws")], headers)


@pytest.mark.parametrize("through", ["daphne", "proxy"])
async def test_lines_written_at_another_daphne_end_the_wait_without_a_hole(place, proxy, talk, through):
    here, there = place.daphnes
    agent = _agent(talk, there)
    running = asyncio.create_task(agent.run())
    reader = Reader(here.url if through == "daphne" else proxy, talk["id"], talk["victim"])
    await asyncio.to_thread(reader.ask)
    before = len(reader.shown)

    reading = asyncio.create_task(reader.read_until(before + 30))
    for number in range(30):
        await agent.say(f"ligne {number}")
        await asyncio.sleep(0.1)
    async with asyncio.timeout(15):
        await reading
        while agent.waiting or agent.last < before + 30:
            await asyncio.sleep(0.05)
    running.cancel()

    assert [seq for seq, _ in reader.shown] == list(range(1, before + 31))
    assert [body for _, body in reader.shown[before:]] == [f"ligne {number}" for number in range(30)]
    assert reader.shown == [(seq, body) for seq, _, body in agent.shown]


async def _heard(socket, kind: str) -> None:
    async with asyncio.timeout(10):
        while json.loads(await socket.recv())["t"] != kind:
            pass


async def test_sign_of_who_writes_passes_to_the_other_daphne(place, talk):
    def sit(daphne, cookie: str, query: str = ""):
        address = f"{daphne.url.replace('http', 'ws')}/ws/tchat/{talk['id']}/{query}"
        return websockets.connect(address, additional_headers={"Origin": daphne.url, "Cookie": cookie}, proxy=None)

    here, there = place.daphnes
    async with sit(here, talk["victim"]) as victim, sit(there, talk["agent"], "?cote=agent") as agent:
        for side in (victim, agent):
            await side.send('{"t":"resume","after":0}')
            await _heard(side, "state")
        await victim.send('{"t":"typing"}')
        await _heard(agent, "typing")
        await agent.send('{"t":"typing"}')
        await _heard(victim, "typing")


async def test_daphne_that_ends_answers_whoever_waits_and_the_wait_goes_on_at_the_other(place, proxy, talk):
    here, there = place.daphnes
    alone = Reader(here.url, talk["id"], talk["victim"])
    await asyncio.to_thread(alone.ask)
    waiting = asyncio.create_task(asyncio.to_thread(alone.ask))
    await asyncio.sleep(1)

    began = time.monotonic()
    await asyncio.to_thread(here.stop)
    await waiting  # an answer, not a cut: it would raise
    took, code = time.monotonic() - began, here.process.returncode

    agent = _agent(talk, there)
    running = asyncio.create_task(agent.run())
    await agent.say("encore là")
    reader = Reader(proxy, talk["id"], talk["victim"])
    await asyncio.wait_for(reader.read_until(len(alone.shown) + 1), 15)
    running.cancel()
    here.start()

    assert (code, reader.shown[-1][1]) == (0, "encore là")
    assert took < 5


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
async def test_body_too_long_for_the_proxy_is_told_so_and_not_called_an_outage(proxy, announced):
    body = b"a" * (2_000_000 + 70_000)
    request = urllib.request.Request(f"{proxy}/dossier/ouvrir/", data=body if announced else iter([body]))

    with pytest.raises(urllib.error.HTTPError) as refused:
        await asyncio.to_thread(urllib.request.urlopen, request, timeout=20)

    assert refused.value.code == 413
    assert "Cet envoi est trop lourd." in refused.value.read().decode()


@pytest.mark.parametrize(
    ("path", "length"), [("/tchat/envoyer/", 2_000_000), ("/dossier/pieces/", 105_000_000), ("/tchat/pieces/", 10**10)]
)
def test_announced_length_is_refused_before_anything_is_sent(proxy, path, length):
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(proxy.rpartition(":")[2])), timeout=10) as wire:
        wire.sendall(head.encode())

        assert wire.recv(64).startswith(b"HTTP/1.1 413 ")
