"""The company's hours and days as whole-number arithmetic over ms since 1970, for SQL; changes of the clock included.

DuckDB would do the same with its ICU extension, which it downloads; zoneinfo is at hand, and a span has few changes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from ringtrace.core.clock import DAY_MS, HOUR_MS
from ringtrace.reports.dimensions import ValueKind

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_STEP_SECS = 12 * 3600


@lru_cache(maxsize=256)
def offsets(zone: str, since_ms: int, until_ms: int) -> tuple[tuple[int, int], ...]:
    """(from_ms, offset_ms) of each stretch with one offset from UTC, in order; the first from `since_ms`."""
    clock = ZoneInfo(zone)
    at, end = since_ms // 1000, until_ms // 1000
    found = [(since_ms, _offset_ms(clock, at))]
    while at < end:
        ahead = min(at + _STEP_SECS, end)
        if _offset_ms(clock, ahead) != found[-1][1]:
            change = _first_change(clock, at, ahead)
            found.append((change * 1000, _offset_ms(clock, change)))
        at = ahead
    return tuple(found)


def _first_change(clock: ZoneInfo, before: int, after: int) -> int:
    """The first second whose offset is not that of `before`."""
    old = _offset_ms(clock, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset_ms(clock, middle) == old else (before, middle)
    return after


def _offset_ms(clock: ZoneInfo, at_secs: int) -> int:
    offset = datetime.fromtimestamp(at_secs, tz=UTC).astimezone(clock).utcoffset()
    return round(offset.total_seconds() * 1000) if offset is not None else 0


def local_ms_sql(column: str, zone: str, since_ms: int, until_ms: int) -> str:
    """The column's moment by the clock on the wall, as ms."""
    stretches = offsets(zone, since_ms, until_ms)
    last = str(stretches[-1][1])
    if len(stretches) == 1:
        return f"({column} + {last})"
    cases = " ".join(f"WHEN {column} < {end} THEN {offset}" for (_, offset), (end, _) in pairwise(stretches))
    return f"({column} + CASE {cases} ELSE {last} END)"


def time_sql(kind: ValueKind, local_ms: str) -> str:
    """A time dimension as a whole number: days count from 1970, weeks by their Monday, months by their first day."""
    if kind is ValueKind.HOUR:
        return f"({local_ms} // {HOUR_MS} % 24)"
    return day_sql(kind, f"({local_ms} // {DAY_MS})")


def day_sql(kind: ValueKind, day: str) -> str:
    """The same of a day number."""
    match kind:
        case ValueKind.WEEKDAY:
            return f"(({day} + 3) % 7 + 1)"
        case ValueKind.WEEK:
            return f"({day} - ({day} + 3) % 7)"
        case ValueKind.MONTH:
            return f"(date_trunc('month', DATE '1970-01-01' + {day}::INTEGER)::DATE - DATE '1970-01-01')"
        case _:
            return day


def day_number(on: date) -> int:
    return on.toordinal() - EPOCH_ORDINAL


def date_of(day: int) -> date:
    return date.fromordinal(day + EPOCH_ORDINAL)
