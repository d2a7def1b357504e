"""The request that waits, from the outside: when it answers, to whom, and what it holds meanwhile."""

import asyncio
import json
import threading
import uuid
from contextlib import asynccontextmanager

import pytest
from channels.testing import HttpCommunicator
from django.db import OperationalError

from guichet.asgi import application
from tchat import events, hub, pulse, waits
from tchat.models import Conversation, Message, Presence
from tchat.services import conversations, messages, presence, watch
from tchat.services.messages import Sender
from tchat.shown import Shown
from tchat.threads import in_thread
from tests.guichet.test_headers import ALWAYS
from tests.tchat import people
from tests.tchat.test_consumers import HOST, agent_headers, tchat, victim_headers
from victims.services import access

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(pulse, "TICK", 0.2)
    monkeypatch.setattr(pulse, "CHECK_SEATS", 0.2)


@pytest.fixture
def officer():
    return people.agent("policier", "police")


@pytest.fixture
def talk(officer):
    return people.talking(officer, people.commune())


@pytest.fixture
def victim(talk):
    return victim_headers(people.cookie_of(talk.dossier))


@pytest.fixture
def queued(officer):
    return people.waiting(people.commune())


@pytest.fixture
def agent(officer):
    return agent_headers(officer)


@pytest.fixture
def deaf(monkeypatch):
    """Every bell is lost."""
    monkeypatch.setattr(hub.Hub, "ring", lambda *args, **kwargs: None)


class Asked:
    """One request on its way. It reads like the answer once there is one."""

    def __init__(self, conversation, headers: list, *, method: str = "GET", **query) -> None:
        query = {"attendre": 20, **query}
        address = f"/ws/tchat/{getattr(conversation, 'pk', conversation)}/suite/?"
        address += "&".join(f"{name}={value}" for name, value in query.items() if value is not None)
        self.request = HttpCommunicator(application, method, address, headers=headers)
        self.answer = asyncio.ensure_future(self.request.get_response(timeout=8))

    async def __aenter__(self):
        await self.is_waiting()
        return self

    async def __aexit__(self, *error):
        if not self.answer.done():
            await self.leave()

    async def is_waiting(self) -> None:
        async with asyncio.timeout(5):
            while not any(waiter.state for waiter in _waiters()):
                await asyncio.sleep(0.01)
        assert not self.answer.done()

    async def leave(self) -> None:
        self.answer.cancel()
        await asyncio.gather(self.answer, return_exceptions=True)

    async def told(self, status: int = 200) -> dict:
        found = await self.answer
        assert found["status"] == status
        return json.loads(found["body"])


def _waiters() -> list:
    return [each for each in pulse.pulse()._groups if isinstance(each, waits.Waiter)]


async def known(conversation, headers: list, **query) -> tuple[int, str]:
    """Where a client stands that has just been told everything: the last line, and the mark of the state."""
    found = await Asked(conversation, headers, apres=0, **query).told()
    return found["frames"][-1]["seq"], found["vu"]


@asynccontextmanager
async def waiting_for_news(conversation, headers: list, **query):
    last, mark = await known(conversation, headers, **query)
    async with Asked(conversation, headers, apres=last, vu=mark, **query) as asked:
        yield asked


async def test_what_is_there_is_told_at_once_as_on_the_socket(talk, victim):
    await in_thread(people.said, talk, "Bonjour")

    found = await Asked(talk, victim, apres=1).told()
    async with tchat(talk, victim) as socket:
        await socket.say({"t": "resume", "after": 1})
        await socket.hear("state")

    assert found["frames"] == socket.heard
    assert [frame.get("body") for frame in found["frames"]] == ["Bonjour", None]
    assert found["attente"] is True


async def test_a_new_line_ends_the_wait(talk, victim, officer):
    async with waiting_for_news(talk, victim) as asked:
        await in_thread(people.said, talk, "Je vous lis", Sender("agent", officer.pk))
        found = await asked.told()

    assert [frame["body"] for frame in found["frames"] if frame["t"] == "msg"] == ["Je vous lis"]


async def test_a_line_sent_on_a_websocket_of_the_same_process_ends_the_wait(talk, victim, agent):
    async with waiting_for_news(talk, victim) as asked, tchat(talk, agent) as other:
        await other.say({"t": "resume", "after": 1})
        await other.send("Par le websocket")
        found = await asked.told()

    assert [frame["body"] for frame in found["frames"] if frame["t"] == "msg"] == ["Par le websocket"]


async def test_a_lost_bell_costs_at_most_a_tick(talk, victim, officer, deaf):
    async with waiting_for_news(talk, victim) as asked:
        await in_thread(people.said, talk, "Sans sonnette", Sender("agent", officer.pk))
        found = await asked.told()

    assert [frame["body"] for frame in found["frames"] if frame["t"] == "msg"] == ["Sans sonnette"]


async def test_what_the_other_has_read_ends_the_wait_but_not_what_one_has_read_oneself(talk, victim):
    await in_thread(people.said, talk, "Bonjour")
    async with waiting_for_news(talk, victim) as asked:
        await in_thread(_read, talk, "victime", 2)
        await asyncio.sleep(0.5)
        still = not asked.answer.done()
        await in_thread(_read, talk, "agent", 2)
        found = await asked.told()

    assert still
    assert [(frame["t"], frame.get("agent_read")) for frame in found["frames"]] == [("state", 2)]


def _read(conversation, author, seq):
    messages.mark_read(conversation_id=conversation.pk, author=author, seq=seq)


async def test_what_this_side_has_seen_is_noted(talk, victim):
    await Asked(talk, victim, apres=0, lu=1).told()

    assert (await Conversation.objects.aget()).victim_read == 1


async def test_who_waits_in_the_queue_is_told_when_an_agent_comes(officer, queued):
    headers = victim_headers(await in_thread(people.cookie_of, queued.dossier))
    async with waiting_for_news(queued, headers) as asked:
        await in_thread(lambda: conversations.claim(agent=officer, conversation_id=queued.pk))
        found = await asked.told()

    assert [(frame["t"], frame.get("agent")) for frame in found["frames"]][-1] == ("state", officer.public_name)


async def test_the_place_in_the_queue_is_told_and_its_change_ends_the_wait():
    place = await in_thread(people.commune)
    first, second = await in_thread(people.waiting, place), await in_thread(people.waiting, place)
    headers = victim_headers(await in_thread(people.cookie_of, second.dossier))
    async with waiting_for_news(second, headers) as asked:
        before = _waiters()[0].state["position"]
        await in_thread(lambda: conversations.leave_queue(dossier=first.dossier, conversation_id=first.pk))
        found = await asked.told()

    assert (before, found["frames"][-1]["position"]) == (2, 1)


async def test_nothing_new_is_answered_at_the_end_of_the_wait(talk, victim):
    last, mark = await known(talk, victim)

    found = await Asked(talk, victim, apres=last, vu=mark, attendre=1).told()

    assert [frame["t"] for frame in found["frames"]] == ["state"]
    assert (found["vu"], found["attente"]) == (mark, True)


# --- what it holds


async def test_nothing_is_held_while_it_waits(talk, victim, monkeypatch):
    """Connections belong to threads: no thread more, and the four that read are free at the same moment."""
    monkeypatch.setattr(waits, "MOST_HERE", 100)
    last, mark = await known(talk, victim)
    before = threading.active_count()
    many = [Asked(talk, victim, apres=last, vu=mark) for _ in range(25)]
    async with asyncio.timeout(10):
        while sum(bool(waiter.state) for waiter in _waiters()) < 25:
            await asyncio.sleep(0.01)
    all_four = threading.Barrier(4, timeout=5)

    await asyncio.gather(*(in_thread(all_four.wait) for _ in range(4)))
    assert threading.active_count() - before <= 4
    assert not any(asked.answer.done() for asked in many)
    for asked in many:
        await asked.leave()


async def test_whoever_goes_away_leaves_nothing_behind(talk, victim):
    async with waiting_for_news(talk, victim) as asked:
        await asked.request.send_input({"type": "http.disconnect"})
        async with asyncio.timeout(5):
            while _waiters():
                await asyncio.sleep(0.01)

    assert waits.waiting.total() == 0
    assert pulse.pulse().rooms == {}


@pytest.mark.parametrize("limit", ["MOST", "MOST_HERE"])
async def test_one_too_many_is_answered_at_once_and_told_so(talk, victim, monkeypatch, limit):
    monkeypatch.setattr(waits, limit, 1)
    async with waiting_for_news(talk, victim):
        found = await Asked(talk, victim, apres=0).told()

    assert [frame["t"] for frame in found["frames"]] == ["msg", "state"]
    assert found["attente"] is False
    assert (await Asked(talk, victim, apres=0).told())["attente"] is True


async def test_other_conversations_do_not_fill_the_places_of_this_one(talk, victim, officer, monkeypatch):
    monkeypatch.setattr(waits, "MOST_HERE", 1)
    other = await in_thread(people.talking, officer, await in_thread(people.commune))
    headers = victim_headers(await in_thread(people.cookie_of, other.dossier))
    async with waiting_for_news(other, headers):
        found = await Asked(talk, victim, apres=0).told()

    assert found["attente"] is True


async def test_an_agent_who_waits_here_is_there(talk, officer, agent):
    await in_thread(presence.left, officer)
    async with waiting_for_news(talk, agent, cote="agent"):
        async with asyncio.timeout(5):
            while not await in_thread(presence.present, {officer.pk}):
                await asyncio.sleep(0.05)

    assert (await Presence.objects.aget()).pk == officer.pk


# --- who may


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("nobody", 401, "no-access"),
        ("another victim", 404, "no-access"),
        ("colleague", 404, "no-access"),
        ("ended", 401, "no-access"),
    ],
)
async def test_who_may_not_is_told_so_and_nothing_else(talk, who, status, code):
    await in_thread(people.said, talk, "secret")

    found = await Asked(talk, await in_thread(_headers, who, talk), apres=0).told(status)

    assert [(frame["t"], frame["code"]) for frame in found["frames"]] == [("err", code)]


def _headers(who: str, conversation) -> list:
    if who == "another victim":
        return victim_headers(people.cookie_of(people.dossier(people.commune())))
    if who == "colleague":
        return agent_headers(people.agent("collegue", "police"))
    if who == "ended":
        token = people.cookie_of(conversation.dossier)
        access.Access.objects.update(ended_at=conversation.created_at)
        return victim_headers(token)
    return [HOST]


async def test_access_that_ends_ends_the_wait(talk, victim):
    async with waiting_for_news(talk, victim) as asked:
        await access.Access.objects.aupdate(ended_at=talk.created_at)
        found = await asked.told(401)

    assert found["frames"][0]["code"] == "no-access"


async def test_agent_who_lost_the_conversation_is_told_so_and_hears_nothing_more(talk, agent):
    async with waiting_for_news(talk, agent, cote="agent") as asked:
        other = await in_thread(people.agent, "autre", "police")
        await in_thread(_give, talk, other)
        found = await asked.told(409)

    assert [(frame["t"], frame["code"]) for frame in found["frames"]] == [("err", "not-yours")]


def _give(conversation, other) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(agent=other)
    people.said(conversation, "pour le suivant")
    events.message_stored(conversation)


@pytest.mark.parametrize(
    "query", [{}, {"apres": "x"}, {"apres": "-1"}, {"apres": 0, "attendre": 21}, {"apres": 0, "vu": "x" * 17}]
)
async def test_what_cannot_be_read_is_refused(talk, victim, query):
    found = await Asked(talk, victim, **query).told(422)

    assert found["frames"][0]["code"] == "bad-frame"


async def test_it_answers_questions_only_and_known_addresses(talk, victim):
    posted = await Asked(talk, victim, method="POST", apres=0).answer
    unknown = await Asked(uuid.uuid4(), victim, apres=0).answer

    assert (posted["status"], unknown["status"]) == (405, 404)


async def test_database_away_is_said_and_asked_again(talk, victim, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(waits, "take_seat", away)

    found = await Asked(talk, victim, apres=0).told(503)

    assert found["frames"][0]["code"] == "retry"


async def test_what_breaks_is_an_answer_too(talk, victim, monkeypatch):
    monkeypatch.setattr(waits, "take_seat", None)

    assert (await Asked(talk, victim, apres=0).answer)["status"] == 500


async def test_it_bears_the_headers_of_the_house(talk, victim):
    found = await Asked(talk, victim, apres=0).answer

    headers = {name.decode().title(): value.decode() for name, value in found["headers"]}
    assert ALWAYS.items() <= headers.items()
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Type"] == "application/json"


async def test_two_hundred_lines_and_more_come_in_order_without_a_hole(talk, victim):
    await in_thread(_say_many, talk, 230)

    shown, last, mark = [], 0, ""
    while last < 231:
        found = await Asked(talk, victim, apres=last, vu=mark).told()
        shown += [frame["seq"] for frame in found["frames"] if frame["t"] == "msg"]
        last, mark = shown[-1], found["vu"]

    assert shown == list(range(1, 232))
    assert await Message.objects.acount() == 231


def _say_many(conversation, count: int) -> None:
    for number in range(count):
        people.said(conversation, f"ligne {number}")


async def test_a_line_that_would_leave_a_hole_waits_for_its_turn(talk, victim, deaf):
    """As when the process hears of a line before this request has been told the ones before."""
    last, mark = await known(talk, victim)
    async with Asked(talk, victim, apres=last, vu=mark) as asked:
        seen = await in_thread(_seen_with_a_hole, talk)
        await _waiters()[0].show(Shown(seen, None))
        found = await asked.told()

    assert [frame.get("body") for frame in found["frames"]] == ["deux", "trois", None]


def _seen_with_a_hole(conversation):
    people.said(conversation, "deux")
    people.said(conversation, "trois")
    seen = watch.look({conversation.pk: 1})[conversation.pk]
    return watch.Seen(seen.mark, seen.conversation, seen.lines[1:])
