"""A row that somebody holds in the database: its conversation waits, the others do not notice."""

import asyncio
import json

import psycopg
import pytest

from guichet.simulation.client import Client
from tests import places

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def place():
    found = places.production(processes=1)
    try:
        yield found.start()
    finally:
        found.stop()


async def acknowledged(person: Client, count: int) -> None:
    async with asyncio.timeout(15):
        while len(person.acknowledged) < count:
            await asyncio.sleep(0.02)


async def shown(person: Client, count: int) -> None:
    async with asyncio.timeout(15):
        while len(person.shown) < count:
            await asyncio.sleep(0.02)


async def test_held_conversation_does_not_slow_another(place):
    seeded = json.loads(places.run_module(place.environment, "tests.bench.seed", "2").splitlines()[-1])
    names, origin = seeded["cookies"], {"Origin": place.daphnes[0].url}
    addresses = [daphne.url.replace("http", "ws") for daphne in place.daphnes]
    held, free = (
        Client(talk["id"], "victim", addresses, {**origin, "Cookie": f"{names['victim']}={talk['token']}"})
        for talk in seeded["talks"]
    )
    running = [asyncio.create_task(person.run()) for person in (held, free)]
    for person in (held, free):
        await person.say("avant")
        await acknowledged(person, 1)

    with psycopg.connect(place.environment["DATABASE_URL"]) as holder:
        holder.execute("SELECT 1 FROM tchat_conversation WHERE id = %s FOR UPDATE", [held.conversation])
        await held.say("retenue")
        for number in range(20):
            await free.say(f"libre {number}")
        await acknowledged(free, 21)
        assert len(held.acknowledged) == 1
    await acknowledged(held, 2)
    await shown(held, 2)
    for task in running:
        task.cancel()

    assert [body for _, _, body in held.shown] == ["avant", "retenue"]
