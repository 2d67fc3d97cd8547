"""Months as the lake cuts them: UTC, written `2026-11`. Reports cut days in the company's own zone."""

from __future__ import annotations

from datetime import UTC, datetime

from ringtrace.core.clock import at_from_ms, ms_from_at

LOOKBACK_DAYS = 30
LONGEST_LOOKBACK_DAYS = 365


def month_of(ms: int) -> str:
    """The month that a moment's facts rest in."""
    return f"{at_from_ms(ms):%Y-%m}"


def month_span_ms(month: str) -> tuple[int, int]:
    """The first moment of a month, and of the next. Raises ValueError for what is no month."""
    return _first_ms(month), _first_ms(month_after(month, 1))


def month_after(month: str, by: int) -> str:
    """`by` months later, or earlier where it is below zero."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + by, 12)
    return f"{year:04d}-{number + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """All months from `first` to `last`, both included."""
    count = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])
    return [month_after(first, step) for step in range(count + 1)]


def _first_ms(month: str) -> int:
    return ms_from_at(datetime.strptime(f"{month}-01", "%Y-%m-%d").replace(tzinfo=UTC))
