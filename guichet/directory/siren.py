"""The number of a company, as people write it. Its own key tells a wrong digit."""

import re

SHAPE = re.compile(r"[0-9]{9}")


class Unreadable(ValueError):
    """The message says what to write, in French."""


def read_siren(typed: str) -> str:
    bare = re.sub(r"[\s.\u00a0\u202f-]", "", typed)
    if not SHAPE.fullmatch(bare):
        raise Unreadable("Un SIREN compte 9 chiffres, par exemple 732 829 320.")
    if not luhn(bare):
        raise Unreadable("Un chiffre du SIREN semble différent. Relisez-le.")
    return bare


def luhn(digits: str) -> bool:
    doubled = [int(char) * (1 + place % 2) for place, char in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
