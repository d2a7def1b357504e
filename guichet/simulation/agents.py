"""A scripted agent: takes the next in the queue, asks, listens, ends the conversation with what came of it."""

import asyncio
import contextlib
import random
import re
import time

from guichet.simulation.browser import Browser, Meter, Page, source_of
from guichet.simulation.cases import GRAVEST
from guichet.simulation.profiles import Profile, read
from guichet.simulation.victims import ACTIVE, Bell, Talker

COUNT = re.compile(r"File · (\d+)")
GRAVEST_WAITS = f'class="sev sev--{GRAVEST}"'
OUTCOMES = ("conseil", "conseil", "conseil", "plainte-preparee", "reorientation")
FIRST_SOURCE = 5_000_000
LEAST_PAUSE, LISTENS = 0.5, 3.0
CONNECTS_IN, SETTLES_IN = 15.0, 15.0


class Agent:
    """Holds as many conversations at once as the day allows; the console's bell says when to look."""

    def __init__(self, number: int, day: Profile, *, base: str, meter: Meter, cookie: tuple[str, str]) -> None:
        self.day, self.base = day, base
        self.chance = random.Random(f"{day.name}agent{number}")  # noqa: S311
        self.source = source_of(base, FIRST_SOURCE + number)
        self.browser = Browser(base, meter, source=self.source, cookies=dict([cookie]))
        self.bell = Bell(f"{base.replace('http', 'ws', 1)}/ws/console/", self.browser.cookie_header, base, self.source)
        self.talks: dict[str, asyncio.Task] = {}
        self.clients: list[Talker] = []
        self.said: dict[str, dict[str, str]] = {}
        self.unfinished: list[str] = []
        self.closing = asyncio.Lock()
        self.token = ""

    async def run(self, over: asyncio.Event) -> None:
        """Until the exercise is over and nothing is held any more."""
        await self._look("/console/")
        ringing = asyncio.create_task(self.bell.run())
        try:
            while not (over.is_set() and not self.talks):
                await self._turn()
        finally:
            ringing.cancel()
            self.browser.close()

    async def _turn(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LISTENS):
                await self.bell.rung.wait()
        self.bell.rung.clear()
        self.talks = {key: task for key, task in self.talks.items() if not task.done()}
        async with self.closing:
            page = await self._look("/console/file/", htmx=True)
            found = COUNT.search(page.text)
            room = self.day.talks_at_once + (GRAVEST_WAITS in page.text) - len(self.talks)
            if found and int(found[1]) and room > 0:
                await self._take()
                self.bell.rung.set()
        await asyncio.sleep(LEAST_PAUSE)

    async def _look(self, path: str, *, htmx: bool = False) -> Page:
        page = await self.browser.get(path, htmx=htmx)
        found = next((form.fixed["csrfmiddlewaretoken"] for form in page.forms() if form.fixed), "")
        self.token = found or self.token
        return page

    async def _take(self) -> None:
        fields = {"csrfmiddlewaretoken": self.token}
        page = await self.browser.post("/console/prendre-la-suivante/", fields)
        key = page.data("conversation")
        if page.status == 200 and key and key not in self.talks:
            self.talks[key] = asyncio.create_task(self._talk(key))

    async def _talk(self, key: str) -> None:
        headers = {"Origin": self.base, "Cookie": self.browser.cookie_header}
        client = Talker(key, "agent", [self.base.replace("http", "ws", 1)], headers)
        client.source, client.query = self.source, "?cote=agent"
        self.clients.append(client)
        running = asyncio.create_task(client.run())
        try:
            await self._until(lambda: client.state == ACTIVE, CONNECTS_IN)
            await self._ask(client, self.said.setdefault(key, {}))
            await self._until(lambda: not client.waiting, SETTLES_IN)
            await self._close(key)
            await self._until(lambda: client.state != ACTIVE, SETTLES_IN)
        finally:
            running.cancel()

    async def _ask(self, client: Talker, said: dict[str, str]) -> None:
        lines = [*read("talk")["agent"], read("talk")["goodbye"]]
        for line in lines:
            said[await client.say(line)] = line
            lasts = self.day.talk_minutes * 60 / len(lines)
            await asyncio.sleep(self.day.seconds(lasts) * (0.5 + self.chance.random()))

    async def _close(self, key: str) -> None:
        fields = {"csrfmiddlewaretoken": self.token, "outcome": self.chance.choice(OUTCOMES)}
        async with self.closing:
            page = await self.browser.post(f"/console/conversation/{key}/clore/", fields, follow=False)
        if not page.location:
            self.unfinished.append(f"{key} : clôture refusée ({page.status})")

    async def _until(self, done, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not done() and time.monotonic() < until:
            await asyncio.sleep(0.1)
