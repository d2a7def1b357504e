"""Documents on paper: typst templates of `paper/`, filled with JSON only, so that a person's word is never markup.

PDF/A-2a and PDF/UA-1 at once, from fonts that travel with us: the system's fonts are never read, the same data give
the same bytes. A character that no font of ours draws is printed as « [U+4E2D] »: the data file beside holds it.
"""

import functools
import json
import logging
import re
import unicodedata
from datetime import datetime
from pathlib import Path

import typst

PAPER = Path(__file__).resolve().parent / "paper"
STANDARDS = ["a-2a", "ua-1"]
NAMES = frozenset({"acknowledgement", "complaint", "letter", "plan", "receipt", "report", "sheet", "transcript"})
# Characters that turn the reading direction over can make a line say something else than what was typed.
DECEIVING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
PLAIN = re.compile(r"[^\n\x20-\x7e\xa0-\xff\u0152\u0153\u0178\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u202f\u20ac]")
log = logging.getLogger("guichet.documents")


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(PAPER / "fonts")])


@functools.cache
def drawn() -> frozenset[str]:
    """Every character that our fonts draw (`paper/coverage.txt`; a test prints them all)."""
    found: set[str] = set()
    for line in (PAPER / "coverage.txt").read_text().split():
        first, _, last = line.partition("-")
        found.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(found)


def _named(char: str) -> str:
    return f"[U+{ord(char):04X}]"


def _shown(char: str) -> str:
    if char in drawn() or char == "\n":
        return char
    if char in "\t\v\f":
        return " "
    invisible = unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"
    return char if invisible and char not in DECEIVING else _named(char)


def printable(text: str) -> str:
    """The text as it can be printed: nothing is dropped in silence."""
    return "".join(map(_shown, text.replace("\r\n", "\n").replace("\r", "\n")))


def plain(text: str) -> str:
    """The narrowest form, for a combination of signs that no font draws together."""
    text = unicodedata.normalize("NFC", printable(text))
    return PLAIN.sub(lambda found: _named(found.group()), text)


def _each_text(value, change):
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(str(key)): _each_text(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(each, change) for each in value]
    return value


def _compile(name: str, data: dict, moment: datetime | None) -> bytes:
    compiler = typst.Compiler(root=str(PAPER), font_paths=_fonts())
    return compiler.compile(
        str(PAPER / f"{name}.typ"),
        format="pdf",
        pdf_standards=STANDARDS,
        sys_inputs={"data": json.dumps(data)},
        timestamp=int(moment.timestamp()) if moment else 0,
    )


def render(name: str, data: dict, *, moment: datetime | None = None) -> bytes:
    """The PDF of this document. `moment` is the date written in the file: the fact's, not the clock's."""
    if name not in NAMES:
        raise ValueError(f"no document « {name} »")
    try:
        return _compile(name, _each_text(data, printable), moment)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error) and "codepoint" not in str(error):
            raise
        log.warning("document %s printed in its plain form", name)
        return _compile(name, _each_text(data, plain), moment)
