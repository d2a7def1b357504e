"""Who comes and what they say: recorded journeys with their expected diagnosis, a place, and a story to tell."""

import functools
import random
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from diagnostic.recorded import Recorded
from diagnostic.recorded import read as recorded
from guichet.simulation.profiles import read

FAMILIES = ("personnes", "hameconnage", "banque", "organisations")
OTHERS = "autres"
GRAVEST = 4
SAID_BY_STORY = ("facts", "author", "money", "proof")


@dataclass(frozen=True)
class Place:
    """What is typed, and the commune that it leads to; both empty: the person prefers not to say."""

    q: str
    code: str


@dataclass(frozen=True)
class Case:
    """`answers`: node → the ids of the answers. What must come out: `threat`, `severity`, `chat` (None: not asked)."""

    id: str
    answers: dict[str, tuple[str, ...]]
    threat: str
    severity: int | None
    chat: bool | None
    story: dict

    def answer_to(self, question: str, chance: random.Random) -> str:
        """Something plausible to say to any question, from the case file: for scripted agents and human ones."""
        asked = folded(question)
        talk = read("talk")
        for topic in talk["topics"]:
            if any(_is_said(word, asked) for word in topic["words"]):
                return self.story[topic["id"]] if topic["id"] in SAID_BY_STORY else topic["answer"]
        return chance.choice(talk["otherwise" if "?" in question else "fillers"])


def _is_said(word: str, text: str) -> bool:
    """As the beginning of a word, « jour » not in « bonjour »; a short one whole, « qui » not in « quitter »."""
    return bool(re.search(rf"\b{re.escape(word)}" + (r"\b" if len(word) <= 3 else ""), text))


def folded(text: str) -> str:
    flat = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    return "".join(letter for letter in flat if not unicodedata.combining(letter))


def _story_of(file: str) -> dict:
    stories = read("cases")["stories"]
    return stories[next((name for name in FAMILIES if name in file), OTHERS)]


def _case(found: Recorded) -> Case:
    expect = found.spec.expect
    return Case(found.id, found.answers, expect.threat, expect.severity, expect.chat, _story_of(found.file))


@functools.cache
def cases() -> tuple[Case, ...]:
    return tuple(_case(found) for found in recorded())


class Crowd:
    """Who comes on such a day. `leans`: threats that come so many times more often than usual."""

    def __init__(self, leans: dict[str, float], severity_4_share: float) -> None:
        self.severity_4_share = severity_4_share
        self._all = list(zip(cases(), _weights(leans), strict=True))
        offered = [pair for pair in self._all if pair[0].chat]
        self._gravest = [pair for pair in offered if pair[0].severity == GRAVEST]
        self._others = [pair for pair in offered if pair[0].severity != GRAVEST]

    def draw(self, chance: random.Random) -> Case:
        return _one_of(self._all, chance)

    def draw_for_tchat(self, chance: random.Random) -> Case:
        """One of those to whom the tchat is offered."""
        return _one_of(self._gravest if chance.random() < self.severity_4_share else self._others, chance)


def _weights(leans: dict[str, float]) -> list[float]:
    """A threat's weight is shared by the cases that lead to it, equally."""
    told, per_threat = read("cases")["weights"], Counter(case.threat for case in cases())
    return [told.get(case.threat, 1) * leans.get(case.threat, 1) / per_threat[case.threat] for case in cases()]


def _one_of(pairs: list[tuple[Case, float]], chance: random.Random) -> Case:
    return chance.choices([case for case, _ in pairs], [weight for _, weight in pairs])[0]


def draw_place(chance: random.Random) -> Place:
    places = read("cases")["places"]
    found = chance.choices(places, [each["weight"] for each in places])[0]
    return Place(found["q"], found["code"])
