"""Changes to the bytes of the archive itself: what a disk, a mail server or a hand can do to a file."""

import io
import random
import struct
import warnings
import zipfile
import zlib

from tests.tamper.archive import Files, Taken, packed
from victims import verifier

CENTRAL = b"PK\1\2"


def _place(taken: Taken, chance: random.Random, room: int = 1) -> int:
    """Any byte; one time in three in the directory, which is small and easily forgotten."""
    first = taken.raw.rindex(CENTRAL + struct.pack("<H", 20)) if chance.random() < 0.33 else 0
    return chance.randrange(first, len(taken.raw) - room)


def bit_flipped(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    changed = bytearray(taken.raw)
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        changed[_place(taken, chance)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def byte_replaced(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    changed, at = bytearray(taken.raw), _place(taken, chance)
    changed[at] = (changed[at] + chance.randrange(1, 256)) % 256
    return bytes(changed)


def run_of_zeros(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    changed, at = bytearray(taken.raw), _place(taken, chance, 64)
    changed[at : at + 64] = bytes(64)
    return bytes(changed)


def blocks_swapped(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    changed, size = bytearray(taken.raw), chance.choice((1, 4, 16, 512))
    one, two = sorted(chance.sample(range(0, len(changed) - size, size), 2))
    changed[one : one + size], changed[two : two + size] = changed[two : two + size], changed[one : one + size]
    return bytes(changed)


def cut(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    return taken.raw[: chance.choice((0, 1, 21, chance.randrange(len(taken.raw)), len(taken.raw) - 1))]


def cut_and_closed_again(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """What a repair tool does: the first files, and a directory of them."""
    return packed(list(taken.files[: chance.randrange(len(taken.files))]))


def bytes_added(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    more, at = chance.randbytes(chance.choice((1, 7, 100))), chance.choice((0, _place(taken, chance), len(taken.raw)))
    return taken.raw[:at] + more + taken.raw[at:]


def bytes_dropped(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    at = _place(taken, chance, 8)
    return taken.raw[:at] + taken.raw[at + chance.randrange(1, 8) :]


def comment_added(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    words = chance.choice((b"x", b"PK\5\6" + bytes(18), "vérifié".encode()))
    return taken.raw[:-2] + struct.pack("<H", len(words)) + words


def another_archive_before_or_after(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    return taken.raw + other.raw if chance.random() < 0.5 else other.raw + taken.raw


def _laid(files: Files, central: dict | None = None, local: dict | None = None, hidden: tuple[str, ...] = ()) -> bytes:
    """Any layout: fields of every header may be changed, and a file left out of the directory."""
    out, ends, offset = [], [], 0
    for name, content in files:
        raw, base = name.encode("utf-8", "surrogatepass"), {"flags": 0, "method": 0, "time": 0, "date": 0x21}
        size, crc = len(content), zlib.crc32(content)
        here = {**base, "crc": crc, "size": size, "extra": b"", "raw": raw, **(local or {}).get(name, {})}
        there = {**base, "crc": crc, "size": size, "extra": b"", "comment": b"", "raw": raw, "attributes": 0,
                 "made": 20, "offset": offset, **(central or {}).get(name, {})}  # fmt: skip
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, here["flags"], here["method"], here["time"], here["date"],
                           here["crc"], here["size"], here["size"], len(here["raw"]), len(here["extra"]))  # fmt: skip
        entry = struct.pack(
            "<4sH5H3L5H2L", CENTRAL, there["made"], 20, there["flags"], there["method"], there["time"], there["date"],
            there["crc"], there["size"], there["size"], len(there["raw"]), len(there["extra"]), len(there["comment"]),
            0, 0, there["attributes"], there["offset"])  # fmt: skip
        out += [head, here["raw"], here["extra"], content]
        if name not in hidden:
            ends.append(entry + there["raw"] + there["extra"] + there["comment"])
        offset += 30 + len(here["raw"]) + len(here["extra"]) + len(content)
    body = b"".join(ends)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(ends), len(ends), len(body), offset, 0)
    return b"".join([*out, body, end])


def _anything(taken: Taken, chance: random.Random) -> str:
    return chance.choice(taken.files)[0]


def header_changed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """A date, a flag, an extra field, a comment, an attribute: the content is the same."""
    name, extra = _anything(taken, chance), struct.pack("<2H", 0xCAFE, 4) + b"abcd"
    local, central = chance.choice(
        [({}, {"time": 0x6000, "date": 0x5B79}), ({"time": 0x6000, "date": 0x5B79},) * 2, ({"flags": 0x800},) * 2,
         ({"extra": extra}, {}), ({}, {"extra": extra}), ({}, {"comment": b"vu"}), ({}, {"attributes": 0o120777 << 16}),
         ({}, {"made": 0x0314}), ({"flags": 1},) * 2, ({"method": 8},) * 2, ({"crc": 7},) * 2, ({}, {"crc": 7})]
    )  # fmt: skip
    return _laid(list(taken.files), {name: central}, {name: local})


def size_told_wrong(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    name = _anything(taken, chance)
    told = {"size": chance.choice((0, 1, len(taken[name]) + 1, 0x7FFFFFFF, 0xFFFFFFFF))}
    return _laid(list(taken.files), {name: told}, {name: told} if chance.random() < 0.5 else None)


def offset_told_wrong(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """Two names for the same bytes, or a name for bytes in the middle of a file."""
    told = {"offset": chance.choice((0, 4, len(taken.raw) - 30, 0xFFFFFFFF))}
    return _laid(list(taken.files), {taken.files[-1][0]: told, taken.files[1][0]: told})


def names_differ(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """One name before the file, another in the directory: programs do not agree on which one they show."""
    name = _anything(taken, chance)
    raw = chance.choice((name.encode() + b"\0", name.encode()[::-1], "é".encode() + name.encode(), b"", b"../" * 3))
    changed = {name: {"raw": raw}}
    return _laid(list(taken.files), *((changed, None) if chance.random() < 0.5 else (None, changed)))


def file_hidden(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """Between two files, known to no directory: some programs still show it."""
    files = list(taken.files)
    files.insert(chance.randrange(len(files)), ("cache.txt", b"autre version"))
    return _laid(files, hidden=("cache.txt",))


def name_twice(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    name = _anything(taken, chance)
    at = chance.choice((0, len(taken.files)))
    content = chance.choice((b"autre version", taken[name]))
    return packed([*taken.files[:at], (name, content), *taken.files[at:]])


def strange_name(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    name = chance.choice(
        ("pièce\u202egpj.exe", "../../fuite.txt", "/etc/passwd", "pieces\\a.txt", "a\x00b.txt", "\ud800", "con",
         "MANIFEST.json/", "manifest.JSON", "ＭANIFEST.json", "\x1b[2J\x1b[1;1HINTACT", "a" * 60_000)
    )  # fmt: skip
    files = [*taken.files, (name, b"x")]
    return _laid(files, {name: {"flags": 0x800}}, {name: {"flags": 0x800}})


def packed_again(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """By the zip program of everyone: same files, same contents, other bytes."""
    made = io.BytesIO()
    method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, content in taken.files:
            archive.writestr(name, content)
        archive.comment = chance.choice((b"", b"vu"))
    return made.getvalue()


def bigger_than_itself(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """A directory that tells gigabytes, in the 64-bit form: reading it must not take the machine."""
    name, _content = taken.files[0]
    huge = chance.choice((1 << 34, 1 << 46, (1 << 63) - 1))
    extra = struct.pack("<2H2Q", 1, 16, huge, huge)
    return _laid(list(taken.files), {name: {"size": 0xFFFFFFFF, "extra": extra}})


def thousands_of_the_same(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """Sixty thousand names for one large file: hashing it each time would never end."""
    content = bytes(1 << 21)
    head = verifier.local_header("grand.bin", len(content), zlib.crc32(content))
    entry = verifier.directory([("grand.bin", len(content), zlib.crc32(content))])[:-22]
    count = 60_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(entry) * count, len(head) + len(content), 0)
    return head + content + entry * count + end


def nothing_like_it(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    return chance.choice((b"", b"PK\5\6" + bytes(18), b"%PDF-1.7\n%%EOF", chance.randbytes(5000), packed([])))


CHANGES = (
    bit_flipped, byte_replaced, run_of_zeros, blocks_swapped, cut, cut_and_closed_again, bytes_added, bytes_dropped,
    comment_added, another_archive_before_or_after, header_changed, size_told_wrong, offset_told_wrong, names_differ,
    file_hidden, name_twice, strange_name, packed_again, bigger_than_itself, nothing_like_it, thousands_of_the_same,
)  # fmt: skip
