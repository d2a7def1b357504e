"""An agent's machine dies in the middle of a conversation: the victim knows within fifteen seconds, and goes first."""

import asyncio
import json
import time

import pytest

from guichet.simulation.client import Client
from tests import places

pytestmark = pytest.mark.stack
LIMIT = 15


@pytest.fixture(scope="module")
def place():
    found = places.production(processes=2)
    try:
        yield found.start()
    finally:
        found.stop()


async def heard(person: Client, words: str, within: float) -> float:
    """Seconds until this person is shown these words."""
    started = time.monotonic()
    async with asyncio.timeout(within):
        while not any(words in body for _, _, body in person.shown):
            await asyncio.sleep(0.05)
    return time.monotonic() - started


async def test_victim_of_a_vanished_agent_is_told_and_the_agent_who_returns_goes_on(place):
    seeded = json.loads(places.run_module(place.environment, "tests.bench.seed", "1").splitlines()[-1])
    talk, names = seeded["talks"][0], seeded["cookies"]
    origin = {"Origin": place.daphnes[0].url}
    addresses = [daphne.url.replace("http", "ws") for daphne in place.daphnes]
    victim = Client(talk["id"], "victim", addresses, {**origin, "Cookie": f"{names['victim']}={talk['token']}"})
    agent = Client(talk["id"], "agent", addresses, {**origin, "Cookie": f"{names['agent']}={seeded['session']}"})
    running = asyncio.create_task(victim.run())
    working = asyncio.create_task(agent.run())
    await agent.say("Bonjour")
    await heard(victim, "Bonjour", within=10)
    await asyncio.sleep(14)  # the processes have run long enough for their leases to be judged

    working.cancel()
    await heard(victim, "Vous passez en premier", within=LIMIT)
    await victim.say("Vous êtes là ?")
    working = asyncio.create_task(agent.run())
    await heard(victim, "est de retour", within=10)
    await agent.say("Me revoilà")
    await heard(victim, "Me revoilà", within=10)
    await heard(agent, "Vous êtes là ?", within=10)
    running.cancel()
    working.cancel()

    assert [seq for seq, _, _ in agent.shown] == list(range(1, len(agent.shown) + 1))
    assert [seq for seq, _, _ in victim.shown] == list(range(1, len(victim.shown) + 1))
