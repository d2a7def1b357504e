"""What people paste, made plain: full-width digits, hidden characters, odd spaces and dashes, defanged addresses."""

import re
import unicodedata

_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_DASHES = re.compile("[\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\u30fc\ufe58\ufe63\uff0d]")
_DOT = re.compile(
    r"\s*(?:\[\s*(?:\.|dot|point)\s*\]|\(\s*(?:\.|dot|point)\s*\)|\{\s*(?:\.|dot|point)\s*\})\s*", re.IGNORECASE
)
_AT = re.compile(
    r"\s*(?:\[\s*(?:@|at|arobase)\s*\]|\(\s*(?:@|at|arobase)\s*\)|\{\s*(?:@|at|arobase)\s*\})\s*", re.IGNORECASE
)
_SCHEME = re.compile(
    r"\bh(?:xx|tt)p(s?)\s?(?:\[\s*:\s*\]|:|\[\s*(?=://))\s?(?:\[\s*//\s*\]|//|://)\s?\]?\s?", re.IGNORECASE
)
MAX_CHARS = 20_000


def plain(text: str) -> str:
    """Compatible forms are one form, what cannot be seen is gone, one kind of space and of dash."""
    text = unicodedata.normalize("NFKC", _HIDDEN.sub("", text[:MAX_CHARS]))
    text = _DASHES.sub("-", _HIDDEN.sub("", text))
    return " ".join(text.split())


def refanged(text: str) -> str:
    """« hxxps://evil[.]example » as an address again, to compare: it is never opened."""
    text = _AT.sub("@", _DOT.sub(".", text))
    return _SCHEME.sub(lambda found: f"http{found[1].lower()}://", text)
