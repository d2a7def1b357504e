"""When is a count more than chance? One pure rule, for whoever counts (docs/observatory.md says why these numbers).

A count that is usually `expected` follows a negative binomial law: wider than Poisson's, because people do not ask for
help independently of each other (a programme on television, a school, a firm). It is a surge when so many, or more,
would come by chance less than once in thirty million looks, and never below five people.
"""

from math import exp, isfinite, lgamma, log

# The chance of one look to cry wolf: near ten thousand places and threats are looked at, each hour of each day.
CHANCE = 3e-8
LEAST = 5
# Nothing is known well enough to expect less than this: a first case somewhere is no surge.
FLOOR = 0.05
# Variance = mean + mean² / SPREAD: a third of the mean, over chance, for a large one.
SPREAD = 10.0
PRECISION = 1e-3


def is_surge(observed: int, expected: float) -> bool:
    """Whether `observed` is too many to be chance where `expected` is usual."""
    return observed >= LEAST and tail(observed, expected) < CHANCE


def tail(observed: int, expected: float) -> float:
    """The probability of `observed` or more. Not above the mean: 1, nobody asks further."""
    if not isfinite(expected) or expected < 0:
        raise ValueError("an expected count is a number, not below zero")
    mean = max(expected, FLOOR)
    if observed <= mean:
        return 1.0
    missed = mean / (SPREAD + mean)
    term = exp(
        lgamma(observed + SPREAD)
        - lgamma(observed + 1)
        - lgamma(SPREAD)
        + SPREAD * log(1 - missed)
        + observed * log(missed)
    )
    total, k = term, observed
    while term > PRECISION * total:
        term *= (k + SPREAD) / (k + 1) * missed
        k += 1
        total += term
    return min(1.0, total)


def surge_from(expected: float) -> int:
    """The least count that is a surge: what a page can say beforehand."""
    observed = max(LEAST, int(expected))
    while not is_surge(observed, expected):
        observed += 1
    return observed
