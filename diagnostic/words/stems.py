"""Roots and sounds of French words, on folded text: « piratées », « pirater » and « piratage » share one root.

The stemmer only strips endings: it may join two words that differ, never more than the matching can bear. The sound is
for spelling: « harselement » and « harcèlement » sound the same.
"""

import functools
import re

KEEP = 3
ENDINGS = sorted(
    """
    issements issement ations ation itions ition ateurs ateur atrices atrice ements ement ments ment euses
    euse eurs eur ables able ibles ible istes iste ances ance ences ence ages age ites ite ives ive ifs if
    iques ique ionnees ionnee ionner ionne ions ion aient eraient erait erais erons eront erez era ent ons ait
    ais ants ant antes ante ees ee es er ez e ies ie is it ir i us ues ue u s x aux al ales ale els el elles elle
    eux
    """.split(),  # noqa: SIM905 - a list to read
    key=len,
    reverse=True,
)
SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"h", ""),
        (r"(.)\1", r"\1"),
        (r"eau|aux?$|au|ot$|op$", "o"),
        (r"oeu|eu", "e"),
        (r"tion|cion|ssion", "sion"),
        (r"qu|q|ck|k|c(?=[aoulrtn]|$)", "k"),
        (r"c(?=[eiy])|ss|z|x$", "s"),
        (r"ge(?=[ao])|g(?=[eiy])", "j"),
        (r"gu(?=[eiy])", "g"),
        (r"(?:ai|ei|et|er|ez|ais|ait|aient|ees?|es)$", "e"),
        (r"ai|ei", "e"),
        (r"y", "i"),
        (r"(?:en|em|am)(?=[bcdfgjklpqstvx])", "an"),
        (r"ain|ein|im(?=[bp])", "in"),
        (r"om(?=[bp])", "on"),
        (r"oi", "wa"),
        (r"ill|ll", "i"),
        (r"(?:ts|ds|s|t|d|p|e)$", ""),
    )
)


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The root: the longest known ending goes, when enough is left."""
    if len(word) <= KEEP or word.isdigit():
        return word
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= max(KEEP, min(4, len(word) - 2)):
            return _even(word[: -len(ending)])
    return _even(word)


def _even(root: str) -> str:
    """« install » and « instal », « résili » and « resil »: the last letter of a root is where French doubles."""
    if len(root) > 4 and root[-1] == root[-2]:
        root = root[:-1]
    return root[:-1] if len(root) > 4 and root[-1] == "i" else root


@functools.lru_cache(maxsize=20_000)
def sound(word: str) -> str:
    for pattern, replacement in SOUNDS:
        word = pattern.sub(replacement, word)
    return word
