"""Phone numbers in a text become links: « appelez le 17 » is one press away on a phone."""

import re
from collections.abc import Mapping

from diagnostic.catalogue import Catalogue, Parts

# What follows a number that is not a phone number: a unit, another digit, an address, an article.
_UNITS = r"[€%/]|jours\b|ans\b|mois\b|minutes?\b|heures?\b|h\b|000|familles?\b|langues\b"
_AFTER = rf"(?![\w-])(?!\.\w)(?!,\d)(?! ?(?:{_UNITS}))"


class Linker:
    """Only the listed numbers are linked, and never inside a date, a duration, an article or an address."""

    def __init__(self, numbers: Mapping[str, str]):
        self.numbers = dict(numbers)
        longest_first = sorted(numbers, key=len, reverse=True)
        spelled = "|".join(re.escape(number).replace(r"\ ", r"[ \u00a0]") for number in longest_first)
        self.pattern = re.compile(rf"(?<![\w.,/+-])(?<!\d )({spelled}){_AFTER}" if numbers else r"(?!)")

    def parts(self, text: str) -> Parts:
        found: list[tuple[str, str]] = []
        at = 0
        for match in self.pattern.finditer(text):
            if match.start() > at:
                found.append((text[at : match.start()], ""))
            number = match.group(1)
            found.append((number, self.numbers[number.replace("\u00a0", " ")]))
            at = match.end()
        if at < len(text):
            found.append((text[at:], ""))
        return tuple(found)


def linker_of(catalogue: Catalogue) -> Linker:
    """The numbers that the catalogue itself links."""
    return Linker({words: link for channel in catalogue.channels.values() for words, link in channel.contact if link})
