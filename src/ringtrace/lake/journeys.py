"""Journeys of a company's lake as a table of touches, for `ringtrace.attribution` and for notebooks."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import NotFound
from ringtrace.lake.definitions.asking import tables_of
from ringtrace.lake.definitions.laying import DEFAULT, Laying
from ringtrace.lake.definitions.shipped import shipped_sql
from ringtrace.lake.derive import EVIDENCE_MONTHS
from ringtrace.lake.engines.duckdb import DuckDBEngine
from ringtrace.lake.home import LakeHome
from ringtrace.lake.months import month_after, month_of, months_between
from ringtrace.lake.reader import LakeReader
from ringtrace.lake.schemas import columns

_NAME = "touches"
TOUCHES: dict[str, str] = {
    "journey": "VARCHAR",
    "touch_id": "VARCHAR",
    "at_ms": "BIGINT",
    "converted": "BOOLEAN",
    "p": "DOUBLE",
    "value": "DOUBLE",
    "converted_at_ms": "BIGINT",
    "lead": "BOOLEAN",
    "opportunity": "BOOLEAN",
}
_NOT_DIMENSIONS = ("company_id", "touch_id", "kind", "visit_id", "visitor_id", "at_ms")
NAMED = {"at": "at_ms", "converted_at": "converted_at_ms"}
"""How `attribute` finds the columns that are not named as it expects."""


def touch_table(
    lake: LakeHome | Path,
    company_id: str,
    since_ms: int,
    until_ms: int,
    out: Path,
    *,
    lookback_days: int = 30,
    laying: Laying = DEFAULT,
) -> str:
    """Writes the touches of every journey of the responses from `since_ms` to before `until_ms`, and of those who made
    none, as Parquet to `out`; returns the data version they came from. `attribute(out, ..., **NAMED)` reads it.

    Raises NotFound where the lake has nothing of the company in that span, and StoreUnavailable.
    """
    reader = LakeReader(lake, company_id)
    first, last = month_of(since_ms), month_of(until_ms - 1)
    months = frozenset(months_between(first, last))
    before = months_between(month_of(since_ms - lookback_days * DAY_MS), last)
    paths = {
        "touchpoints": reader.files("touchpoints", frozenset(before)),
        "identities": reader.files("identities", frozenset(months_between(month_after(first, -EVIDENCE_MONTHS), last))),
        "calls": reader.files("calls", months),
        "conversions": reader.files("conversions", months),
    }
    if not any(paths.values()):
        raise NotFound("The lake has nothing of this company and span.", hint="Choose other days, or publish first.")
    dimensions = {name: kind for name, kind in columns("touchpoints").items() if name not in _NOT_DIMENSIONS}
    engine = DuckDBEngine()
    try:
        tables = tables_of(paths, since_ms, until_ms, lookback_ms=lookback_days * DAY_MS)
        engine.write(_sql(laying), tables, out, TOUCHES | dimensions)
    finally:
        engine.close()
    return reader.data_version


def _sql(laying: Laying) -> str:
    if laying == DEFAULT:
        return shipped_sql(_NAME)
    sql: str = import_module("ringtrace.lake.definitions.compiled").sql_of(_NAME, "duckdb", laying)
    return sql
