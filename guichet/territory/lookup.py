"""What one line typed by the public leads to: a postcode, a name, both, a CEDEX; never a wall."""

import re
from dataclasses import dataclass

from guichet.lib.text import fold
from guichet.territory.departements import DEPARTEMENTS
from guichet.territory.models import Commune
from guichet.territory.services import communes_of_postcode, search_communes

POSTCODE = re.compile(r"\b(\d{2})\s?(\d{3})\b")
UNFINISHED_POSTCODE = re.compile(r"\d[\d ]*")
CEDEX = re.compile(r"\bcedex\b.*")
MOST_SHOWN = 20
EMPTY, UNFINISHED, UNKNOWN_POSTCODE, UNKNOWN_NAME = "empty", "unfinished", "unknown_postcode", "unknown_name"


@dataclass(frozen=True, slots=True)
class Found:
    """`commune` is the one that needs no further question; `problem` says why there is nothing to choose from."""

    communes: tuple[Commune, ...] = ()
    commune: Commune | None = None
    problem: str = ""

    @property
    def cut(self) -> bool:
        return len(self.communes) == MOST_SHOWN


def look_up(text: str) -> Found:
    """At most two statements."""
    typed = fold(text)
    if not typed:
        return Found(problem=EMPTY)
    postcode = POSTCODE.search(typed)
    if postcode:
        rest = POSTCODE.sub(" ", CEDEX.sub("", typed), count=1).strip()
        return _by_postcode("".join(postcode.groups()), rest)
    if UNFINISHED_POSTCODE.fullmatch(typed):
        return Found(problem=UNFINISHED if len(typed) < 5 else UNKNOWN_POSTCODE)
    return _by_name(CEDEX.sub("", typed).strip() or typed)


def _by_postcode(postcode: str, name: str) -> Found:
    communes = communes_of_postcode(postcode)
    if not communes:
        return _by_name(name, _departement_of(postcode)) if name else Found(problem=UNKNOWN_POSTCODE)
    named = [commune for commune in communes if name and name in commune.folded]
    exact = [commune for commune in named if commune.folded == name]
    sure = exact if len(exact) == 1 else named or communes
    return Found(tuple(communes), sure[0] if len(sure) == 1 else None)


def _by_name(name: str, departement: str = "") -> Found:
    communes = search_communes(f"{name} {departement}".strip(), limit=MOST_SHOWN)
    exact = [commune for commune in communes if name in (commune.folded, fold(commune.former_name))]
    if not communes:
        return Found(problem=UNKNOWN_NAME)
    return Found(tuple(communes), exact[0] if len(exact) == 1 else None)


def _departement_of(postcode: str) -> str:
    """Good enough to sort homonyms under a CEDEX; blank for Corsica, whose postcodes begin with 20."""
    start = postcode[: 3 if postcode.startswith(("97", "98")) else 2]
    return start if start in DEPARTEMENTS else ""
