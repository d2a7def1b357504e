"""Hostile files as they come by the form: a name, the bytes, and the type that the browser claims. All made by code."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.victims import files
from victims.vault.limits import FILE_LIMIT, MIB

SCRIPT = b"<script>alert(document.cookie)</script>"
_RTL, _ZERO_WIDTH = "\u202e", "\u200b"


@dataclass(frozen=True)
class Sent:
    name: str
    content: bytes
    claimed: str = "application/octet-stream"


def deflated(size: int, bits: int = 15) -> bytes:
    """So many zeros, packed, without ever holding them."""
    packing = zlib.compressobj(9, zlib.DEFLATED, bits)
    body = [packing.compress(bytes(min(MIB, size - at))) for at in range(0, size, MIB)]
    return b"".join([*body, packing.flush()])


def png_of(width: int, height: int, data: bytes | None = None, extra: bytes = b"") -> bytes:
    """A PNG whose header tells these dimensions, however few bytes it has."""
    head = files._chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = files._chunk(b"IDAT", deflated(1000) if data is None else data)
    return b"\x89PNG\r\n\x1a\n" + head + extra + body + files._chunk(b"IEND", b"")


def jpeg_of(width: int, height: int, *segments: bytes) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    start = b"\xff\xd8" + b"".join(segments)
    return start + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9"


def _segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def pdf_with(*objects: bytes) -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (at, each) for at, each in enumerate(objects, start=1))
    return files.pdf(body)


def zip_in_zip(levels: int, content: bytes) -> bytes:
    for level in range(levels):
        content = files.zipped({f"{level}.zip" if level else "0.bin": content})
    return content


def docx_bomb(parts: int) -> bytes:
    """Each part opens to a hundred megabytes."""
    size = 100 * MIB - 1
    body = deflated(size, bits=-15)
    return _entries(files.WORD, {f"word/media/{n}.bin": (body, size) for n in range(parts)})


def overlapping_bomb(names: int) -> bytes:
    """All the names of the directory lead to the same bytes."""
    body, size = deflated(50 * MIB, bits=-15), 50 * MIB
    return _entries(files.WORD, {f"word/media/{n}.bin": (body, size) for n in range(names)}, shared=True)


def _entries(plain: dict[str, bytes], packed: dict[str, tuple[bytes, int]], *, shared: bool = False) -> bytes:
    made = io.BytesIO(files.zipped(plain))
    with zipfile.ZipFile(made) as archive:
        start, infos = archive.start_dir, archive.infolist()
    out, ends = bytearray(made.getvalue()[:start]), bytearray(made.getvalue()[start:-22])
    place = len(out)
    for name, (body, size) in packed.items():
        raw = name.encode()
        if not shared or place == len(out):
            place = len(out)
            out += struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, 0, len(body), size, len(raw), 0) + raw + body
        ends += struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 33, 0, len(body), size, len(raw), 0, 0, 0, 0, 0,
                            place) + raw  # fmt: skip
    count = len(infos) + len(packed)
    return bytes(out + ends + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(ends), len(out), 0))


def _claims_to_be_other() -> list[Sent]:
    return [
        Sent("facture.pdf", b"MZ" + bytes(300), "application/pdf"),
        Sent("photo.jpg", b"<svg onload=alert(1)>", "image/jpeg"),
        Sent("photo.png", SCRIPT, "image/png"),
        Sent("photo.jpg.exe", files.jpeg(), "image/jpeg"),
        Sent("releve.pdf.js", b"WScript.Shell", "application/pdf"),
        Sent("video.mp4.scr", b"MZ" + bytes(40), "video/mp4"),
        Sent("note.txt", b"#!/bin/sh\nrm -rf ~\n", "text/plain"),
        Sent("note.txt", b"\xff\xfe<\x00s\x00v\x00g\x00/\x00>\x00", "text/plain"),
        Sent("courriel.eml", files.MAIL.replace(b"Payez", SCRIPT), "message/rfc822"),
        Sent("page.mht", b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n" + SCRIPT, "message/rfc822"),
        Sent("lien.url", b"[InternetShortcut]\nURL=file://evil/share\n", "text/plain"),
        Sent("raccourci.lnk", b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(100)),
        Sent("feuille.csv", b'=HYPERLINK("http://mal.example";"Cliquez")\n', "text/csv"),
        Sent("document.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "application/msword"),
        Sent("document.rtf", b"{\\rtf1{\\object\\objupdate}}", "application/rtf"),
        Sent("appli.apk", files.zipped({"AndroidManifest.xml": b"\x03\x00"})),
        Sent("macro.docm", files.zipped({**files.WORD, "word/vbaProject.bin": b"\xd0\xcf"})),
        Sent("tableau.xlsm", files.zipped({**files.SHEET, "xl/vbaProject.bin": b"\xd0\xcf"})),
        Sent("tableau.xlsx", files.zipped({**files.SHEET, "xl/macrosheets/sheet1.xml": b"x"})),
        Sent("modele.docx", files.zipped({**files.WORD, "word/_rels/settings.xml.rels": files._TEMPLATE})),
        Sent("texte.odt", files.zipped({**files.TEXT_DOCUMENT, "Basic/script-lc.xml": b"x"}, stored=("mimetype",))),
    ]


def _polyglots() -> list[Sent]:
    archive = files.zipped({"a.js": b"alert(1)"})
    return [
        Sent("gif-js.gif", b"GIF89a/*" + bytes(12) + b"*/=1;alert(1)//;", "image/gif"),
        Sent("gif-page.gif", files.gif()[:-1] + SCRIPT + b";", "image/gif"),
        Sent("jpeg-zip.jpg", files.jpeg() + archive, "image/jpeg"),
        Sent("jpeg-page.jpg", files.jpeg(SCRIPT), "image/jpeg"),
        Sent("jpeg-php.jpg", files.jpeg(b"<?php system($_GET[0]);?>"), "image/jpeg"),
        Sent("jpeg-exif.jpg", jpeg_of(4, 4, _segment(0xE1, b"Exif\0\0" + b"II*\0" + b"\xff" * 64)), "image/jpeg"),
        Sent("png-page.png", files.png(b"Comment\0" + SCRIPT), "image/png"),
        Sent("png-tail.png", files.png() + b"PK\3\4" + archive, "image/png"),
        Sent("pdf-zip.pdf", files.pdf() + archive, "application/pdf"),
        Sent("pdf-page.pdf", b"%PDF-1.7\n" + SCRIPT + files.pdf()[9:], "application/pdf"),
        Sent("page-pdf.pdf", SCRIPT + files.pdf(), "application/pdf"),
        Sent("zip-pdf.pdf", archive + files.pdf(), "application/pdf"),
        Sent("wav-program.wav", files.wav() + b"MZ" + bytes(90), "audio/wav"),
        Sent("mp3-page.mp3", files.tagged_mp3() + SCRIPT, "audio/mpeg"),
        Sent("docx-page.docx", files.docx() + SCRIPT),
        Sent("bmp.bmp", b"BM" + struct.pack("<IHHI", 26, 0, 0, 26) + bytes(12), "image/bmp"),
        Sent("ico.ico", b"\x00\x00\x01\x00\x01\x00" + bytes(40), "image/x-icon"),
        Sent("tiff.tif", b"II*\x00\x08\x00\x00\x00" + bytes(80), "image/tiff"),
    ]


def _bombs() -> list[Sent]:
    unpacked = b"a\0\0" + deflated(64 * MIB)
    canvas = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff" * 6
    return [
        Sent("bombe.docx", docx_bomb(1)),
        Sent("bombes.docx", docx_bomb(30)),
        Sent("recouvertes.docx", overlapping_bomb(500)),
        Sent("42.zip", zip_in_zip(6, bytes(4 * MIB)), "application/zip"),
        Sent("emboite.docx", files.zipped({**files.WORD, "word/embeddings/1.zip": zip_in_zip(4, b"x")})),
        Sent("milliard.svg", b"<?xml version='1.0'?><!DOCTYPE l [" + b"".join(
            b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha") for n in range(9)) + b"]><l>&a8;</l>"),
        Sent("immense.png", png_of(60_000, 60_000), "image/png"),
        Sent("infini.png", png_of(2**31 - 1, 2**31 - 1), "image/png"),
        Sent("large.png", png_of(2**31 - 1, 1, deflated(4_000_000)), "image/png"),
        Sent("textes.png", png_of(1, 1, extra=files._chunk(b"zTXt", unpacked)), "image/png"),
        Sent("profil.png", png_of(1, 1, extra=files._chunk(b"iCCP", unpacked)), "image/png"),
        Sent("immense.jpg", jpeg_of(65_535, 65_535), "image/jpeg"),
        Sent("immense.gif", b"GIF89a\xff\xff\xff\xff\x80\x00\x00" + files.gif()[13:], "image/gif"),
        Sent("cadres.gif", files.gif()[:-1] + files.gif()[19:-1] * 5000 + b";", "image/gif"),
        Sent("immense.webp", b"RIFF" + struct.pack("<I", 22) + canvas),
        Sent("profond.txt", b"[" * 2_000_000, "text/plain"),
        Sent("ligne.eml", b"From: a\r\nTo: b\r\nReceived: " + b"x" * 5_000_000 + b"\r\n\r\n"),
        Sent("entetes.eml", b"".join(b"Received: %d\r\n" % n for n in range(200_000)) + b"From: a\r\nTo: b\r\n\r\n"),
    ]  # fmt: skip


def _documents() -> list[Sent]:
    js = b"<</Type/Action/S/JavaScript/JS(app.alert\\(1\\))>>"
    return [
        Sent("eicar.com", files.EICAR),
        Sent("eicar.zip", files.zipped({"eicar.com": files.EICAR}), "application/zip"),
        Sent("script.pdf", pdf_with(b"<</Type/Catalog/OpenAction 2 0 R>>", js), "application/pdf"),
        Sent("lance.pdf", pdf_with(b"<</S/Launch/F(cmd.exe)>>"), "application/pdf"),
        Sent("joint.pdf", pdf_with(b"<</Type/EmbeddedFile>>stream\nMZ\nendstream"), "application/pdf"),
        Sent("boucle.pdf", pdf_with(b"<</Length 1 0 R>>", b"<</Kids[2 0 R]>>"), "application/pdf"),
        Sent("vide.pdf", b"", "application/pdf"),
        Sent("coupe.pdf", files.pdf()[:-9], "application/pdf"),
        Sent("coupe.jpg", files.jpeg()[:-2], "image/jpeg"),
        Sent("coupe.mp4", files.GOOD["video/mp4"][:30], "video/mp4"),
        Sent("un.bin", b"\x00"),
        Sent("film.avi", b"RIFF\x10\x00\x00\x00AVI LIST" + bytes(8), "video/x-msvideo"),
        Sent("boites.mp4", files.boxes(b"isom", *[files.box(b"free")] * 10_000, files.box(b"moov")), "video/mp4"),
    ]


def _names() -> list[Sent]:
    given = (
        f"photo{_RTL}gpj.exe", f"a{_ZERO_WIDTH}b.txt", "a\x00b.txt", "../../../etc/passwd", "..\\..\\a.txt", "CON",
        "aux.txt", "a" * 5000 + ".txt", ".htaccess", " .txt ", '"><img src=x onerror=alert(1)>.txt', "{{ 7*7 }}.txt",
        "nom\r\nSet-Cookie: a=b.txt", "\U0001f600" * 300, "%2e%2e%2fa.txt", "$(id).txt", "é" * 200, "\ufeff", "a;b.txt",
    )  # fmt: skip
    return [Sent(name, b"Bonjour " + str(at).encode()) for at, name in enumerate(given)]


def heaviest() -> Iterator[Sent]:
    """One at a time: together they would weigh more than what is measured."""
    yield Sent("plein.txt", b"a" * FILE_LIMIT, "text/plain")
    yield Sent("trop.txt", b"a" * (FILE_LIMIT + 1), "text/plain")
    yield Sent("plein.docx", files.zipped({**files.WORD, "word/a.bin": random.Random(1).randbytes(19 * MIB)}))
    yield Sent("plein.eml", files.MAIL + b"x" * (19 * MIB), "message/rfc822")


def corpus() -> list[Sent]:
    others = [Sent(f"{name}.bin", content) for name, (content, _) in files.HOSTILE.items()]
    return [*_claims_to_be_other(), *_polyglots(), *_bombs(), *_documents(), *_names(), *others]


def mutated(times: int, seed: int) -> Iterator[Sent]:
    """Good and hostile files, hit at random: bits, cuts, blocks repeated, heads of others, lengths told wrong."""
    chance = random.Random(seed)
    small = [each for each in corpus() if len(each.content) < 100_000]
    small += [Sent(media_type.replace("/", "."), content, media_type) for media_type, content in files.GOOD.items()] * 4
    for number in range(times):
        one, other = chance.choice(small), chance.choice(small)
        content = bytearray(one.content)
        for _ in range(chance.randrange(1, 5)):
            _hit(content, other.content, chance)
        yield Sent(f"{number}-{one.name[:40]}", bytes(content), one.claimed)


def _hit(content: bytearray, other: bytes, chance: random.Random) -> None:
    at = chance.randrange(len(content) + 1)
    what = chance.randrange(7)
    if what == 0 and content:
        content[at % len(content)] ^= 1 << chance.randrange(8)
    elif what == 1:
        del content[at:]
    elif what == 2:
        content[at:at] = chance.randbytes(chance.randrange(1, 40))
    elif what == 3:
        content[:12] = other[:12]
    elif what == 4:
        content += other
    elif what == 5:
        content[at : at + 4] = struct.pack(chance.choice("<>") + "I", chance.choice((0, 1, 2**31 - 1, 2**32 - 1)))
    else:
        content[at:at] = content[at // 2 : at] * chance.randrange(1, 4)
