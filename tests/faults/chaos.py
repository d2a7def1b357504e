"""Conversations between victims and agents while everything they stand on is broken, one fault after the other.

At the end, for every conversation: what was acknowledged is stored, once; every side shows exactly what is stored, in
order, once; nobody stayed deaf longer than the fault's limit.
"""

import asyncio
import contextlib
import json
import random
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from guichet.simulation.client import Client
from tests import places
from tests.faults.duties import DUE, DUTIES
from tests.faults.menu import FAULTS, Fault
from tests.faults.polling import PollingReader
from tests.faults.proxy import Proxy
from tests.faults.servers import Postgres, Redis
from tests.faults.world import World

PAUSE_BETWEEN_MESSAGES = 0.01
GIVE_UP = 20.0
LONGEST = 300
HELD = 5
READERS = 2
# What is broken there shows only when the two sides of a conversation stand before different processes.
APART = ("no-lock", "global-id", "deaf")
HOUSE = "guichet"


@dataclass
class Report:
    faults: int = 0
    sent: int = 0
    acked: int = 0
    stored: int = 0
    lost: int = 0
    duplicates: int = 0
    holes: int = 0
    wrong_displays: int = 0
    worst_recovery: float = 0.0
    late: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.duplicates or self.holes or self.wrong_displays or self.late or self.broken)

    def line(self) -> str:
        return (
            f"faults={self.faults} sent={self.sent} acked={self.acked} stored={self.stored} lost={self.lost} "
            f"duplicates={self.duplicates} worst_recovery={self.worst_recovery:.1f}"
        )


class AgentClient(Client):
    """Whose conversation was given back meanwhile connects again: the guichet then gives it back to the agent."""

    def on(self, frame: dict) -> None:
        if frame["t"] == "err" and frame["code"] == "not-yours":
            raise ConnectionError("given back")
        super().on(frame)


class TrustingClient(Client):
    """Does not ask for each sequence: what the broken guichet of « global-id » would need."""

    def _show(self, frame: dict) -> None:
        if frame["seq"] > self.last:
            self.shown.append((frame["seq"], frame["id"], frame["body"]))
            self._settle(frame)


class Cast:
    """The people of a run: who they are, what opens their conversation, and whether they are connected."""

    def __init__(self, seeded: dict, origin: str, postgres: Postgres, *, trusting: bool) -> None:
        self.talks, self.held, self.flooded, self.due = (seeded[name] for name in ("talks", "held", "flooded", "due"))
        self.conversations = [talk["id"] for talk in self.talks]
        self.clients: list[Client] = []
        self.readers: list[PollingReader] = []
        self.sent = 0
        self._cookies, self._sessions = seeded["cookies"], (seeded["session"], seeded["vanishing"])
        self._origin, self._postgres, self._trusting = origin, postgres, trusting
        self._tasks: dict[Client, asyncio.Task] = {}

    def headers(self, talk: dict, role: str) -> dict[str, str]:
        key = talk["token"] if role == "victim" else self._sessions[talk in self.held]
        return {"Origin": self._origin, "Cookie": f"{self._cookies[role]}={key}"}

    def enter(self, talk: dict, role: str, addresses: list[str], *, apart: bool = False) -> Client:
        """`apart`: not one of those who write all along and must show the same at the end."""
        kind = TrustingClient if self._trusting else AgentClient if role == "agent" else Client
        client = kind(talk["id"], role, addresses, self.headers(talk, role))
        if not apart:
            self.clients.append(client)
        self._tasks[client] = asyncio.create_task(client.run())
        return client

    def read_by_requests(self, talk: dict, addresses: list[str]) -> None:
        """One more tab of the victim, which says nothing and must show the same at the end."""
        reader = PollingReader(talk["id"], "victim", addresses, self.headers(talk, "victim"))
        self.readers.append(reader)
        self._tasks[reader] = asyncio.create_task(reader.run())

    async def rest(self, client: Client) -> None:
        task = self._tasks.pop(client)
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=2)

    async def move(self, client: Client, addresses: list[str]) -> None:
        """Connects from elsewhere."""
        if client in self._tasks:
            await self.rest(client)
        client.addresses = addresses
        self._tasks[client] = asyncio.create_task(client.run())

    async def leave(self) -> None:
        for client in list(self._tasks):
            await self.rest(client)

    def last_seqs(self) -> dict[str, int]:
        sql = "SELECT id::text, last_seq FROM tchat_conversation WHERE id::text = ANY(%s)"
        return dict(self._postgres.query(sql, [self.conversations]))

    def settled(self) -> bool:
        """Every side shows all that is stored and nothing waits for its acknowledgement."""
        last = self.last_seqs()
        people = [*self.clients, *self.readers]
        return all(c.last == last[c.conversation] and not c.waiting and c.connected for c in people)


def new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="guichet-faults-"))
    folder.chmod(0o755)
    return folder


def prepare(folder: Path) -> Path:
    """A database with its tables and its demonstration people, stopped: every run begins with a copy of it."""
    postgres = Postgres(folder).start()
    place = places.on_own_servers(postgres.url, "")
    for arguments in (("migrate", "--verbosity", "0"), ("demo",)):
        places.manage({**place.environment, "GUICHET_DB_PATIENT": "1"}, *arguments)
    postgres.stop()
    shutil.rmtree(place.folder, ignore_errors=True)
    return postgres.folder


class Chaos:
    def __init__(
        self,
        seed: int,
        faults: tuple[Fault, ...] = FAULTS,
        conversations: int = 10,
        mutant: str = "",
        prepared: Path | None = None,
        slack: float = 1.0,
    ) -> None:
        """`slack`: by how much the limits of the table grow where runs share a machine."""
        self.random, self.faults, self.count, self.mutant = random.Random(seed), faults, conversations, mutant
        self.prepared, self.slack = prepared, slack
        self.give_up = GIVE_UP / 2 if mutant else GIVE_UP
        self.report = Report()

    async def run(self) -> Report:
        folder = new_folder()
        if self.prepared is None:
            self.prepared = await asyncio.to_thread(prepare, folder / "prepared")
        self.postgres, self.redis = Postgres(folder, self.prepared), Redis(folder)
        await asyncio.gather(asyncio.to_thread(self.postgres.start), asyncio.to_thread(self.redis.start))
        served_by = ("tests.faults.mutants", self.mutant) if self.mutant else places.SERVER
        self.place = places.on_own_servers(self.postgres.url, self.redis.url, served_by=served_by)
        try:
            await asyncio.gather(*(asyncio.to_thread(daphne.start) for daphne in self.place.daphnes))
            await self._play()
        finally:
            await asyncio.to_thread(self.place.stop)
            self.redis.kill()
            await asyncio.to_thread(self.postgres.stop, "immediate")
            shutil.rmtree(folder, ignore_errors=True)
        return self.report

    async def _play(self) -> None:
        proxies = [await Proxy(places.free_port(), daphne.port).start() for daphne in self.place.daphnes]
        self.cast = await asyncio.to_thread(self._seed)
        addresses = [f"ws://127.0.0.1:{proxy.port}" for proxy in proxies]
        for talk in self.cast.talks:
            for role, own in zip(("victim", "agent"), addresses, strict=True):
                self.cast.enter(talk, role, [own] if self.mutant in APART else addresses)
        for talk in [] if self.mutant else self.cast.talks[:READERS]:
            self.cast.read_by_requests(talk, addresses)
        world = World(self.postgres, self.redis, self.place.daphnes, proxies, self.random, self.cast)
        await self._settle()
        await self._strike_all(world)
        await self._count()
        self.report.broken = world.broken
        await self.cast.leave()
        for proxy in proxies:
            proxy.stop()

    def _seed(self) -> Cast:
        struck = {fault.number for fault in self.faults}
        held, due = HELD * (28 in struck), DUE * DUTIES * bool(struck & {22, 23, 24})
        done = places.run_module(
            {**self.place.environment, "GUICHET_DB_PATIENT": "1"},
            "tests.faults.seed",
            *map(str, (self.count, held, due)),
        )
        seeded = json.loads(done.splitlines()[-1])
        return Cast(seeded, self.place.daphnes[0].url, self.postgres, trusting=self.mutant == "global-id")

    async def _strike_all(self, world: World) -> None:
        """In the order of the seed; what needs a quiet guichet for long begins first, beside those that are gentle."""
        beside = [fault for fault in self.faults if fault.beside]
        order = [fault for fault in self.faults if not fault.beside]
        self.random.shuffle(order)
        if beside:
            order.sort(key=lambda fault: not fault.gentle)
        running = {fault: asyncio.create_task(fault.strike(world)) for fault in beside}
        for fault in order:
            if not fault.gentle:
                await self._end(running)
            took = await self._strike(fault, world)
            if took > fault.limit * self.slack and not self.mutant:
                self._tell(fault, took, "once more")
                took = await self._strike(fault, world)
            self._judge(fault, took)
        await self._end(running)

    async def _end(self, running: dict[Fault, asyncio.Task]) -> None:
        while running:
            fault, task = running.popitem()
            self._judge(fault, await task)

    def _judge(self, fault: Fault, took: float) -> None:
        self.report.faults += 1
        late = took > fault.limit * self.slack
        if late:
            self.report.late.append(f"{fault.strike.__name__} ({took:.1f} s, limit {fault.limit * self.slack:g})")
        self._tell(fault, took, "late" if late else "")

    def _tell(self, fault: Fault, took: float, word: str) -> None:
        text = f"{fault.number:>3} {fault.strike.__name__:<26} {took:5.2f} s of {fault.limit:g} {word}".rstrip()
        self.report.told.append(text)
        print(text, flush=True)

    async def _talk(self) -> None:
        while True:
            self.cast.sent += 1
            await self.random.choice(self.cast.clients).say(f"m{self.cast.sent}")
            await asyncio.sleep(PAUSE_BETWEEN_MESSAGES)

    async def _strike(self, fault: Fault, world: World) -> float:
        """Seconds to recover, or what the fault measured itself."""
        talking = None if fault.quiet else asyncio.create_task(self._talk())
        await asyncio.sleep(0.7)
        measured = await fault.strike(world)
        await asyncio.sleep(0.5)
        if talking:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
        took = await self._settle()
        if not self.redis.alive():
            await asyncio.to_thread(self.redis.start)
        self.report.worst_recovery = max(self.report.worst_recovery, took)
        if took > self.give_up:
            return took
        return took if measured is None else measured

    async def _settle(self) -> float:
        started = time.monotonic()
        while time.monotonic() - started < self.give_up:
            with contextlib.suppress(psycopg.Error):
                if await asyncio.to_thread(self.cast.settled):
                    break
            await asyncio.sleep(0.1)
        return time.monotonic() - started

    async def _count(self) -> None:
        rows = await asyncio.to_thread(
            self.postgres.query,
            "SELECT conversation_id::text, seq, client_id::text, author FROM tchat_message "
            "WHERE conversation_id::text = ANY(%s) ORDER BY conversation_id, seq",
            [self.cast.conversations],
        )
        stored: dict[str, list[tuple[int, str]]] = {name: [] for name in self.cast.conversations}
        for conversation, seq, client_id, _ in rows:
            stored[conversation].append((seq, client_id))
        written = {client_id for _, _, client_id, author in rows if author != HOUSE}
        self.report.sent, self.report.stored = self.cast.sent, sum(row[3] != HOUSE for row in rows)
        self.report.holes = sum([seq for seq, _ in each] != list(range(1, len(each) + 1)) for each in stored.values())
        bodies: dict[tuple[str, str], str] = {}
        for client in [*self.cast.clients, *self.cast.readers]:
            self.report.acked += len(client.acknowledged)
            self.report.lost += len(client.acknowledged.keys() - written)
            self.report.wrong_displays += [(seq, name) for seq, name, _ in client.shown] != stored[client.conversation]
            bodies.update({(client.conversation, n): body for _, n, body in client.shown if n in written})
        self.report.duplicates = len(bodies) - len(set(bodies.values()))


def play(
    seed: int, names: tuple[str, ...], conversations: int, mutant: str, prepared: Path, slack: float = 1.0
) -> Report:
    """One run in this process; `names` of the faults, all of them when empty."""
    faults = tuple(fault for fault in FAULTS if not names or fault.strike.__name__ in names)
    return asyncio.run(_within(Chaos(seed, faults, conversations, mutant, prepared, slack)))


async def _within(chaos: Chaos) -> Report:
    """A run that does not end is a failure, not a night."""
    async with asyncio.timeout(LONGEST):
        return await chaos.run()
