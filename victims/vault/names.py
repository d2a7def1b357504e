"""The name a person gave to a file: cleaned to be shown and kept, never used to decide anything."""

import re
import unicodedata

from guichet.lib.text import clean_text

LENGTH = 100
FALLBACK = "fichier"
# What a file system or a screen could read otherwise; and what writes from right to left to hide an ending.
_FORBIDDEN = re.compile(r'[<>:"|?*\t\n]')
_HIDDEN = {"Cf", "Cc", "Cs", "Co", "Zl", "Zp"}
_KEPT = {"\u200d"}  # joins the parts of an emoji
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


def clean_name(given: str, endings: tuple[str, ...] = ()) -> str:
    """No folder, no hidden sign, and an ending that says what the content is: `a.exe` becomes `a.exe.jpg`."""
    name = clean_text(str(given)[:1000]).replace("\\", "/").rsplit("/", 1)[-1]
    name = _FORBIDDEN.sub(" ", name)
    name = "".join(c for c in name if c in _KEPT or unicodedata.category(c) not in _HIDDEN)
    name = " ".join(name.split()).strip(" .-\u200d")
    if not name or _RESERVED.fullmatch(name):
        name = f"{FALLBACK} {name}".strip()
    stem, dot, ending = name.rpartition(".")
    if not endings or (dot and ending.lower() in endings):
        return _cut(stem, ending) if dot else name[:LENGTH]
    return _cut(name, endings[0])


def _cut(stem: str, ending: str) -> str:
    ending = ending[:20]
    return f"{stem[: LENGTH - len(ending) - 1].rstrip(' .')}.{ending}"
