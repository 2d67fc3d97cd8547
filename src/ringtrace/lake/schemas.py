"""The facts of the lake, one row type each. Field order and types are the columns of the Parquet files. Schema 1.

No personal data: callers are keyed hashes, visitors are derived ids. Times in ms since 1970 (UTC), money in cents of
the company's currency. `month` is the UTC month a row rests in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import get_args, get_type_hints

from msgspec import Struct

SCHEMA = 1


class TouchpointFact(Struct, frozen=True, kw_only=True):
    """A visit and its source."""

    company_id: str
    visit_id: str
    visitor_id: str
    at_ms: int
    channel: str
    source: str | None
    medium: str | None
    campaign: str | None
    ad_group: str | None
    keyword: str | None
    content: str | None
    landing_page: str | None
    device: str


class CallFact(Struct, frozen=True, kw_only=True):
    """A call. `p_known`: the probability that what it is attributed to is right; None while it cannot be said."""

    company_id: str
    call_id: str
    number_id: str
    started_ms: int
    status: str
    ring_secs: float | None
    talk_secs: float | None
    caller_hash: str | None
    is_first_call: bool | None
    attributed_by: str
    visit_id: str | None
    p_known: float | None


class CreditFact(Struct, frozen=True, kw_only=True):
    """One share of one call for one touch by one model. `channel` None: unknown, with the reason."""

    company_id: str
    call_id: str
    started_ms: int
    model: str
    params: str
    visit_id: str | None
    channel: str | None
    source: str | None
    medium: str | None
    campaign: str | None
    keyword: str | None
    landing_page: str | None
    share: float
    reason: str | None


class ConversionFact(Struct, frozen=True, kw_only=True):
    """An outcome of a call; it rests in the month of its call. `value_cents` None: no value is known."""

    company_id: str
    outcome_id: str
    call_id: str
    kind: str
    value_cents: int | None
    at_ms: int


class SpendFact(Struct, frozen=True, kw_only=True):
    company_id: str
    on_date: date
    source: str
    medium: str
    campaign: str | None
    cost_cents: int


FACTS: Mapping[str, type[Struct]] = {
    "touchpoints": TouchpointFact,
    "calls": CallFact,
    "credits": CreditFact,
    "conversions": ConversionFact,
    "spend": SpendFact,
}

_SQL_TYPES: Mapping[type, str] = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", date: "DATE"}


def columns(fact: str) -> dict[str, str]:
    """The column names of a fact with their SQL types, in order."""
    hints = get_type_hints(FACTS[fact])
    return {name: _sql_type(hints[name]) for name in FACTS[fact].__struct_fields__}


def _sql_type(hint: type) -> str:
    kinds = [kind for kind in (get_args(hint) or (hint,)) if kind is not type(None)]
    return _SQL_TYPES[kinds[0]]
