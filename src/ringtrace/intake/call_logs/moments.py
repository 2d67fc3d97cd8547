"""When a call was, as call logs write it: with an offset or without, month or day first, in words or digits.

A time without an offset is read in the zone that the person chose. Where clocks go back, such a time happens twice: the
first is taken. Where they go forward, one that never was is read as if they had not.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ringtrace.core.clock import at_from_ms, ms_from_at
from ringtrace.core.errors import BadInput

_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)  # noqa: SIM905
}
# The abbreviations that e-mail knows (RFC 5322, 4.3), as hours from UTC; every other one could be anything.
_SHORT_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_CLOCK = (
    r"(?:[\sT,]+(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?)?"
    r"\s*(?P<zone>[+-]\d{2}:?\d{2}|[a-z]{1,4})?"
)
_SHAPES = tuple(
    re.compile(shape + _CLOCK, re.IGNORECASE)
    for shape in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<year>\d{4}|\d{2})",
        r"(?:[a-z]{3,9},?\s+)?(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        r"(?:[a-z]{3,9},?\s+)?(?P<day>\d{1,2})\s+(?P<name>[a-z]{3,9})\.?,?\s+(?P<year>\d{4})",
    )
)
_EPOCH = re.compile(r"\d{9,10}|\d{12,13}")
_SHOWN = 40
_FIRST_YEAR, _LAST_YEAR = 1971, 2200
_FIRST_MS = ms_from_at(datetime(1971, 1, 2, tzinfo=UTC))  # whatever the zone, the year is 1971
_END_MS = ms_from_at(datetime(2201, 1, 1, tzinfo=UTC))
_HINT = f"Years from {_FIRST_YEAR} to {_LAST_YEAR} are taken; look at the row where it came from."


def read_moment(text: str, zone: str | None, *, day_first: bool = False) -> int:
    """Ms since 1970. `zone` (IANA) reads a time without an offset. Raises BadInput."""
    plain = text.strip()
    if _EPOCH.fullmatch(plain):
        at_ms = int(plain) * (1000 if len(plain) < 11 else 1)
        _check_year(at_from_ms(at_ms).year, plain)
        return at_ms
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(plain))), None)
    if found is None:
        raise BadInput(
            f"{plain[:_SHOWN]!r} is no date with a time.", hint="Such as 2026-03-08 14:30 or 3/8/2026 2:30 PM."
        )
    at = _local(found.groupdict(), plain, day_first=day_first)
    _check_year(at.year, plain)
    return ms_from_at(at.replace(tzinfo=_zone(found["zone"], zone, plain)))


def check_moment(at_ms: int) -> int:
    """A moment that a call or contact can have been at: 1971-01-02 to the end of 2200. Raises BadInput."""
    if not _FIRST_MS <= at_ms < _END_MS:
        raise BadInput("It is of a time that cannot be.", hint=_HINT)
    return at_ms


def _check_year(year: int, plain: str) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise BadInput(f"{plain[:_SHOWN]!r} is of a year that cannot be.", hint=_HINT)


def _local(parts: dict[str, str | None], plain: str, *, day_first: bool) -> datetime:
    said = parts["year"] or ""
    year = int(said) + (2000 if len(said) == 2 else 0)
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    try:
        month, day = _month_and_day(parts, day_first=day_first)
        half = (parts["half"] or "")[:1].lower()
        if half and not 1 <= hour <= 12:
            raise ValueError("twelve hours")
        hour = hour % 12 + (12 if half == "p" else 0) if half else hour
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    except (ValueError, OverflowError, KeyError) as error:
        other = "month" if day_first else "day"
        raise BadInput(
            f"{plain[:_SHOWN]!r} is no day of a calendar.", hint=f"If the {other} comes first in this file, say so."
        ) from error


def _month_and_day(parts: dict[str, str | None], *, day_first: bool) -> tuple[int, int]:
    if parts.get("name"):
        return _MONTHS[str(parts["name"])[:3].lower()], int(parts["day"] or 0)
    if parts.get("one"):
        one, two = int(parts["one"] or 0), int(parts["two"] or 0)
        return (two, one) if day_first else (one, two)
    return int(parts["month"] or 0), int(parts["day"] or 0)


def _zone(said: str | None, chosen: str | None, plain: str) -> tzinfo:
    if said and said[0] in "+-":
        minutes = int(said[1:3]) * 60 + int(said[-2:])
        if minutes >= 24 * 60:
            raise BadInput(f"{plain[:_SHOWN]!r} has no offset that exists.", hint="Offsets are such as -08:00.")
        return timezone(timedelta(minutes=-minutes if said[0] == "-" else minutes))
    if said:
        hours = _SHORT_ZONES.get(said.lower())
        if hours is None:
            raise BadInput(
                f"{plain[:_SHOWN]!r} has a time zone we do not know.", hint="Export with offsets, or in UTC."
            )
        return timezone(timedelta(hours=hours)) if hours else UTC
    if chosen is None:
        raise BadInput(
            f"{plain[:_SHOWN]!r} does not say its time zone.", hint="Choose the time zone that the system exports in."
        )
    return named_zone(chosen)


@lru_cache(maxsize=64)
def named_zone(name: str) -> ZoneInfo:
    """Raises BadInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"{name[:60]!r} is no time zone.", hint="Such as America/Los_Angeles.") from error
