"""What the tchat does not carry: a card number, whoever writes it, and an agent's request for a secret.

« A real agent never asks for it » is said on every page; this holds it. Nothing is stored or logged of what is refused.
"""

import re

from guichet.lib.text import fold
from tchat.enums import Author
from tchat.exceptions import Refusal

CARD = re.compile(r"(?<![\w.,])(?:\d[ .-]?){12,18}\d(?!\w)")
# Cards of the networks used in France begin with 3, 4, 5 or 6.
FIRST_DIGITS = "3456"
ASKS = (
    r"\b(?:donnez|donner|envoyez|envoyer|dites|ecrivez|communiquez|indiquez|transmettez|tapez|quel est|il me faut"
    r"|confirmez)\b"
)
SECRETS = (
    r"\b(?:(?:votre|vos|le|les) (?:mots? de passe|cryptogramme|codes? pin|identifiants? bancaires?"
    r"|codes? (?:secrets?|de carte|de votre carte|bancaires?|confidentiels?|recus?)"
    r"|numeros? de (?:votre |la )?carte))\b"
)
REQUEST = re.compile(ASKS + r"(?: [a-z']+){0,4} " + SECRETS)
NEGATION = re.compile(r"\b(?:ne|n|jamais|aucun|aucune|pas)\b")


def luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def has_card_number(text: str) -> bool:
    for found in CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if digits[0] in FIRST_DIGITS and luhn(digits):
            return True
    return False


def asks_for_a_secret(text: str) -> bool:
    """A sentence that asks; « ne donnez jamais votre code » does not."""
    for sentence in re.split(r"[.!?;:\n]", text):
        found = REQUEST.search(fold(sentence))
        if found and not NEGATION.search(fold(sentence)[: found.end()]):
            return True
    return False


def check(text: str, author: str) -> None:
    """Raises Refusal (card-number, asks-secret)."""
    if has_card_number(text):
        raise Refusal("card-number")
    if author == Author.AGENT and asks_for_a_secret(text):
        raise Refusal("asks-secret")
