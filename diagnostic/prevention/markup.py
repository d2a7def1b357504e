"""The few signs an editor may use: « ## » for a title, « - » for a list, an empty line between paragraphs, **bold**.

A text becomes blocks of runs that a template lays out, so nothing typed is ever HTML. An address is never made a link:
in an announcement it may be the fraudster's own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from diagnostic.phones import Linker

_BOLD = re.compile(r"\*\*(.+?)\*\*")
TITLE, LIST, PARAGRAPH = "titre", "liste", "paragraphe"


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    strong: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """`lines`: one for a title or a paragraph, one per item for a list."""

    kind: str
    lines: tuple[tuple[Run, ...], ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        return self.lines[0]


def blocks(text: str, linker: Linker | None = None) -> tuple[Block, ...]:
    """Total: any text gives blocks, a sign that is not understood stays text."""
    found: list[Block] = []
    for kind, lines in _grouped(text.splitlines()):
        written = [" ".join(lines)] if kind == PARAGRAPH else lines
        found.append(Block(kind, tuple(_runs(line, linker) for line in written)))
    return tuple(found)


def plain(text: str) -> str:
    """The same words without the signs, for the search and the text files."""
    return "\n".join(_BOLD.sub(r"\1", line) for _, lines in _grouped(text.splitlines()) for line in lines)


def _grouped(lines: Iterable[str]) -> Iterable[tuple[str, list[str]]]:
    kind, waiting = "", []
    for raw in lines:
        line = raw.strip()
        after = _kind(line)
        if waiting and (after != kind or after == TITLE):
            yield kind, waiting
            waiting = []
        kind = after
        if line:
            waiting.append(line.lstrip("#- ").strip() if after in (TITLE, LIST) else line)
    if waiting:
        yield kind, waiting


def _kind(line: str) -> str:
    if line.startswith("## ") and line.strip("# "):
        return TITLE
    if line.startswith("- ") and line.strip("- "):
        return LIST
    return PARAGRAPH if line else ""


def _runs(line: str, linker: Linker | None) -> tuple[Run, ...]:
    found: list[Run] = []
    for at, piece in enumerate(_BOLD.split(line)):
        if piece:
            parts = linker.parts(piece) if linker else ((piece, ""),)
            found += [Run(words, at % 2 == 1, link) for words, link in parts]
    return tuple(found)
