"""A scripted victim: answers the questions, reads the result, and, if that is the case, opens a dossier and talks."""

import asyncio
import contextlib
import json
import random
import re
import time
from dataclasses import dataclass, field

import websockets

from guichet.simulation.browser import Browser, Form, Meter, Page, source_of
from guichet.simulation.cases import Case, Place
from guichet.simulation.client import Client
from guichet.simulation.profiles import Profile

QUESTION = re.compile(r"/diagnostic/(\w+)/$")
THREAT = re.compile(r'href="/prevention/fiches/([\w-]+)/">Comprendre')
SEVERITY = re.compile(r"Gravité (\d) sur 4")
ASKED_ON_FACTS = ("quand", "somme")
ACTIVE, CLOSED = "en-cours", "close"
LATER = "/tchat/plus-tard/"
TAKES_LATER = 0.5
TICK, LOOKS_EVERY, SETTLES_IN = 0.2, 5.0, 15.0
MOST_QUESTIONS = 20
AWAY, PRESSES, AGAIN_IN = {0, 502, 503}, 3, 2.0


class Talker(Client):
    """Pings and backs off as static/js/tchat.js does, and knows where the conversation stands."""

    ping_seconds, silence_seconds, longest_wait = 10, 25, 8
    state, position, minutes = "", None, None

    def on(self, frame: dict) -> None:
        before = self.last
        super().on(frame)
        if frame["t"] == "state":
            self.state, self.position, self.minutes = frame["state"], frame["position"], frame["minutes"]
        elif frame["t"] == "msg" and self.last > before:
            self.hear(frame)

    def hear(self, frame: dict) -> None:
        """What somebody says; nothing, unless a script listens."""


class Bell:
    """The agent's queue bell: rung when the queue changed."""

    def __init__(self, url: str, cookie: str, origin: str, source: str) -> None:
        self.url, self.headers, self.source = url, {"Origin": origin, "Cookie": cookie}, source
        self.rung = asyncio.Event()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(OSError, TimeoutError, websockets.WebSocketException):
                local = {"local_addr": (self.source, 0)} if self.source else {}
                async with websockets.connect(
                    self.url,
                    additional_headers=self.headers,
                    ping_interval=None,
                    close_timeout=0.5,
                    proxy=None,
                    **local,
                ) as socket:
                    self.rung.set()
                    await self._listen(socket)
            await asyncio.sleep(1)

    async def _listen(self, socket) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(Talker.ping_seconds):
                    if json.loads(await socket.recv())["t"] != "pong":
                        self.rung.set()
                    continue
            await socket.send(json.dumps({"t": "ping", "seq": 0}))


@dataclass
class Story:
    """What happened to one person, for the report and the checks."""

    case: str
    severity: int | None
    arrived: float
    wants_tchat: bool
    wrong: str = ""
    conversation: str = ""
    asked_at: float = 0.0
    told_minutes: int | None = None
    waited: float | None = None
    end: str = ""
    offered_later: bool = False
    said: dict[str, str] = field(default_factory=dict)
    client: Talker | None = None


class Stopped(Exception):
    """The guichet answered something that this person could not go on from."""


class Victim:
    """`case.answers` decide every page. `tchat`: this person asks for a human."""

    def __init__(
        self, number: int, case: Case, place: Place, day: Profile, *, base: str, meter: Meter, token: tuple, tchat: bool
    ) -> None:
        self.case, self.place, self.day, self.base = case, place, day, base
        self.chance = random.Random(f"{day.name}{number}{case.id}")  # noqa: S311
        self.source = source_of(base, number)
        self.browser = Browser(base, meter, source=self.source, cookies=dict([token]))
        self.story = Story(case.id, case.severity, time.monotonic() - meter.began, tchat)
        self.meter, self.asked = meter, asyncio.Event()
        self.questions: list[str] = []

    async def run(self) -> Story:
        try:
            result = await self._diagnosis()
            self._compare(result)
            if self.story.wants_tchat and not self.story.wrong:
                await self._talk()
        except Stopped as stopped:
            self.story.end = self.story.end or f"arrêt : {stopped}"
        finally:
            self.browser.close()
        return self.story

    async def _pause(self, lived: float) -> None:
        await asyncio.sleep(self.day.seconds(lived) * (0.5 + self.chance.random()))

    # --- the questions
    async def _diagnosis(self) -> Page:
        await self.browser.get("/")
        page = await self.browser.get("/diagnostic/")
        for _ in range(MOST_QUESTIONS):
            if page.path.startswith("/diagnostic/resultat"):
                return page
            form, node = self._question(page)
            await self._pause(self.day.page_seconds)
            page = await self._send(page, form, self._fields(form, node))
        raise Stopped("trop de questions")

    async def _send(self, page: Page, form: Form, fields: list[tuple[str, str]]) -> Page:
        """« Réessayez dans un instant » : the person presses again, a few times; the report counts each."""
        for _ in range(PRESSES):
            shown = await self.browser.submit(page, form, fields, htmx=True)
            if shown.status not in AWAY:
                break
            await asyncio.sleep(AGAIN_IN)
        return shown

    def _question(self, page: Page) -> tuple[Form, str]:
        for form in page.forms():
            found = QUESTION.search(form.action)
            if found and found[1] in self.case.answers:
                return form, found[1]
        raise Stopped(f"pas de question attendue à {page.path} ({page.status})")

    def _fields(self, form: Form, node: str) -> list[tuple[str, str]]:
        chosen = [(form.name_of(value) or "r", value) for value in self.case.answers[node]]
        told = [(name, self.case.answers[name][0]) for name in ASKED_ON_FACTS if name in self.case.answers]
        return chosen + [(name, value) for name, value in told if form.has(name)]

    def _compare(self, page: Page) -> None:
        """What the page says against what this journey must lead to; a calm page shows no severity."""
        threat, severity = THREAT.search(page.text), SEVERITY.search(page.text)
        got = {
            "threat": threat[1] if threat else "",
            "severity": int(severity[1]) if severity else None,
            "chat": "suite=tchat" in page.text,
        }
        for name, value in got.items():
            wanted = getattr(self.case, name)
            if wanted is not None and value is not None and value != wanted:
                self.story.wrong = f"{self.case.id} : {name} {wanted} attendu, {value} montré"

    # --- the tchat
    async def _talk(self) -> None:
        await self._open_dossier()
        page = await self.browser.get("/tchat/")
        form = page.form(action="/tchat/demander/")
        if form:
            page = await self.browser.submit(page, form, [])
        self.story.conversation = page.data("conversation")
        if not self.story.conversation:
            raise Stopped(f"pas de tchat ({page.status})")
        self.story.asked_at = time.monotonic()
        self.story.client = client = self._client(page.data("socket"))
        running = asyncio.create_task(client.run())
        try:
            if await self._wait(client):
                await self._answer(client)
            await self._settled(client)
        finally:
            running.cancel()

    async def _open_dossier(self) -> None:
        page = await self.browser.get("/dossier/ouvrir/?suite=tchat")
        form = page.form(field="q")
        if form is None:
            raise Stopped(f"pas de dossier ({page.status})")
        where = [("q", self.place.q), ("commune", self.place.code)] if self.place.q else [("unsaid", "on")]
        await self._pause(self.day.page_seconds)
        page = await self.browser.submit(page, form, where)
        if again := page.form(field="q"):  # a commune that this guichet does not know: the person prefers not to say
            page = await self.browser.submit(page, again, [("unsaid", "on")])
        form = page.form(field="noted")
        if form is None:
            raise Stopped(f"pas de clés du dossier ({page.status} {page.path})")
        await self._pause(self.day.page_seconds)
        await self.browser.submit(page, form, [("noted", "on")])

    def _client(self, path: str) -> Talker:
        headers = {"Origin": self.base, "Cookie": self.browser.cookie_header}
        client = Talker(self.story.conversation, "victim", [self.base.replace("http", "ws", 1)], headers)
        client.source, client.hear = self.source, self._hear
        return client

    def _hear(self, frame: dict) -> None:
        if frame["author"] == "agent":
            self.questions.append(frame["body"])
            self.asked.set()

    async def _say(self, client: Talker, text: str) -> None:
        self.story.said[await client.say(text)] = text

    async def _wait(self, client: Talker) -> bool:
        """Until an agent is there. Whoever is in the gravest danger stays; the others lose patience one day."""
        begun, looked, shown = time.monotonic(), 0.0, None
        patience = self.chance.expovariate(1 / self.day.seconds(self.day.patience_minutes * 60))
        if self.chance.random() < 0.5:
            await self._say(client, self.case.story["opening"][0])
        while client.state not in {ACTIVE, CLOSED}:
            now = time.monotonic()
            if self.story.told_minutes is None:
                self.story.told_minutes = client.minutes
            if client.position != shown and now - looked > LOOKS_EVERY:
                looked, shown = now, client.position
                if await self._later(await self.browser.get("/tchat/", htmx=True)):
                    return False
            if self.case.severity != 4 and now - begun > patience:
                await self._leave()
                return False
            await asyncio.sleep(TICK)
        self.story.waited = time.monotonic() - self.story.asked_at
        return True

    async def _later(self, page: Page) -> bool:
        """Where the guichet says that everybody is busy, half of the people prefer an answer later."""
        if LATER not in page.text:
            return False
        first, self.story.offered_later = not self.story.offered_later, True
        if not first or self.case.severity == 4 or self.chance.random() > TAKES_LATER:
            return False
        page = await self.browser.get(LATER)
        form = page.form(field="phone")
        if form is None:
            return False
        await self.browser.submit(page, form, [("phone", "06 39 98 12 34")])
        self.story.end = "plus tard"
        return True

    async def _leave(self) -> None:
        page = await self.browser.get("/tchat/file/quitter/")
        form = page.form(action="/tchat/file/quitter/oui/")
        if form:
            await self.browser.submit(page, form, [])
            self.story.end = "parti"

    async def _answer(self, client: Talker) -> None:
        if not self.story.said:
            await self._say(client, self.case.story["opening"][0])
        while client.state != CLOSED:
            self.asked.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.asked.wait()
            questions, self.questions = self.questions, []
            for question in questions:
                await self._pause(self.day.page_seconds * 2)
                if client.state != CLOSED:
                    await self._say(client, self.case.answer_to(question, self.chance))
        self.story.end = "répondu"

    async def _settled(self, client: Talker) -> None:
        """What was said gets its answer, acknowledged or refused, before the page is closed."""
        until = time.monotonic() + SETTLES_IN
        while client.waiting and time.monotonic() < until:
            await asyncio.sleep(TICK)
