"""Files of a plain form on their way to the vault: sealed part by part under a key that only this request holds.

Django's own handlers would leave a large file readable in the temporary folder, and a small one whole in memory.
"""

import tempfile
from collections.abc import Iterator

from django.core.files.uploadhandler import FileUploadHandler

from guichet.lib import crypto
from victims.vault.limits import FILE_LIMIT

BOUND = "upload:{}"


class SealedFile:
    """One received file. `read` gives its bytes back; past the limit nothing is kept and `too_big` is said."""

    def __init__(self, name: str):
        self.name, self.size, self.too_big = name, 0, False
        self._key, self._lengths = crypto.new_key(), []
        self._sealed = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the request)

    def add(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > FILE_LIMIT:
            self.too_big = True
            self._lengths = []
            self._sealed.seek(0)
            self._sealed.truncate()
        if not self.too_big:
            part = crypto.seal(self._key, data, bound=BOUND.format(len(self._lengths)))
            self._lengths.append(len(part))
            self._sealed.write(part)

    def read(self) -> bytes:
        return b"".join(self._parts())

    def _parts(self) -> Iterator[bytes]:
        self._sealed.seek(0)
        for at, length in enumerate(self._lengths):
            yield crypto.unseal(self._key, self._sealed.read(length), bound=BOUND.format(at))

    def close(self) -> None:
        self._sealed.close()


class SealedUploadHandler(FileUploadHandler):
    chunk_size = 256 * 1024

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.file = SealedFile(self.file_name)

    def receive_data_chunk(self, raw_data, start):
        self.file.add(raw_data)

    def file_complete(self, file_size):
        return self.file

    def upload_interrupted(self):
        if getattr(self, "file", None):
            self.file.close()
