"""The antivirus, spoken to over TCP and over a Unix socket: clean, refused, silent, absent, and never guessed."""

import socket
import struct
import threading

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from kombu.exceptions import OperationalError

from guichet.audit.models import Line
from guichet.doctor import PARTS
from tests.victims import factory, files
from victims import tasks
from victims.enums import Scan
from victims.models import Evidence
from victims.services import deposits, evidence, scanning
from victims.vault import clamav

pytestmark = pytest.mark.django_db


class Clamd:
    """A small server that speaks INSTREAM as clamd does: `says` is its answer, else EICAR is found."""

    def __init__(self, listener: socket.socket, says: bytes | None = None):
        self.listener, self.says, self.received = listener, says, []
        self.listener.listen()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            with link, link.makefile("rb") as stream:
                self._answer(link, stream)

    def _answer(self, link, stream) -> None:
        if stream.read(9) == b"zVERSION\0":
            link.sendall(b"ClamAV 1.4\0")
            return
        assert stream.read(1) == b"\0"
        content = b""
        while size := struct.unpack(">I", stream.read(4))[0]:
            content += stream.read(size)
        self.received.append(content)
        found = b"stream: Eicar-Test-Signature FOUND\0" if files.EICAR in content else b"stream: OK\0"
        link.sendall(found if self.says is None else self.says)

    def stop(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)


@pytest.fixture
def clamd(settings):
    """Started by the test, with what it says."""
    running = []

    def start(says: bytes | None = None, path: str = "") -> Clamd:
        listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        listener.bind(path or ("127.0.0.1", 0))
        settings.GUICHET_CLAMAV = f"unix:{path}" if path else f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        running.append(Clamd(listener, says))
        return running[-1]

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def dossier():
    return factory.dossier(factory.SCAM)


def kept(dossier, content: bytes = b"bonjour") -> Evidence:
    return deposits.keep_file(dossier=dossier, name="a.txt", content=content)


def state(piece) -> str:
    piece.refresh_from_db()
    return piece.scan


def test_file_is_clean_once_the_scanner_said_so(dossier, clamd):
    content = "é" * 100_000
    piece, server = kept(dossier, content.encode()), clamd()
    assert state(piece) == Scan.WAITING

    assert scanning.scan_waiting() == 1

    assert server.received == [content.encode()]
    assert state(piece) == Scan.CLEAN
    assert piece.scanned_at
    line = Line.objects.get(verb="pièce analysée", target=str(piece.pk))
    assert (line.actor, line.detail) == ("système", {"résultat": "saine"})


def test_virus_closes_the_piece_and_keeps_it(dossier, clamd, tmp_path):
    piece = kept(dossier, files.EICAR)
    clamd(path=str(tmp_path / "clamd.ctl"))

    scanning.scan_waiting()

    assert state(piece) == Scan.REFUSED
    assert Line.objects.get(verb="pièce analysée").detail["virus"] == "Eicar-Test-Signature"
    with pytest.raises(evidence.Closed):
        evidence.read_piece(piece=piece, actor="victime")
    assert evidence.content_of(piece) == files.EICAR


@pytest.mark.parametrize(
    "says",
    [
        b"INSTREAM size limit exceeded. ERROR\0",
        b"",
        b"stream: OK",
        b"OK\0",
        b"stream: OK FOUND?\0",
        b"\xff\xfe\0",
    ],
)
def test_any_other_answer_leaves_the_piece_waiting(dossier, clamd, says):
    piece = kept(dossier)
    clamd(says)

    assert scanning.scan_waiting() == 0

    assert state(piece) == Scan.WAITING
    assert evidence.read_piece(piece=piece, actor="victime") == b"bonjour"


@pytest.mark.parametrize("place", ["tcp://127.0.0.1:1", "unix:/nulle/part", "tcp://127.0.0.1", "http://x:1", "?"])
def test_absent_scanner_is_never_clean_and_loses_nothing(dossier, settings, place):
    settings.GUICHET_CLAMAV = place
    piece = kept(dossier)

    assert scanning.scan_waiting() == 0
    with pytest.raises(clamav.Unavailable):
        scanning.scan_piece(piece.pk)

    assert state(piece) == Scan.WAITING
    assert evidence.content_of(piece) == b"bonjour"


def test_without_a_scanner_nothing_is_asked(dossier):
    piece = kept(dossier)

    tasks.scan_soon([piece.pk])

    assert state(piece) == Scan.WAITING


def test_what_waited_is_scanned_when_the_scanner_is_back(dossier, settings, clamd):
    settings.GUICHET_CLAMAV = "tcp://127.0.0.1:1"
    pieces = [kept(dossier, b"un"), kept(dossier, files.EICAR), kept(dossier, b"trois")]
    scanning.scan_waiting()
    clamd()

    assert scanning.scan_waiting() == 3

    assert [state(piece) for piece in pieces] == [Scan.CLEAN, Scan.REFUSED, Scan.CLEAN]
    assert scanning.scan_waiting() == 0


def test_damaged_piece_does_not_stop_the_others(dossier, clamd, tmp_path):
    broken, good = kept(dossier, b"un"), kept(dossier, b"deux")
    (tmp_path / "files" / broken.stored_at).write_bytes(b"?")
    clamd()

    assert scanning.scan_waiting() == 1

    assert (state(broken), state(good)) == (Scan.WAITING, Scan.CLEAN)


def test_file_sent_by_the_form_is_scanned_at_once(client, dossier, clamd):
    factory.let_in(client, dossier)
    clamd()

    client.post(reverse("dossier:pieces"), {"files": ContentFile(b"bonjour", name="a.txt")})

    page = client.get(reverse("dossier:pieces")).content.decode()
    assert "Analysée : aucun virus connu." in page
    assert "L’antivirus l’a analysée." in page


def test_broker_that_is_down_loses_nothing(dossier, monkeypatch, clamd):
    piece = kept(dossier)
    clamd()

    def down(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(tasks.scan, "apply_async", down)
    tasks.scan_soon([piece.pk])

    assert state(piece) == Scan.WAITING
    assert scanning.scan_waiting() == 1


def test_doctor_says_whether_the_scanner_answers(settings, clamd):
    assert "jamais dits sains" in PARTS["antivirus"]()
    settings.GUICHET_CLAMAV = "tcp://127.0.0.1:1"
    with pytest.raises(LookupError, match="ne répond pas"):
        PARTS["antivirus"]()

    clamd()

    assert PARTS["antivirus"]() == "ClamAV 1.4"
