"""The two websockets from the outside: who may sit, what is acknowledged, what each side is told."""

import asyncio
import json
import uuid
from datetime import timedelta

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guichet.accounts.enums import Role
from guichet.asgi import application
from guichet.audit.models import Line
from tchat import consumers, events, pulse
from tchat.exceptions import Refusal
from tchat.models import Conversation, Message
from tchat.seats import TAKEN, take_seat
from tchat.services import conversations, messages, notes, presence, tending, watch
from tchat.services.messages import Sender
from tchat.threads import in_thread
from tests.tchat import people
from tests.tchat.test_frames import BAD
from victims.services import access
from victims.services.dossiers import erase

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = (b"origin", b"http://127.0.0.1:8000")
HOST = (b"host", b"127.0.0.1:8000")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(pulse, "TICK", 0.2)
    monkeypatch.setattr(pulse, "CHECK_SEATS", 0.2)


def victim_headers(token: str) -> list:
    return [ORIGIN, HOST, (b"cookie", f"{access.COOKIE}={token}".encode())]


def _session_of(person) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def agent_headers(person) -> list:
    return [ORIGIN, HOST, (b"cookie", f"{settings.SESSION_COOKIE_NAME}={_session_of(person)}".encode())]


class Side:
    """One socket, and what it heard."""

    def __init__(self, path: str, headers: list) -> None:
        self.socket = WebsocketCommunicator(application, path, headers=headers)
        self.heard: list[dict] = []

    async def __aenter__(self):
        accepted, _ = await self.socket.connect(timeout=5)
        assert accepted
        return self

    async def __aexit__(self, *error):
        await self.socket.disconnect(timeout=5)

    async def say(self, frame) -> None:
        await self.socket.send_to(text_data=frame if isinstance(frame, str) else json.dumps(frame))

    async def hear(self, kind: str, **wanted) -> dict:
        """The next frame of this kind that has these values; the others are kept in `heard`."""
        while True:
            frame = json.loads(await self.socket.receive_from(timeout=5))
            self.heard.append(frame)
            if frame["t"] == kind and all(frame.get(name) == value for name, value in wanted.items()):
                return frame

    async def send(self, body: str, name: str = "") -> str:
        name = name or str(uuid.uuid4())
        await self.say({"t": "send", "id": name, "body": body})
        return name

    async def closed_with(self) -> int:
        while True:
            event = await self.socket.receive_output(timeout=5)
            if event["type"] == "websocket.close":
                return event["code"]


def tchat(conversation, headers, query: str = "") -> Side:
    return Side(f"/ws/tchat/{conversation.pk}/{query}", headers)


@pytest.fixture
def officer():
    return people.agent("policier", "police")


@pytest.fixture
def talk(officer):
    return people.talking(officer, people.commune())


@pytest.fixture
def token(talk):
    return people.cookie_of(talk.dossier)


# --- who may sit


async def _code(path: str, headers: list) -> int:
    side = Side(path, headers)
    async with side:
        return await side.closed_with()


@pytest.mark.parametrize(
    ("who", "code"),
    [("nobody", 4401), ("another victim", 4403), ("colleague", 4403), ("supervisor", 4403), ("editor", 4401)],
)
async def test_conversation_socket_refuses_who_may_not(talk, who, code):
    def headers_of() -> list:
        if who == "nobody":
            return [ORIGIN, HOST]
        if who == "another victim":
            return victim_headers(people.cookie_of(people.dossier()))
        role = {"supervisor": Role.SUPERVISOR, "editor": Role.EDITOR}.get(who, Role.AGENT)
        return agent_headers(people.agent(who.replace(" ", "-"), "police", role=role))

    headers = await in_thread(headers_of)

    assert await _code(f"/ws/tchat/{talk.pk}/", headers) == code


async def test_conversation_socket_unknown_conversation_is_as_not_yours(token):
    assert await _code(f"/ws/tchat/{uuid.uuid4()}/", victim_headers(token)) == 4403


async def test_conversation_socket_of_who_waits_is_closed_to_the_desk(officer):
    conversation = await in_thread(people.waiting, await in_thread(people.commune))

    headers = await in_thread(agent_headers, officer)

    assert await _code(f"/ws/tchat/{conversation.pk}/", headers) == 4403


async def test_browser_with_both_keys_sits_where_the_page_says(talk, token, officer):
    agent = await in_thread(agent_headers, officer)
    both = [ORIGIN, HOST, (b"cookie", b"; ".join(h[1] for h in (*victim_headers(token), *agent) if h[0] == b"cookie"))]

    async with tchat(talk, both) as one, tchat(talk, both, "?cote=agent") as other:
        for side, text in ((one, "de la victime"), (other, "de l'agent")):
            await side.hear("ack", id=await side.send(text))

    authors = await in_thread(lambda: list(Message.objects.order_by("seq").values_list("author", flat=True)))
    assert authors == ["guichet", "victime", "agent"]


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://evil.example",
        "http://127.0.0.1:8001",
        "https://127.0.0.1:8000",
        "http://127.0.0.1:8000.evil.example",
        "http://127.0.0.1:8000@evil.example",
        "http://user@127.0.0.1:8000",
        "http://[",
        "http://127.0.0.1:99999999",
        "",
    ],
)
async def test_socket_from_elsewhere_is_refused(talk, token, origin):
    headers = [h for h in victim_headers(token) if h[0] != b"origin"]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    socket = WebsocketCommunicator(application, f"/ws/tchat/{talk.pk}/", headers=headers)

    accepted, _ = await socket.connect(timeout=5)

    assert not accepted


async def test_socket_for_a_host_that_is_not_ours_is_refused(talk, token):
    headers = [(b"host", b"evil.example"), (b"origin", b"http://evil.example"), victim_headers(token)[2]]
    socket = WebsocketCommunicator(application, f"/ws/tchat/{talk.pk}/", headers=headers)

    accepted, _ = await socket.connect(timeout=5)

    assert not accepted


async def test_socket_origin_is_one_of_the_list(talk, token, settings):
    settings.ORIGINS = ("https://guichet.example",)
    cookie = victim_headers(token)[2]

    listed = [(b"host", b"guichet.example"), (b"origin", b"https://guichet.example"), cookie]
    unlisted = [(b"host", b"guichet.example"), (b"origin", b"http://guichet.example"), cookie]

    for headers, wanted in ((listed, True), (unlisted, False)):
        socket = WebsocketCommunicator(application, f"/ws/tchat/{talk.pk}/", headers=headers)
        accepted, _ = await socket.connect(timeout=5)
        assert accepted is wanted
        await socket.disconnect()


async def test_socket_unknown_address_is_refused():
    socket = WebsocketCommunicator(application, "/ws/autre/", headers=[ORIGIN, HOST])

    accepted, _ = await socket.connect(timeout=5)

    assert not accepted


# --- talking


async def test_message_is_acknowledged_after_it_is_stored(talk, token):
    async with tchat(talk, victim_headers(token)) as victim:
        name = await victim.send("Bonsoir, j'ai peur 🙂")
        ack = await victim.hear("ack", id=name)
        stored = await in_thread(lambda: Message.objects.get(client_id=name))

    assert (ack["seq"], ack["at"]) == (stored.seq, stored.at.isoformat())


async def test_message_reaches_both_sides_in_order(talk, token, officer):
    headers = await in_thread(agent_headers, officer)
    async with tchat(talk, victim_headers(token)) as victim, tchat(talk, headers) as agent:
        for side in (victim, agent):
            await side.say({"t": "resume", "after": 0})
        await agent.hear("msg", seq=1)
        for number in range(5):
            await victim.send(f"<script>{number}</script> http://exemple.fr")
        got = [await agent.hear("msg", seq=number + 2) for number in range(5)]
        await victim.hear("msg", seq=6)

    assert [frame["body"] for frame in got] == [f"<script>{number}</script> http://exemple.fr" for number in range(5)]
    assert {frame["author"] for frame in got} == {"victime"}
    assert [frame["seq"] for frame in victim.heard if frame["t"] == "msg"] == [1, 2, 3, 4, 5, 6]


async def test_message_of_this_process_needs_no_second_look(talk, token, officer, monkeypatch):
    monkeypatch.setattr(pulse, "TICK", 60)
    headers = await in_thread(agent_headers, officer)
    async with tchat(talk, victim_headers(token)) as victim, tchat(talk, headers) as agent:
        for side in (victim, agent):
            await side.say({"t": "resume", "after": 0})
            await side.hear("state")
        monkeypatch.setattr(pulse.watch, "look", lambda after: pytest.fail("looked again"))
        for number in range(3):
            await victim.send(f"ligne {number}")
        got = [await agent.hear("msg", seq=number + 2) for number in range(3)]

    assert [frame["body"] for frame in got] == ["ligne 0", "ligne 1", "ligne 2"]


async def test_message_sent_again_is_stored_once(talk, token):
    async with tchat(talk, victim_headers(token)) as victim:
        name = await victim.send("une fois")
        first = await victim.hear("ack", id=name)
        await victim.send("une fois", name)
        second = await victim.hear("ack", id=name)

    assert first == second
    assert await in_thread(Message.objects.filter(client_id=name).count) == 1


async def test_resume_gives_everything_after(talk, token):
    for number in range(4):
        await in_thread(people.said, talk, f"ligne {number}")

    async with tchat(talk, victim_headers(token)) as victim:
        await victim.say({"t": "resume", "after": 3})
        state = await victim.hear("state")

    assert [frame["seq"] for frame in victim.heard if frame["t"] == "msg"] == [4, 5]
    assert state["seq"] == 5


async def test_resume_gives_a_long_history_whole(talk, token):
    def write() -> None:
        for number in range(230):
            people.said(talk, f"ligne {number}")

    await in_thread(write)
    async with tchat(talk, victim_headers(token)) as victim:
        await victim.say({"t": "resume", "after": 0})
        await victim.hear("msg", seq=231)

    assert [frame["seq"] for frame in victim.heard if frame["t"] == "msg"] == list(range(1, 232))


async def test_line_whose_bell_was_lost_comes_with_the_tick(talk, token, monkeypatch):
    async with tchat(talk, victim_headers(token)) as victim:
        await victim.say({"t": "resume", "after": 0})
        await victim.hear("state")
        monkeypatch.setattr(events.hub, "ring", lambda *groups, **kind: None)
        await in_thread(people.said, talk, "sans sonnette")
        frame = await victim.hear("msg", seq=2)

    assert frame["body"] == "sans sonnette"


async def test_read_is_told_to_the_other_side(talk, token, officer):
    headers = await in_thread(agent_headers, officer)
    async with tchat(talk, victim_headers(token)) as victim, tchat(talk, headers) as agent:
        await victim.say({"t": "resume", "after": 0})
        await victim.hear("state", agent_read=0)
        await agent.say({"t": "read", "seq": 1})
        state = await victim.hear("state", agent_read=1)

    assert (state["agent"], state["code"]) == (officer.public_name, talk.verification)


async def _two_sides(victim, agent) -> None:
    for side in (victim, agent):
        await side.say({"t": "resume", "after": 0})
        await side.hear("state")


async def test_other_side_is_told_that_somebody_writes_and_never_what(talk, token, officer):
    headers = await in_thread(agent_headers, officer)
    async with tchat(talk, victim_headers(token)) as victim, tchat(talk, headers) as agent:
        await _two_sides(victim, agent)
        for typed in ("Il", "Il m’a", "Il m’a dit"):
            await victim.say({"t": "typing", "body": typed})
        told = await agent.hear("typing")
        await victim.send("Je ne sais plus")
        await agent.hear("msg", body="Je ne sais plus")
        await victim.say({"t": "ping", "seq": 0})
        await victim.hear("pong")

    assert told == {"t": "typing"}
    assert [frame["t"] for frame in agent.heard].count("typing") == 1
    assert "typing" not in [frame["t"] for frame in victim.heard]


async def test_nobody_is_told_that_somebody_writes_while_nobody_answers(officer):
    talk = await in_thread(lambda: people.waiting(people.commune()))
    token = await in_thread(people.cookie_of, talk.dossier)
    async with tchat(talk, victim_headers(token)) as one, tchat(talk, victim_headers(token)) as other:
        await _two_sides(one, other)
        await one.say({"t": "typing"})
        await in_thread(lambda: conversations.claim(agent=officer, conversation_id=talk.pk))
        headers = await in_thread(agent_headers, officer)
        async with tchat(talk, headers) as agent:
            await agent.say({"t": "resume", "after": 0})
            await agent.hear("state")
            await one.hear("state", state="en-cours")
            await agent.say({"t": "typing"})
            await one.hear("typing")
            await other.hear("typing")
            await agent.say({"t": "ping", "seq": 0})
            await agent.hear("pong")

    assert "typing" not in [frame["t"] for frame in agent.heard]


async def test_ping_is_answered_with_the_last_line_sent(talk, token):
    async with tchat(talk, victim_headers(token)) as victim:
        await victim.say({"t": "ping", "seq": 0})
        before = await victim.hear("pong")
        await victim.say({"t": "resume", "after": 0})
        await victim.hear("state")
        await victim.say({"t": "ping", "seq": 1})
        after = await victim.hear("pong")

    assert (before["seq"], after["seq"]) == (0, 1)


async def test_bad_frames_are_answered_and_the_socket_lives(talk, token):
    async with tchat(talk, victim_headers(token)) as victim:
        for name, text in BAD.items():
            if text:
                await victim.say(text)
                answer = await victim.hear("err")
                assert answer["code"] == "bad-frame", name
        await victim.say({"t": "ping", "seq": 0})
        await victim.hear("pong")


async def test_binary_frame_is_answered_and_the_socket_lives(talk, token):
    async with tchat(talk, victim_headers(token)) as victim:
        await victim.socket.send_to(bytes_data=b"\x00\xff")
        await victim.hear("err", code="bad-frame")
        await victim.say({"t": "ping", "seq": 0})
        await victim.hear("pong")


@pytest.mark.parametrize(("body", "code"), [("   ", "empty"), ("é" * 4001, "too-long")])
async def test_message_that_cannot_be_stored_is_refused_in_words(talk, token, body, code):
    async with tchat(talk, victim_headers(token)) as victim:
        name = await victim.send(body)
        refused = await victim.hear("err", id=name)

    assert (refused["code"], refused["text"]) == (code, Refusal(code).text)


async def test_message_after_the_end_is_refused_and_the_state_says_how_it_ended(talk, token, officer):
    async with tchat(talk, victim_headers(token)) as victim:
        await victim.say({"t": "resume", "after": 0})
        await in_thread(
            lambda: conversations.close_conversation(agent=officer, conversation_id=talk.pk, outcome="conseil")
        )
        state = await victim.hear("state", state="close")
        name = await victim.send("encore là ?")
        refused = await victim.hear("err", id=name)

    assert (state["outcome"], refused["code"]) == ("Conseil donné", "closed")


async def test_message_during_an_outage_is_to_be_sent_again_and_keeps_its_rank(talk, token, monkeypatch):
    real = consumers.writer.send_all
    down = True

    async def send_all(sendings):
        if down:
            return [Refusal("retry") for _ in sendings]
        return await real(sendings)

    monkeypatch.setattr(consumers.writer, "send_all", send_all)
    async with tchat(talk, victim_headers(token)) as victim:
        first, second = await victim.send("un"), await victim.send("deux")
        refused = [await victim.hear("err", code="retry") for _ in range(2)]
        down = False
        await victim.send("deux", second)
        refused.append(await victim.hear("err", code="retry"))
        await victim.send("un", first)
        await victim.send("deux", second)
        one, two = await victim.hear("ack", id=first), await victim.hear("ack", id=second)

    assert [frame["id"] for frame in refused] == [first, second, second]
    assert one["seq"] + 1 == two["seq"]


async def test_database_error_never_closes_the_socket(talk, token, monkeypatch):
    def away(**values):
        raise OperationalError

    async with tchat(talk, victim_headers(token)) as victim:
        monkeypatch.setattr(messages, "mark_read", away)
        await victim.say({"t": "read", "seq": 1})
        await victim.hear("err", code="retry")
        await victim.say({"t": "ping", "seq": 0})
        await victim.hear("pong")


async def test_too_many_frames_close_with_4429(talk, token):
    async with tchat(talk, victim_headers(token)) as victim:
        for _ in range(70):
            await victim.say({"t": "ping", "seq": 0})
        refused = await victim.hear("err", code="too-fast")
        code = await victim.closed_with()

    assert (refused["code"], code) == ("too-fast", 4429)


async def test_quiet_socket_is_asked_whether_it_is_there_and_stays(talk, token, monkeypatch):
    """A hidden page, whose timers sleep, answers what it receives: it is not taken for one that is gone."""
    monkeypatch.setattr(pulse, "BEAT", 0.1)
    monkeypatch.setattr(pulse, "SILENCE", 1.0)

    async with tchat(talk, victim_headers(token)) as victim:
        for _ in range(8):
            await victim.hear("beat")
            await victim.say({"t": "ping", "seq": 0})
            await victim.hear("pong")
        await victim.say({"t": "resume", "after": 0})
        await victim.hear("state")


async def test_lines_piled_up_while_the_database_is_slow_end_the_socket_and_the_same_one_counts_once(
    talk, token, monkeypatch
):
    async def never(sendings):
        await asyncio.Event().wait()

    monkeypatch.setattr(consumers.writer, "send_all", never)
    async with tchat(talk, victim_headers(token)) as victim:
        name = await victim.send("un")
        for _ in range(consumers.PILED_UP):
            await victim.send("deux", "6f1f5a0e-7a3b-4f0e-9d0e-0a1b2c3d4e5f")
        await victim.say({"t": "ping", "seq": 0})
        await victim.hear("pong")
        for _ in range(consumers.PILED_UP):
            await victim.send("encore")
        code = await victim.closed_with()

    assert name
    assert code == 4429


async def test_silent_socket_is_closed(talk, token, monkeypatch):
    monkeypatch.setattr(pulse, "SILENCE", 0.1)

    async with tchat(talk, victim_headers(token)) as victim:
        assert await victim.closed_with() == 4012


# --- waiting


async def test_who_waits_is_told_the_place_and_when_it_changes():
    place = await in_thread(people.commune)
    first = await in_thread(lambda: people.waiting(place, minutes_ago=5))
    second = await in_thread(people.waiting, place)
    token = await in_thread(people.cookie_of, second.dossier)

    async with tchat(second, victim_headers(token)) as victim:
        await victim.say({"t": "resume", "after": 0})
        before = await victim.hear("state")
        await in_thread(lambda: conversations.leave_queue(dossier=first.dossier, conversation_id=first.pk))
        after = await victim.hear("state", position=1)

    assert (before["state"], before["position"], before["minutes"]) == ("attente", 2, None)
    assert (after["agent"], after["outcome"]) == ("", "")


async def test_who_waits_is_told_that_an_agent_came(officer):
    conversation = await in_thread(people.waiting, await in_thread(people.commune))
    token = await in_thread(people.cookie_of, conversation.dossier)

    async with tchat(conversation, victim_headers(token)) as victim:
        await victim.say({"t": "resume", "after": 0})
        await victim.hear("state", state="attente")
        await in_thread(lambda: conversations.claim(agent=officer, conversation_id=conversation.pk))
        state = await victim.hear("state", state="en-cours")

    assert state["agent"] == officer.public_name
    assert [frame["body"] for frame in victim.heard if frame["t"] == "msg"] == [
        f"{officer.public_name} a rejoint la conversation."
    ]


# --- rights that end


async def test_access_ended_closes_the_socket_4401(talk, token):
    async with tchat(talk, victim_headers(token)) as victim:
        await in_thread(lambda: access.Access.objects.update(ended_at=talk.created_at))
        assert await victim.closed_with() == 4401


async def test_agent_signed_out_is_closed_4401(talk, officer):
    headers = await in_thread(agent_headers, officer)

    async with tchat(talk, headers) as agent, Side("/ws/console/", headers) as console:
        await in_thread(lambda: officer.__class__.objects.filter(pk=officer.pk).update(is_active=False))
        assert await agent.closed_with() == 4401
        assert await console.closed_with() == 4401


async def test_agent_who_signs_out_is_closed_at_once(talk, officer, monkeypatch):
    monkeypatch.setattr(pulse, "TICK", 60)
    client = Client()
    await in_thread(client.force_login, officer)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    headers = [ORIGIN, HOST, (b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}".encode())]

    async with tchat(talk, headers) as agent:
        await agent.say({"t": "ping", "seq": 0})
        await agent.hear("pong")
        await in_thread(client.post, reverse("comptes:sign_out"))
        code = await agent.closed_with()

    assert code == 4401


async def test_conversation_given_to_another_closes_4409_before_the_next_line(talk, officer):
    def hand_over() -> None:
        other = people.agent("autre", "police")
        Conversation.objects.filter(pk=talk.pk).update(agent=other)
        people.said(talk, "pour l'autre", Sender("agent", other.pk))

    headers = await in_thread(agent_headers, officer)
    side = tchat(talk, headers)
    async with side as agent:
        await agent.say({"t": "resume", "after": 0})
        await agent.hear("state")
        await in_thread(hand_over)
        code = await agent.closed_with()

    assert code == 4409


async def test_line_written_after_the_conversation_was_given_away_is_not_shown(talk, token, officer):
    headers = await in_thread(agent_headers, officer)
    async with tchat(talk, headers) as agent, tchat(talk, victim_headers(token)) as victim:
        await agent.say({"t": "resume", "after": 0})
        await agent.hear("state")
        other = await in_thread(lambda: people.agent("autre", "police"))
        await in_thread(lambda: Conversation.objects.filter(pk=talk.pk).update(agent=other))
        await victim.hear("ack", id=await victim.send("pour l'autre"))
        code = await agent.closed_with()

    assert code == 4409
    assert [frame["seq"] for frame in agent.heard if frame["t"] == "msg"] == [1]


async def test_erased_dossier_closes_the_sockets(talk, token):
    async with tchat(talk, victim_headers(token)) as victim:
        await victim.say({"t": "resume", "after": 0})
        await victim.hear("state")
        await in_thread(lambda: erase(dossier=talk.dossier))
        assert await victim.closed_with() in {4401, 4403}


async def test_agent_who_opens_the_socket_again_is_noted_once(talk, officer):
    headers = await in_thread(agent_headers, officer)
    for _ in range(2):
        async with tchat(talk, headers) as agent:
            await agent.say({"t": "ping", "seq": 0})
            await agent.hear("pong")

    noted = Line.objects.filter(verb="tchat lu", actor=officer.audit_name, target=str(talk.pk))
    assert await in_thread(noted.count) == 1


# --- the console


async def test_look_that_began_before_the_agent_came_back_does_not_close_the_agent(talk, officer):
    """The conversation waited, its row was being read, and its agent took it back meanwhile."""

    def gone_and_back():
        presence.touch({officer.pk})
        assert tending.give_back(talk.pk, now=timezone.now() + timedelta(minutes=1))
        old = watch.look({talk.pk: None})[talk.pk]
        assert old.conversation.agent_id is None
        seat = take_seat({settings.SESSION_COOKIE_NAME: _session_of(officer)}, talk.pk, as_agent=True)
        return old, watch.look({talk.pk: None})[talk.pk], seat

    old, now, seat = await in_thread(gone_and_back)

    assert pulse._code_for(seat, old) is None
    assert pulse._code_for(seat, now) is None
    now.conversation.agent_id = officer.pk + 1
    assert pulse._code_for(seat, now) == TAKEN


async def test_console_looks_once_when_its_socket_opens(officer):
    """Somebody may have come between the page and its socket."""
    headers = await in_thread(agent_headers, officer)

    async with Side("/ws/console/", headers) as console:
        await console.hear("queue")
        await asyncio.sleep(1)
        assert await console.socket.receive_nothing()


async def test_console_is_told_that_the_queue_changed(officer):
    headers = await in_thread(agent_headers, officer)
    place = await in_thread(people.commune)

    async with Side("/ws/console/", headers) as console:
        await console.hear("queue")
        await in_thread(people.waiting, place)
        frame = await console.hear("queue")

    assert frame == {"t": "queue"}


async def test_console_is_told_of_a_line_in_one_of_its_conversations(talk, officer):
    headers = await in_thread(agent_headers, officer)

    async with Side("/ws/console/", headers) as console:
        await console.hear("queue")
        await in_thread(people.said, talk, "vous êtes là ?")
        frame = await console.hear("conversation")

    assert frame == {"t": "conversation", "id": str(talk.pk)}


async def test_console_is_told_at_once_of_a_note_left_on_its_conversation(talk, officer, monkeypatch):
    """A supervisor who reads along whispers by a note: it must not wait for the next turn of the page."""
    monkeypatch.setattr(pulse, "TICK", 60.0)
    headers = await in_thread(agent_headers, officer)
    chief = await in_thread(lambda: people.agent("cheffe", "police", role=Role.SUPERVISOR))

    async with Side("/ws/console/", headers) as console:
        await console.hear("queue")
        await in_thread(lambda: notes.add(agent=chief, conversation_id=talk.pk, text="Pensez au 17."))
        frame = await console.hear("conversation")

    assert frame == {"t": "conversation", "id": str(talk.pk)}


@pytest.mark.parametrize("change", ["pause", "leaves"])
async def test_console_is_told_at_once_that_a_colleague_rests_or_leaves(officer, change, monkeypatch):
    monkeypatch.setattr(pulse, "TICK", 60.0)
    headers = await in_thread(agent_headers, officer)
    colleague = await in_thread(people.agent, "collegue", "police")
    await in_thread(presence.page_seen, colleague)

    async with Side("/ws/console/", headers) as console:
        await console.hear("queue")
        await in_thread(lambda: presence.pause(agent=colleague) if change == "pause" else presence.left(colleague))
        frame = await console.hear("queue")

    assert frame == {"t": "queue"}


async def test_console_is_not_told_of_the_desk_of_others(officer):
    headers = await in_thread(agent_headers, officer)
    place = await in_thread(lambda: people.commune("59001", "Abancourt", "GN"))

    async with Side("/ws/console/", headers) as console:
        await console.hear("queue")
        await in_thread(people.waiting, place)
        await asyncio.sleep(1)
        assert await console.socket.receive_nothing()


@pytest.mark.parametrize(("role", "code"), [(Role.EDITOR, 4401), (Role.ADMINISTRATOR, 4401)])
async def test_console_socket_is_for_agents(role, code):
    person = await in_thread(lambda: people.agent("quelqu-un", role=role))

    assert await _code("/ws/console/", await in_thread(agent_headers, person)) == code


async def test_console_socket_without_session_is_closed_4401():
    assert await _code("/ws/console/", [ORIGIN, HOST]) == 4401


async def test_console_socket_says_that_it_understands_pings_only(officer):
    headers = await in_thread(agent_headers, officer)

    async with Side("/ws/console/", headers) as console:
        await console.say({"t": "resume", "after": 0})
        await console.hear("err", code="bad-frame")
        await console.say({"t": "ping", "seq": 0})
        await console.hear("pong")
