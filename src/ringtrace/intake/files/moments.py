"""Dates and times as exports write them.

Read: ISO 8601 with and without an offset, `5/1/2026` and `1/5/2026` (by the column's style), `1.5.2026` (always day
first), `May 1, 2026`, `1 May 2026` and the same in German and French, 12- and 24-hour times, seconds (10 digits) and
milliseconds (13) since 1970. Zones: `Z`, `UTC`, `GMT`, `+02:00`, and the eight of RFC 2822 (`EST`, `PDT` …).

A time without a zone is read in the zone that is given. One that the clocks skipped in spring is read an hour later, as
a clock not yet turned would show it; of two that autumn has twice, the first is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from ringtrace.core.errors import BadInput

_LONGEST = 80
_ENOUGH = 20
_NO_FIGURES = 20_000
_EMPTY = frozenset({"", "-", "--", "---", "–", "—", "n/a", "na", "null", "none"})


class DateStyle(StrEnum):
    MONTH_FIRST = "month_first"  # 5/31/2026
    DAY_FIRST = "day_first"  # 31/5/2026
    AMBIGUOUS = "ambiguous"


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("jan january januar jänner janvier janv", "feb february februar fevrier février févr fév"),
            *("mar march märz mrz mär mars", "apr april avril avr", "may mai", "jun june juni juin"),
            *("jul july juli juillet juil", "aug august août aout", "sep sept september septembre"),
            *("oct october okt oktober octobre", "nov november novembre", "dec december dez dezember décembre déc"),
        ),
        1,
    )
    for name in names.split()
}
_RFC_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}

_WEEKDAY = r"(?:[^\W\d]{2,10}\.?,?\s+)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)", re.ASCII)
_FIGURES = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)", re.ASCII)
_MONTH_NAMED = re.compile(_WEEKDAY + r"([^\W\d]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)", re.IGNORECASE)
_DAY_NAMED = re.compile(
    _WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th|er|\.)?[\s-]+([^\W\d]{3,9})\.?,?[\s-]+(\d{4}|\d{2})(?!\d)", re.IGNORECASE
)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)", re.ASCII)
_CLOCK = re.compile(
    r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*([ap])?(?(5)\.?m\.?)\s*"
    r"(Z|UTC|GMT|[A-Z]{3}|(?:UTC|GMT)?[+-]\d{2}:?(?:\d{2})?)?\Z",
    re.IGNORECASE | re.ASCII,
)
_BETWEEN = re.compile(r"(?:\s*T(?=\d)|\s*,?\s+(?:at|um|à)\s+|\s*,\s*|\s+)", re.IGNORECASE)
_COMMA = re.compile(r"(?<=/\d{4}),\s*")
_RANGE = re.compile(r"\s+[-–—]\s+|\s*[–—]\s*|\s+to\s+|\s+bis\s+")


def guess_date_style(samples: Iterable[str]) -> DateStyle:
    """Whether a column's `5/6/2026` are months or days first, by those of its cells that can be read one way alone.

    AMBIGUOUS where none can or they disagree. Stops once it is sure, and where 20,000 cells have no such day."""
    days = months = 0
    figures = False
    for number, text in enumerate(samples):
        found = _FIGURES.match(text.strip())
        if number >= _NO_FIGURES and not figures:
            break
        if found is None or found[2] == ".":
            continue
        figures = True
        first, second = int(found[1]), int(found[3])
        days += 12 < first <= 31 and second <= 12
        months += 12 < second <= 31 and first <= 12
        if max(days, months) >= _ENOUGH and min(days, months) == 0:
            break
    if days and not months:
        return DateStyle.DAY_FIRST
    return DateStyle.MONTH_FIRST if months and not days else DateStyle.AMBIGUOUS


@lru_cache(maxsize=16_384)
def read_date(text: str, style: DateStyle = DateStyle.AMBIGUOUS) -> date | None:
    """The day as written (a time after it is passed over), None where the cell is empty. Raises BadInput."""
    plain = text.strip()
    if plain.lower() in _EMPTY:
        return None
    if len(plain) > _LONGEST:
        raise _no_date(plain)
    try:
        day, end = _day(plain, style)
    except ValueError as error:
        raise BadInput(f"{plain[:40]!r} is no day of the calendar.", hint="Write it like 2026-05-31.") from error
    rest = plain[end:]
    _check_year(day)
    between = _BETWEEN.match(rest)
    if rest and rest[0] != "|" and not (between and rest[between.end() :][:1].isdigit()):  # Microsoft's hours: `…|7`
        raise _no_date(plain)
    return day


def read_moment(
    text: str, zone: str, style: DateStyle = DateStyle.AMBIGUOUS, *, end_of_day: bool = False, needs_time: bool = False
) -> int | None:
    """Ms since 1970, None where the cell is empty. A bare day is its start in `zone`, or its last millisecond with
    `end_of_day`, or is refused where it `needs_time`. Raises BadInput, also for an unknown zone."""
    plain = text.strip()
    if plain.lower() in _EMPTY:
        return None
    if len(plain) > _LONGEST:
        raise _no_date(plain)
    if plain.isdigit() and plain.isascii() and len(plain) in (10, 13):
        return int(plain) * (1000 if len(plain) == 10 else 1)
    try:
        at = _iso(plain) or _written(plain, style)
    except ValueError as error:
        raise BadInput(
            f"{plain[:40]!r} is no day and time of the calendar.", hint="Write it like 2026-05-31 14:05."
        ) from error
    if isinstance(at, datetime):
        return _ms(at if at.tzinfo else at.replace(tzinfo=zone_of(zone)))
    if needs_time:
        raise BadInput(f"{plain!r} says the day and not the time.", hint="Write it like 2026-05-31 14:05.")
    _check_year(at)
    if end_of_day:
        return _ms(datetime.combine(at + timedelta(days=1), time(), zone_of(zone))) - 1
    return _ms(datetime.combine(at, time(), zone_of(zone)))


def read_range(text: str, style: DateStyle = DateStyle.AMBIGUOUS) -> tuple[date, date] | None:
    """The days of `1 May 2026 - 8 May 2026`, of `5/1/2026, 5/8/2026` and of one day alone; None for other texts."""
    plain = text.strip().strip('"').strip()
    if len(plain) > 2 * _LONGEST:
        return None
    halves = [parts for parts in (_RANGE.split(plain), _COMMA.split(plain)) if len(parts) == 2]
    for parts in (*halves, [plain]):
        try:
            days = [read_date(part, style) for part in parts]
        except BadInput:
            continue
        if days[0] and days[-1] and days[0] <= days[-1]:
            return days[0], days[-1]
    return None


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises BadInput."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # OSError: a directory of the zone database
        raise BadInput(f"{name[:60]!r} is not a time zone.", hint="Use a name such as America/Vancouver.") from error


def _ms(at: datetime) -> int:
    _check_year(at)
    return round((at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


def _iso(text: str) -> datetime | None:
    """The common case by the standard library, at its speed; what it does not read is read by `_written`."""
    if len(text) < 16 or text[4] != "-":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _written(text: str, style: DateStyle) -> datetime | date:
    day, end = _day(text, style)
    rest = text[end:]
    if not rest:
        return day
    between = _BETWEEN.match(rest)
    clock = _CLOCK.match(rest[between.end() :]) if between else None
    if clock is None:
        raise _no_date(text)
    return datetime.combine(day, _time(clock), _offset(text, clock[6]))


def _time(clock: re.Match[str]) -> time:
    hour, half = int(clock[1]), (clock[5] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half == "p" else 0)
    elif clock[2] is None:
        raise ValueError(hour)
    return time(hour, int(clock[2] or 0), int(clock[3] or 0), int((clock[4] or "").ljust(6, "0")[:6]))


def _offset(text: str, said: str | None) -> tzinfo | None:
    if not said:
        return None
    name = said.upper()
    if name in ("Z", "UTC", "GMT"):
        return UTC
    if name in _RFC_ZONES:
        return timezone(timedelta(hours=_RFC_ZONES[name]))
    if not any(char.isdigit() for char in name):
        raise BadInput(f"The zone of {text!r} is not known.", hint="Write an offset, such as +02:00, or none.")
    figures = name.removeprefix("UTC").removeprefix("GMT").replace(":", "")
    minutes = int(figures[1:3]) * 60 + int(figures[3:5] or 0)
    return timezone(timedelta(minutes=-minutes if figures[0] == "-" else minutes))


def _day(text: str, style: DateStyle) -> tuple[date, int]:
    """The day that a text starts with, and where it ends. ValueError: no day of the calendar."""
    if found := _YEAR_FIRST.match(text):
        return date(int(found[1]), int(found[3]), int(found[4])), found.end()
    if found := _FIGURES.match(text):
        return _by_style(text, found, style), found.end()
    if (found := _MONTH_NAMED.match(text)) and (month := _MONTHS.get(found[1].lower())):
        return date(int(found[3]), month, int(found[2])), found.end()
    if (found := _DAY_NAMED.match(text)) and (month := _MONTHS.get(found[2].lower())):
        return date(_year(found[3]), month, int(found[1])), found.end()
    if found := _COMPACT.match(text):
        return date(int(found[1]), int(found[2]), int(found[3])), found.end()
    raise _no_date(text)


def _by_style(text: str, found: re.Match[str], style: DateStyle) -> date:
    first, second, year = int(found[1]), int(found[3]), _year(found[4])
    if found[2] == ".":
        style = DateStyle.DAY_FIRST
    elif style is DateStyle.AMBIGUOUS:
        if first <= 12 and second <= 12 and first != second:
            raise BadInput(
                f"{text[:40]!r} can be read two ways: the day or the month may come first.",
                hint="Say whether the file's dates have the month or the day first.",
            )
        style = DateStyle.DAY_FIRST if first > 12 else DateStyle.MONTH_FIRST
    month, day = (first, second) if style is DateStyle.MONTH_FIRST else (second, first)
    return date(year, month, day)


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= 70 else 2000)


def _check_year(day: date) -> None:
    if not 1971 <= day.year <= 2200:
        raise BadInput(f"The year {day.year} is too far off.", hint="Check the date's year.")


def _no_date(text: str) -> BadInput:
    return BadInput(f"{text[:40]!r} is not a date.", hint="Write it like 2026-05-31 or 2026-05-31 14:05.")
