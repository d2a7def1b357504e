"""Small files that are what they say, and files that are not: made here, byte by byte."""

import io
import struct
import warnings
import zipfile
import zlib

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
MAIL = (
    b"Received: from mx.example (mx.example [192.0.2.7])\r\nFrom: Banque <alerte@banque-secure.example>\r\n"
    b"To: chloe@exemple.fr\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\n"
    b"Subject: Votre compte\r\n\r\n<html>Payez</html>\r\n"
)


def jpeg(extra: bytes = b"") -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 4, 4, 1) + b"\x01\x11\x00"
    comment = b"\xff\xfe" + struct.pack(">H", len(extra) + 2) + extra if extra else b""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + comment + frame + (
        b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9"
    )  # fmt: skip


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(extra: bytes = b"") -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    words = _chunk(b"tEXt", extra) if extra else b""
    return b"\x89PNG\r\n\x1a\n" + head + words + _chunk(b"IDAT", zlib.compress(b"\x00\x00")) + _chunk(b"IEND", b"")


def gif() -> bytes:
    picture = b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + picture


def webp() -> bytes:
    body = b"WEBPVP8L" + struct.pack("<I", 10) + b"\x2f" + b"\x00" * 9
    return b"RIFF" + struct.pack("<I", len(body)) + body


def box(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def boxes(brand: bytes, *rest: bytes, also: bytes = b"") -> bytes:
    return box(b"ftyp", brand + b"\x00\x00\x02\x00" + also) + b"".join(rest)


def pdf(extra: bytes = b"") -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" + extra + b"\ntrailer<<>>\nstartxref\n9\n%%EOF\n"


def mp3() -> bytes:
    frame = b"\xff\xfb\x90\x00" + b"\x00" * 413
    return frame * 3


def tagged_mp3() -> bytes:
    return b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"\x00" * 10 + mp3()


def ogg() -> bytes:
    return b"OggS\x00\x02" + b"\x00" * 20 + b"\x01\x13OpusHead\x01\x01" + b"\x00" * 20


def wav() -> bytes:
    body = (
        b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", 2) + b"\x80\x80"
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webm() -> bytes:
    head = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04"
    return head + b"\x18\x53\x80\x67\x01" + b"\x00" * 7


def zipped(parts: dict[str, bytes], stored: tuple[str, ...] = ()) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return made.getvalue()


WORD = {
    "[Content_Types].xml": b"<Types><Override ContentType='application/vnd.openxmlformats-officedocument"
    b".wordprocessingml.document.main+xml'/></Types>",
    "word/document.xml": b"<w:document/>",
    "word/_rels/document.xml.rels": b"<Relationships/>",
}
SHEET = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
TEXT_DOCUMENT = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office/>"}


def docx(**more: bytes) -> bytes:
    return zipped({**WORD, **more})


GOOD = {
    "image/jpeg": jpeg(),
    "image/png": png(),
    "image/gif": gif(),
    "image/webp": webp(),
    "image/heic": boxes(b"heic", box(b"meta", b"\x00" * 8), box(b"mdat"), also=b"mif1heic"),
    "application/pdf": pdf(),
    "text/plain": "Bonjour, j’ai payé 200 €.\r\nMerci.".encode(),
    "message/rfc822": MAIL,
    "video/mp4": boxes(b"isom", box(b"moov", b"\x00" * 8), also=b"mp41"),
    "video/quicktime": boxes(b"qt  ", box(b"wide"), box(b"mdat", b"\x00")),
    "video/3gpp": boxes(b"3gp5", box(b"mdat", b"\x00"), also=b"isom"),
    "video/webm": webm(),
    "audio/mpeg": mp3(),
    "audio/mp4": boxes(b"M4A ", box(b"moov", b"\x00" * 8)),
    "audio/ogg": ogg(),
    "audio/wav": wav(),
    "application/vnd.oasis.opendocument.text": zipped(TEXT_DOCUMENT, stored=("mimetype",)),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": docx(),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": zipped(SHEET),
}


def _bomb() -> bytes:
    return zipped({**WORD, "word/media/a.bin": b"\x00" * (8 * 1024 * 1024)})


def _encrypted() -> bytes:
    made = bytearray(docx())
    made[6] |= 1
    at = made.find(b"PK\x01\x02")
    while at >= 0:
        made[at + 8] |= 1
        at = made.find(b"PK\x01\x02", at + 4)
    return bytes(made)


def _doubled() -> bytes:
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w") as archive:
        warnings.simplefilter("ignore")
        for name, data in [*WORD.items(), ("word/document.xml", b"other")]:
            archive.writestr(name, data)
    return made.getvalue()


def _endless_directory() -> bytes:
    entry = b"PK\x01\x02" + b"\x00" * 42
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65535, 65535, len(entry) * 400_000, 0, 0)
    return b"PK\x03\x04" + b"\x00" * 26 + entry * 400_000 + end


_TEMPLATE = (
    b'<Relationships><Relationship Type="http://schemas/attachedTemplate" Target="https://mal.example/t.dotm" '
    b'TargetMode="External"/></Relationships>'
)
HOSTILE = {
    "empty": (b"", "empty"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "web-page"),
    "svg-after-declaration": (b"<?xml version='1.0'?><svg/>", "web-page"),
    "svg-after-bom": (b"\xef\xbb\xbf  <svg/>", "web-page"),
    "svg-utf16": ("<svg/>".encode("utf-16"), "web-page"),
    "html": (b"<!DOCTYPE html><script>alert(1)</script>", "web-page"),
    "html-after-words": (b"Bonjour\n<script>alert(1)</script>", "web-page"),
    "html-with-frame": (b"hello <IFRAME src=x>", "web-page"),
    "xml-bomb": (b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'ha'>]><l>&a;</l>", "web-page"),
    "windows-program": (b"MZ" + b"\x90" * 300, "program"),
    "linux-program": (b"\x7fELF" + b"\x02" * 300, "program"),
    "mac-program": (b"\xcf\xfa\xed\xfe" + b"\x00" * 100, "program"),
    "java-class": (b"\xca\xfe\xba\xbe" + b"\x00" * 100, "program"),
    "android-code": (b"dex\n035\x00" + b"\x00" * 50, "program"),
    "shell": (b"#!/bin/sh\nrm -rf /\n", "program"),
    "batch": (b"@echo off\r\nformat c:\r\n", "program"),
    "php": (b"<?php system($_GET['a']);", "program"),
    "rtf": (b"{\\rtf1\\ansi{\\object\\objdata}}", "program"),
    "postscript": (b"%!PS-Adobe-3.0\n", "program"),
    "registry": (b"Windows Registry Editor Version 5.00\r\n", "program"),
    "old-word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "unknown-type"),
    "rar": (b"Rar!\x1a\x07\x01\x00" + b"\x00" * 50, "archive"),
    "seven": (b"7z\xbc\xaf\x27\x1c" + b"\x00" * 50, "archive"),
    "gzip": (b"\x1f\x8b\x08\x00" + b"\x00" * 50, "archive"),
    "xz": (b"\xfd7zXZ\x00" + b"\x00" * 50, "archive"),
    "zip": (zipped({"a.txt": b"a"}), "archive"),
    "zip-empty": (b"PK\x05\x06" + b"\x00" * 18, "damaged"),
    "jar": (zipped({"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0"}), "archive"),
    "apk": (zipped({"AndroidManifest.xml": b"\x03\x00", "classes.dex": b"dex"}), "archive"),
    "epub": (zipped({"mimetype": b"application/epub+zip", "content.xml": b""}), "archive"),
    "spreadsheet-odf": (
        zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b""}),
        "archive",
    ),
    "docx-macro": (zipped({**WORD, "word/vbaProject.bin": b"\x00"}), "macro"),
    "docx-macro-type": (
        zipped({**WORD, "[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml"}),
        "macro",
    ),
    "xlsx-macro-sheet": (zipped({**SHEET, "xl/macrosheets/sheet1.xml": b""}), "macro"),
    "xlsx-activex": (zipped({**SHEET, "xl/activeX/activeX1.bin": b""}), "macro"),
    "odt-basic": (zipped({**TEXT_DOCUMENT, "Basic/Standard/Module1.xml": b""}), "macro"),
    "odt-script": (zipped({**TEXT_DOCUMENT, "Scripts/python/a.py": b""}), "macro"),
    "docx-remote-template": (zipped({**WORD, "word/_rels/settings.xml.rels": _TEMPLATE}), "unsafe-document"),
    "docx-bomb": (_bomb(), "unsafe-document"),
    "docx-many-parts": (zipped({**WORD, **{f"word/a{n}.xml": b"" for n in range(2100)}}), "unsafe-document"),
    "docx-endless-directory": (_endless_directory(), "unsafe-document"),
    "docx-nested": (zipped({**WORD, "word/embeddings/a.zip": b"PK"}), "unsafe-document"),
    "docx-program-inside": (zipped({**WORD, "word/embeddings/a.exe": b"MZ"}), "unsafe-document"),
    "docx-page-inside": (zipped({**WORD, "word/afchunk.html": b"<html>"}), "unsafe-document"),
    "docx-climbs": (zipped({**WORD, "../../etc/cron.d/a": b""}), "unsafe-document"),
    "docx-absolute": (zipped({**WORD, "/etc/passwd": b""}), "unsafe-document"),
    "docx-backslash": (zipped({**WORD, "..\\a": b""}), "unsafe-document"),
    "docx-encrypted": (_encrypted(), "unsafe-document"),
    "docx-doubled": (_doubled(), "unsafe-document"),
    "docx-huge-links": (
        zipped({**WORD, "word/_rels/document.xml.rels": b" " * (1024 * 1024 + 1)}),
        "unsafe-document",
    ),
    "docx-with-tail": (docx() + b"<script>", "archive"),
    "docx-after-words": (b"PK" + b"\x00" * 40 + docx(), "unsafe-document"),
    "docx-cut": (docx()[:-30], "damaged"),
    "jpeg-cut": (jpeg()[:30], "damaged"),
    "jpeg-only-signature": (b"\xff\xd8\xff\xe0", "damaged"),
    "jpeg-without-frame": (b"\xff\xd8\xff\xda\x00\x08\x00\x00\x00\x00\x00\x00\xff\xd9", "damaged"),
    "jpeg-signature-then-page": (b"\xff\xd8\xff<script>alert(1)</script>", "damaged"),
    "gif-signature-then-script": (b"GIF89a=1;alert(1)//", "damaged"),
    "gif-of-no-size": (b"GIF89a" + b"\x00" * 20 + b";", "damaged"),
    "png-only-signature": (b"\x89PNG\r\n\x1a\n", "damaged"),
    "png-cut": (png()[:40], "damaged"),
    "png-bad-checksum": (png()[:20] + b"\x09" + png()[21:], "damaged"),
    "png-endless-chunk": (b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR", "damaged"),
    "webp-longer-than-it-is": (b"RIFF\xff\xff\xff\x7fWEBPVP8 ", "damaged"),
    "avi": (b"RIFF\x10\x00\x00\x00AVI LIST" + b"\x00" * 8, "unknown-type"),
    "pdf-cut": (pdf()[:20], "damaged"),
    "pdf-after-words": (b"hello\x00" + pdf(), "unknown-type"),
    "avif": (boxes(b"avif", box(b"meta"), also=b"mif1"), "unknown-type"),
    "boxes-unknown": (boxes(b"zzzz", box(b"moov")), "unknown-type"),
    "boxes-of-no-length": (boxes(b"isom", b"\x00\x00\x00\x01moov" + b"\x00" * 8), "damaged"),
    "matroska": (b"\x1a\x45\xdf\xa3\x42\x82\x88matroska\x18\x53\x80\x67", "unknown-type"),
    "ogg-video": (b"OggS\x00\x02" + b"\x00" * 20 + b"\x01\x13\x80theora", "unknown-type"),
    "mp3-tag-then-page": (b"ID3\x04\x00\x00\x00\x00\x00\x00<script>", "damaged"),
    "adts": (b"\xff\xf1\x50\x80" + b"\x00" * 400, "unknown-type"),
    "binary": (bytes(range(256)) * 8, "unknown-type"),
    "zeros": (b"\x00" * 2000, "unknown-type"),
    "text-with-nul": (b"bonjour\x00monde", "unknown-type"),
    "text-with-escape": (b"bonjour \x1b]0;rm\x07", "unknown-type"),
    "mail-with-nul": (MAIL + b"\x00", "unknown-type"),
}
