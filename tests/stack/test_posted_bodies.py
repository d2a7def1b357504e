"""A full dossier in a plain form, and bodies that lie, stop or crawl, to a real daphne: little memory, no error."""

import contextlib
import hashlib
import json
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import places
from victims.vault.limits import DOSSIER_LIMIT, FILE_LIMIT, MIB, REQUEST_LIMIT

pytestmark = pytest.mark.stack
LIMIT_MB = 300
PIECES = "/dossier/pieces/"
BOUNDARY = b"----guichet"


class Scene:
    """A guichet of one process on SQLite, and victims who hold the key of their dossier."""

    def __init__(self, place) -> None:
        self.place, self.daphne = place, place.daphnes[0]
        seeded = json.loads(places.run_module(place.environment, "tests.bench.seed", "4").splitlines()[-1])
        self.cookie, self.keys = seeded["cookies"]["victim"], [talk["token"] for talk in seeded["talks"]]

    def open(self) -> socket.socket:
        found = socket.create_connection(("127.0.0.1", self.daphne.port), timeout=60)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found

    def head(self, method: str, path: str, *headers: str, key: str = "", also: str = "") -> bytes:
        cookies = f"{self.cookie}={key or self.keys[0]}; {also}"
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.daphne.port}", f"Cookie: {cookies}", *headers]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode()

    def ask(self, path: str, key: str = "") -> str:
        with self.open() as wire:
            wire.sendall(self.head("GET", path, key=key))
            return answer_of(wire)

    def token(self, key: str) -> tuple[str, str]:
        """The cookie and the field that a page gives to its form."""
        page = self.ask(PIECES, key)
        return re.search(r"set-cookie: ([^;]*csrf[^;]*)", page, re.IGNORECASE)[1], re.search(
            r'name="csrfmiddlewaretoken" value="(\w+)"', page
        )[1]

    def memory(self, name: str = "VmHWM") -> float:
        """Resident megabytes of the process: at most so far, or now."""
        status = Path(f"/proc/{self.daphne.process.pid}/status").read_text()
        return int(status.split(f"{name}:")[1].split()[0]) / 1024

    def temporary_files(self) -> int:
        found = 0
        for each in Path(f"/proc/{self.daphne.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed while we look
                found += "(deleted)" in os.readlink(each)
        return found

    def tracebacks(self) -> int:
        return self.place.log.read_text().count("Traceback")


@pytest.fixture(scope="module")
def scene():
    place = places.Place({"DATABASE_URL": "", "REDIS_URL": "", "GUICHET_CLAMAV": ""}, processes=1, territory=False)
    try:
        yield Scene(place.start())
    finally:
        place.stop()


def answer_of(wire: socket.socket) -> str:
    found = b""
    try:
        while data := wire.recv(65536):
            found += data
    except ConnectionResetError:
        pass
    return found.decode("utf-8", "replace")


def status_of(answer: str) -> int:
    return int(answer.split(" ", 2)[1])


def form(token: str, contents: list[bytes]) -> Iterator[bytes]:
    yield b"--%s\r\nContent-Disposition: form-data; name=csrfmiddlewaretoken\r\n\r\n%s" % (BOUNDARY, token.encode())
    for number, content in enumerate(contents):
        yield b'\r\n--%s\r\nContent-Disposition: form-data; name="files"; filename="notes-%d.txt"' % (BOUNDARY, number)
        yield b"\r\nContent-Type: text/plain\r\n\r\n"
        yield content
    yield b"\r\n--%s--\r\n" % BOUNDARY


MULTIPART = f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}"


def post(scene, key: str, contents: list[bytes], path: str = PIECES) -> str:
    cookie, token = scene.token(key)
    length = sum(map(len, form(token, contents)))
    with scene.open() as wire:
        wire.sendall(scene.head("POST", path, MULTIPART, f"Content-Length: {length}", key=key, also=cookie))
        for part in form(token, contents):
            wire.sendall(part)
        return answer_of(wire)


def notes(size: int) -> bytes:
    return os.urandom(size // 2).hex().encode()


def test_full_dossier_in_one_plain_form_takes_a_small_memory(scene):
    contents = [notes(FILE_LIMIT) for _ in range(DOSSIER_LIMIT // FILE_LIMIT)]

    answer = post(scene, scene.keys[0], contents)

    page = scene.ask(PIECES, scene.keys[0])
    print(f"posted_mb={DOSSIER_LIMIT // MIB} peak_mb={scene.memory():.0f}")
    assert status_of(answer) == 302, answer[:2000]
    assert all(hashlib.sha256(each).hexdigest() in page for each in contents)
    assert scene.memory() < LIMIT_MB
    assert scene.temporary_files() == 0
    assert scene.tracebacks() == 0


def test_two_heavy_forms_at_once_are_both_kept_within_the_same_memory(scene):
    contents = {key: [notes(FILE_LIMIT) for _ in range(2)] for key in scene.keys[1:3]}
    found = {}
    senders = [
        threading.Thread(target=lambda key=key: found.__setitem__(key, post(scene, key, contents[key])))
        for key in contents
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(120)

    pages = {key: scene.ask(PIECES, key) for key in contents}
    assert {key: status_of(answer) for key, answer in found.items()} == dict.fromkeys(contents, 302)
    for key, sent in contents.items():
        assert all(hashlib.sha256(each).hexdigest() in pages[key] for each in sent)
    assert scene.memory() < LIMIT_MB


def test_heavy_file_joined_from_the_conversation_is_kept_whole(scene):
    content = notes(FILE_LIMIT)

    answer = post(scene, scene.keys[2], [content], "/tchat/pieces/")

    assert status_of(answer) == 302, answer[:2000]
    assert hashlib.sha256(content).hexdigest() in scene.ask(PIECES, scene.keys[2])
    assert scene.temporary_files() == 0
    assert scene.tracebacks() == 0


LIES = {
    "longer than the pieces take": (PIECES, REQUEST_LIMIT + 1, 413),
    "longer than the conversation takes": ("/tchat/pieces/", REQUEST_LIMIT + 1, 413),
    "longer than words take": ("/dossier/retrouver/", 20 * MIB, 413),
}


@pytest.mark.parametrize(("path", "length", "status"), LIES.values(), ids=LIES)
def test_body_too_long_for_its_page_is_let_go_and_answered(scene, path, length, status):
    cookie, _token = scene.token(scene.keys[3])  # with its cookie, the form is read for its token
    before = scene.memory("VmRSS")
    with scene.open() as wire:
        headers = (MULTIPART, f"Content-Length: {length}")
        wire.sendall(scene.head("POST", path, *headers, key=scene.keys[3], also=cookie))
        sent, part = 0, b"x" * MIB
        try:
            while sent < length:
                sent += wire.send(part[: length - sent])
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = answer_of(wire)

    assert status_of(answer) == status
    assert scene.memory("VmRSS") - before < 16
    assert scene.temporary_files() == 0
    assert scene.tracebacks() == 0


@pytest.mark.parametrize("path", [PIECES, "/tchat/pieces/", "/verifier/document/"])
def test_chunked_body_without_length_is_answered_without_being_kept(scene, path):
    cookie, _token = scene.token(scene.keys[3])
    before = scene.memory("VmRSS")
    with scene.open() as wire:
        headers = (MULTIPART, "Transfer-Encoding: chunked")
        wire.sendall(scene.head("POST", path, *headers, key=scene.keys[3], also=cookie))
        for _ in range(32):
            wire.sendall(b"100000\r\n" + b"x" * MIB + b"\r\n")
        wire.sendall(b"0\r\n\r\n")
        answer = answer_of(wire)

    assert status_of(answer) in {400, 403, 422}
    assert scene.memory("VmRSS") - before < 16
    assert scene.tracebacks() == 0


def test_lengths_that_lie_are_refused_or_cut(scene):
    cookie, token = scene.token(scene.keys[3])
    body = b"".join(form(token, [notes(200_000)]))
    found = {}
    for name, length in {"words": "abc", "negative": "-5", "two": "5\r\nContent-Length: 6", "short": "120"}.items():
        with scene.open() as wire:
            wire.sendall(
                scene.head("POST", PIECES, MULTIPART, f"Content-Length: {length}", key=scene.keys[3], also=cookie)
            )
            try:
                wire.sendall(body)
                found[name] = status_of(answer_of(wire) or "- 0 -")
            except (BrokenPipeError, ConnectionResetError):
                found[name] = 0

    assert found["words"] in {0, 400}
    assert found["negative"] in {0, 400}
    assert found["two"] in {0, 400}
    assert found["short"] in {0, 400, 403, 422}
    assert "notes-0.txt" not in scene.ask(PIECES, scene.keys[3])
    assert scene.tracebacks() == 0


def test_bodies_that_never_end_hold_a_file_each_until_they_leave_and_nobody_waits(scene):
    before, wires = scene.memory("VmRSS"), [scene.open() for _ in range(20)]
    for wire in wires:
        wire.sendall(scene.head("POST", PIECES, MULTIPART, f"Content-Length: {REQUEST_LIMIT}", key=scene.keys[3]))
        wire.sendall(b"x" * (2 * MIB))
    began = time.monotonic()
    live = status_of(scene.ask("/sante/live"))
    waited = time.monotonic() - began
    held = scene.memory("VmRSS") - before
    for wire in wires:
        wire.close()
    deadline = time.monotonic() + 10
    while scene.temporary_files() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert live == 200
    assert waited < 2
    assert held < 32
    assert scene.temporary_files() == 0
    assert scene.tracebacks() == 0


def test_body_that_crawls_is_kept_whole(scene):
    cookie, token = scene.token(scene.keys[3])
    content = notes(100_000)
    body = b"".join(form(token, [content]))
    with scene.open() as wire:
        headers = (MULTIPART, f"Content-Length: {len(body)}")
        wire.sendall(scene.head("POST", PIECES, *headers, key=scene.keys[3], also=cookie))
        for at in range(0, len(body), 2000):
            wire.sendall(body[at : at + 2000])
            time.sleep(0.02)
        answer = answer_of(wire)

    assert status_of(answer) == 302, answer[:2000]
    assert hashlib.sha256(content).hexdigest() in scene.ask(PIECES, scene.keys[3])
