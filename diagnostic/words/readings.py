"""What a text lets one think: who speaks, and which facts may be true. Proposed to the person, never posed."""

from collections.abc import Iterable, Mapping, Sequence

from diagnostic.words.language import EMPTY, NEGATIONS, Language
from diagnostic.words.stems import stem
from guichet.lib.text import fold

GAP = 2
BEFORE = 2
MINOR = "minor"


class Phrases:
    """Expressions looked for in a list of roots: in order, small words may stand between."""

    def __init__(self, language: Language, phrases: Mapping[str, Iterable[str]]):
        self.first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name, entries in phrases.items():
            for entry in entries:
                roots = tuple(map(language.root, language.words(entry)))
                if roots:
                    self.first.setdefault(roots[0], []).append((roots, name))

    def found(self, words: Sequence[str], roots: Sequence[str]) -> dict[str, bool]:
        """name -> True when said, False when only said with « pas », « jamais » or « rien »."""
        seen: dict[str, bool] = {}
        for at, root in enumerate(roots):
            for phrase, name in self.first.get(root, ()):
                if seen.get(name):
                    continue
                end = _match(words, roots, at, phrase)
                if end is not None:
                    seen[name] = not _denied(words, at, end, phrase)
        return seen


def _match(words: Sequence[str], roots: Sequence[str], at: int, phrase: tuple[str, ...]) -> int | None:
    """Index after the last word, or None."""
    position = at + 1
    for root in phrase[1:]:
        stop = min(len(roots), position + GAP + 1)
        while position < stop and roots[position] != root:
            if words[position] not in EMPTY:
                return None
            position += 1
        if position >= stop or roots[position] != root:
            return None
        position += 1
    return position


def _denied(words: Sequence[str], start: int, end: int, phrase: tuple[str, ...]) -> bool:
    inside = [
        word for word in words[start:end] if word in NEGATIONS and stem(word) not in phrase and word not in phrase
    ]
    return bool(inside) or any(word in NEGATIONS for word in words[max(0, start - BEFORE) : start])


def audience_counts(words: Iterable[str], spoken: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """How many expressions of each audience the text holds."""
    text = f" {' '.join(words)} "
    return {audience: sum(f" {fold(entry)} " in text for entry in entries) for audience, entries in spoken.items()}
