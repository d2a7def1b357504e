"""Two people talk over two daphne processes while one, then the other, is killed."""

import asyncio
import json

import pytest

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


async def test_daphne_killed_while_two_people_talk_loses_nothing(place):
    seeded = json.loads(places.run_module(place.environment, "tests.bench.seed", "1").splitlines()[-1])
    talk, names = seeded["talks"][0], seeded["cookies"]
    origin = {"Origin": place.daphnes[0].url}
    addresses = [daphne.url.replace("http", "ws") for daphne in place.daphnes]
    victim = Client(talk["id"], "victim", addresses, {**origin, "Cookie": f"{names['victim']}={talk['token']}"})
    agent = Client(talk["id"], "agent", addresses, {**origin, "Cookie": f"{names['agent']}={seeded['session']}"})
    running = [asyncio.create_task(person.run()) for person in (victim, agent)]

    for number in range(200):
        await (victim, agent)[number % 2].say(f"ligne {number}")
        await asyncio.sleep(0.01)
        if number == 60:
            await asyncio.to_thread(place.daphnes[0].kill)
        if number == 120:
            await asyncio.to_thread(place.daphnes[0].start)
            await asyncio.to_thread(place.daphnes[1].kill)
    async with asyncio.timeout(20):
        while victim.waiting or agent.waiting or victim.last != agent.last or victim.last < 200:
            await asyncio.sleep(0.1)
    for task in running:
        task.cancel()
    await asyncio.to_thread(place.daphnes[1].start)

    assert victim.shown == agent.shown
    assert [seq for seq, _, _ in victim.shown] == list(range(1, 201))
    assert len({body for _, _, body in victim.shown}) == 200
    assert set(victim.acknowledged) | set(agent.acknowledged) == {name for _, name, _ in victim.shown}
