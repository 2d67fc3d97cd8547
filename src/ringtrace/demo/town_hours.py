"""Days, weeks and hours of the town, in its own time zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from ringtrace.core.clock import DAY_MS, HOUR_MS, at_from_ms, ms_from_at
from ringtrace.demo.town_chance import Chance

TIME_ZONE = "America/Los_Angeles"
_ZONE = ZoneInfo(TIME_ZONE)

Hours = Sequence[tuple[int, float]]


def _hours(*weights: float) -> Hours:
    return tuple(enumerate(weights))


BROWSING = _hours(
    0.3,
    0.2,
    0.1,
    0.1,
    0.2,
    0.4,
    0.8,
    1.4,
    1.9,
    2.0,
    1.9,
    1.8,
    1.6,
    1.6,
    1.6,
    1.6,
    1.6,
    1.7,
    1.8,
    1.7,
    1.5,
    1.2,
    0.8,
    0.5,
)
URGENT = _hours(
    0.8,
    0.6,
    0.5,
    0.5,
    0.6,
    0.9,
    1.4,
    1.9,
    2.0,
    1.8,
    1.6,
    1.5,
    1.4,
    1.4,
    1.4,
    1.4,
    1.5,
    1.8,
    2.0,
    2.0,
    1.8,
    1.6,
    1.3,
    1.0,
)
OFFICE = _hours(*[0.0] * 8, 1.4, 2.0, 2.0, 1.7, 1.2, 1.4, 1.6, 1.5, 1.3, 0.9, 0.5, 0.2, *[0.0] * 4)
_BY_WEEKDAY = (1.2, 1.1, 1.05, 1.0, 1.0, 0.85, 0.8)  # Monday first


class Day(Struct, frozen=True):
    """A local day, by its date and the instants of its two midnights."""

    on: date
    from_ms: int
    until_ms: int

    @property
    def busyness(self) -> float:
        return _BY_WEEKDAY[self.on.weekday()]


def day_of(on: date) -> Day:
    return Day(on, _midnight_ms(on), _midnight_ms(on + timedelta(days=1)))


def days_between(start_ms: int, end_ms: int) -> Iterator[Day]:
    """Every local day that has a moment in the period."""
    day = day_of(local(start_ms).date())
    while day.from_ms < end_ms:
        yield day
        day = day_of(day.on + timedelta(days=1))


def moment(chance: Chance, day: Day, hours: Hours) -> int:
    """An instant of that day, by the rhythm of its hours."""
    at_ms = day.from_ms + chance.among(hours) * HOUR_MS + chance.randrange(HOUR_MS)
    return min(at_ms, day.until_ms - 1)


def some_days_later(chance: Chance, after_ms: int, mean_days: float, hours: Hours) -> int:
    """An instant some days on (exponential), moved to a likely hour of its day; always later than `after_ms`."""
    day = day_of(local(after_ms + round(chance.expovariate(1 / mean_days) * DAY_MS)).date())
    at_ms = moment(chance, day, hours)
    return at_ms if at_ms > after_ms + HOUR_MS else moment(chance, day_of(local(after_ms + DAY_MS).date()), hours)


def local(at_ms: int) -> datetime:
    return at_from_ms(at_ms).astimezone(_ZONE)


def _midnight_ms(on: date) -> int:
    return ms_from_at(datetime.combine(on, time(), _ZONE).astimezone(UTC))
