"""What nobody clicks, while the processes that do it are killed, deaf or late: each thing is done, and once.

No broker carries this work: it is what the database says is due, and every socket process looks for it
(tchat/tender.py). So a worker killed, a broker emptied and a beat that stood still are these faults here.
"""

import asyncio
import time

from guichet.simulation.client import Client
from tests.faults.world import World

DUE = 50
DUTIES = 3
PATIENCE = 60
TOLD_WITHIN = 15
MOVED = "specialise", "commun"
TOLD, BACK = "Vous passez en premier", "est de retour"


async def tending_killed(world: World) -> float:
    """Every process dies in the middle of the work."""
    keys = await _make_due(world, minutes=11)
    while not await _moved(world, keys):
        await asyncio.sleep(0.01)
    await asyncio.gather(*(asyncio.to_thread(daphne.kill) for daphne in world.daphnes))
    await asyncio.gather(*(asyncio.to_thread(daphne.start) for daphne in world.daphnes))
    return await _all_moved_once(world, keys)


async def broker_emptied(world: World) -> float:
    """Redis loses all it had and is away for a second, with fifty things to do."""
    keys = await _make_due(world, minutes=11)
    await asyncio.to_thread(world.redis.command, "flushall")
    world.redis.kill()
    await asyncio.sleep(1)
    await asyncio.to_thread(world.redis.start)
    return await _all_moved_once(world, keys)


async def nobody_tends(world: World) -> float:
    """Nobody looked for long: what became due meanwhile is done at once, one step each, not two."""
    await asyncio.gather(*(asyncio.to_thread(daphne.stop) for daphne in world.daphnes))
    keys = await _make_due(world, minutes=40)
    await asyncio.gather(*(asyncio.to_thread(daphne.start) for daphne in world.daphnes))
    return await _all_moved_once(world, keys)


async def _make_due(world: World, *, minutes: int) -> list[str]:
    keys, world.cast.due = world.cast.due[:DUE], world.cast.due[DUE:]
    await asyncio.to_thread(
        world.postgres.execute,
        "UPDATE tchat_conversation SET desk_since = now() - make_interval(mins => %s) WHERE id::text = ANY(%s)",
        [minutes, keys],
    )
    return keys


async def _moved(world: World, keys: list[str]) -> int:
    rows = await asyncio.to_thread(
        world.postgres.query,
        "SELECT count(*) FROM tchat_conversation WHERE id::text = ANY(%s) AND desk_id = %s",
        [keys, MOVED[1]],
    )
    return rows[0][0]


async def _all_moved_once(world: World, keys: list[str]) -> float:
    started = time.monotonic()
    while await _moved(world, keys) < len(keys) and time.monotonic() - started < PATIENCE:
        await asyncio.sleep(0.1)
    took = time.monotonic() - started
    await asyncio.sleep(2.5)  # whoever would do it again has had a turn
    rows = await asyncio.to_thread(
        world.postgres.query,
        "SELECT desk_id, claim_version, saturated_at IS NULL, "
        "(SELECT count(*) FROM tchat_message m WHERE m.conversation_id = c.id), "
        "(SELECT count(*) FROM audit_line l WHERE l.target = c.id::text AND l.verb = 'tchat débordé') "
        "FROM tchat_conversation c WHERE id::text = ANY(%s)",
        [keys],
    )
    wrong = [row for row in rows if row != (MOVED[1], 1, True, 1, 1)]
    if wrong:
        world.broken.append(f"{len(wrong)} of {len(keys)} not moved exactly once: {wrong[0]}")
    return took


async def agent_vanished(world: World) -> float:
    """The browser of an agent with five conversations dies: how long until the five victims are told."""
    cast = world.cast
    victims = [cast.enter(talk, "victim", world.direct(), apart=True) for talk in cast.held]
    agents = [cast.enter(talk, "agent", world.direct(), apart=True) for talk in cast.held]
    for client in agents:
        await client.say("Bonjour")
    await _heard(world, victims, "Bonjour", 20)
    for client in agents:
        await cast.rest(client)
    took = await _heard(world, victims, TOLD, 40)
    await _are_first(world)
    for client in agents:
        await cast.move(client, world.direct())
    await _heard(world, victims, BACK, 20)
    for client, other in zip(victims, agents, strict=True):
        await client.say("Vous êtes là ?")
        await _heard(world, [other], "Vous êtes là ?", 20)
    return took


async def _are_first(world: World) -> None:
    rows = await asyncio.to_thread(
        world.postgres.query,
        "SELECT id::text FROM tchat_conversation WHERE desk_id = 'gendarmerie' AND state = 'attente' "
        "ORDER BY rank_at, id LIMIT %s",
        [len(world.cast.held)],
    )
    if {row[0] for row in rows} != {talk["id"] for talk in world.cast.held}:
        world.broken.append("a conversation given back is not at the head of its queue")


async def _heard(world: World, people: list[Client], words: str, within: float) -> float:
    started = time.monotonic()
    while not all(any(words in body for _, _, body in person.shown) for person in people):
        if time.monotonic() - started > within:
            world.broken.append(f"« {words} » was not shown to everybody")
            break
        await asyncio.sleep(0.05)
    return time.monotonic() - started
