"""Faults on the side of people: two tabs, a phone that sleeps, somebody who floods, a page asked at a bad moment."""

import asyncio
import contextlib
import json
import time
import urllib.request

from guichet.simulation.client import Client
from tests import places
from tests.faults.proxy import Proxy
from tests.faults.world import World
from tests.stack.wire import TEXT, Wire, frame

FLOOD_SECONDS = 3
ASLEEP_SECONDS = 3
SLEPT_MINUTES = 20
ELSEWHERE = "127.0.0.2"
AT_ONCE = 6


async def second_tab(world: World) -> None:
    """Three victims open the conversation again, from the first line; both tabs write, until the end of the run."""
    for talk in world.cast.talks[:3]:
        tab = world.cast.enter(talk, "victim", [f"ws://127.0.0.1:{proxy.port}" for proxy in world.proxies])
        await tab.say(f"tab {talk['id']}")
        world.cast.sent += 1
    await asyncio.sleep(1)


async def phone_asleep(world: World) -> float:
    """The link is gone without a word; twenty minutes later the phone wakes with another address and the same key."""
    client = world.random.choice(world.victims())
    phone, elsewhere = [
        await Proxy(places.free_port(), world.daphnes[0].port, source=source).start() for source in ("", ELSEWHERE)
    ]
    await world.cast.move(client, [f"ws://127.0.0.1:{phone.port}"])
    await _caught_up(world, client)
    phone.hole = {"up", "down"}
    await world.cast.rest(client)
    await asyncio.to_thread(
        world.postgres.execute,
        "UPDATE victims_access SET created_at = created_at - make_interval(mins => %s), "
        "seen_at = seen_at - make_interval(mins => %s) WHERE dossier_id = "
        "(SELECT dossier_id FROM tchat_conversation WHERE id::text = %s)",
        [SLEPT_MINUTES, SLEPT_MINUTES, client.conversation],
    )
    await asyncio.sleep(ASLEEP_SECONDS)
    await world.cast.move(client, [f"ws://127.0.0.1:{elsewhere.port}"])
    took = await _caught_up(world, client)
    page = await asyncio.to_thread(_page, f"http://127.0.0.1:{elsewhere.port}/tchat/", client.headers["Cookie"])
    if page != (200, "/tchat/"):
        world.broken.append(f"after the sleep, the page of the tchat answers {page}")
    phone.stop()
    return took


async def _caught_up(world: World, client: Client) -> float:
    """Seconds until this client shows what was stored when we began to look."""
    started = time.monotonic()
    last = (await asyncio.to_thread(world.cast.last_seqs))[client.conversation]
    while (client.last < last or not client.connected) and time.monotonic() - started < 15:
        await asyncio.sleep(0.02)
    return time.monotonic() - started


async def flooded(world: World) -> float:
    """One socket shouts as fast as it can and comes back when it is cut: how long the others wait for their word."""
    ends, known = time.monotonic() + FLOOD_SECONDS, {client: len(client.delays) for client in world.cast.clients}
    path = f"/ws/tchat/{world.cast.flooded['id']}/"
    headers = world.cast.headers(world.cast.flooded, "victim")
    shout = frame(TEXT, json.dumps({"t": "ping", "seq": 0, "more": "x" * 4000}).encode()) * 10
    while time.monotonic() < ends:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            wire = await Wire.open(world.random.choice(world.daphnes).port, path, headers)
            while time.monotonic() < ends and await wire.write(shout):
                await asyncio.sleep(0)
            wire.close()
    delays = sorted(delay for client, count in known.items() for delay in client.delays[count:])
    return delays[int(len(delays) * 0.95)]


async def postgres_restarted_unseen(world: World) -> None:
    """At night: nobody writes while PostgreSQL restarts; those who come next get their page, not an error."""
    await _pages(world)
    await asyncio.to_thread(world.postgres.stop, "fast")
    await asyncio.to_thread(world.postgres.start)
    for status, address in await _pages(world):
        if status != 200:
            world.broken.append(f"{address} answers {status} after the restart of PostgreSQL")


async def _pages(world: World) -> list[tuple[int, str]]:
    """Several people at once on each process, each in a connection of its own."""
    victim = world.victims()[0]
    asked = [
        asyncio.to_thread(_page, f"{daphne.url}/tchat/", victim.headers["Cookie"])
        for daphne in world.daphnes
        for _ in range(AT_ONCE)
    ]
    return await asyncio.gather(*asked)


def _page(url: str, cookie: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Cookie": cookie})
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return answer.status, urllib.request.urlparse(answer.url).path
    except urllib.error.HTTPError as error:
        return error.code, "/tchat/"
