"""A thousand conversations wanted by eight agents at once; five hundred people in a queue that tells each its place."""

import asyncio
import contextlib
import json
import threading
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import websockets
from django.db import connection
from django.utils import timezone

from tchat.enums import State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Message
from tchat.services import conversations
from tests import places
from tests.bench import seed
from tests.tchat import people

pytestmark = pytest.mark.stack
AGENTS, RACES = 8, 1000
WAITING, PAST = 500, 4000
LISTENING, CLAIMS, WITHIN = 100, 3, 5.0


@pytest.fixture(scope="module")
def place():
    found = places.production(processes=2, territory=False)
    try:
        yield found.start()
    finally:
        found.stop()


def queue(count: int, *, desk, holder) -> list:
    """Waiting conversations, the oldest first."""
    asked = timezone.now() - timedelta(minutes=4)
    keys = [seed.conversation(holder, desk)["id"] for _ in range(count)]
    rows = list(Conversation.objects.filter(pk__in=keys).order_by("pk"))
    for number, row in enumerate(rows):
        row.state, row.agent, row.taken_at = State.WAITING, None, None
        row.rank_at = row.created_at = row.desk_since = asked + timedelta(milliseconds=100 * number)
    Conversation.objects.bulk_update(
        rows, ["state", "agent", "taken_at", "rank_at", "created_at", "desk_since"], batch_size=500
    )
    return [row.pk for row in rows]


@pytest.mark.django_db(transaction=True)
def test_thousand_claims_by_eight_agents_have_one_winner_each():
    team = [people.agent(f"agent-{number}", "police") for number in range(AGENTS)]
    keys = queue(RACES, desk=people.desks()["police"], holder=team[0])
    start = threading.Barrier(AGENTS)

    def race(agent) -> set:
        won = set()
        try:
            for key in keys:
                start.wait(30)
                with contextlib.suppress(Refusal):
                    conversations.claim(agent=agent, conversation_id=key)
                    won.add(key)
        finally:
            connection.close()
        return won

    with ThreadPoolExecutor(AGENTS) as pool:
        won = list(pool.map(race, team))

    winner = {key: agent.pk for agent, taken in zip(team, won, strict=True) for key in taken}
    assert sum(map(len, won)) == len(winner) == RACES
    held = Conversation.objects.values_list("pk", "agent", "dossier__assigned_agent", "claim_version", "state")
    assert {row[0]: row[1:] for row in held} == {key: (agent, agent, 1, State.ACTIVE) for key, agent in winner.items()}
    assert Message.objects.count() == RACES
    assert sum(1 for taken in won if taken) > 1


@pytest.mark.django_db
def test_claim_finds_the_first_of_five_hundred_by_the_index_of_the_queue():
    agent, desk = people.agent("agent", "police"), people.desks()["police"]
    keys = queue(WAITING, desk=desk, holder=agent)
    past(desk)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tchat_conversation, tchat_desk, tchat_desk_agents")

    plan = conversations.queue_of(desk.pk)[:1].explain()

    assert "tchat_queue_order" in plan, plan
    assert "Sort" not in plan, plan
    assert conversations.claim_next(agent=agent).pk == keys[0]


def past(desk) -> None:
    """The closed conversations of some weeks, as rows only: what the plan must not read through."""
    model = Conversation.objects.order_by("pk").first()
    closed = {"state": State.CLOSED, "closed_at": timezone.now()}
    Conversation.objects.bulk_create(
        [
            Conversation(
                dossier_id=model.dossier_id, desk=desk, competence_source="officielle", threat="sextorsion",
                severity=4, verification="00 · 00", **closed,
            )
            for _ in range(PAST)
        ],
        batch_size=1000,
    )  # fmt: skip


class Console:
    """An agent's browser, for one button."""

    def __init__(self, url: str, cookie: str) -> None:
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.opener.addheaders = [("Cookie", cookie), ("Origin", url)]
        self.cookie = cookie

    def claim_next(self) -> None:
        page = urllib.request.Request(f"{self.url}/console/", headers={"Cookie": self.cookie})
        with urllib.request.urlopen(page, timeout=20) as answer:
            csrf = answer.headers["Set-Cookie"].split(";")[0]
        name, token = csrf.split("=", 1)
        asked = urllib.request.Request(
            f"{self.url}/console/prendre-la-suivante/",
            data=urllib.parse.urlencode({"csrfmiddlewaretoken": token}).encode(),
            headers={"Cookie": f"{self.cookie}; {name}={token}", "Origin": self.url},
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:
            assert "/console/conversation/" in answer.url


class Waiter:
    """Someone who waits with the page open: every place told, and when."""

    def __init__(self, url: str, headers: dict) -> None:
        self.url, self.headers = url, headers
        self.told: dict[int, float] = {}

    async def listen(self) -> None:
        async with websockets.connect(
            self.url, additional_headers=self.headers, ping_interval=None, proxy=None
        ) as socket:
            await socket.send('{"t":"resume","after":0}')
            async for text in socket:
                frame = json.loads(text)
                if frame["t"] == "state" and frame["position"]:
                    self.told[frame["position"]] = time.monotonic()


async def test_five_hundred_who_wait_are_told_their_place_within_five_seconds(place):
    seeded = json.loads(places.run_module(place.environment, "tests.stack.crowd", str(WAITING), "0"))
    names, talks = seeded["cookies"], seeded["waiting"]
    chosen = range(WAITING - LISTENING, WAITING)
    waiters = [
        Waiter(
            f"{place.daphnes[number % 2].url.replace('http', 'ws')}/ws/tchat/{talks[number]['id']}/",
            {"Origin": place.url, "Cookie": f"{names['victim']}={talks[number]['token']}"},
        )
        for number in chosen
    ]
    console = Console(place.url, f"{names['agent']}={seeded['session']}")
    tasks = [asyncio.create_task(waiter.listen()) for waiter in waiters]
    async with asyncio.timeout(30):
        while not all(number + 1 in waiter.told for number, waiter in zip(chosen, waiters, strict=True)):
            await asyncio.sleep(0.1)

    delays = []
    for taken in range(1, CLAIMS + 1):
        await asyncio.to_thread(console.claim_next)
        claimed = time.monotonic()
        async with asyncio.timeout(15):
            while not all(number + 1 - taken in waiter.told for number, waiter in zip(chosen, waiters, strict=True)):
                await asyncio.sleep(0.02)
        delays += [waiter.told[number + 1 - taken] - claimed for number, waiter in zip(chosen, waiters, strict=True)]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    print(f"waiting={WAITING} listening={LISTENING} worst_position_s={max(delays):.2f}")
    assert max(delays) <= WITHIN
