"""How the author was reached: phone numbers in E.164, e-mail addresses."""

import re
from collections.abc import Iterator

from diagnostic import extract
from victims.linking.web import ascii_host

# « +33 (0)6 … », « 0033 6 … », « (+33) 06 … »: the prefix, then the national number with or without its zero.
_NUMBER = re.compile(
    r"(?<![\w@./-])(?P<plus>\(?\s?\+\s?|00[ .-]?)?(?P<digits>\(?\d(?:[ .\-/()]{0,3}\d){6,16})(?![\w@])"
)
_ZERO = re.compile(r"\(\s*0\s*\)")
_FRENCH_CODES = ("33", "262", "590", "594", "596", "508", "687", "689", "681")
_MAIL = re.compile(r"([^\s@<>()\[\]\"'«»,;:|]{1,64})@([^\s@<>()\[\]\"'«»,;:|/?#]{3,253})")


def phones(text: str) -> Iterator[str]:
    """Only numbers that are whole: a short number or a slip has no normal form."""
    for found in _NUMBER.finditer(_ZERO.sub(" ", text)):
        digits = re.sub(r"\D", "", found["digits"])
        value = _abroad(digits) if found["plus"] else _national(digits)
        if value:
            yield value


def _national(digits: str) -> str:
    """Ten digits as they are dialled in France, the overseas ones to their own country code."""
    if len(digits) == 10 and digits[0] == "0" and digits[1] != "0":
        return extract.french_phone(digits)
    return ""


def _abroad(digits: str) -> str:
    code = next((each for each in _FRENCH_CODES if digits.startswith(each)), "")
    rest = digits[len(code) :]
    if code in ("33", "262", "590", "594", "596"):
        national = rest.removeprefix("0")
        if len(national) != 9 or national[0] == "0":
            return ""
        return extract.french_phone("0" + national) if code == "33" else f"+{code}{national}"
    return "+" + digits if 8 <= len(digits) <= 15 and digits[0] != "0" else ""


def emails(text: str) -> Iterator[str]:
    """Case is folded, dots and plus tags are kept: two boxes that differ by them may be two people's."""
    for found in _MAIL.finditer(text):
        host = ascii_host(found[2].strip(".-…!?"))
        local = found[1].strip(".").removeprefix("mailto:").casefold()
        if host and "." in host and local:
            yield f"{local}@{host}"
