"""How well the matcher does on labelled sentences. A third of them, drawn by fingerprint, never serves to tune."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnostic.content import read_yaml
from diagnostic.words.matcher import AT_MOST, Matcher
from diagnostic.words.sources import UNDECIDED

SEEN, UNSEEN = "seen", "unseen"


@dataclass(frozen=True, slots=True)
class Sentence:
    label: str
    text: str
    unseen: bool


@dataclass(frozen=True, slots=True)
class Figures:
    sentences: int
    top1: float
    top5: float
    p95_ms: float
    missed: tuple[tuple[Sentence, tuple[str, ...]], ...]

    def line(self) -> str:
        return f"top1={self.top1:.3f} top5={self.top5:.3f} p95_ms={self.p95_ms:.1f}"


def labelled(folder: Path) -> Iterator[Sentence]:
    """Within a label the sentences stand in the order of their fingerprint; the second of each three is unseen."""
    for path in sorted(folder.glob("*.yaml")):
        for label, texts in read_yaml(path, path.name).items():
            for rank, text in enumerate(sorted(texts, key=_fingerprint)):
                yield Sentence(label, text, rank % 3 == 1)


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def evaluate(matcher: Matcher, sentences: list[Sentence]) -> Figures:
    """A sentence too vague is right when nothing is proposed."""
    first = any_ = 0
    times, missed = [], []
    for sentence in sentences:
        began = time.perf_counter()
        keys = tuple(proposal.key for proposal in matcher.read(sentence.text).proposals)
        times.append((time.perf_counter() - began) * 1000)
        shown = keys[:AT_MOST] or (UNDECIDED,)
        first += shown[0] == sentence.label
        any_ += sentence.label in shown
        if shown[0] != sentence.label:
            missed.append((sentence, keys))
    number = max(1, len(sentences))
    p95 = sorted(times)[min(len(times) - 1, int(len(times) * 0.95))] if times else 0.0
    return Figures(len(sentences), first / number, any_ / number, p95, tuple(missed))
