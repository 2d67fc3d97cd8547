"""Time as the rooms speak of it: `_ms` is milliseconds since 1970 (UTC), `_at` an aware UTC datetime.

A clock is a function without arguments that returns `_ms`. Only `cli`, `edge` and `worker` call one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


class SetClock:
    """A clock that stands where it is put: a town's own time, a test's."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms


def wall_clock() -> int:
    """The machine's own time, in ms."""
    return time.time_ns() // 1_000_000


def at_from_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=UTC)


def ms_from_at(at: datetime) -> int:
    """Raises ValueError for a datetime without a zone: guessing one moves calls between days."""
    if at.tzinfo is None:
        raise ValueError("a datetime without a time zone")
    return round(at.timestamp() * 1000)
