"""The draw itself: pure, replayable with nothing but SHA-256 and a logarithm, by anyone.

weight = sum over the qualities of (weight of the quality x its points), from 1 to 10,000.
u = (the first 52 bits of SHA-256("seed:provider") + 1/2) / 2^52
ticket = -ln(u) / weight; the smallest tickets come first.

So the chance to come first is one's weight over the sum of weights, and once somebody is drawn the same rule holds
among those who remain. A ticket depends on no one else: who leaves the list does not change the order of the others.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping

BITS = 52
EARTH_KM = 6371.0


def ticket(seed: str, provider: int, weight: int) -> float:
    digest = hashlib.sha256(f"{seed}:{provider}".encode()).digest()
    number = int.from_bytes(digest[:8], "big") >> (64 - BITS)
    return -math.log((number + 0.5) / 2**BITS) / weight


def order(seed: str, weights: Mapping[int, int]) -> list[int]:
    """Everyone, in the order drawn. The order in which they are given does not count."""
    return sorted(weights, key=lambda provider: (ticket(seed, provider, weights[provider]), provider))


def weight(points: Mapping[str, int], weights: Mapping[str, int]) -> int:
    return sum(weights[quality] * points[quality] for quality in weights)


def distance_points(km: float | None, *, zero_km: int, unknown: int) -> int:
    if km is None:
        return unknown
    return max(0, round(100 * (1 - km / zero_km)))


def answer_points(minutes: float | None, *, full: int, zero: int, newcomer: int) -> int:
    if minutes is None:
        return newcomer
    return max(0, min(100, round(100 * (zero - minutes) / (zero - full))))


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """As the crow flies (haversine)."""
    (lat1, lng1), (lat2, lng2) = (tuple(map(math.radians, each)) for each in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lng2 - lng1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def median(numbers: Iterable[int]) -> float | None:
    found = sorted(numbers)
    if not found:
        return None
    middle = len(found) // 2
    return found[middle] if len(found) % 2 else (found[middle - 1] + found[middle]) / 2
