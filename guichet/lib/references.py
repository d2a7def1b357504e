"""What a victim copies by hand: the public reference of a dossier, and its secret code.

Reference: `GC-7K4M-92QX`, Crockford's base 32 (no I, L, O, U), 7 random characters and one of control.
Code: 16 digits in groups of four, the last a Damm digit: one wrong digit or two neighbours swapped is told at once,
and the code looks like a telephone or card number to somebody who glances at the paper.
"""

import hashlib
import hmac
import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CONFUSED = str.maketrans("OIL", "011")
PREFIX = "GC"
DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


class Unreadable(ValueError):
    """What was typed cannot be a reference or a code; the message says what to look at, in French."""


def _control(body: str) -> str:
    """Weighted sum modulo 31 over the values: catches one wrong character and any swap of two."""
    total = sum((place + 2) * ALPHABET.index(char) for place, char in enumerate(body))
    return ALPHABET[total % 31]


def new_reference() -> str:
    body = "".join(secrets.choice(ALPHABET) for _ in range(7))
    whole = body + _control(body)
    return f"{PREFIX}-{whole[:4]}-{whole[4:]}"


def read_reference(typed: str) -> str:
    """The reference in its one spelling, from however it was typed; raises Unreadable."""
    chars = re.sub(r"[^0-9A-Z]", "", typed.upper())
    if chars.startswith(PREFIX) and len(chars) == 10:
        chars = chars[2:]
    chars = chars.translate(CONFUSED)
    if len(chars) != 8 or any(char not in ALPHABET for char in chars):
        raise Unreadable("La référence compte 8 lettres ou chiffres après GC, par exemple GC-7K4M-92QX.")
    if _control(chars[:7]) != chars[7]:
        raise Unreadable("Un caractère de la référence semble différent. Relisez-la sur votre papier.")
    return f"{PREFIX}-{chars[:4]}-{chars[4:]}"


def _damm(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = DAMM[interim][int(digit)]
    return interim


def _spelled(digits: str) -> str:
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def new_code() -> str:
    body = f"{secrets.randbelow(10**15):015d}"
    return _spelled(body + str(_damm(body)))


def derived_code(key: bytes, opening: str) -> str:
    """The code of one opening: a repeated request shows the same code again, and nothing readable is stored."""
    number = int.from_bytes(hmac.new(key, opening.encode(), hashlib.sha256).digest(), "big") % 10**15
    body = f"{number:015d}"
    return _spelled(body + str(_damm(body)))


def read_code(typed: str) -> str:
    """The 16 digits of a code; raises Unreadable."""
    digits = re.sub(r"\D", "", typed)
    if len(digits) != 16:
        raise Unreadable("Le code compte 16 chiffres, par groupes de quatre.")
    if _damm(digits):
        raise Unreadable("Un chiffre du code semble différent. Relisez-le sur votre papier.")
    return digits
