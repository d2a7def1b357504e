"""A word typed wrong becomes the known word it most looks like, or stays as it is."""

from collections.abc import Iterable

from diagnostic.words.stems import sound, stem

GLUED = ("qu", "l", "d", "j", "m", "t", "s", "c", "n")
SHORTEST, LONG = 4, 8
ALIKE, UNKNOWN = 0.7, 0.5


class Spelling:
    """Known words by what remains when a letter goes (so a typo is one look-up, not a scan), by sound, by trigram."""

    def __init__(self, words: Iterable[str], common: Iterable[str] = (), known: Iterable[str] = ()):
        """`words` are those a typo may become; `common` ones never; `known` ones are only right as they stand."""
        self.words = {word for word in words if len(word) > 1}
        common = frozenset(common)
        self.right = self.words | common | set(known)
        self.stems: dict[str, str] = {}
        self.by_sound: dict[str, list[str]] = {}
        self.by_part: dict[str, list[str]] = {}
        self.by_trigram: dict[str, list[str]] = {}
        for word in sorted(self.words - common, key=lambda word: (len(word), word)):
            if len(word) < SHORTEST or word.isdigit():
                continue
            self.stems.setdefault(stem(word), word)
            self.by_sound.setdefault(sound(word), []).append(word)
            for part in _parts(word):
                self.by_part.setdefault(part, []).append(word)
            for trigram in _trigrams(word):
                self.by_trigram.setdefault(trigram, []).append(word)

    def correct(self, word: str) -> tuple[tuple[str, ...], float]:
        """(words, trust): several when two were stuck together. Trust is 1 for a word known as it is."""
        if word in self.right or len(word) < SHORTEST or word.isdigit():
            return (word,), 1.0
        if other := self.stems.get(stem(word)):
            return (other,), 0.95
        if pair := self._unglue(word):
            return pair, 0.9
        for found, trust in ((self._heard(word), 0.85), (self._near(word), 0.75), (self._alike(word), 0.65)):
            if found:
                return (found,), trust
        return (word,), UNKNOWN

    def _unglue(self, word: str) -> tuple[str, ...]:
        """« lappli », « jarrive », « monde relay » typed as one word."""
        for head in GLUED:
            rest = word[len(head) :]
            if word.startswith(head) and len(rest) >= SHORTEST and (rest in self.words or stem(rest) in self.stems):
                return (rest,)
        for at in range(SHORTEST, len(word) - SHORTEST + 1):
            if word[:at] in self.words and word[at:] in self.words:
                return word[:at], word[at:]
        return ()

    def _heard(self, word: str) -> str:
        heard = sound(word)
        if len(heard) < SHORTEST:
            return ""
        return _closest(word, self.by_sound.get(heard, ()), 4)

    def _near(self, word: str) -> str:
        if len(word) <= SHORTEST + 1:
            return ""
        near = {other for part in _parts(word) for other in self.by_part.get(part, ()) if other[0] == word[0]}
        return _closest(word, sorted(near), 2 if len(word) < LONG else 3)

    def _alike(self, word: str) -> str:
        """For a long word, most trigrams in common."""
        mine = _trigrams(word)
        if len(word) < LONG:
            return ""
        shared: dict[str, int] = {}
        for trigram in mine:
            for other in self.by_trigram.get(trigram, ()):
                shared[other] = shared.get(other, 0) + 1
        best, best_share = "", ALIKE
        for other, count in shared.items():
            share = 2 * count / (len(mine) + len(other))
            if share > best_share:
                best, best_share = other, share
        return best


def _parts(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _trigrams(word: str) -> set[str]:
    framed = f"^{word}$"
    return {framed[at : at + 3] for at in range(len(framed) - 2)}


def _closest(word: str, others: Iterable[str], limit: int) -> str:
    best, best_distance = "", limit
    for other in others:
        distance = edits(word, other, best_distance)
        if distance < best_distance:
            best, best_distance = other, distance
    return best


def edits(one: str, other: str, limit: int) -> int:
    """Letters to add, drop, change or swap with their neighbour; `limit` when it is at least that."""
    if abs(len(one) - len(other)) >= limit:
        return limit
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i] + [0] * len(other)
        for j, wanted in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                row[j] = min(row[j], older[j - 2] + 1)
        if min(row) >= limit:
            return limit
    return min(row[-1], limit)
