"""The network of one side goes away for twenty seconds while both write; what the other side sees goes on.

Two ways to go away: nothing passes any more and nobody is told (a tunnel), or the browser knows it (aeroplane mode).
"""

import asyncio
import threading
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests import places
from tests.browser.test_tchat import DESK, PHONE, console, say, sees, shown
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.browser
AWAY = 20


class Network:
    """The proxy on a loop of its own: the browser's test is not asynchronous."""

    def __init__(self, target: int) -> None:
        self.port = places.free_port()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.proxy = Proxy(self.port, target)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.proxy.start(), self.loop).result(10)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.proxy.stop)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    @contextmanager
    def tunnel(self, page):
        """Swallowed both ways. What was on its way is lost: when the network is back, those links are dead."""
        self.proxy.hole = {"up", "down"}
        yield
        self.proxy.hole = set()
        self.loop.call_soon_threadsafe(self.proxy.cut)

    @contextmanager
    def aeroplane(self, page):
        """Known to the browser, as a phone knows it: links are cut and `navigator.onLine` is false."""
        page.context.set_offline(True)
        self.loop.call_soon_threadsafe(self.proxy.cut)
        yield
        page.context.set_offline(False)


@pytest.fixture(scope="module")
def place():
    found = places.laptop()
    found.network = Network(found.daphnes[0].port)
    found.environment["GUICHET_ORIGINS"] += f",{found.network.url}"
    found.network.start()
    try:
        yield found.start()
    finally:
        found.stop()
        found.network.stop()


@pytest.fixture
def people(seed):
    return seed("alone")


@pytest.fixture
def sit(browser):
    contexts = []

    def opener(cookie: list, url: str, address: str, viewport: dict):
        context = browser.new_context(locale="fr-FR", viewport=viewport)
        contexts.append(context)
        context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": url}])
        page = context.new_page()
        page.goto(url + address)
        expect(page.locator("[data-link]")).to_have_text("Vous êtes en ligne")
        return page

    yield opener
    for context in contexts:
        context.close()


@pytest.mark.parametrize("way", ["tunnel", "aeroplane"])
def test_twenty_seconds_without_network_lose_and_double_nothing(sit, people, place, way):
    victim = sit(people["talk"]["victim"], place.network.url, "/tchat/", PHONE)
    agent = sit(people["agent"], place.url, console(people), DESK)
    say(victim, "avant.")
    sees(agent, "avant.")

    with getattr(place.network, way)(victim):
        for number in range(AWAY // 2):
            say(victim, f"victime {number}.")
            say(agent, f"agent {number}.")
            victim.wait_for_timeout(2000)
        assert [text for text in shown(agent) if text.startswith("victime")] == []
        assert [text for text in shown(victim) if text.startswith("agent")] == []
        expect(victim.locator("[data-link]")).to_contain_text("La connexion revient")
        expect(victim.locator(".bubble--sending")).to_have_count(AWAY // 2)

    sees(victim, f"agent {AWAY // 2 - 1}.")
    sees(agent, f"victime {AWAY // 2 - 1}.")
    expect(victim.locator("[data-link]")).to_have_text("Vous êtes en ligne")
    expect(victim.locator(".bubble--sending")).to_have_count(0)
    said = shown(victim)
    assert said == shown(agent)
    for who in ("victime", "agent"):
        assert [each for each in said if each.startswith(who)] == [f"{who} {number}." for number in range(AWAY // 2)]
    victim.reload()
    assert shown(victim) == said
