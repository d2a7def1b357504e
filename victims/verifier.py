#!/usr/bin/env python3
"""Vérifie un dossier emporté du Guichet cyber, sans le guichet ni Internet : python3 verify.py DOSSIER.zip

Only the standard library, Python 3.9 or later: this file travels inside the bundle. It also holds the exact layout of
the archive (stored, no date, no extra field), so every byte of it is accounted for: what is not checked is not there.
Exit code: 0 intact, 1 changed, 2 not readable.
"""

import hashlib
import json
import os
import struct
import sys
import unicodedata
import zipfile
import zlib

MANIFEST, SIGNATURE = "MANIFEST.json", "MANIFEST.sig"
FORMAT, STAMP = "guichet-bundle/1", "horodatage"
PART = 1 << 20
# --- the archive, byte by byte ---------------------------------------------------------------------
_FIXED = (20, 0, 0, 0, 0x21)  # version needed, flags, stored, time, date (1 January 1980)


def local_header(name, size, crc):
    raw = name.encode("ascii")
    return struct.pack("<4s5H3L2H", b"PK\3\4", *_FIXED, crc, size, size, len(raw), 0) + raw


def directory(entries):
    """The end of the archive; `entries` are (name, size, crc) in order."""
    out, offset = [], 0
    for name, size, crc in entries:
        raw = name.encode("ascii")
        fields = (*_FIXED, crc, size, size, len(raw), 0, 0, 0, 0, 0, offset)
        out.append(struct.pack("<4sH5H3L5H2L", b"PK\1\2", 20, *fields) + raw)
        offset += 30 + len(raw) + size
    body = b"".join(out)
    return body + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(entries), len(entries), len(body), offset, 0)


# --- Ed25519 (RFC 8032, section 6), verification only: public values, so no secret can leak by time ------
_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)


def _add(one, two):
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % _P, (one[1] + one[0]) * (two[1] + two[0]) % _P
    c, d = 2 * one[3] * two[3] * _D % _P, 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found


def _recover(y, sign):
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if not square:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _I % _P
    if (x * x - square) % _P:
        return None
    return _P - x if (x & 1) != sign else x


def _point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _recover(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _base():
    y = 4 * pow(5, _P - 2, _P) % _P
    x = _recover(y, 0)
    return (x, y, 1, x * y % _P)


def signed_by(public, signature, message):
    if len(public) != 32 or len(signature) != 64:
        return False
    key, nonce = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if not key or not nonce or scalar >= _Q:
        return False
    hashed = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _Q
    left, right = _times(scalar, _base()), _add(nonce, _times(hashed, key))
    return not ((left[0] * right[2] - right[0] * left[2]) % _P or (left[1] * right[2] - right[1] * left[2]) % _P)


def key_id(public):
    return hashlib.sha256(public).hexdigest()[:16]


# --- chains ----------------------------------------------------------------------------------------
def check_transcript(name, data):
    """Every message, in order, up to the head that the guichet kept."""
    previous = ""
    for expected, line in enumerate(data["messages"], start=1):
        if line["seq"] != expected:
            return [f"{name} : le message {expected} manque ou n'est plus à sa place."]
        content = [line["seq"], line["client_id"], line["author"], line["at"], line["salt"], line["body"]]
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        previous = hashlib.sha256((f"{previous}\n{text}").encode("utf-8", "surrogatepass")).hexdigest()
        if line["digest"] != previous:
            return [f"{name} : le message {expected} a été changé."]
    if previous != data["chain_head"]:
        return [f"{name} : la fin de la conversation manque."]
    return []


def check_journal(name, data):
    previous, expected = "", 0
    for line in data["lines"]:
        expected += 1
        if line["position"] != expected:
            return [f"{name} : la ligne {expected} manque."]
        content = [line[each] for each in ("position", "at", "actor", "verb", "target", "detail")]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256((f"{previous}\n{text}").encode("utf-8", "surrogatepass")).hexdigest()
        if line["digest"] != previous:
            return [f"{name} : la ligne {expected} a été changée."]
    if previous != data["head"] or expected != data["length"]:
        return [f"{name} : la fin du journal manque."]
    return []


CHECKS = {"transcription-donnees": check_transcript, "journal": check_journal}


# --- dates of a third party (RFC 3161): of which file, and when; the authority's signature is not looked at ---
def _der(raw, *path):
    """What stands in a DER value at the end of this path of places."""
    for place in path:
        for _ in range(place + 1):
            size, at = raw[1], 2
            if size & 0x80:
                at += size & 0x7F
                size = int.from_bytes(raw[2:at], "big")
            inside, raw = (raw[at : at + size], raw[at + size :]) if at + size <= len(raw) else (raw[:0], b"")
        raw = inside
    return raw


def check_stamp(report, name, raw, paper):
    info = _der(raw, 0, 1, 1, 0, 2, 1, 0, 0)
    if _der(info, 2, 1).hex() != paper["sha256"]:
        report.problems.append(f"{name} : cette date est celle d'un autre fichier.")
    date = _der(info, 4).decode("ascii")
    report.notes.append(f"{paper['path']} : daté par un tiers ({date}), signature à vérifier par openssl ts.")


# --- the bundle ------------------------------------------------------------------------------------
class Report:
    """What was found: `problems` (empty when intact), `notes` to read, and the digest of the manifest."""

    def __init__(self):
        self.problems, self.notes, self.manifest_sha256, self.manifest, self.key = [], [], "", {}, b""

    @property
    def intact(self):
        return not self.problems


def _go_to(archive, info):
    """To the first byte of this file."""
    archive.fp.seek(info.header_offset)
    head = archive.fp.read(30)
    archive.fp.seek(info.header_offset + 30 + sum(struct.unpack("<2H", head[26:30])))


def _digest(archive, info):
    found, crc, size = hashlib.sha256(), 0, 0
    _go_to(archive, info)
    while size < info.compress_size:
        part = archive.fp.read(min(PART, info.compress_size - size))
        if not part:
            break
        found.update(part)
        crc, size = zlib.crc32(part, crc), size + len(part)
    return found.hexdigest(), size, crc


def _bytes(archive, info):
    _go_to(archive, info)
    return archive.fp.read(info.compress_size)


def _sealed_papers(archive, infos):
    """How many PDFs carry a seal of their own: its cryptography is not looked at here."""
    found = 0
    for info in infos:
        content = _bytes(archive, info) if info.filename.endswith(".pdf") else b""
        found += b"/ByteRange" in content and b"/ETSI.CAdES.detached" in content
    return found


def _compare(report, listed, found):
    lost = {name for name in listed if name not in found}
    added = {name for name in found if name not in listed and name not in (MANIFEST, SIGNATURE)}
    for name in sorted(lost):
        moved = [each for each in sorted(added) if found[each][0] == listed[name]["sha256"]]
        if moved:
            added.discard(moved[0])
            report.problems.append(f"{name} : renommé en {moved[0]!a}.")
        else:
            report.problems.append(f"{name} : fichier enlevé.")
    report.problems += [f"{name!a} : fichier ajouté." for name in sorted(added)]
    for name in listed:
        if name in found and found[name][:2] != (listed[name]["sha256"], listed[name]["size"]):
            report.problems.append(f"{name} : fichier modifié.")


def _check_signature(report, raw, signature, known_key):
    try:
        seal = json.loads(signature)
        public, value = bytes.fromhex(seal["public_key"]), bytes.fromhex(seal["signature"])
        plain = json.dumps({"public_key": public.hex(), "signature": value.hex()}).encode()
    except (ValueError, KeyError, TypeError):
        report.problems.append(f"{SIGNATURE} : signature illisible.")
        return
    report.key = public
    if plain != signature or not signed_by(public, value, raw):
        report.problems.append(
            f"{MANIFEST} : la signature ne correspond pas : le manifeste ou sa signature a été modifié."
        )
    elif known_key is None:
        report.notes.append(f"Signé par la clé {key_id(public)}. Comparez-la à celle que le guichet publie.")
    if known_key is not None and public != known_key:
        report.problems.append(f"{SIGNATURE} : signé par une autre clé que celle du guichet.")


def _whole(path, infos, found):
    """The archive is exactly what its files make: nothing before, between or after them."""
    entries, total = [], 0
    with open(path, "rb") as stream:
        for info in infos:
            _sha256, size, crc = found[info.filename]
            head = local_header(info.filename, size, crc)
            if stream.read(len(head)) != head:
                return False
            stream.seek(size, 1)
            entries.append((info.filename, size, crc))
            total += len(head) + size
        end = directory(entries)
        return stream.read(len(end) + 1) == end


def verify(path, known_key=None, known_digest=""):
    """`known_key`: 32 bytes got from elsewhere; `known_digest`: the manifest's SHA-256 got from elsewhere."""
    report = Report()
    try:
        with zipfile.ZipFile(path) as archive:
            _verify(report, path, archive, known_key, known_digest)
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError, struct.error, OSError, EOFError,
            NotImplementedError, RecursionError, OverflowError, MemoryError) as error:  # fmt: skip
        report.problems.append(f"Archive abîmée ou illisible ({type(error).__name__}).")
    return report


def _fits(path, infos):
    """The files together are no longer than the archive: one that tells more would cost hours, or the memory."""
    told = sum(info.compress_size for info in infos)
    return told <= os.path.getsize(path) and all(0 <= info.header_offset < 1 << 62 for info in infos)


def _verify(report, path, archive, known_key, known_digest):
    infos = archive.infolist()
    if not _fits(path, infos):
        report.problems.append("Archive abîmée : elle annonce plus d'octets qu'elle n'en a.")
        return
    names = [info.filename for info in infos]
    found = {info.filename: _digest(archive, info) for info in infos}
    if len(names) != len(set(names)):
        report.problems.append("Un nom de fichier est en double dans l'archive.")
    for name in (MANIFEST, SIGNATURE):
        if name not in found:
            report.problems.append(f"{name} : fichier enlevé.")
    if MANIFEST not in found:
        return
    by_name = {info.filename: info for info in infos}
    raw = _bytes(archive, by_name[MANIFEST])
    report.manifest_sha256 = hashlib.sha256(raw).hexdigest()
    if known_digest and known_digest.lower() != report.manifest_sha256:
        report.problems.append(f"{MANIFEST} : son empreinte n'est pas celle qui est attendue.")
    if SIGNATURE in found:
        _check_signature(report, raw, _bytes(archive, by_name[SIGNATURE]), known_key)
    try:
        report.manifest = json.loads(raw)
        listed = {each["path"]: each for each in report.manifest["files"]}
        if report.manifest["format"] != FORMAT:
            raise ValueError("format")
    except (ValueError, KeyError, TypeError):
        report.problems.append(f"{MANIFEST} : manifeste illisible.")
        return
    _compare(report, listed, found)
    for name, each in listed.items():
        check = CHECKS.get(each["role"])
        if (check or each["role"] == STAMP) and name in by_name:
            try:
                if each["role"] == STAMP:
                    check_stamp(report, name, _bytes(archive, by_name[name]), listed[each["of"]])
                else:
                    report.problems += check(name, json.loads(_bytes(archive, by_name[name])))
            except (ValueError, KeyError, TypeError, IndexError):
                report.problems.append(f"{name} : données illisibles.")
    sealed = _sealed_papers(archive, [by_name[name] for name in listed if name in by_name and name[:7] != "pieces/"])
    if sealed:
        report.notes.append(f"PDF : {sealed} signé(s), signature non vérifiée ici : un lecteur de PDF la vérifie.")
    for each in report.manifest.get("withheld", []):
        report.notes.append(
            "{} : gardée au guichet ({}), empreinte {}.".format(each["name"], each["why"], each["sha256"])
        )
    if not report.problems and names != [*listed, MANIFEST, SIGNATURE]:
        report.problems.append("L'ordre des fichiers de l'archive a changé.")
    if not report.problems and not _whole(path, infos, found):
        report.problems.append(
            "Les fichiers sont les mêmes, mais l'archive a été refaite ou des octets y ont été changés."
        )


def _shown(text):
    """Names come from the archive: a sign that could rewrite the screen is written as a number."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return "".join(f"[U+{ord(c):04X}]" if unicodedata.category(c) in hidden else c for c in text)


def lines_of(report):
    """The verdict in sentences, one a line."""
    return [_shown(line) for line in _lines(report)]


def _lines(report):
    if report.intact:
        yield f"INTACT : {len(report.manifest['files'])} fichiers, aucun changement."
    else:
        yield "CHANGÉ :"
        yield from ("- " + problem for problem in report.problems)
    if report.manifest_sha256:
        yield f"Empreinte du manifeste : {report.manifest_sha256}"
    yield from report.notes


USAGE = "Usage : python3 verify.py DOSSIER.zip [--cle=CLE_PUBLIQUE] [--empreinte=EMPREINTE_DU_MANIFESTE]"


def _asked(arguments):
    """(path, key, digest). Raises ValueError: a key mistyped must not be taken for no key at all."""
    known_key, known_digest, paths = None, "", []
    for argument in arguments:
        if argument.startswith("--cle="):
            known_key = bytes.fromhex(argument[6:])
            if len(known_key) != 32:
                raise ValueError(argument)
        elif argument.startswith("--empreinte="):
            known_digest = argument[12:].strip().lower()
            if len(bytes.fromhex(known_digest)) != 32:
                raise ValueError(argument)
        else:
            paths.append(argument)
    if len(paths) != 1:
        raise ValueError("path")
    return paths[0], known_key, known_digest


def main(arguments):
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        path, known_key, known_digest = _asked(arguments)
    except ValueError:
        print(USAGE)
        return 2
    if not os.path.isfile(path):
        print(_shown(f"Fichier introuvable : {path}"))
        return 2
    report = verify(path, known_key, known_digest)
    for line in lines_of(report):
        print(line)
    return 0 if report.intact else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
