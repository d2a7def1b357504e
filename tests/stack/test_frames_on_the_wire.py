"""Hostile bytes to a real daphne: it answers or hangs up, says nothing in its log, and nobody else notices."""

import asyncio
import contextlib
import json
import random
import struct
import time
import uuid
import zlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guichet.lib.text import clean_text
from guichet.simulation.client import Client
from tchat import frames
from tests import places
from tests.stack.wire import BINARY, CLOSE, PING, TEXT, Wire, frame
from tests.tchat.test_frames import JSON, SENDS, SHAPED

pytestmark = pytest.mark.stack
NAME = str(uuid.uuid4())
MUTATED, GENERATED = 2000, 5000
LIMIT_MB = 50
HOSTILE_SECONDS = 5
KILO = 1024


def spoken(**fields) -> bytes:
    return json.dumps(fields).encode()


def text(payload: bytes) -> bytes:
    return frame(TEXT, payload)


def sent(body: bytes) -> bytes:
    return text(b'{"t":"send","id":"' + NAME.encode() + b'","body":' + body + b"}")


def resumed(after: bytes) -> bytes:
    return text(b'{"t":"resume","after":' + after + b"}")


def bomb() -> bytes:
    """16 kB that would be 16 MB, for a server that had agreed to inflate."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = squeezed.compress(b"a" * (16 << 20)) + squeezed.flush(zlib.Z_SYNC_FLUSH)
    return frame(TEXT, data[:-4], reserved=4)


ENDLESS = frame(TEXT, b"x" * 65000, last=False) + frame(0, b"x" * 65000, last=False) * 32
# « answered »: told that the frame is bad, and the socket still serves; « cut »: hung up on.
ANSWERED = {
    "binary": frame(BINARY, b"\x00\xff"),
    "empty text": text(b""),
    "broken JSON": text(b"{nope"),
    "a list": text(b"[1]"),
    "null": text(b"null"),
    "60 000 brackets": text(b"[" * 60_000),
    "5 000 digits": resumed(b"9" * 5000),
    "infinity": resumed(b"1e999"),
    "NaN": resumed(b"NaN"),
    "a negative sequence": resumed(b"-1"),
    "a sequence of 2^63": resumed(b"9223372036854775808"),
    "a true sequence": resumed(b"true"),
    "lone surrogate": sent(b'"\\ud800"'),
    "NUL in the body": sent(b'"a\\u0000b"'),
    "a list as body": sent(b'["x"]'),
    "an id that is not one": text(spoken(t="send", id="1; drop table", body="x")),
    "an event of the house": text(spoken(type="chat.bell", t="websocket.close", seq=1)),
    "a key twice": text(b'{"t":"send","t":"ping","seq":1}'),
}
TOO_LONG = {"9 000 letters": sent(json.dumps("é" * 9000, ensure_ascii=False).encode())}
CUT = {
    "invalid UTF-8": text(b"\xff\xfe\xfd"),
    "1 MiB and a byte": text(b"x" * (KILO * KILO + 1)),
    "announces 2^40 bytes": frame(TEXT, b"xxxx", announced=1 << 40),
    "unmasked": frame(TEXT, spoken(t="ping", seq=0), masked=False),
    "reserved opcode": frame(11, b""),
    "reserved bit": frame(TEXT, b"{}", reserved=2),
    "ping of 126 bytes": frame(PING, b"x" * 126),
    "fragmented ping": frame(PING, b"x", last=False),
    "continuation of nothing": frame(0, b"x"),
    "endless fragments": ENDLESS,
    "close code 1005": frame(CLOSE, struct.pack(">H", 1005)),
    "deflated bomb": bomb(),
}
EVERY = {**ANSWERED, **TOO_LONG, **CUT}


class PatientClient(Client):
    """Two cores shared with other suites may be silent for long without a socket having fallen."""

    silence_seconds = 12.0


class Scene:
    """A guichet of one process; on one conversation the hostile side, on the others people who talk."""

    def __init__(self, place) -> None:
        self.place, self.daphne = place, place.daphnes[0]
        seeded = json.loads(places.run_module(place.environment, "tests.bench.seed", "3").splitlines()[-1])
        self.talks, self.names, self.session = seeded["talks"], seeded["cookies"], seeded["session"]
        self.origin = {"Origin": self.daphne.url}

    def headers(self, talk: dict, role: str = "victim") -> dict[str, str]:
        key = talk["token"] if role == "victim" else self.session
        return {**self.origin, "Cookie": f"{self.names[role]}={key}"}

    async def hostile(self, role: str = "victim", *, console: bool = False) -> Wire:
        talk = self.talks[0]
        path = "/ws/console/" if console else f"/ws/tchat/{talk['id']}/"
        return await Wire.open(self.daphne.port, path, self.headers(talk, "agent" if console else role))

    def people(self) -> list[Client]:
        address = [self.daphne.url.replace("http", "ws")]
        return [
            PatientClient(talk["id"], role, address, self.headers(talk, role))
            for talk in self.talks[1:]
            for role in ("victim", "agent")
        ]

    def memory(self) -> float:
        """Resident megabytes of the process, at most so far."""
        status = Path(f"/proc/{self.daphne.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / KILO

    def tracebacks(self) -> int:
        return self.place.log.read_text().count("Traceback")


@pytest.fixture(scope="module")
def scene():
    place = places.production(processes=1, territory=False)
    try:
        yield Scene(place.start())
    finally:
        place.stop()


@contextlib.asynccontextmanager
async def undisturbed(scene):
    """Two conversations go on meanwhile: no socket falls, no line waits, both sides show the same at the end."""
    people, stop = scene.people(), asyncio.Event()
    tasks = [asyncio.create_task(person.run()) for person in people]

    async def talk() -> None:
        count = 0
        while not stop.is_set():
            await people[count % len(people)].say(f"ligne {count}")
            count += 1
            await asyncio.sleep(0.1)

    talking = asyncio.create_task(talk())
    try:
        yield people
        stop.set()
        await talking
        async with asyncio.timeout(15):
            while any(person.waiting for person in people) or people[0].last != people[1].last:
                await asyncio.sleep(0.1)
    finally:
        for task in (*tasks, talking):
            task.cancel()
        await asyncio.gather(*tasks, talking, return_exceptions=True)
    assert [person.reconnects for person in people] == [0] * len(people)
    assert [person.refused for person in people] == [[]] * len(people)
    assert people[0].shown == people[1].shown
    assert people[2].shown == people[3].shown
    assert people[0].acknowledged


async def verdict(wire: Wire) -> str:
    """« answered CODE » when the socket then still answers a ping; « cut » when it is gone."""
    try:
        found = await wire.read()
        while found and found[0] == TEXT and json.loads(found[1])["t"] in {"state", "msg"}:
            found = await wire.read()
        if found is None or found[0] == CLOSE:
            return "cut"
        answer = json.loads(found[1])
        await wire.write(text(spoken(t="ping", seq=0)))
        pong = json.loads((await wire.read())[1])
    except TimeoutError:
        return "silent"
    return f"{answer['t']} {answer.get('code')}, then {pong['t']}"


@pytest.mark.parametrize("console", [False, True], ids=["tchat", "console"])
async def test_bad_frames_are_answered_or_cut(scene, console):
    found = {}
    async with undisturbed(scene):
        for name, data in EVERY.items():
            wire = await scene.hostile(console=console)
            await wire.write(data)
            found[name] = await verdict(wire)
            wire.close()

    expected = {
        **dict.fromkeys(ANSWERED, "err bad-frame, then pong"),
        **dict.fromkeys(TOO_LONG, f"err {'bad-frame' if console else 'too-long'}, then pong"),
        **dict.fromkeys(CUT, "cut"),
    }
    assert len(EVERY) == 31
    assert found == expected
    assert scene.tracebacks() == 0


async def test_mutated_frames_leave_the_process_and_the_others_alone(scene):
    rng = random.Random(17)
    pool = [data for data in EVERY.values() if len(data) < 20_000]
    good = [text(spoken(t="ping", seq=0)), resumed(b"0"), sent(b'"bonjour"'), text(spoken(t="read", seq=1))]
    before, wire, written = scene.memory(), None, 0
    async with undisturbed(scene):
        while written < MUTATED:
            wire = wire or await scene.hostile()
            data = bytearray(rng.choice(pool + good))
            for _ in range(rng.randint(1, 4)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            written += 1
            if not await wire.write(bytes(data)) or written % 4 == 0:
                wire.close()
                wire = None
        last = await scene.hostile()
        await last.write(text(spoken(t="ping", seq=0)))
        answer = await last.read()
        last.close()

    assert json.loads(answer[1])["t"] == "pong"
    assert scene.memory() - before < LIMIT_MB
    assert scene.tracebacks() == 0


@settings(max_examples=GENERATED, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.text(),
        st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")),
        JSON.map(json.dumps),
        SHAPED.map(json.dumps),
        SENDS.map(json.dumps),
    )
)
def test_generated_inputs_give_a_frame_that_can_be_stored_or_refused(given_text):
    found = frames.parse(given_text)

    assert isinstance(found, frames.Frame)
    if isinstance(found, frames.Send):
        clean_text(found.body).encode()
        assert json.loads(given_text)["body"] == found.body


async def fill(scene) -> None:
    """A hundred long lines: one look at the conversation is more than what the server keeps for one socket."""
    for role in ("victim", "agent"):
        wire = await scene.hostile(role)
        for number in range(50):
            body = json.dumps(f"{number} " + "€" * 3900, ensure_ascii=False)
            await wire.write(text(f'{{"t":"send","id":"{uuid.uuid4()}","body":{body}}}'.encode()))
            answer = {"t": ""}
            while answer["t"] != "ack":
                answer = json.loads((await wire.read())[1])
        wire.close()


async def test_reader_that_never_reads_is_cut_and_costs_little(scene):
    await fill(scene)
    before, cut = scene.memory(), Counter()

    async def deaf() -> None:
        """Asks for everything again and again, and takes nothing."""
        ends = time.monotonic() + HOSTILE_SECONDS
        while time.monotonic() < ends:
            wire = await scene.hostile()
            transport = wire.writer.transport
            transport.pause_reading()
            for _ in range(40):
                if not transport.is_closing():
                    transport.write(resumed(b"0"))
                    await asyncio.sleep(0.06)
            cut[transport.is_closing()] += 1
            wire.close()

    async with undisturbed(scene):
        await asyncio.gather(*(deaf() for _ in range(6)))

    print(f"hostile_reader_mb={scene.memory() - before:.0f} connections={cut.total()}")
    assert scene.memory() - before < LIMIT_MB
    assert scene.tracebacks() == 0


async def test_writer_that_floods_is_cut_and_costs_little(scene):
    before, closed = scene.memory(), Counter()
    flood = sent(json.dumps("x" * 3900).encode()) * 20

    async def shout() -> None:
        ends = time.monotonic() + HOSTILE_SECONDS
        while time.monotonic() < ends:
            wire = await scene.hostile()
            while time.monotonic() < ends + 5 and await wire.write(flood):
                closed["parcels"] += 1
            closed["cut"] += 1
            wire.close()

    async with undisturbed(scene):
        await asyncio.gather(*(shout() for _ in range(4)))

    print(f"hostile_writer_mb={scene.memory() - before:.0f} connections={closed.total()}")
    assert closed["cut"] >= 4
    assert scene.memory() - before < LIMIT_MB
    assert scene.tracebacks() == 0
