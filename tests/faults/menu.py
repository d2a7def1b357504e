"""The faults, each as one coroutine; numbers are those of docs/reliability.md."""

import asyncio
import resource
from dataclasses import dataclass
from pathlib import Path

from guichet.simulation.client import DROPPED
from tests.faults import duties, visitors
from tests.faults.world import World

COME_BACK = 4012


async def redis_killed(world: World) -> None:
    world.redis.kill()
    await asyncio.sleep(world.random.choice([0, 3]))
    await asyncio.to_thread(world.redis.start)


async def redis_emptied(world: World) -> None:
    await asyncio.to_thread(world.redis.command, "flushall")


async def redis_frozen(world: World) -> None:
    world.redis.pause()
    await asyncio.sleep(4)
    world.redis.resume()


async def redis_full(world: World) -> None:
    await asyncio.to_thread(world.redis.command, "config", "set", "maxmemory", "1kb")
    await asyncio.sleep(3)
    await asyncio.to_thread(world.redis.command, "config", "set", "maxmemory", "0")


async def redis_clients_killed(world: World) -> None:
    for kind in ("normal", "pubsub"):
        await asyncio.to_thread(world.redis.command, "client", "kill", "type", kind)


async def redis_absent(world: World) -> None:
    """Everybody reconnects and talks without Redis; the runner starts it again after it has seen them settle."""
    world.redis.kill()
    for proxy in world.proxies:
        proxy.cut()
    await asyncio.sleep(4)


async def daphne_killed(world: World) -> None:
    daphne = world.random.choice(world.daphnes)
    await asyncio.to_thread(daphne.kill)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(daphne.start)


async def daphnes_killed(world: World) -> None:
    for daphne in world.daphnes:
        await asyncio.to_thread(daphne.kill)
    await asyncio.sleep(1)
    await asyncio.gather(*(asyncio.to_thread(daphne.start) for daphne in world.daphnes))


async def daphne_out_of_memory(world: World) -> None:
    """It gets no more memory, limps for a while, then the kernel ends it."""
    daphne = world.random.choice(world.daphnes)
    pages = int(Path(f"/proc/{daphne.process.pid}/statm").read_text().split()[0])
    size = pages * resource.getpagesize()
    resource.prlimit(daphne.process.pid, resource.RLIMIT_AS, (size, size))
    await asyncio.sleep(1.5)
    await asyncio.to_thread(daphne.kill)
    await asyncio.to_thread(daphne.start)


async def daphne_drained(world: World) -> None:
    """Whoever was there is told to come back: nobody is dropped."""
    daphne, clients = world.random.choice(world.daphnes), list(world.cast.clients)
    before = {client: len(client.close_codes) for client in clients}
    await asyncio.to_thread(daphne.stop)
    told = [code for client in clients for code in client.close_codes[before[client] :]]
    if DROPPED in told or COME_BACK not in told:
        world.broken.append(f"a server that drains dropped {told.count(DROPPED)} of {len(told)} sockets")
    await asyncio.to_thread(daphne.start)


async def daphne_frozen(world: World) -> None:
    daphne = world.random.choice(world.daphnes)
    daphne.pause()
    await asyncio.sleep(4)
    daphne.resume()


async def postgres_restarted(world: World) -> None:
    await asyncio.to_thread(world.postgres.stop, "fast")
    await asyncio.to_thread(world.postgres.start)


async def postgres_crashed(world: World) -> None:
    await asyncio.to_thread(world.postgres.stop, "immediate")
    await asyncio.sleep(1)
    await asyncio.to_thread(world.postgres.start)


async def postgres_backend_killed(world: World) -> None:
    await asyncio.to_thread(world.postgres.crash_backend)
    await asyncio.sleep(1)


async def postgres_frozen(world: World) -> None:
    await asyncio.to_thread(world.postgres.pause)
    await asyncio.sleep(3)
    await asyncio.to_thread(world.postgres.resume)


async def connections_cut(world: World) -> None:
    for proxy in world.proxies:
        proxy.cut()


async def _hole(world: World, ways: set[str]) -> None:
    proxy = world.random.choice(world.proxies)
    proxy.hole = ways
    await asyncio.sleep(5)
    proxy.hole = set()
    proxy.cut()


async def black_hole(world: World) -> None:
    await _hole(world, {"up", "down"})


async def deaf_client(world: World) -> None:
    await _hole(world, {"down"})


async def mute_client(world: World) -> None:
    await _hole(world, {"up"})


async def slow_network(world: World) -> None:
    for proxy in world.proxies:
        proxy.delay = 0.3
    await asyncio.sleep(3)
    for proxy in world.proxies:
        proxy.delay = 0.0


@dataclass(frozen=True)
class Fault:
    """`limit`: seconds within which everybody shows the stored conversation once the fault is over; or, for a strike
    that measures by itself and returns it, what it may measure.

    `quiet`: nobody writes meanwhile. `beside`: begins with the run, goes on while those that are `gentle` (they touch
    no process of the guichet) are played.
    """

    number: int
    strike: callable
    limit: float
    quiet: bool = False
    beside: bool = False
    gentle: bool = False


FAULTS = (
    Fault(1, redis_killed, 5),
    Fault(2, redis_emptied, 5, gentle=True),
    Fault(3, redis_frozen, 5),
    Fault(4, redis_full, 5),
    Fault(5, redis_clients_killed, 5, gentle=True),
    Fault(6, redis_absent, 5),
    Fault(7, daphne_killed, 5),
    Fault(8, daphnes_killed, 5),
    Fault(9, daphne_drained, 3),
    Fault(10, daphne_frozen, 5),
    Fault(11, postgres_restarted, 8),
    Fault(11, visitors.postgres_restarted_unseen, 8, quiet=True),
    Fault(12, postgres_crashed, 8),
    Fault(13, postgres_backend_killed, 8),
    Fault(14, postgres_frozen, 8),
    Fault(15, connections_cut, 3, gentle=True),
    Fault(16, black_hole, 8, gentle=True),
    Fault(17, deaf_client, 8, gentle=True),
    Fault(18, mute_client, 8, gentle=True),
    Fault(19, slow_network, 3, gentle=True),
    Fault(22, duties.tending_killed, 60),
    Fault(23, duties.broker_emptied, 60),
    Fault(24, duties.nobody_tends, 60),
    Fault(28, duties.agent_vanished, 15, beside=True),
    Fault(30, visitors.second_tab, 3, gentle=True),
    Fault(31, daphne_out_of_memory, 5),
    Fault(32, visitors.phone_asleep, 3, gentle=True),
    Fault(33, visitors.flooded, 0.5, gentle=True),
)
