"""The journey of a frame, carried by the form itself: sealed, dated, bound to its partner. Nothing else holds it."""

from dataclasses import dataclass, field

from diagnostic.catalogue import Catalogue
from diagnostic.journey import MAX_AGE, Journey, catalogue_of, packed, unpacked
from guichet.lib.crypto import open_cookie, seal_cookie

PURPOSE = "module"
FIELD = "etat"
LONGEST = 16_000


@dataclass(slots=True)
class Carried:
    """`begun`: this journey was counted for its partner. `changed`: its version is served no more, answers are kept."""

    catalogue: Catalogue = field(repr=False)
    journey: Journey
    partner: str
    begun: bool = False
    changed: bool = False


def sealed(carried: Carried) -> str:
    data = {"p": carried.partner, "b": int(carried.begun), "j": packed(carried.journey)}
    return seal_cookie(PURPOSE, data)


def opened(value: str) -> Carried | None:
    """None for what we did not seal, or too long ago."""
    data = open_cookie(PURPOSE, value, MAX_AGE) if 0 < len(value) <= LONGEST else None
    if not isinstance(data, dict):
        return None
    journey = unpacked(str(data.get("j")).encode())
    if journey is None:
        return None
    catalogue = catalogue_of(journey.version)
    changed = journey.version != catalogue.version
    if changed:
        journey.settle(catalogue)
    return Carried(catalogue, journey, str(data.get("p")), bool(data.get("b")), changed)
