"""Amounts, dates, moments and durations as exports write them. Unknown is None; what could be read two ways is refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum


class NumberStyle(StrEnum):
    POINT = "point"  # 1,234.50
    COMMA = "comma"  # 1.234,50
    AMBIGUOUS = "ambiguous"


class DateStyle(StrEnum):
    MONTH_FIRST = "month_first"  # 5/31/2026
    DAY_FIRST = "day_first"  # 31/5/2026
    AMBIGUOUS = "ambiguous"


def guess_number_style(samples: Iterable[str]) -> NumberStyle:
    raise NotImplementedError


def guess_date_style(samples: Iterable[str]) -> DateStyle:
    raise NotImplementedError


def read_micros(text: str, style: NumberStyle = NumberStyle.AMBIGUOUS) -> int | None:
    """Millionths of an amount, None for an empty one (`--`, `-`). Raises BadInput."""
    raise NotImplementedError


def read_amount_cents(text: str, style: NumberStyle = NumberStyle.AMBIGUOUS) -> int | None:
    """Cents of an amount, rounded half to even. Raises BadInput."""
    raise NotImplementedError


def currency_in(text: str) -> str | None:
    """The ISO 4217 code that an amount carries (`EUR` of `12,50 €`), None without one or where a sign is many's ($)."""
    raise NotImplementedError


def read_date(text: str, style: DateStyle = DateStyle.AMBIGUOUS) -> date | None:
    raise NotImplementedError


def read_moment(text: str, zone: str, style: DateStyle = DateStyle.AMBIGUOUS) -> int | None:
    """Ms since 1970. Naive times are read in `zone` (IANA)."""
    raise NotImplementedError


def read_duration(text: str) -> float | None:
    """Seconds of `65`, `1:05`, `0:01:05`, `1m 5s`."""
    raise NotImplementedError


def read_count(text: str, style: NumberStyle = NumberStyle.AMBIGUOUS) -> int | None:
    """A whole number of clicks or impressions."""
    raise NotImplementedError


def read_truth(text: str) -> bool | None:
    raise NotImplementedError
