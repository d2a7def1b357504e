"""What a file is, by its content and its structure: a closed list. Its name and the browser's word count for nothing.

Nothing is decoded or rendered here: signatures and the skeleton of the format are read, within the bytes at hand.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from victims.vault import texts, zipped
from victims.vault.exceptions import Refused

IMAGE, VIDEO, SOUND, DOCUMENT, TEXT, MAIL = "image", "video", "son", "document", "texte", "courriel"


@dataclass(frozen=True, slots=True)
class FileType:
    media_type: str
    family: str
    label: str
    endings: tuple[str, ...]


JPEG = FileType("image/jpeg", IMAGE, "Image JPEG", ("jpg", "jpeg"))
PNG = FileType("image/png", IMAGE, "Image PNG", ("png",))
GIF = FileType("image/gif", IMAGE, "Image GIF", ("gif",))
WEBP = FileType("image/webp", IMAGE, "Image WebP", ("webp",))
HEIC = FileType("image/heic", IMAGE, "Image HEIC", ("heic", "heif"))
PDF = FileType("application/pdf", DOCUMENT, "PDF", ("pdf",))
PLAIN = FileType("text/plain", TEXT, "Texte", ("txt", "log", "csv"))
EML = FileType("message/rfc822", MAIL, "Courriel", ("eml",))
MP4 = FileType("video/mp4", VIDEO, "Vidéo MP4", ("mp4", "m4v"))
MOV = FileType("video/quicktime", VIDEO, "Vidéo MOV", ("mov", "qt"))
G3P = FileType("video/3gpp", VIDEO, "Vidéo 3GP", ("3gp", "3g2", "3gpp"))
WEBM = FileType("video/webm", VIDEO, "Vidéo WebM", ("webm",))
MP3 = FileType("audio/mpeg", SOUND, "Son MP3", ("mp3",))
M4A = FileType("audio/mp4", SOUND, "Son M4A", ("m4a",))
OGG = FileType("audio/ogg", SOUND, "Son OGG", ("ogg", "opus", "oga"))
WAV = FileType("audio/wav", SOUND, "Son WAV", ("wav",))
ODT = FileType("application/vnd.oasis.opendocument.text", DOCUMENT, "Document ODT", ("odt",))
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
DOCX = FileType(f"{_OPEN_XML}.wordprocessingml.document", DOCUMENT, "Document Word", ("docx",))
XLSX = FileType(f"{_OPEN_XML}.spreadsheetml.sheet", DOCUMENT, "Tableau Excel", ("xlsx",))
ALL = (JPEG, PNG, GIF, WEBP, HEIC, PDF, PLAIN, EML, MP4, MOV, G3P, WEBM, MP3, M4A, OGG, WAV, ODT, DOCX, XLSX)
BY_MEDIA_TYPE = {each.media_type: each for each in ALL}
# Told before anything is chosen.
TOLD = (
    ("Images", "JPEG, PNG, WebP, HEIC, GIF"),
    ("Documents", "PDF, texte, ODT, DOCX, XLSX sans macro"),
    ("Courriels", "fichier .eml"),
    ("Vidéos", "MP4, MOV, 3GP, WebM"),
    ("Sons", "MP3, M4A, OGG, WAV"),
)

_ZIPPED = {"odt": ODT, "docx": DOCX, "xlsx": XLSX}
_STILL = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
_STILL_OURS = {b"heic", b"heix"}
_MOVING = {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"}
_SOUNDS = {b"M4A ", b"M4B "}
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"dex\n",
    b"!<arch>",
    b"#!",
)
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"MSCF", b"\x28\xb5\x2f\xfd")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def type_of(content: bytes) -> FileType:
    """Raises Refused with the reason."""
    if not content:
        raise Refused("empty")
    for signature, read in _READERS:
        if content.startswith(signature):
            return read(content)
    if content[4:8] == b"ftyp":
        return _boxes(content)
    if _is_mp3(content):
        return MP3
    if content.startswith(_ARCHIVES):
        raise Refused("archive")
    if content.startswith(_PROGRAMS):
        raise Refused("program")
    if content.startswith(_OLD_OFFICE):
        raise Refused("unknown-type")
    return {"plain": PLAIN, "eml": EML}[texts.kind_of(content)]


def _checked(holds: bool, found: FileType) -> FileType:
    if not holds:
        raise Refused("damaged")
    return found


def _jpeg(content: bytes) -> FileType:
    """Segments up to the scan, with a frame header of a real size before it, and an end of image somewhere after."""
    at, framed = 2, False
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xDA:
            return _checked(framed and content.find(b"\xff\xd9", at) > 0, JPEG)
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if length < 2:
            break
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            framed = length >= 8 and any(content[at + 7 : at + 9])
        at += 2 + length
    raise Refused("damaged")


def _png(content: bytes) -> FileType:
    """IHDR first with a good checksum, then chunks that follow one another up to IEND."""
    at, first = 8, True
    while at + 12 <= len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        end = at + 12 + length
        if end > len(content) or not name.isalpha():
            break
        if first:
            good = zlib.crc32(content[at + 4 : end - 4]) == int.from_bytes(content[end - 4 : end], "big")
            if name != b"IHDR" or length != 13 or not good or not any(content[at + 8 : at + 12]):
                break
            first = False
        if name == b"IEND":
            return PNG
        at = end
    raise Refused("damaged")


def _gif(content: bytes) -> FileType:
    whole = content[:6] in (b"GIF87a", b"GIF89a") and len(content) > 20
    return _checked(whole and any(content[6:8]) and any(content[8:10]) and b";" in content[-16:], GIF)


def _riff(content: bytes) -> FileType:
    size = int.from_bytes(content[4:8], "little")
    if content[8:12] == b"WEBP":
        named = content[12:16] in (b"VP8 ", b"VP8L", b"VP8X")
        return _checked(named and 12 < size + 8 <= len(content), WEBP)
    if content[8:12] == b"WAVE":
        return _checked(b"fmt " in content[12:4096], WAV)
    raise Refused("unknown-type")


def _pdf(content: bytes) -> FileType:
    versioned = content[5:6].isdigit() and content[6:7] == b"."
    return _checked(versioned and b"%%EOF" in content[-2048:] and b"startxref" in content[-4096:], PDF)


def _boxes(content: bytes) -> FileType:
    """ISO media: the brand of the first box says which; the boxes that follow must hold together."""
    length = int.from_bytes(content[:4], "big")
    if not 16 <= length <= min(len(content), 4096) or length % 4:
        raise Refused("damaged")
    brand = content[8:12]
    brands = {brand, *(content[at : at + 4] for at in range(16, length, 4))}
    found = _branded(brand, brands)
    names = _box_names(content)
    return _checked("meta" in names if found is HEIC else bool({"moov", "moof", "mdat"} & names), found)


def _branded(brand: bytes, brands: set[bytes]) -> FileType:
    if brand in _SOUNDS:
        return M4A
    if brand.startswith((b"3gp", b"3g2")):
        return G3P
    if brand == b"qt  ":
        return MOV
    if brand not in _STILL_OURS and brands & {b"avif", b"avis"}:
        raise Refused("unknown-type")
    if brand in _STILL or brands & {b"heic", b"heix"}:
        return HEIC
    if brand in _MOVING:
        return MP4
    raise Refused("unknown-type")


def _box_names(content: bytes) -> set[str]:
    at, names = 0, set()
    while at + 8 <= len(content) and len(names) < 50:
        length, name = struct.unpack(">I4s", content[at : at + 8])
        if not name.isascii():
            raise Refused("damaged")
        names.add(name.decode())
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + 16], "big") or 1
        if length == 0:
            break
        if length < 8:
            raise Refused("damaged")
        at += length
    return names


def _webm(content: bytes) -> FileType:
    if b"matroska" in content[:64]:
        raise Refused("unknown-type")
    return _checked(b"webm" in content[:64] and b"\x18\x53\x80\x67" in content[:4096], WEBM)


def _ogg(content: bytes) -> FileType:
    head = content[:128]
    known = any(mark in head for mark in (b"OpusHead", b"\x01vorbis", b"Speex   ", b"FLAC"))
    if b"\x80theora" in head:
        raise Refused("unknown-type")
    return _checked(content[4:5] == b"\x00" and known, OGG)


_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _frame(content: bytes, at: int) -> int:
    """The length of the MPEG layer III frame at this place; 0 when there is none."""
    head = content[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or (head[1] >> 1) & 3 != 1:
        return 0
    version, rate, hertz = (head[1] >> 3) & 3, head[2] >> 4, (head[2] >> 2) & 3
    if version == 1 or rate in (0, 15) or hertz == 3:
        return 0
    kilobits = (_RATES if version == 3 else _RATES_2)[rate]
    return (144 if version == 3 else 72) * kilobits * 1000 // _HERTZ[version][hertz] + ((head[2] >> 1) & 1)


def _is_mp3(content: bytes) -> bool:
    first = _frame(content, 0)
    return bool(first and _frame(content, first))


def _tagged_mp3(content: bytes) -> FileType:
    """After the ID3 tag (seven bits a byte), two frames, perhaps after some padding."""
    size = 0
    for byte in content[6:10]:
        size = size << 7 | (byte & 0x7F)
    start = 10 + size
    for at in range(start, min(start + 2048, len(content) - 4)):
        length = _frame(content, at)
        if length and _frame(content, at + length):
            return MP3
    raise Refused("damaged")


def _zip(content: bytes) -> FileType:
    return _ZIPPED[zipped.kind_of(content)]


_READERS: tuple[tuple[bytes, Callable[[bytes], FileType]], ...] = (
    (b"\xff\xd8\xff", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF8", _gif),
    (b"RIFF", _riff),
    (b"%PDF-", _pdf),
    (b"\x1a\x45\xdf\xa3", _webm),
    (b"OggS", _ogg),
    (b"ID3", _tagged_mp3),
    (b"PK", _zip),
)
