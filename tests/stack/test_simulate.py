"""`manage.py simulate` as an operator runs it: scripted people over HTTP and websockets, on the shape of production."""

import asyncio
import json
from pathlib import Path

import pytest

from guichet.simulation.browser import Browser, Meter, Page
from tests import places

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def place():
    found = places.production(processes=2, territory=False)
    try:
        yield found.start()
    finally:
        found.stop()


def test_short_exercise_holds_every_promise_and_leaves_nothing_behind(place):
    said = place.manage(
        "simulate",
        "--profile",
        "busy",
        "--minutes",
        "0.1",
        "--speed",
        "250",
        "--scale",
        "0.08",
        "--seed",
        "3",
        "--quiet",
    )

    told = dict(pair.split("=") for pair in said.splitlines()[-1].split())
    assert {told[name] for name in ("lost", "forgotten", "wrong", "late")} == {"0"}
    assert int(told["journeys"]) >= 10
    assert int(told["chats"]) >= 1
    assert int(told["sent"]) >= 10
    assert "d'exercice" in said
    folder = next((Path(place.folder) / "exercices").iterdir())
    report = json.loads((folder / "rapport.json").read_text())
    assert report["acknowledged"] == report["sent"]
    assert set(report["statuses"]) <= {"200", "302", "303", "422"}
    assert (folder / "attentes.svg").read_text().startswith("<svg")
    assert "Tout a tenu." in (folder / "rapport.md").read_text()
    assert "0 dossiers, 0 bureaux et 0 agents" in place.manage("simulate", "--clean")


QUESTION = "Avez-vous perdu de l’argent ?"


class Trainee:
    """An agent at the console, by its forms: signs in, takes the next, asks, listens, ends."""

    def __init__(self, url: str) -> None:
        self.browser = Browser(url, Meter())

    async def sign_in(self) -> None:
        page = await self.browser.get("/console/")
        said = [("username", "policier"), ("password", "policier-demo-59")]
        page = await self.browser.submit(page, page.form(field="username"), said)
        assert page.path == "/console/", page.path

    async def until(self, path: str, found, seconds: float = 60) -> Page:
        async with asyncio.timeout(seconds):
            while not found(page := await self.browser.get(path)):
                await asyncio.sleep(0.2)
        return page

    async def help_one(self) -> str:
        """The page of the conversation once the victim has answered."""
        page = await self.until("/console/", lambda page: "File · 0" not in page.text and "File · " in page.text)
        page = await self.browser.submit(page, page.form(action="/console/prendre-la-suivante/"), [])
        talk = f"/console/conversation/{page.data('conversation')}/"
        await self.browser.submit(page, page.form(action=f"{talk}envoyer/"), [("text", QUESTION)])
        page = await self.until(talk, lambda page: page.text.count('class="bubble') >= 3)
        await self.browser.submit(page, page.form(action=f"{talk}clore/"), [("outcome", "conseil")])
        return page.text


def test_agent_trains_with_scripted_victims_and_is_back_at_work_after(place):
    """Speed shortens the people's time: the same training as an agent's half an hour."""
    asked = ("simulate", "--train", "policier", "--victims", "2", "--minutes", "0.05", "--speed", "60", "--quiet")

    async def train() -> tuple[str, list[str], str]:
        agent = Trainee(place.url)
        command = asyncio.create_task(asyncio.to_thread(place.manage, *asked))
        await agent.sign_in()
        talks = [await agent.help_one() for _ in range(2)]
        said = await command
        return said, talks, (await agent.browser.get("/console/")).text

    said, talks, after = asyncio.run(train())

    told = dict(pair.split("=") for pair in said.splitlines()[-1].split())
    assert (told["journeys"], told["chats"]) == ("2", "2")
    assert {told[name] for name in ("lost", "forgotten", "wrong")} == {"0"}
    assert all("EXERCICE" in talk for talk in talks)
    assert "Retirés : 2 dossiers, 4 bureaux et 0 agents" in said
    assert "EXERCICE" not in after
