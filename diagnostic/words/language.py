"""A text as the words that count: short forms spelt out, irregular forms joined, groups of words named.

Read once from `content/words.yaml`. Nothing here knows the threats.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diagnostic.words.stems import stem
from guichet.lib.text import fold

MAX_WORDS = 900
PAIR, GROUP = 0.5, 0.8
EMPTY = frozenset(
    """
    a ai aide aider aidez ait alors an annee ans apres au aucune aujourd aussi autre aux avais avait avant
    avec avez avoir avons besoin bonjour bonsoir ca car cas ce cela celle celui ces cet cette ceux chez chose
    ci comme comment cordialement crois d dans de deja depuis des deux dire dis dit dois donc dont du elle
    elles en encore ensuite entre es est et etais etait ete etes etre eu eux faire fais fait faut font gens
    hier hui ici il ils j je jour jours jusqu juste l la le les leur leurs lui m ma madame maintenant mais
    matin me meme merci mes mieux mme moi mois mon monsieur mr n ne ni nos notre nous on ont or ou par parce
    pas pendant pense personne peu peut peuvent peux plait plus pour pourquoi pourriez pouvez puis qu quand
    que quel quelle quelqu quels qui quoi s sa sais sans savoir se semaine ses si soi soir son sont souhaite
    sous suis sur svp t ta te tes toi ton tous tout toute toutes tres truc tu un une vers via voici voila vos
    votre voudrais voudrait vous vraiment y ya
    """.split()  # noqa: SIM905 - a list to read
)
NEGATIONS = frozenset({"pas", "jamais", "rien", "aucun", "aucune", "ni", "sans"})
AGE = re.compile(r"\b(\d{1,2}) ?ans\b")


@dataclass(frozen=True, slots=True)
class Language:
    short: Mapping[str, tuple[str, ...]]
    forms: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    brands: frozenset[str]

    def words(self, text: str) -> list[str]:
        """The words as typed, folded, short forms spelt out. The reading of a very long text stops."""
        found: list[str] = []
        for word in fold(text).split():
            found.extend(self.short.get(word, (word,)))
            if len(found) >= MAX_WORDS:
                break
        return found

    def root(self, word: str) -> str:
        return self.forms.get(word) or stem(word)

    def named(self, words: list[str]) -> Iterator[tuple[int, int, str]]:
        """(start, end, group) for each word or phrase that belongs to a group."""
        for at, word in enumerate(words):
            for group in self.groups.get(word, ()):
                yield at, at + 1, group
            for rest, group in self.phrases.get(word, ()):
                if tuple(words[at + 1 : at + 1 + len(rest)]) == rest:
                    yield at, at + 1 + len(rest), group

    def features(self, trusted: Iterable[tuple[str, float]]) -> dict[str, float]:
        """What the matching compares: roots, pairs of roots that follow each other, groups.

        The words of a name stand for the name only: « Crédit Agricole » does not speak of a credit.
        """
        trusted = list(trusted)
        named = list(self.named([word for word, _ in trusted]))
        names = [(start, end) for start, end, group in named if group in self.brands and end - start > 1]
        within = {at for start, end in names for at in range(start, end)}
        found = {"_".join(word for word, _ in trusted[start:end]): 1.0 for start, end in names}
        last, last_trust = "", 0.0
        for at, (word, trust) in enumerate(trusted):
            if word in EMPTY or word.isdigit() or at in within:
                continue
            root = self.root(word)
            found[root] = max(trust, found.get(root, 0.0))
            if last:
                pair = f"{last} {root}"
                found[pair] = max(PAIR * min(trust, last_trust), found.get(pair, 0.0))
            last, last_trust = root, trust
        found.update(dict.fromkeys((group for _, _, group in named), GROUP))
        return found


def age_words(text: str) -> Iterator[str]:
    """An age says a lot: « 13 ans » is a minor, « 80 ans » is not."""
    for match in AGE.finditer(text):
        age = int(match.group(1))
        if 3 <= age < 18:
            yield "_mineur"
        elif age >= 65:
            yield "_age"


def language(data: Mapping[str, Any]) -> Language:
    short = {fold(key): tuple(fold(value).split()) for key, value in data["short"].items()}
    forms = {word: f"={name}" for name, words in data["forms"].items() for entry in words for word in [fold(entry)]}
    groups: dict[str, list[str]] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, entries in data["groups"].items():
        for first, *rest in _spelt(entries):
            if rest:
                phrases.setdefault(first, []).append((tuple(rest), f"#{name}"))
            else:
                groups.setdefault(first, []).append(f"#{name}")
    return Language(
        short,
        {word: form for word, form in forms.items() if " " not in word},
        {word: tuple(dict.fromkeys(names)) for word, names in groups.items()},
        {word: tuple(entries) for word, entries in phrases.items()},
        frozenset(f"#{name}" for name in data["brands"]),
    )


def _spelt(entries: Iterable[str]) -> Iterator[list[str]]:
    for entry in entries:
        if words := fold(entry).split():
            yield words
