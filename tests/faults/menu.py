"""The faults, each as one coroutine; numbers are those of docs/reliability.md."""

import asyncio
import random
from dataclasses import dataclass

from tests.faults.proxy import Proxy
from tests.faults.servers import Postgres, Redis
from tests.places import Daphne


@dataclass
class World:
    postgres: Postgres
    redis: Redis
    daphnes: list[Daphne]
    proxies: list[Proxy]
    random: random.Random


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
    for daphne in world.daphnes:
        await asyncio.to_thread(daphne.start)


async def daphne_drained(world: World) -> None:
    daphne = world.random.choice(world.daphnes)
    await asyncio.to_thread(daphne.stop)
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
    """`limit`: seconds within which everybody shows the stored conversation once the fault is over."""

    number: int
    strike: callable
    limit: float


FAULTS = (
    Fault(1, redis_killed, 5),
    Fault(2, redis_emptied, 5),
    Fault(3, redis_frozen, 5),
    Fault(4, redis_full, 5),
    Fault(5, redis_clients_killed, 5),
    Fault(6, redis_absent, 5),
    Fault(7, daphne_killed, 5),
    Fault(8, daphnes_killed, 5),
    Fault(9, daphne_drained, 3),
    Fault(10, daphne_frozen, 5),
    Fault(11, postgres_restarted, 8),
    Fault(12, postgres_crashed, 8),
    Fault(13, postgres_backend_killed, 8),
    Fault(14, postgres_frozen, 8),
    Fault(15, connections_cut, 3),
    Fault(16, black_hole, 8),
    Fault(17, deaf_client, 8),
    Fault(18, mute_client, 8),
    Fault(19, slow_network, 3),
)
