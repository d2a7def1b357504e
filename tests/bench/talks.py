"""`make bench`, second half: a message stored and delivered, beside the tutorial's consumer on the same Redis."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import uuid

from guichet import stack
from tests import places
from tests.bench.socket_load import Measure, Protocol, measure

CONVERSATIONS = int(os.environ.get("CONVERSATIONS", "300"))
ROUNDS, SECONDS, RATE = 3, 4.0, 100.0
# Long enough for what a process does seldom to be in it: a thousand messages, of which the ten slowest are left out.
CALM_SECONDS = 10.0


def _ours_said(text: str) -> str:
    frame = json.loads(text)
    return frame["body"] if frame.get("t") == "msg" and len(frame["body"]) == 33 else ""


GUICHET = Protocol(
    "guichet",
    encode=lambda mark: json.dumps({"t": "send", "id": str(uuid.uuid4()), "body": mark}),
    said=_ours_said,
    hello=json.dumps({"t": "resume", "after": 0}),
    ping=json.dumps({"t": "ping", "seq": 0}),
)
MINIMAL = Protocol("minimal", encode=lambda mark: mark, said=lambda text: text)


class Server:
    def __init__(self, environment: dict[str, str]) -> None:
        self.port = places.free_port()
        self.environment = {**environment, "GUICHET_ORIGINS": f"http://127.0.0.1:{self.port}"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "guichet.server", "-b", "127.0.0.1", "-p", str(self.port),
             "--ping-interval", "20", "--ping-timeout", "30",
             "tests.bench.asgi:application"],
            cwd=places.ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        stack.wait_until_ready(f"http://127.0.0.1:{self.port}/sante/live")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def _seed(environment: dict[str, str]) -> dict:
    done = places.run_module(environment, "tests.bench.seed", str(CONVERSATIONS))
    return json.loads(done.splitlines()[-1])


def _addresses(port: int, seeded: dict) -> dict[str, list]:
    origin = {"Origin": f"http://127.0.0.1:{port}"}
    base, names = f"ws://127.0.0.1:{port}", seeded["cookies"]
    agent = {**origin, "Cookie": f"{names['agent']}={seeded['session']}"}
    ours = [
        (url, {**origin, "Cookie": f"{names['victim']}={talk['token']}"}, url, agent)
        for talk in seeded["talks"]
        for url in [f"{base}/ws/tchat/{talk['id']}/"]
    ]
    rooms = [f"{base}/ws/bench/{room}/" for room in range(len(ours))]
    return {"guichet": ours, "minimal": [(room, origin, room, origin) for room in rooms]}


def run(environment: dict[str, str]) -> dict[str, str]:
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    places.manage({**environment, "GUICHET_DB_PATIENT": "1"}, "migrate", "--run-syncdb", "--verbosity", "0")
    seeded = _seed(environment)
    found: dict[str, list[Measure]] = {"guichet": [], "minimal": []}
    for _ in range(ROUNDS):
        for protocol in (MINIMAL, GUICHET):
            server = Server(environment)
            try:
                addresses = _addresses(server.port, seeded)[protocol.name]
                found[protocol.name].append(_measured(protocol, addresses))
            finally:
                server.stop()
    middle = {name: _middle(measures) for name, measures in found.items()}
    for name, each in middle.items():
        print(
            f"{name:<10} {each.per_second:8.0f} messages/s   at {RATE:.0f}/s: p50 {each.p50_ms:6.1f} ms "
            f"p99 {each.p99_ms:6.1f} ms   lost {each.lost}"
        )
    ours, theirs = middle["guichet"], middle["minimal"]
    return {
        "conversations": str(CONVERSATIONS),
        "messages_vs_minimal": f"{ours.per_second / theirs.per_second:.2f}",
        "message_p99_vs_minimal": f"{ours.p99_ms / theirs.p99_ms:.2f}",
        "message_lost": str(ours.lost),
    }


def _measured(protocol: Protocol, addresses: list) -> Measure:
    return asyncio.run(measure(protocol, addresses, seconds=SECONDS, rate=RATE, calm_seconds=CALM_SECONDS))


def _middle(measures: list[Measure]) -> Measure:
    return Measure(
        statistics.median(each.per_second for each in measures),
        statistics.median(each.p50_ms for each in measures),
        statistics.median(each.p99_ms for each in measures),
        sum(each.lost for each in measures),
    )
