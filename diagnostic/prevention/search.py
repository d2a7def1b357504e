"""Search in a few hundred documents, in memory: the same answers on every database. Pure.

Words are compared without accent, case, plural or ending; « St » is « saint »; one letter too many, too few, wrong or
swapped still finds. A word that people use and the sheets do not is told by `synonyms`.
"""

import functools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from guichet.lib.text import fold

STOP = frozenset(
    """a ai as au aux avec c ce ces cet cette comment d dans de des du elle en es est et eu faire fait h il ils j je l
    la le les leur lui m ma mais me mes moi mon n ne nos notre nous on ont ou par pas plus pour qu que quel quelle qui
    quoi s sa se ses si son sont suis sur t te toi ton tu un une va vos votre vous y""".split()  # noqa: SIM905
)
TITLE, SUMMARY, TEXT = 6.0, 3.0, 1.0
EXACT, MEANT, BEGUN, NEAR = 1.0, 0.7, 0.6, 0.5
LONG_ENOUGH_TO_MISSPELL, LONG_ENOUGH_TO_BEGIN = 5, 3
ENDINGS = ("ements", "ement", "ations", "ation", "ateur", "atrice", "age", "ant", "er", "ez", "ir", "e")
SHORTEST_STEM = {"er": 3, "ez": 3, "ir": 4, "e": 2, "ant": 4}
WEAKEST = 0.2


@dataclass(frozen=True, slots=True)
class Document:
    """`kind` and `key` say where it stands; the rest is read."""

    kind: str
    key: str
    title: str
    summary: str
    text: str = ""


def stem(word: str) -> str:
    """« pirater », « piraté », « piratage » meet; so do « réseau » and « réseaux ». Takes a folded word.

    Shorter than `diagnostic.words.stems`, which leans on sounds: here a plural must always meet its singular.
    """
    if word.isdigit() or len(word) < 4:
        return word
    if word.endswith("eaux"):
        word = word[:-1]
    elif word.endswith("aux"):
        word = word[:-3] + "al"
    elif word[-1] in "sx":
        word = word[:-1]
    while word.endswith("ee"):
        word = word[:-1]
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM.get(ending, 5):
            return word[: -len(ending)]
    return word


def stems(text: str) -> list[str]:
    """Without the little words, unless there is nothing else."""
    words = fold(text).split()
    return [stem(word) for word in words if word not in STOP] or [stem(word) for word in words]


@functools.lru_cache(maxsize=2000)
def _weights(document: Document) -> Mapping[str, float]:
    found: dict[str, float] = defaultdict(float)
    for text, weight in ((document.title, TITLE), (document.summary, SUMMARY), (document.text, TEXT)):
        for word, count in Counter(stems(text)).items():
            found[word] += weight * (1 + math.log(count))
    return dict(found)


def _shortened(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


class Index:
    def __init__(self, documents: Iterable[Document], synonyms: Mapping[str, Iterable[str]] | None = None):
        self.documents = list(documents)
        self.holding: dict[str, dict[int, float]] = defaultdict(dict)
        for at, document in enumerate(self.documents):
            for word, weight in _weights(document).items():
                self.holding[word][at] = weight
        self.synonyms: dict[str, list[str]] = defaultdict(list)
        for said, meant in (synonyms or {}).items():
            self.synonyms[stem(fold(said))] += [word for text in meant for word in stems(text)]
        self.near: dict[str, set[str]] = defaultdict(set)
        for word in {*self.holding, *self.synonyms}:
            if len(word) >= LONG_ENOUGH_TO_MISSPELL:
                for short in _shortened(word):
                    self.near[short].add(word)

    def find(self, query: str, limit: int = 30) -> list[Document]:
        """Best first. What answers more of the words comes before what answers one of them well."""
        words = list(dict.fromkeys(stems(query)))[:12]
        scores: dict[int, float] = defaultdict(float)
        answered: dict[int, int] = defaultdict(int)
        for word in words:
            for at, score in self._answers(word).items():
                scores[at] += score
                answered[at] += 1
        ranked = {at: score * (answered[at] / len(words)) ** 1.5 for at, score in scores.items()}
        least = max(ranked.values(), default=0) * WEAKEST
        best = sorted((at for at, score in ranked.items() if score >= least), key=lambda at: (-ranked[at], at))
        return [self.documents[at] for at in best[:limit]]

    def _answers(self, word: str) -> dict[int, float]:
        best: dict[int, float] = defaultdict(float)
        for variant, trust in self._variants(word):
            rarity = math.log(1 + len(self.documents) / len(self.holding[variant]))
            for at, weight in self.holding[variant].items():
                best[at] = max(best[at], trust * rarity * weight)
        return best

    def _variants(self, word: str) -> Iterator[tuple[str, float]]:
        """The word, and what it means; only when neither is known, what it begins, and what it was meant to be."""
        known = list(self._known(word, EXACT))
        if known:
            yield from known
            return
        for other in self._near(word) if len(word) >= LONG_ENOUGH_TO_MISSPELL - 1 else ():
            yield from self._known(other, NEAR)
        if len(word) >= LONG_ENOUGH_TO_BEGIN:
            yield from ((other, BEGUN) for other in self.holding if other.startswith(word))

    def _known(self, word: str, trust: float) -> Iterator[tuple[str, float]]:
        if word in self.holding:
            yield word, trust
        yield from ((other, trust * MEANT) for other in self.synonyms.get(word, ()) if other in self.holding)

    def _near(self, word: str) -> set[str]:
        """Known words one slip away."""
        found = {other for short in _shortened(word) for other in self.near.get(short, ())}
        return {other for other in found if abs(len(other) - len(word)) <= 1}
