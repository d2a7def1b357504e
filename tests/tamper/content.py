"""Changes to what the bundle says, put back in the guichet's own layout: only digests, chains and seal can tell."""

import hashlib
import json
import random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.tamper.archive import Files, Taken, listed_again, packed, written
from victims import verifier

MANIFEST, SIGNATURE = verifier.MANIFEST, verifier.SIGNATURE
_Q = 2**252 + 27742317777372353535851937790883648493


def _one(taken: Taken, chance: random.Random) -> str:
    return chance.choice(taken.listed)


def _maybe_listed(files: Files, chance: random.Random) -> bytes:
    """Half the time the forger also repairs the manifest, which the seal then betrays."""
    return packed(listed_again(files) if chance.random() < 0.5 else files)


def file_removed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    gone = chance.choice(taken.files)[0]
    files = [(name, content) for name, content in taken.files if name != gone]
    return packed(files) if gone == MANIFEST else _maybe_listed(files, chance)


def file_added(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    more = chance.choice((("pieces/999-preuve.pdf", b"%PDF-1.7"), ("LISEZ-MOI.txt", b""), ("verify.py.txt", b"x")))
    at = chance.randrange(len(taken.files) + 1)
    files = [*taken.files[:at], more, *taken.files[at:]]
    if chance.random() < 0.5:
        entry = {"path": more[0], "role": "fichier", "media_type": "text/plain"}
        files = listed_again(files, lambda manifest: manifest["files"].append(
            {**entry, "sha256": hashlib.sha256(more[1]).hexdigest(), "size": len(more[1])}))  # fmt: skip
    return packed(files)


def file_renamed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    old = chance.choice(taken.files)[0]
    new = chance.choice(("autre.bin", old + " ", old.upper(), old + ".bak", "pieces/" + old))
    return packed([(new if name == old else name, content) for name, content in taken.files])


def file_altered(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    name = _one(taken, chance)
    old = taken[name]
    new = chance.choice((b"", old + b" ", old[:-1], old[::-1], old.replace(b"1", b"2") + b"\n", b"\xef\xbb\xbf" + old))
    return _maybe_listed(taken.with_(**{name: new}), chance)


def contents_swapped(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    one, two = chance.sample(taken.listed, 2)
    return _maybe_listed(taken.with_(**{one: taken[two], two: taken[one]}), chance)


def order_changed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    files = list(taken.files)
    one, two = chance.sample(range(len(files)), 2)
    files[one], files[two] = files[two], files[one]
    return packed(files)


def pdf_completed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """An update appended to a PDF changes what it shows and leaves its first bytes alone."""
    name = chance.choice([each for each in taken.listed if each.endswith(".pdf")])
    more = b"\n9 0 obj\n<</Type/Annot/Subtype/FreeText/Contents(200 EUR)>>\nendobj\nstartxref\n0\n%%EOF\n"
    return _maybe_listed(taken.with_(**{name: taken[name] + more}), chance)


# --- chains: with and without everything recomputed after the change -----------------------------------
def _chained(lines: list[dict], text_of) -> str:
    previous = ""
    for line in lines:
        previous = hashlib.sha256(f"{previous}\n{text_of(line)}".encode("utf-8", "surrogatepass")).hexdigest()
        line["digest"] = previous
    return previous


def _message(line: dict) -> str:
    content = [line[each] for each in ("seq", "client_id", "author", "at", "salt", "body")]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _fact(line: dict) -> str:
    content = [line[each] for each in ("position", "at", "actor", "verb", "target", "detail")]
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _shaken(lines: list[dict], place: str, fields: dict, chance: random.Random) -> None:
    """One line edited, removed, doubled, swapped, cut off at the end; places numbered again."""
    at = chance.randrange(len(lines))
    what = chance.choice(("edit", "edit", "remove", "double", "swap", "cut", "empty"))
    if what == "edit":
        name = chance.choice(list(fields))
        lines[at][name] = fields[name]
    elif what == "remove":
        del lines[at]
    elif what == "double":
        lines.insert(at, dict(lines[at]))
    elif what == "swap" and len(lines) > 1:
        one, two = chance.sample(range(len(lines)), 2)
        lines[one], lines[two] = lines[two], lines[one]
    elif what == "cut":
        lines.pop()
    else:
        lines.clear()
    if chance.random() < 0.7:
        for number, line in enumerate(lines, start=1):
            line[place] = number


def messages_changed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    taken = taken if taken.roled("transcription-donnees") else other  # a dossier without a talk has none
    name = chance.choice(taken.roled("transcription-donnees"))
    data = json.loads(taken[name])
    said = {"body": "Je retire ma plainte.", "at": "2026-01-01T00:00:00+00:00", "author": "agent", "salt": "0" * 16}
    _shaken(data["messages"], "seq", said, chance)
    if chance.random() < 0.5:
        data["chain_head"] = _chained(data["messages"], _message)
    return _maybe_listed(taken.with_(**{name: written(data)}), chance)


def journal_changed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    name = taken.roled("journal")[0]
    data = json.loads(taken[name])
    said = {"actor": "agent:0000", "verb": "plainte lue", "at": "2026-01-01T00:00:00+00:00", "detail": {}}
    _shaken(data["lines"], "position", said, chance)
    if chance.random() < 0.5:
        data["head"], data["length"] = _chained(data["lines"], _fact), len(data["lines"])
    return _maybe_listed(taken.with_(**{name: written(data)}), chance)


def data_reformatted(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """The same facts, written with other spaces."""
    name = chance.choice([each for each, _ in taken.files if each.endswith(".json")])
    return packed(taken.with_(**{name: json.dumps(json.loads(taken[name])).encode()}))


# --- manifest and seal ---------------------------------------------------------------------------------
def manifest_changed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    def change(manifest: dict) -> None:
        name = chance.choice(("made_at", "made_for", "dossier", "software", "format", "keys", "withheld", "received_at",
                              "given_name", "role", "files", "media_type"))  # fmt: skip
        if name in ("received_at", "given_name", "role", "media_type"):
            chance.choice(manifest["files"])[name] = chance.choice(("2026-01-01T00:00:00+00:00", "journal", 7, None))
        elif name == "files":
            chance.shuffle(manifest["files"])
        elif name == "withheld":
            manifest["withheld"].append({"name": "\x1b[2JINTACT : 12 fichiers", "why": "", "sha256": "", "size": 1})
        else:
            manifest[name] = chance.choice(("2026-01-01T00:00:00+00:00", "", None, ["x"]))

    return packed(listed_again(list(taken.files), change))


def manifest_broken(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    old, deep, long = taken[MANIFEST], b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"
    raw = chance.choice(
        (b"", b"{}", b"[]", b"null", b'{"files": {}}', b'{"files": [{"path": []}]}', b"\xff\xfe", deep, long, old[:-1],
         old + b" ")
    )  # fmt: skip
    return packed(taken.with_(**{MANIFEST: raw}))


def date_changed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """The day of the facts, of the filing or of the bundle, moved wherever it is written."""
    name = chance.choice([each for each, _ in taken.files if b"2026-" in taken[each] or b"/2026" in taken[each]])
    changed = taken[name].replace(b"2026-", b"2025-").replace(b"/2026", b"/2025")
    return _maybe_listed(taken.with_(**{name: changed}), chance)


def seal_changed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    seal = json.loads(taken[SIGNATURE])
    value = bytes.fromhex(seal["signature"])
    more = (int.from_bytes(value[32:], "little") + _Q).to_bytes(33, "little")[:32]
    forged = chance.choice(
        [{**seal, "signature": (value[:32] + more).hex()}, {**seal, "signature": value[::-1].hex()},
         {**seal, "signature": seal["signature"].upper()}, {**seal, "more": ""}, {**seal, "signature": ""},
         {**seal, "public_key": "00" * 32}, {**seal, "public_key": "01" + "00" * 31}, {**seal, "signature": "00" * 64},
         {**seal, "public_key": "ff" * 32}, {"public_key": 7, "signature": None}, [], json.loads(other[SIGNATURE])]
    )  # fmt: skip
    raw = chance.choice((json.dumps(forged).encode(), taken[SIGNATURE] + b"\n", b" " + taken[SIGNATURE], b"", b"\xff"))
    return packed(taken.with_(**{SIGNATURE: raw}))


def sealed_by_another(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """The perfect forgery: everything recomputed, then signed with a key that is not the guichet's."""
    files = [(name, content) for name, content in taken.files if name not in (MANIFEST, SIGNATURE)]
    name = chance.choice(("nothing", "dropped", "changed"))
    if name == "dropped":
        files.pop(chance.randrange(len(files)))
    elif name == "changed":
        at = chance.choice([at for at, (each, _) in enumerate(files) if each.endswith("plan.json")])
        files[at] = (files[at][0], b"[]")
    files = listed_again([*files, (MANIFEST, taken[MANIFEST])])
    key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    seal = {"public_key": public.hex(), "signature": key.sign(files[-1][1]).hex()}
    return packed([*files, (SIGNATURE, json.dumps(seal).encode())])


def two_bundles_mixed(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """Pieces, manifest or seal of another true bundle."""
    theirs = dict(other.files)
    shared = [name for name, content in taken.files if name in theirs and theirs[name] != content]
    chosen = set(chance.sample(shared, chance.randrange(1, len(shared))))
    files = [(name, theirs[name] if name in chosen else content) for name, content in taken.files]
    if chance.random() < 0.3:
        files += [(name, content) for name, content in other.files if name not in dict(taken.files)][:2]
    return _maybe_listed(files, chance)


def verifier_replaced(taken: Taken, other: Taken, chance: random.Random) -> bytes:
    """A `verify.py` that always says « intact »: the one got from elsewhere is not fooled."""
    return _maybe_listed(taken.with_(**{"verify.py": b"print('INTACT : 12 fichiers, aucun changement.')\n"}), chance)


CHANGES = (
    file_removed, file_added, file_renamed, file_altered, contents_swapped, order_changed, pdf_completed,
    messages_changed, journal_changed, data_reformatted, manifest_changed, manifest_broken, date_changed, seal_changed,
    sealed_by_another, two_bundles_mixed, verifier_replaced,
)  # fmt: skip
# What no one can tell without knowing the guichet's public key from elsewhere (`/verifier/cle/`).
NEEDS_THE_KEY = frozenset({sealed_by_another})
