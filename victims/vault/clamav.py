"""The words of clamd: a file is streamed to it (INSTREAM), it answers in one line. Over TCP or a Unix socket."""

import socket
import struct

from django.conf import settings

SECONDS = 30
PART = 64 * 1024
ANSWER = 4096


class Unavailable(Exception):
    """The scanner does not answer: nothing is known of the file."""


class NotScanned(Exception):
    """The scanner answers, and did not scan this file (too large for it, broken)."""


def is_configured() -> bool:
    return bool(settings.GUICHET_CLAMAV)


def virus_in(content: bytes) -> str:
    """The name of the virus; empty when none is known. Raises Unavailable or NotScanned, never guesses."""
    try:
        with _connected() as link:
            link.sendall(b"zINSTREAM\0")
            for at in range(0, len(content), PART):
                part = content[at : at + PART]
                link.sendall(struct.pack(">I", len(part)) + part)
            link.sendall(struct.pack(">I", 0))
            answer = _answer(link)
    except (OSError, ValueError) as error:
        raise Unavailable(type(error).__name__) from error
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")[:100] or "inconnu"
    if not answer:
        raise Unavailable("no answer")
    raise NotScanned(answer[:100])


def version() -> str:
    """What the scanner says of itself. Raises Unavailable."""
    try:
        with _connected() as link:
            link.sendall(b"zVERSION\0")
            answer = _answer(link)
    except (OSError, ValueError) as error:
        raise Unavailable(type(error).__name__) from error
    if not answer:
        raise Unavailable("no answer")
    return answer[:100]


def _connected() -> socket.socket:
    """`tcp://host:3310` or `unix:/run/clamav/clamd.ctl`."""
    kind, _, place = settings.GUICHET_CLAMAV.partition(":")
    if kind == "unix":
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(SECONDS)
        try:
            link.connect(place)
        except OSError:
            link.close()
            raise
        return link
    if kind != "tcp":
        raise ValueError("GUICHET_CLAMAV")
    host, _, port = place.removeprefix("//").rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)


def _answer(link: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and len(answer) < ANSWER and (more := link.recv(ANSWER)):
        answer += more
    line, ended, _ = answer.partition(b"\0")
    return line.decode("utf-8", "replace").strip() if ended else ""
