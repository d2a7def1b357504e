"""Conversations between victims and agents while everything they stand on is broken, one fault after the other.

At the end, for every conversation: what was acknowledged is stored, once; every side shows exactly what is stored, in
order, once; nobody stayed deaf longer than the fault's limit.
"""

import asyncio
import contextlib
import json
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests import places
from tests.faults.menu import FAULTS, Fault, World
from tests.faults.proxy import Proxy
from tests.faults.servers import Postgres, Redis
from tests.tchat.client import Client

PAUSE_BETWEEN_MESSAGES = 0.01
GIVE_UP = 20.0


@dataclass
class Report:
    faults: int = 0
    sent: int = 0
    acked: int = 0
    stored: int = 0
    lost: int = 0
    duplicates: int = 0
    wrong_displays: int = 0
    worst_recovery: float = 0.0
    late: list[str] = field(default_factory=list)
    abrupt_closes: int = 0

    @property
    def clean(self) -> bool:
        return not (self.lost or self.duplicates or self.wrong_displays or self.late)

    def line(self) -> str:
        return (
            f"faults={self.faults} sent={self.sent} acked={self.acked} stored={self.stored} lost={self.lost} "
            f"duplicates={self.duplicates} worst_recovery={self.worst_recovery:.1f}"
        )


class Chaos:
    def __init__(
        self, seed: int, faults: tuple[Fault, ...] = FAULTS, conversations: int = 10, mutant: str = ""
    ) -> None:
        self.random, self.faults, self.count, self.mutant = random.Random(seed), faults, conversations, mutant
        self.report = Report()
        self.clients: list[Client] = []
        self._talking = False

    async def run(self) -> Report:
        folder = Path(tempfile.mkdtemp(prefix="guichet-faults-"))
        folder.chmod(0o755)
        self.postgres, self.redis = Postgres(folder), Redis(folder)
        await asyncio.to_thread(self.postgres.start)
        await asyncio.to_thread(self.redis.start)
        served_by = ("tests.faults.mutants", self.mutant) if self.mutant else ("guichet.server",)
        self.place = places.on_own_servers(self.postgres.url, self.redis.url, served_by=served_by)
        try:
            await asyncio.to_thread(self.place.start)
            await self._play()
        finally:
            await asyncio.to_thread(self.place.stop)
            self.redis.kill()
            await asyncio.to_thread(self.postgres.stop, "immediate")
        return self.report

    async def _play(self) -> None:
        proxies = [await Proxy(places.free_port(), daphne.port).start() for daphne in self.place.daphnes]
        world = World(self.postgres, self.redis, self.place.daphnes, proxies, self.random)
        self._make_clients(proxies)
        tasks = [asyncio.create_task(client.run()) for client in self.clients]
        await self._settled(GIVE_UP)
        order = list(self.faults)
        self.random.shuffle(order)
        for fault in order:
            await self._strike(fault, world)
        await self._count()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for proxy in proxies:
            proxy.stop()

    def _make_clients(self, proxies: list[Proxy]) -> None:
        done = places.run_module(self.place.environment, "tests.bench.seed", str(self.count))
        seeded = json.loads(done.splitlines()[-1])
        origin = {"Origin": self.place.daphnes[0].url}
        addresses = [f"ws://127.0.0.1:{proxy.port}" for proxy in proxies]
        self.conversations = [talk["id"] for talk in seeded["talks"]]
        for talk in seeded["talks"]:
            for role, cookie in (
                ("victim", f"{seeded['cookies']['victim']}={talk['token']}"),
                ("agent", f"{seeded['cookies']['agent']}={seeded['session']}"),
            ):
                headers = {**origin, "Cookie": cookie}
                self.clients.append(Client(talk["id"], role, addresses, headers))

    async def _talk(self) -> None:
        while self._talking:
            await self.random.choice(self.clients).say(f"m{self.report.sent}")
            self.report.sent += 1
            await asyncio.sleep(PAUSE_BETWEEN_MESSAGES)

    async def _strike(self, fault: Fault, world: World) -> None:
        self._talking = True
        talking = asyncio.create_task(self._talk())
        await asyncio.sleep(0.7)
        await fault.strike(world)
        await asyncio.sleep(0.5)
        self._talking = False
        await talking
        took = await self._settled(GIVE_UP)
        if not self.redis.alive():
            await asyncio.to_thread(self.redis.start)
        self.report.faults += 1
        self.report.worst_recovery = max(self.report.worst_recovery, took)
        name = fault.strike.__name__
        if took > fault.limit:
            self.report.late.append(f"{name} ({took:.1f} s, limit {fault.limit:.0f})")
        print(f"{fault.number:>3} {name:<24} recovered in {took:4.1f} s", flush=True)

    async def _settled(self, limit: float) -> float:
        """Seconds until every side shows all that is stored and nothing waits for its acknowledgement."""
        started = time.monotonic()
        while time.monotonic() - started < limit:
            with contextlib.suppress(psycopg.Error):
                last = await asyncio.to_thread(self._last_seqs)
                if all(c.last == last[c.conversation] and not c.waiting and c.connected for c in self.clients):
                    break
            await asyncio.sleep(0.1)
        return time.monotonic() - started

    def _query(self, sql: str) -> list[tuple]:
        with psycopg.connect(self.postgres.url, connect_timeout=2) as connection:
            return connection.execute(sql, [self.conversations]).fetchall()

    def _last_seqs(self) -> dict[str, int]:
        return dict(self._query("SELECT id::text, last_seq FROM tchat_conversation WHERE id::text = ANY(%s)"))

    async def _count(self) -> None:
        rows = await asyncio.to_thread(
            self._query,
            "SELECT conversation_id::text, seq, client_id::text FROM tchat_message "
            "WHERE conversation_id::text = ANY(%s) ORDER BY conversation_id, seq",
        )
        stored: dict[str, list[tuple[int, str]]] = {name: [] for name in self.conversations}
        for conversation, seq, client_id in rows:
            stored[conversation].append((seq, client_id))
        bodies: dict[str, dict[str, str]] = {name: {} for name in self.conversations}
        for client in self.clients:
            ids = {client_id for _, client_id in stored[client.conversation]}
            self.report.acked += len(client.acknowledged)
            self.report.lost += sum(name not in ids for name in client.acknowledged)
            if [(seq, name) for seq, name, _ in client.shown] != stored[client.conversation]:
                self.report.wrong_displays += 1
            bodies[client.conversation].update({name: body for _, name, body in client.shown})
        self.report.stored = len(rows)
        shown = [body for each in bodies.values() for body in each.values()]
        holes = sum(
            seqs != list(range(1, len(seqs) + 1)) for seqs in ([s for s, _ in each] for each in stored.values())
        )
        self.report.duplicates = len(shown) - len(set(shown))
        self.report.wrong_displays += holes
