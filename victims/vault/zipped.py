"""Office documents are zips: which one, and whether its structure is safe. Only small parts of it are ever unpacked."""

import io
import re
import struct
import zipfile
import zlib

from victims.vault.exceptions import Refused

PARTS, PART_SIZE, WHOLE_SIZE, RATIO = 2000, 100 * 1024 * 1024, 300 * 1024 * 1024, 200
READ, READ_IN_ALL, DIRECTORY = 1024 * 1024, 8 * 1024 * 1024, 512 * 1024
END = struct.Struct("<4s4H2IH")
ODT_TYPE = b"application/vnd.oasis.opendocument.text"
_MACRO = re.compile(r"(?i)(?:^|/)(?:vba[^/]*\.bin|macrosheets/|basic/|scripts/|activex/|customui/.*\.vb)")
_MACRO_TYPE = re.compile(rb"(?i)macroenabled|ms-office\.vbaproject|ms-excel\.(?:sheet\.binary|template\.macro)")
_OUTSIDE = re.compile(rb"(?i)(?:attachedTemplate|oleObject|frame|subDocument)\"[^>]*TargetMode=\"External\"")
_OUTSIDE_REVERSED = re.compile(rb"(?i)TargetMode=\"External\"[^>]*(?:attachedTemplate|oleObject|frame|subDocument)\"")
_NESTED = re.compile(r"(?i)\.(?:zip|rar|7z|exe|dll|js|vbs|jar|bat|cmd|ps1|html?|svg|lnk|scr)$")
_PLACED = re.compile(r"^(?:/|[A-Za-z]:)|(?:^|/)\.\.(?:/|$)|\\|[\x00-\x1f]")


def kind_of(content: bytes) -> str:
    """« odt », « docx » or « xlsx ». Raises Refused."""
    _bounded(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive, content)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError, RuntimeError):
        raise Refused("damaged") from None
    except (KeyError, OSError, OverflowError, UnicodeError):
        raise Refused("unsafe-document") from None


def _bounded(content: bytes) -> None:
    """Before any library reads it: one small directory, at the very end, of an archive that begins at byte one."""
    if len(content) < END.size + 30:
        raise Refused("damaged")
    mark, _, _, here, count, size, start, comment = END.unpack(content[-END.size :])
    if mark != b"PK\x05\x06" or comment:
        raise Refused("archive" if b"PK\x05\x06" in content[-70_000:] else "damaged")
    if here != count or count > PARTS or size > DIRECTORY or start + size + END.size != len(content):
        raise Refused("unsafe-document")


def _read(archive: zipfile.ZipFile, content: bytes) -> str:
    infos = archive.infolist()
    names = {info.filename for info in infos}
    kind = _kind(archive, infos, names)
    if not content.startswith(b"PK\x03\x04") or min(info.header_offset for info in infos):
        raise Refused("unsafe-document")
    _safe(infos, names)
    _without_macro(archive, names)
    return kind


def _kind(archive: zipfile.ZipFile, infos, names: set[str]) -> str:
    if "[Content_Types].xml" in names and "word/document.xml" in names:
        return "docx"
    if "[Content_Types].xml" in names and "xl/workbook.xml" in names:
        return "xlsx"
    if "mimetype" in names and "content.xml" in names and _part(archive, "mimetype").strip() == ODT_TYPE:
        return "odt"
    raise Refused("archive")


def _safe(infos, names: set[str]) -> None:
    whole = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    wrong = (
        len(infos) > PARTS
        or len(names) != len(infos)
        or whole > WHOLE_SIZE
        or (whole > READ and whole > RATIO * max(packed, 1))
        or any(info.file_size > PART_SIZE or info.flag_bits & 0x1 for info in infos)
        or any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos)
        or any(_PLACED.search(info.orig_filename) for info in infos)
        or any((info.external_attr >> 16) & 0o170000 == 0o120000 for info in infos)
    )
    if wrong or any(_NESTED.search(name) for name in names):
        raise Refused("unsafe-document")


def _without_macro(archive: zipfile.ZipFile, names: set[str]) -> None:
    if any(_MACRO.search(name) for name in names):
        raise Refused("macro")
    if "[Content_Types].xml" in names and _MACRO_TYPE.search(_part(archive, "[Content_Types].xml")):
        raise Refused("macro")
    links_size = sum(archive.getinfo(name).file_size for name in names if name.endswith(".rels"))
    if links_size > READ_IN_ALL:
        raise Refused("unsafe-document")
    for name in names:
        if name.endswith(".rels"):
            links = _part(archive, name)
            if _OUTSIDE.search(links) or _OUTSIDE_REVERSED.search(links):
                raise Refused("unsafe-document")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """At most READ bytes of it; a part that announces more is not one that we know."""
    if archive.getinfo(name).file_size > READ:
        raise Refused("unsafe-document")
    with archive.open(name) as part:
        return part.read(READ)
