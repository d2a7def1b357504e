"""A link that takes our bytes and says nothing: to the database, to Redis, from an agent's dead machine."""

import asyncio
import contextlib
import functools
import json
import time
import urllib.error
import urllib.request
import uuid
from urllib.parse import urlparse

import psycopg
import pytest
from django.db import DatabaseError
from django.db.utils import ConnectionHandler

from guichet.lib.postgresql import bounded
from guichet.lib.postgresql.bounded import BoundedConnection
from guichet.simulation.client import Client
from tchat.hub import RedisHub
from tests import places, services
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.stack
BOTH = {"up", "down"}
TOLD = "Vous passez en premier"
LEFT = "SELECT extract(epoch FROM lease_until - now()) FROM tchat_presence"


def through(url: str, port: int) -> str:
    """The same address, by way of the proxy."""
    parts = urlparse(url)
    return parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()


@contextlib.asynccontextmanager
async def served(*, database_by_proxy: bool = False):
    """(place, proxy): the proxy stands before PostgreSQL, else before the daphne."""
    place, port = places.production(processes=1), places.free_port()
    database = place.environment["DATABASE_URL"]
    proxy = Proxy(port, urlparse(database).port if database_by_proxy else place.daphnes[0].port)
    await proxy.start()
    if database_by_proxy:
        place.daphnes[0].environment = place.environment | {"DATABASE_URL": through(database, port)}
    try:
        await asyncio.to_thread(place.start)
        yield place, proxy
    finally:
        proxy.cut()
        await asyncio.to_thread(place.stop)
        proxy.stop()


def people(place) -> tuple[Client, Client]:
    """The two sides of one conversation."""
    seeded = json.loads(places.run_module(place.environment, "tests.bench.seed", "1").splitlines()[-1])
    talk, names, direct = seeded["talks"][0], seeded["cookies"], place.url.replace("http", "ws")
    origin = {"Origin": place.url}
    victim = Client(talk["id"], "victim", [direct], {**origin, "Cookie": f"{names['victim']}={talk['token']}"})
    headers = {**origin, "Cookie": f"{names['agent']}={seeded['session']}"}
    return victim, Client(talk["id"], "agent", [direct], headers)


async def until(true, within: float) -> float:
    """Seconds until it is true."""
    started = time.monotonic()
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.05)
    return time.monotonic() - started


def heard(person: Client, words: str) -> bool:
    return any(words in body for _, _, body in person.shown)


def answer(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=40) as page:
            return page.status
    except urllib.error.HTTPError as error:
        return error.code


async def test_database_that_says_nothing_is_left_and_every_line_is_kept():
    async with served(database_by_proxy=True) as (place, proxy):
        victim, agent = await asyncio.to_thread(people, place)
        running = [asyncio.create_task(each.run()) for each in (victim, agent)]
        await victim.say("avant")
        await until(lambda: heard(agent, "avant"), 20)

        proxy.hole = set(BOTH)
        await victim.say("pendant")
        assert await asyncio.to_thread(answer, f"{place.url}/sante/ready") == 503
        assert "pendant" not in [body for _, _, body in agent.shown]
        proxy.hole = set()

        await until(lambda: heard(agent, "pendant"), 20)
        await agent.say("après")
        await until(lambda: heard(victim, "après"), 10)
        assert await asyncio.to_thread(answer, f"{place.url}/sante/ready") == 200
        for task in running:
            task.cancel()
    assert [body for _, _, body in victim.shown] == [body for _, _, body in agent.shown]
    assert len(victim.acknowledged) == 2


async def test_page_served_without_a_pool_leaves_such_a_link_too_but_a_load_may_take_long(
    monkeypatch, django_db_blocker
):
    """Gunicorn's threads and the workers: one connection each."""
    monkeypatch.setattr(BoundedConnection, "patience", 1.0)
    monkeypatch.setattr(bounded, "PATIENCE", 1.0)
    parts, port = urlparse(services.DATABASE_URL), places.free_port()
    proxy = await Proxy(port, parts.port).start()
    settings = {"NAME": parts.path[1:], "USER": parts.username, "PASSWORD": parts.password or "", "HOST": "127.0.0.1"}
    ours = {"ENGINE": "guichet.lib.postgresql", "PORT": port, "CONN_MAX_AGE": 60, **settings}

    def asked() -> tuple[str, str, str]:
        """What long work says with patience, without, and what a short one says of a link that went silent."""
        connection = ConnectionHandler({"default": ours})["default"]
        with bounded.patiently(connection):
            said = [_said(connection, "SELECT pg_sleep(1.5)")]
        said.append(_said(connection, "SELECT pg_sleep(1.5)"))
        connection.close()
        _said(connection, "SELECT 1")
        proxy.hole = set(BOTH)
        said.append(_said(connection, "SELECT 1"))
        connection.close()
        return tuple(said)

    try:
        async with asyncio.timeout(20):
            with django_db_blocker.unblock():
                said = await asyncio.to_thread(asked)
        assert said == ("answered", "OperationalError", "OperationalError")
    finally:
        proxy.cut()
        proxy.stop()


def _said(connection, sql: str) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError as error:
        return type(error).__name__
    return "answered"


async def test_agent_whose_machine_dies_without_a_word_is_gone_within_fifteen_seconds():
    """One by a websocket, another by requests that wait, as where no websocket passes."""
    async with served() as (place, proxy):
        done = await asyncio.to_thread(places.run_module, place.environment, "tests.faults.seed", "1", "1", "0")
        seeded = json.loads(done.splitlines()[-1])
        direct, origin, names = place.url.replace("http", "ws"), {"Origin": place.url}, seeded["cookies"]
        talks = [seeded["talks"][0], seeded["held"][0]]
        victims = [
            Client(talk["id"], "victim", [direct], {**origin, "Cookie": f"{names['victim']}={talk['token']}"})
            for talk in talks
        ]
        cookies = [f"{names['agent']}={seeded[key]}" for key in ("session", "vanishing")]
        agent = Client(talks[0]["id"], "agent", [f"ws://127.0.0.1:{proxy.port}"], {**origin, "Cookie": cookies[0]})
        running = [asyncio.create_task(each.run()) for each in (*victims, agent)]
        await asyncio.gather(
            _dies_with_a_socket(proxy, agent, victims[0]),
            _dies_between_requests(f"{place.url}/ws/tchat/{talks[1]['id']}/suite/", cookies[1], victims[1]),
        )
        for task in running:
            task.cancel()


async def _dies_with_a_socket(proxy: Proxy, agent: Client, victim: Client) -> None:
    await agent.say("Bonjour")
    await until(lambda: heard(victim, "Bonjour"), 20)
    await asyncio.sleep(14)  # the process has run long enough for its leases to be judged
    assert not heard(victim, TOLD)

    proxy.hole = set(BOTH)
    await until(lambda: heard(victim, TOLD), 15)


async def _dies_between_requests(address: str, cookie: str, victim: Client) -> None:
    """Each waits for news, as the page's script asks; `known` is the mark of what the last one was told."""

    def wait(known: str) -> str:
        headers = {"Cookie": cookie, "Sec-Fetch-Mode": "cors", "Accept": "application/json"}
        query = f"?cote=agent&apres=0&attendre=20&vu={known}"
        with urllib.request.urlopen(urllib.request.Request(address + query, headers=headers), timeout=25) as page:
            return json.load(page)["vu"]

    started, known = time.monotonic(), await asyncio.to_thread(wait, "")
    while time.monotonic() - started < 16:
        sent, known = time.monotonic(), await asyncio.to_thread(wait, known)
    assert not heard(victim, TOLD)

    await until(lambda: heard(victim, TOLD), 15)
    assert time.monotonic() - sent < 16


async def test_rows_held_by_somebody_keep_neither_the_others_nor_presence_waiting():
    """Eight conversations are held while both sides say what they have read, which writes to their rows."""
    async with served() as (place, _):
        seeded = json.loads(
            (await asyncio.to_thread(places.run_module, place.environment, "tests.bench.seed", "9")).splitlines()[-1]
        )
        direct, names, origin = place.url.replace("http", "ws"), seeded["cookies"], {"Origin": place.url}
        agent_headers = {**origin, "Cookie": f"{names['agent']}={seeded['session']}"}
        victims = [
            Client(talk["id"], "victim", [direct], {**origin, "Cookie": f"{names['victim']}={talk['token']}"})
            for talk in seeded["talks"]
        ]
        agents = [Client(talk["id"], "agent", [direct], agent_headers) for talk in seeded["talks"]]
        running = [asyncio.create_task(each.run()) for each in (*victims, *agents)]
        for each in victims:
            await each.say("avant")
        await until(lambda: all(heard(each, "avant") for each in agents), 30)

        *held, free = victims
        with (
            psycopg.connect(place.environment["DATABASE_URL"]) as holder,
            psycopg.connect(place.environment["DATABASE_URL"], autocommit=True) as looker,
        ):
            talk = functools.partial(_talk, free, agents[-1], looker)
            slowest_before, least_before = await talk([], 12)
            keys = [each.conversation for each in held]
            holder.execute("SELECT 1 FROM tchat_conversation WHERE id::text = ANY(%s) FOR UPDATE", [keys])
            slowest, least = await talk([*held, *agents[:-1]], 30)
        for task in running:
            task.cancel()
    # Beside the same machine a moment before: a pool that waits for the rows loses seven of the eleven seconds.
    assert least > least_before - 4
    assert slowest < slowest_before + 3


async def _talk(writer: Client, reader: Client, looker, who_read: list, turns: int) -> tuple[float, float]:
    """The longest wait for a line, and the least that was left of the agent's lease, in seconds."""
    slowest, least = 0.0, 99.0
    for turn in range(turns):
        for each in who_read:
            with contextlib.suppress(Exception):
                await each._socket.send(json.dumps({"t": "read", "seq": 1}))
        await writer.say(f"{len(who_read)} lisent, {turn}.")
        slowest = max(slowest, await until(lambda turn=turn: heard(reader, f"{len(who_read)} lisent, {turn}."), 15))
        (left,) = looker.execute(LEFT).fetchone()
        least = min(least, float(left))
        await asyncio.sleep(0.3)
    return slowest, least


async def rung(heard: list[str], kind: str, within: float) -> None:
    async with asyncio.timeout(within):
        while kind not in heard:
            await asyncio.sleep(0.05)
    heard.clear()


async def test_bell_that_cannot_be_read_and_a_redis_that_says_nothing_leave_the_next_bells_heard():
    url, name, port = services.REDIS_URL, f"test-{uuid.uuid4()}", places.free_port()
    proxy = await Proxy(port, urlparse(url).port).start()
    here, elsewhere = RedisHub(through(url, port), name), RedisHub(url, name)
    heard: list[str] = []
    here.join("salle", heard.append)
    try:
        await rung(heard, "recovered", 5)
        for payload in (b"", b"\xff", b"seul"):
            elsewhere._publisher.publish(name, payload)
        elsewhere.ring("salle")
        await rung(heard, "changed", 5)

        proxy.lose()
        elsewhere.ring("salle")
        await asyncio.sleep(1)
        assert heard == []
        await rung(heard, "recovered", 12)
        elsewhere.ring("salle")
        await rung(heard, "changed", 5)
    finally:
        here._listening.cancel()
        proxy.cut()
        proxy.stop()
