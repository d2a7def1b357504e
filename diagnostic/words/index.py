"""Which target speaks with these words. Each target (threat, page, question) is a set of short documents.

Two voices add up: the target as a whole (weighted terms, cosine) and its nearest documents (how much of a document the
text covers, the more so as its words are rare). Weights were set on the part of the labelled sentences that is open.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Features = Mapping[str, float]
NEAREST = 0.3
EVEN_LENGTH = 0.5
FULL_MASS = 100.0
RANKS = (1.0, 0.5, 0.3, 0.2)
STRONG = 2.0
STRONG_GAIN = 1.3


@dataclass(frozen=True, slots=True)
class Document:
    target: str
    features: Features
    weight: float


class Index:
    """Built once, read by every request, never changed."""

    def __init__(self, documents: Iterable[Document]):
        documents = tuple(documents)
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for document in documents:
            for term, value in document.features.items():
                counts[document.target][term] += document.weight * value
        self.idf = _idf(counts)
        self.terms = self._weighted(counts)
        self.posted: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.documents = [self._post(number, document) for number, document in enumerate(documents)]

    def _weighted(self, counts: Mapping[str, Counter[str]]) -> dict[str, list[tuple[str, float]]]:
        """term -> (target, weight), each target's weights brought to nearly one length."""
        vectors = {
            target: {term: _damped(value) * self.idf[term] for term, value in found.items()}
            for target, found in counts.items()
        }
        lengths = {target: math.hypot(*vector.values()) for target, vector in vectors.items()}
        mean = sum(lengths.values()) / max(1, len(lengths))
        terms: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for target, vector in vectors.items():
            length = (1 - EVEN_LENGTH) * mean + EVEN_LENGTH * lengths[target]
            for term, value in vector.items():
                terms[term].append((target, value / length))
        return terms

    def _post(self, number: int, document: Document) -> tuple[str, float]:
        """(target, how much a full match of this document counts)."""
        vector = {term: value * self.idf[term] for term, value in document.features.items()}
        mass = sum(value * value for value in vector.values())
        for term, value in vector.items():
            self.posted[term].append((number, value * value / mass))
        gain = STRONG_GAIN if document.weight >= STRONG else 1.0
        return document.target, gain * min(mass, FULL_MASS) / FULL_MASS

    def scores(self, text: Features) -> dict[str, float]:
        known = {term: value for term, value in text.items() if term in self.idf}
        length = math.hypot(*(value * self.idf.get(term, 3.0) for term, value in text.items())) or 1.0
        total: dict[str, float] = defaultdict(float)
        for term, value in known.items():
            share = value * self.idf[term] / length
            for target, weight in self.terms[term]:
                total[target] += share * weight
        for target, values in self._nearest(known).items():
            total[target] += NEAREST * sum(value * rank for value, rank in zip(values, RANKS, strict=False))
        return total

    def covered(self, text: Features, other: Features) -> float:
        """The share of `other` that `text` holds, rare terms counting more."""
        mass = {term: (value * self.idf[term]) ** 2 for term, value in other.items() if term in self.idf}
        whole = sum(mass.values())
        return sum(mass[term] * min(1.0, text[term]) for term in mass if term in text) / whole if whole else 0.0

    def _nearest(self, known: Features) -> dict[str, list[float]]:
        covered: dict[int, float] = defaultdict(float)
        for term, value in known.items():
            for number, share in self.posted[term]:
                covered[number] += value * share
        best: dict[str, list[float]] = defaultdict(list)
        for number, share in covered.items():
            target, gain = self.documents[number]
            best[target].append(share * share * gain)
        return {target: sorted(values, reverse=True) for target, values in best.items()}


def _idf(counts: Mapping[str, Counter[str]]) -> dict[str, float]:
    spread = Counter(term for found in counts.values() for term in found)
    return {term: math.log(1 + len(counts) / number) for term, number in spread.items()}


def _damped(value: float) -> float:
    return 1 + math.log1p(value) if value >= 1 else value * (1 + math.log(2))
