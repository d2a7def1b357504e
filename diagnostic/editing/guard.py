"""What no content may hold, whoever wrote it: looked at before anything else reads it. Pure, and bounded in time."""

import re
from collections.abc import Iterator
from typing import Any

from diagnostic.content import FOLDERS, SINGLES
from diagnostic.exceptions import ContentError, Problem

MOST_BYTES = 2_000_000
MOST_ITEMS = 100_000
DEEPEST = 10
LONGEST_TEXT = 4_000
LARGEST = 10**9
SECTIONS = (*SINGLES, *FOLDERS)
MOST_TOLD = 30
_MARKUP = re.compile(r"<\s*[a-zA-Z!/?]|&(?:#\w+|[a-zA-Z]+);|javascript\s*:|data\s*:\s*text|{{|{%")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

LONE = re.compile("[\ud800-\udfff]")


class Hostile(ContentError):
    """Content that is refused before its meaning is looked at."""


def refuse(message: str, where: str = "contenu") -> None:
    raise Hostile([Problem("contenu", where, message)])


def check_text(text: str) -> None:
    if len(text.encode(errors="surrogatepass")) > MOST_BYTES:
        refuse(f"trop gros : {MOST_BYTES // 1000} ko au plus")


def check_shape(data: Any) -> None:
    """Known sections, plain values, neither deep nor endless."""
    if not isinstance(data, dict) or not all(isinstance(part, dict) for part in data.values()):
        refuse("le contenu doit être une liste de sections")
    if unknown := sorted(str(name)[:40] for name in set(data) - set(SECTIONS)):
        refuse(f"sections inconnues : {', '.join(unknown[:5])}")
    if missing := sorted(set(SECTIONS) - set(data)):
        refuse(f"sections absentes : {', '.join(missing)}")
    count, todo = 0, [(data, 1)]
    while todo:
        value, depth = todo.pop()
        count += 1
        if count > MOST_ITEMS:
            refuse(f"trop d'éléments : {MOST_ITEMS} au plus")
        if isinstance(value, (dict, list)):
            if depth > DEEPEST:
                refuse(f"trop imbriqué : {DEEPEST} niveaux au plus")
            todo += [(each, depth + 1) for each in value]
            todo += [(each, depth + 1) for each in value.values()] if isinstance(value, dict) else []
        elif isinstance(value, str):
            if LONE.search(value):
                refuse("un texte contient un signe qui n'existe pas")
        elif isinstance(value, float) or (isinstance(value, int) and abs(value) > LARGEST):
            refuse("un nombre est trop grand, ou n'est pas entier")
        elif not isinstance(value, (int, bool, type(None))):
            refuse("une valeur n'est ni un texte, ni un nombre, ni vrai ou faux")


def texts(value: Any, path: tuple = ()) -> Iterator[tuple[tuple, str]]:
    """Every text of an item, with the way to it; keys are texts too."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key), str(key)
            yield from texts(inner, (*path, key))
    elif isinstance(value, list):
        for rank, inner in enumerate(value):
            yield from texts(inner, (*path, rank))


def bad_texts(data: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """(section, key, why) of every text that may not be published."""
    for section, items in data.items():
        for key, item in items.items():
            for path, text in texts({key: item}):
                if why := bad_words(text):
                    yield section, key, _at(path[1:]) + why


def _at(path: tuple) -> str:
    """The way inside the item, as the faults of its shape are told."""
    return f"{'.'.join(map(str, path))} : " if path else ""


def check_words(data: dict[str, dict[str, Any]]) -> None:
    """Before a version is served: whoever wrote in the database did not pass by the checks of the editing."""
    for section, key, why in bad_texts(data):
        raise Hostile([Problem(section, key, why)])


def bad_words(text: str) -> str:
    """Why this text may not be published; empty when it may."""
    if len(text) > LONGEST_TEXT:
        return f"texte trop long ({len(text)} signes)"
    if found := _MARKUP.search(text):
        return f"« {found.group()} » : les balises et le code ne sont pas admis"
    if found := UNSEEN.search(text):
        return f"signe invisible U+{ord(found.group()):04X}"
    return ""
