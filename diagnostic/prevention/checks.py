"""What the prevention files say of the content: threats, facts and sheets that exist, and short sentences."""

import re
from collections.abc import Iterable, Iterator

from diagnostic.catalogue import Catalogue
from diagnostic.exceptions import Problem
from diagnostic.prevention.texts import Texts

MOST_WORDS = 20
_SENTENCES = re.compile(r"(?<=[.!?:;…])\s+")


def problems(catalogue: Catalogue, texts: Texts) -> list[Problem]:
    """Names of what does not exist, and threats that nothing is written for."""
    threats, found = catalogue.threats, []
    found += _unknown("fiches", "l'atteinte", ((key, [key]) for key in texts.sheets), threats)
    found += _unknown(
        "pratiques", "l'atteinte", ((key, each.threats) for key, each in texts.practices.items()), threats
    )
    found += _unknown(
        "voisines", "l'atteinte", (("/".join(sorted(names)), sorted(names)) for names in texts.pairs), threats
    )
    found += _unknown("reglages", "le fait", ((key, each.facts) for key, each in texts.cases.items()), catalogue.facts)
    sheets = {*texts.practices, *(key for key in texts.sheets if key in threats)}
    found += _unknown("kit", "la fiche", ((key, [theme.sheet]) for key, theme in texts.themes.items()), sheets)
    served = {threat for practice in texts.practices.values() for threat in practice.threats}
    for key in threats:
        if key not in texts.sheets:
            found.append(Problem("prevention/fiches", key, "cette atteinte n'a pas de fiche réflexe"))
        if key not in served:
            found.append(Problem("prevention/pratiques", key, "aucune fiche pratique ne sert à cette atteinte"))
    return found


def _unknown(file: str, what: str, named: Iterable[tuple[str, Iterable[str]]], known) -> Iterator[Problem]:
    for key, names in named:
        for name in names:
            if name not in known:
                yield Problem(f"prevention/{file}", key, f"{what} « {name} » n'existe pas")


def long_sentences(texts: Texts) -> Iterator[Problem]:
    for file, key, text in _written(texts):
        for sentence in (each for line in text.splitlines() for each in _SENTENCES.split(line)):
            count = len(sentence.split())
            if count > MOST_WORDS:
                yield Problem(f"prevention/{file}", key, f"{count} mots : « {sentence[:80]}… »")


def _written(texts: Texts) -> Iterator[tuple[str, str, str]]:
    for key, sheet in texts.sheets.items():
        yield from (("fiches", key, text) for text in (sheet.how, *sheet.avoid, sheet.know))
    for key, practice in texts.practices.items():
        yield from (("pratiques", key, text) for text in (practice.summary, practice.body, *practice.avoid))
    for key, theme in texts.themes.items():
        words = (theme.lead, *(how for _, how in theme.do), *theme.avoid, *theme.trouble)
        yield from (("kit", key, text) for text in words)
    for names, pair in texts.pairs.items():
        yield from (("voisines", "/".join(sorted(names)), text) for text in (pair.ask, *pair.answers.values()))
