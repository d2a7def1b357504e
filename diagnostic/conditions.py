"""The small language of conditions: facts, and, or, not, parentheses, audience, severity, always.

    money_lost and (card_given or not author_known) and audience != 'particulier' and severity >= 3

A text is parsed once into a closure over a `Scene`; nothing is ever evaluated as Python. Unknown facts are false.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from diagnostic.exceptions import ConditionError

DEEPEST = 10
AUDIENCES = ("particulier", "entreprise", "collectivite")
_TOKEN = re.compile(r"\s*(?:(\()|(\))|(==|!=|>=)|'([^']*)'|(\d+)|([a-z_][a-z0-9_]*)|(\S))")


@dataclass(frozen=True, slots=True)
class Scene:
    """What a condition looks at."""

    facts: frozenset[str]
    audience: str = ""
    severity: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    text: str
    facts: frozenset[str]
    holds: Callable[[Scene], bool]


@functools.lru_cache(maxsize=8192)
def parse(text: str) -> Condition:
    """The same text is the same condition: a new version of the content parses only what is new in it."""
    parser = _Parser(text)
    holds = parser.either()
    if parser.peek() is not None:
        raise parser.error(f"« {parser.peek()} » n'est pas attendu")
    return Condition(text, frozenset(parser.facts), holds)


class _Parser:
    """Recursive descent: either := both (or both)*, both := neither (and neither)*, neither := not neither | atom."""

    def __init__(self, text: str):
        self.text = text
        self.facts: set[str] = set()
        self.tokens = list(self._split(text))
        self.at = self.depth = 0

    def _split(self, text: str):
        for match in _TOKEN.finditer(text.strip()):
            opening, closing, operator, quoted, number, word, other = match.groups()
            if other is not None:
                raise self.error(f"« {other} » n'est pas attendu")
            if quoted is not None:
                yield "'", quoted
            elif number is not None:
                yield "0", number
            else:
                yield "", opening or closing or operator or word

    def error(self, message: str) -> ConditionError:
        return ConditionError(f"condition « {self.text} » : {message}")

    def peek(self) -> str | None:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def take(self, *, kind: str = "") -> str:
        if self.at >= len(self.tokens):
            raise self.error("il manque la fin")
        found, value = self.tokens[self.at]
        if found != kind:
            raise self.error(f"« {value} » n'est pas attendu")
        self.at += 1
        return value

    def is_next(self, word: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == ("", word):
            self.at += 1
            return True
        return False

    def either(self) -> Callable[[Scene], bool]:
        parts = [self.both()]
        while self.is_next("or"):
            parts.append(self.both())
        if len(parts) == 1:
            return parts[0]
        rows = tuple(parts)
        return lambda scene: any(part(scene) for part in rows)

    def both(self) -> Callable[[Scene], bool]:
        parts = [self.neither()]
        while self.is_next("and"):
            parts.append(self.neither())
        if len(parts) == 1:
            return parts[0]
        rows = tuple(parts)
        return lambda scene: all(part(scene) for part in rows)

    def neither(self) -> Callable[[Scene], bool]:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error(f"trop imbriquée, {DEEPEST} niveaux au plus")
        found = self._negated() if self.is_next("not") else self.atom()
        self.depth -= 1
        return found

    def _negated(self) -> Callable[[Scene], bool]:
        inner = self.neither()
        return lambda scene: not inner(scene)

    def atom(self) -> Callable[[Scene], bool]:
        if self.is_next("("):
            inner = self.either()
            if not self.is_next(")"):
                raise self.error("il manque une parenthèse fermante")
            return inner
        word = self.take()
        if word == "always":
            return lambda scene: True
        if word == "audience":
            return self._audience()
        if word == "severity":
            return self._severity()
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", word) or word in ("and", "or", "not"):
            raise self.error(f"« {word} » n'est pas attendu")
        self.facts.add(word)
        return lambda scene: word in scene.facts

    def _audience(self) -> Callable[[Scene], bool]:
        operator = self.take()
        value = self.take(kind="'")
        if operator not in ("==", "!=") or value not in AUDIENCES:
            raise self.error(f"« audience {operator} '{value}' » n'est pas un public connu")
        if operator == "==":
            return lambda scene: scene.audience == value
        return lambda scene: scene.audience != value

    def _severity(self) -> Callable[[Scene], bool]:
        if self.take() != ">=":
            raise self.error("la gravité se compare avec >=")
        level = int(self.take(kind="0"))
        return lambda scene: scene.severity >= level
