"""Whether two counts differ by more than chance: exact binomial, and what calls that come in bunches add to chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from math import erfc, exp, lgamma, log, sqrt

_EXACT_UP_TO = 1_000
_LEAST_FREEDOM = 7
_WEEK = 7


def p_of_difference(now: float, before: float, exposures: tuple[float, float] = (1.0, 1.0)) -> float:
    """How often two counts of one and the same rate, over these exposures, differ at least as much as these do.

    Given their sum n, the first of two Poisson counts is binomial with n and its part of the exposure (Przyborowski
    and Wilenski 1940): twice the smaller tail, exact up to 1,000, then by the normal curve with continuity correction.
    Counts that are credit are rounded; as the credit of one response is at most one, that leans to chance.
    """
    first, n = round(now), round(now) + round(before)
    share = exposures[0] / (exposures[0] + exposures[1])
    if n <= 0 or not 0 < share < 1:
        return 1.0
    if n > _EXACT_UP_TO:
        return p_of_z((abs(first - n * share) - 0.5) / sqrt(n * share * (1 - share)))
    first = max(0, min(first, n))
    tail = _upto(first, n, share) if first <= n * share else _upto(n - first, n, 1 - share)
    return min(1.0, 2 * tail)


def p_of_z(z: float) -> float:
    """Two-sided."""
    return erfc(abs(z) / sqrt(2)) if z > 0 else 1.0


def p_at_least(least: int, n: int, share: float) -> float:
    """P(X ≥ least) of a binomial with n and this share; the normal curve for large n."""
    if not 0 < share < 1 or n > _EXACT_UP_TO:
        spread = sqrt(max(n * share * (1 - share), 1e-9))
        return p_of_z((least - 0.5 - n * share) / spread) / 2
    return _upto(n - least, n, 1 - share)


def _upto(most: int, n: int, share: float) -> float:
    """P(X ≤ most) of a binomial."""
    sure, else_ = log(share), log(1 - share)
    return sum(
        exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * sure + (n - k) * else_) for k in range(most + 1)
    )


def bunching(days: Mapping[date, float]) -> float:
    """How much more the days of a span vary than a Poisson count would, at least 1: Pearson's statistic about the mean
    of their weekday, by its degrees of freedom. 1 for spans too short to tell. `days` has every day of the span."""
    of_weekday: defaultdict[int, list[float]] = defaultdict(list)
    for on, counted in days.items():
        of_weekday[on.weekday()].append(counted)
    freedom = len(days) - len(of_weekday)
    if freedom < _LEAST_FREEDOM:
        return 1.0
    means = {weekday: sum(found) / len(found) for weekday, found in of_weekday.items()}
    statistic = sum(
        (counted - means[on.weekday()]) ** 2 / means[on.weekday()]
        for on, counted in days.items()
        if means[on.weekday()]
    )
    return max(1.0, statistic / freedom)
