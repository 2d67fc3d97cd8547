"""How many numbers were taken when: from leases to hours. Pure, and one walk over what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ringtrace.core.clock import HOUR_MS


class Hour(Struct, frozen=True):
    """An hour: how many numbers were taken on average over it, and at most at one time."""

    from_ms: int
    mean: float
    peak: int


def taken_by_hour(spans: Iterable[tuple[int, int]], since_ms: int, until_ms: int) -> Iterator[Hour]:
    """Every whole hour from `since_ms` on. `spans`: (from, until) of each time that a number was taken."""
    changes = [change for from_ms, until_ms in spans for change in ((from_ms, 1), (until_ms, -1))]
    changes.sort()  # at the same moment one is given back before another is taken
    at, taken, last = 0, 0, len(changes)
    for from_ms in range(since_ms, until_ms - HOUR_MS + 1, HOUR_MS):
        while at < last and changes[at][0] <= from_ms:
            taken += changes[at][1]
            at += 1
        peak, area, moment_ms = taken, 0, from_ms
        while at < last and changes[at][0] < from_ms + HOUR_MS:
            area += taken * (changes[at][0] - moment_ms)
            moment_ms = changes[at][0]
            taken += changes[at][1]
            peak = max(peak, taken)
            at += 1
        area += taken * (from_ms + HOUR_MS - moment_ms)
        yield Hour(from_ms, area / HOUR_MS, peak)
