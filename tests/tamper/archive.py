"""A bundle taken apart and put together again in the guichet's own layout, as a patient forger would."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from victims import verifier

Files = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Taken:
    """One true bundle: its bytes, and its files in order."""

    raw: bytes
    files: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, raw: bytes) -> "Taken":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return cls(raw, tuple((name, archive.read(name)) for name in archive.namelist()))

    @property
    def listed(self) -> list[str]:
        return [name for name, _ in self.files if name not in (verifier.MANIFEST, verifier.SIGNATURE)]

    def __getitem__(self, name: str) -> bytes:
        return dict(self.files)[name]

    def with_(self, **changed: bytes) -> Files:
        """The same files, some with another content (names are given as they are, in a dict)."""
        return [(name, changed.get(name, content)) for name, content in self.files]

    def roled(self, role: str) -> list[str]:
        return [each["path"] for each in self.manifest["files"] if each["role"] == role]

    @property
    def manifest(self) -> dict:
        return json.loads(self[verifier.MANIFEST])


def packed(files: Files) -> bytes:
    """Byte for byte the layout that the guichet writes: only the content can betray the change."""
    out, entries = [], []
    for name, content in files:
        entries.append((name, len(content), zlib.crc32(content)))
        out += [verifier.local_header(*entries[-1]), content]
    return b"".join([*out, verifier.directory(entries)])


def written(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def listed_again(files: Files, change: Callable[[dict], None] = lambda manifest: None) -> Files:
    """The manifest repaired so that it lists what is there; its signature is left as it was."""
    content = dict(files)
    manifest = json.loads(content[verifier.MANIFEST])
    manifest["files"] = [each for each in manifest["files"] if each["path"] in content]
    for each in manifest["files"]:
        data = content[each["path"]]
        each["sha256"], each["size"] = hashlib.sha256(data).hexdigest(), len(data)
    change(manifest)
    return [(name, written(manifest) if name == verifier.MANIFEST else data) for name, data in files]
