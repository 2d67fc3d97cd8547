"""A company's month, and the ledger's rows that lie in it: columns alone, row by row, never whole objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet

from ringtrace.lake.months import month_span_ms

_CHUNK = 2_000


class Span(NamedTuple):
    """A company's UTC month: its first moment, and the next month's."""

    company_id: str
    since_ms: int
    until_ms: int


def span_of(company_id: str, month: str) -> Span:
    """Of a month such as `2026-11`."""
    return Span(company_id, *month_span_ms(month))


def within(rows: QuerySet[Any], span: Span, timed_by: str) -> QuerySet[Any]:
    """Those of the company whose `timed_by` lies in the month."""
    limits = {f"{timed_by}__gte": span.since_ms, f"{timed_by}__lt": span.until_ms}
    return rows.filter(company_id=span.company_id, **limits)


def columns_of(rows: QuerySet[Any], *fields: str) -> Iterable[tuple[Any, ...]]:
    return rows.values_list(*fields).iterator(chunk_size=_CHUNK)


def visitor_of_call(call_id: str) -> str:
    """Whoever called a printed number, or is known from another system alone, is known by that call or contact."""
    return f"call:{call_id}"
