"""How long does it take from a visit to the call, and how many visits?"""

# ruff: noqa: S608 - the SQL is written here, values are bound

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ringtrace.lake.reader import LakeReader, read_steadily
from ringtrace.reports.asked import MadeOf
from ringtrace.reports.journeys.conversions import CALLS, Conversions, made_from
from ringtrace.reports.questions import Scope

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_BOUNDS = (
    ("under 1 minute", _MINUTE),
    ("1 – 5 minutes", 5 * _MINUTE),
    ("5 – 30 minutes", 30 * _MINUTE),
    ("30 – 60 minutes", _HOUR),
    ("1 – 6 hours", 6 * _HOUR),
    ("6 – 24 hours", _DAY),
    ("1 – 3 days", 3 * _DAY),
    ("3 – 7 days", 7 * _DAY),
    ("7 – 14 days", 14 * _DAY),
    ("14 – 30 days", 30 * _DAY),
)
_LONGER = "over 30 days"
_LONG = 10  # touches; journeys of as many and more are one bar
_QUANTILES = {"median": 0.5, "p90": 0.9}


class LagBucket(Struct, frozen=True, kw_only=True):
    """Conversions, weighted by probability, whose first or last touch was so long before."""

    label: str
    first: float
    last: float


class Waiting(Struct, frozen=True, kw_only=True):
    """In seconds; None where nothing is known. `median`: half of the conversions came within that time; `p90`: nine in
    ten."""

    median: int | None
    p90: int | None


class Lags(Struct, frozen=True, kw_only=True):
    """`known`: conversions with a touch that is known; `buckets` sum to that, by first and by last touch."""

    of: Conversions
    buckets: tuple[LagBucket, ...]
    first: Waiting
    last: Waiting
    known: float
    made: MadeOf


class LengthBucket(Struct, frozen=True, kw_only=True):
    """Conversions after so many touches; the last bucket is of as many and more."""

    label: str
    conversions: float


class Lengths(Struct, frozen=True, kw_only=True):
    """`mean`: touches before a conversion, None where nothing is known; `single`: the part with one touch only."""

    of: Conversions
    buckets: tuple[LengthBucket, ...]
    mean: float | None
    single: float | None
    known: float
    made: MadeOf


def lags(scope: Scope, of: Conversions = CALLS) -> Lags:
    """How long before the conversion the first and the last touch were. Raises BadInput."""
    return read_steadily(scope.lake, scope.company_id, lambda lake: _lags(lake, scope, of))


def lengths(scope: Scope, of: Conversions = CALLS) -> Lengths:
    """How many touches came before a conversion. Raises BadInput."""
    return read_steadily(scope.lake, scope.company_id, lambda lake: _lengths(lake, scope, of))


def _lags(lake: LakeReader, scope: Scope, of: Conversions) -> Lags:
    sql, values = _lags_sql(of), of.values(scope)
    row = lake.ask(sql, values, months=scope.months(), facts=("credits",))[0]
    labels = [*(label for label, _ in _BOUNDS), _LONGER]
    return Lags(
        of=of,
        buckets=tuple(
            LagBucket(label=label, first=row[f"first_{nth}"] or 0.0, last=row[f"last_{nth}"] or 0.0)
            for nth, label in enumerate(labels)
        ),
        first=_waiting(row, "first"),
        last=_waiting(row, "last"),
        known=row["known"] or 0.0,
        made=made_from(lake, of, sql, values),
    )


def _waiting(row: Mapping[str, Any], end: str) -> Waiting:
    return Waiting(median=row[f"{end}_median"], p90=row[f"{end}_p90"])


def _lags_sql(of: Conversions) -> str:
    ends = {"first": "position = 1", "last": "position = length"}
    worth = f"p * {of.of.count_sql}"
    sums = ", ".join(f"sum({worth}) FILTER (WHERE {where}) AS {end}" for end, where in ends.items())
    over = ", ".join(f"sum({end}) OVER (ORDER BY secs) AS {end}_upto, sum({end}) OVER () AS {end}_all" for end in ends)
    told = [
        f"min(secs) FILTER (WHERE {end}_upto >= {q} * {end}_all - 1e-9) AS {end}_{name}"
        for end in ends
        for name, q in _QUANTILES.items()
    ]
    lows = [0, *(bound for _, bound in _BOUNDS)]
    highs = [*(f" AND secs < {bound}" for _, bound in _BOUNDS), ""]
    told += [
        f"sum({end}) FILTER (WHERE secs >= {low}{high}) AS {end}_{nth}"
        for end in ends
        for nth, (low, high) in enumerate(zip(lows, highs, strict=True))
    ]
    return (
        f"SELECT sum(first) AS known, {', '.join(told)} FROM (SELECT *, {over} FROM ("
        f"SELECT greatest(at_ms - touch_ms, 0) // 1000 AS secs, {sums} FROM {{credits}}"
        f" WHERE {of.where_sql} AND reason IS NULL AND (position = 1 OR position = length) GROUP BY secs))"
    )


def _lengths(lake: LakeReader, scope: Scope, of: Conversions) -> Lengths:
    sql, values = _lengths_sql(of), of.values(scope)
    counts = {row["length"]: row["n"] for row in lake.ask(sql, values, months=scope.months(), facts=("credits",))}
    known = sum(counts.values())
    buckets = [LengthBucket(label=str(length), conversions=counts.get(length, 0.0)) for length in range(1, _LONG)]
    more = sum(n for length, n in counts.items() if length >= _LONG)
    return Lengths(
        of=of,
        buckets=(*buckets, LengthBucket(label=f"{_LONG} or more", conversions=more)),
        mean=sum(length * n for length, n in counts.items()) / known if known else None,
        single=counts.get(1, 0.0) / known if known else None,
        known=known,
        made=made_from(lake, of, sql, values),
    )


def _lengths_sql(of: Conversions) -> str:
    return (
        f"SELECT length, sum(p * {of.of.count_sql}) AS n FROM {{credits}}"
        f" WHERE {of.where_sql} AND reason IS NULL AND position = 1 GROUP BY length ORDER BY length"
    )
