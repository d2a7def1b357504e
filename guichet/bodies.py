"""The body of a request on its way to a page: on disk under a key that only this process holds, never whole in memory.

Stock daphne parses a posted form once for nobody, then puts the whole body in a queue, eight kilobytes at a time: one
full dossier took a gigabyte. Here what is long goes to a sealed temporary file, which the page reads as it needs.
"""

import io
import os
import tempfile

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.core.handlers.asgi import ASGIHandler

from victims.vault.limits import MIB, REQUEST_LIMIT

EXTENSION = "guichet.body"
SMALL = 64 * 1024
# Pages that take files; every other one takes words.
HEAVY_PATHS = (b"/dossier/pieces/", b"/tchat/pieces/", b"/verifier/document/")
WORDS_LIMIT = 2 * MIB


def limit_of(path: bytes) -> int:
    return REQUEST_LIMIT if path.split(b"?", 1)[0] in HEAVY_PATHS else WORDS_LIMIT


class SealedBody(io.RawIOBase):
    """Written once from the start, then read once from the start. The key goes with the object."""

    def __init__(self):
        super().__init__()
        self._file, self._size = tempfile.TemporaryFile(), 0  # noqa: SIM115 (it lives as long as the request)
        self._cipher = Cipher(algorithms.AES(os.urandom(32)), modes.CTR(os.urandom(16)))
        self._turn = self._cipher.encryptor()

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def write(self, data) -> int:
        self._size += len(data)
        self._file.write(self._turn.update(bytes(data)))
        return len(data)

    def tell(self) -> int:
        return self._size

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if offset or whence != os.SEEK_SET:
            raise io.UnsupportedOperation("seek")
        self._file.seek(0)
        self._turn = self._cipher.decryptor()
        return 0

    def readinto(self, buffer) -> int:
        plain = self._turn.update(self._file.read(len(buffer)))
        buffer[: len(plain)] = plain
        return len(plain)

    def close(self) -> None:
        self._file.close()
        super().close()


class Unread(io.BytesIO):
    """Too long for its page: it is let go as it comes. The page is told its length, and answers in words."""

    def write(self, data) -> int:
        return len(data)


def body_for(path: bytes, length: int | None):
    """Where to put what comes. Without an announced length, a page reads nothing: it is let go."""
    if length is None or length > limit_of(path):
        return Unread()
    return io.BytesIO() if length <= SMALL else SealedBody()


class _Received:
    """The channel of one request, with the body that waits beside it."""

    def __init__(self, receive, body):
        self._receive, self.body = receive, body

    async def __call__(self):
        return await self._receive()


class Pages(ASGIHandler):
    """Django's own handler, given the body as a file where our server kept it as one."""

    async def handle(self, scope, receive, send):
        body = scope.get("extensions", {}).get(EXTENSION)
        await super().handle(scope, _Received(receive, body) if body is not None else receive, send)

    async def read_body(self, receive):
        found = await super().read_body(receive)
        if (body := getattr(receive, "body", None)) is None:
            return found
        found.close()
        return body
