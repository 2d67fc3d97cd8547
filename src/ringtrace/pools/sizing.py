"""How many numbers a pool needs: the Erlang loss formula forward from traffic, and a replay of real arrivals.

A visit that finds every number taken sees the printed one and does not wait: a loss system. Blocking then depends on
the load alone, whatever the distribution of the holds (A. K. Erlang, 1917; for any holds, B. A. Sevastyanov, 1957).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

from ringtrace.core.clock import HOUR_MS
from ringtrace.core.errors import BadInput

_MOST_NUMBERS = 100_000
_BUSY_DAYS_PASSED = 3  # ITU-T E.492: the normal load is that of the fourth busiest day of thirty
_HOUR_SECS = 3_600.0


def load_of(arrivals_per_hour: float, taken_secs: float) -> float:
    """In erlangs: how many numbers would be taken on average if there were enough. `taken_secs`: how long a visit takes
    one, with its rest."""
    return arrivals_per_hour * taken_secs / _HOUR_SECS


def blocking(load_erlangs: float, numbers: int) -> float:
    """The share of visits that find no number free. Raises BadInput for a load or number below 0.

    By the recursion B(n) = a B(n-1) / (n + a B(n-1)) from B(0) = 1, which neither overflows nor loses digits.
    """
    if not load_erlangs >= 0 or math.isinf(load_erlangs) or numbers < 0:
        raise BadInput("A load and a number of numbers are not below 0.", hint="Give what was measured.")
    lost = 1.0
    for number in range(1, numbers + 1):
        lost = load_erlangs * lost / (number + load_erlangs * lost)
    return lost


def numbers_needed(load_erlangs: float, target: float) -> int:
    """The fewest numbers with which at most `target` (a share) of visits find none. Raises BadInput."""
    if not 0 < target < 1:
        raise BadInput("The share of visits without a number lies between 0 and 1.", hint="One in a hundred is usual.")
    lost, number = blocking(load_erlangs, 0), 0
    while lost > target:
        number += 1
        if number > _MOST_NUMBERS:
            raise BadInput("That load needs more numbers than we reckon with.", hint="Check arrivals and hold.")
        lost = load_erlangs * lost / (number + load_erlangs * lost)
    return number


def replay(arrivals_ms: Sequence[int], holds_ms: Sequence[int], numbers: int, cooldown_ms: int = 0) -> float | None:
    """The share of these arrivals that `numbers` would have left without one; None without arrivals.

    Each takes a number for its own hold and the rest after it; one that finds none is lost. No assumption is made of
    how arrivals come, so that it checks the formula, which takes them to come independently.
    """
    if not arrivals_ms:
        return None
    free_ms: list[int] = [0] * numbers  # when each number is free again, the soonest first
    lost = 0
    for arrived_ms, hold_ms in sorted(zip(arrivals_ms, holds_ms, strict=True)):
        if free_ms and free_ms[0] <= arrived_ms:
            heapq.heapreplace(free_ms, arrived_ms + hold_ms + cooldown_ms)
        else:
            lost += 1
    return lost / len(arrivals_ms)


def busy_hour_arrivals(arrivals_ms: Sequence[int]) -> int:
    """How many came in the busiest hour of the fourth busiest day; with fewer days, of the quietest of them.

    The busiest hour of each day, and of thirty days the fourth highest: the *normal load* of ITU-T E.492, so that three
    odd days buy no numbers. Days and hours are UTC's: an hour is an hour anywhere. 0 without arrivals.
    """
    hours: dict[int, int] = {}
    for arrived_ms in arrivals_ms:
        hours[arrived_ms // HOUR_MS] = hours.get(arrived_ms // HOUR_MS, 0) + 1
    days: dict[int, int] = {}
    for hour, count in hours.items():
        days[hour // 24] = max(count, days.get(hour // 24, 0))
    busiest = sorted(days.values(), reverse=True)
    return busiest[min(_BUSY_DAYS_PASSED, len(busiest) - 1)] if busiest else 0


def poisson_tail(count: int, expected: float) -> float:
    """How likely `count` or more are where `expected` come on average, each by itself."""
    if count <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    term = math.exp(count * math.log(expected) - expected - math.lgamma(count + 1))  # P(count), then those above it
    total, number = 0.0, count
    while term > total * 1e-17 or number < expected:
        total += term
        number += 1
        term *= expected / number
        if term == 0.0 and number >= expected:
            break
    return min(1.0, total)
