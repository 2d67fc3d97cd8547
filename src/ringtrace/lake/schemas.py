"""The facts of the lake, one row type each. Field order and types are the columns of the Parquet files. Schema 2.

No personal data: callers are keyed hashes, visitors are derived ids. Times in ms since 1970 (UTC), money in cents of
the company's currency. `month` is the UTC month a row rests in. Base facts come from the ledger; derived ones are
made of base facts, and of nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import get_args, get_type_hints

import msgspec
from msgspec import Struct

from ringtrace.attribution.registry import LAKE_MODELS

SCHEMA = 2
CALL_COUNTS = "answered-1"  # the definition by which a call is a conversion: somebody at the business spoke


class TouchpointFact(Struct, frozen=True, kw_only=True, gc=False):
    """A touch: a visit with its source (kind `visit`), or a call to a printed number (`number`), which is its own."""

    company_id: str
    touch_id: str
    kind: str
    visit_id: str | None
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
    referrer_host: str | None
    device: str | None
    region: str | None


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


class IdentityFact(Struct, frozen=True, kw_only=True):
    """What ties a visitor to a call, a form, a phone or an address, and how surely.

    `key_kind` `call` or `form`: who made that response (`key` is its id), with the probability `p`; those of one call
    sum to at most one. `phone`, `email`: the visitor has the phone or address whose keyed hash is `key`. `visit_id`:
    the visit that says so, the likeliest where several may.
    """

    company_id: str
    visitor_id: str
    key_kind: str
    key: str
    p: float
    at_ms: int
    visit_id: str | None


class ConversionFact(Struct, frozen=True, kw_only=True):
    """Something that counts: a call that `definition` lets count, a form, or an outcome of either.

    It rests in the month of its response. `value_cents` None: no value is known.
    """

    company_id: str
    conversion_id: str
    kind: str
    response_id: str
    call_id: str | None
    at_ms: int
    response_ms: int
    value_cents: int | None
    definition: str | None


class SpendFact(Struct, frozen=True, kw_only=True):
    company_id: str
    on_date: date
    source: str
    medium: str
    campaign: str | None
    cost_cents: int


class PathFact(Struct, frozen=True, kw_only=True):
    """Journeys of one and the same path of channels. `converted_ppm`: conversions in millionths, so sums are exact."""

    company_id: str
    path: str
    journeys: int
    converted_ppm: int
    value_cents: int | None


class FitFact(Struct, frozen=True, kw_only=True):
    """What a data-driven model learned of one player from one company's month; `reason`: why it could learn nothing."""

    company_id: str
    model: str
    params: str
    player: str | None
    effect: float | None
    reason: str | None


class _Credit(Struct, frozen=True, kw_only=True):
    """A response's credit for one touch: the columns before the models' own."""

    company_id: str
    response_id: str
    kind: str
    at_ms: int
    touch_id: str | None
    visit_id: str | None
    touch_ms: int | None
    channel: str | None
    source: str | None
    medium: str | None
    campaign: str | None
    ad_group: str | None
    keyword: str | None
    content: str | None
    landing_page: str | None
    referrer_host: str | None
    device: str | None
    region: str | None
    position: int | None
    length: int | None
    p: float


MODEL_COLUMNS = LAKE_MODELS

CreditFact = msgspec.defstruct(
    "CreditFact",
    [*((model, float | None) for model in MODEL_COLUMNS), ("reason", str | None)],
    bases=(_Credit,),
    frozen=True,
    kw_only=True,
)

BASE_FACTS: Mapping[str, type[Struct]] = {
    "touchpoints": TouchpointFact,
    "calls": CallFact,
    "identities": IdentityFact,
    "conversions": ConversionFact,
    "spend": SpendFact,
}
DERIVED_FACTS: Mapping[str, type[Struct]] = {"paths": PathFact, "fits": FitFact, "credits": CreditFact}
FACTS: Mapping[str, type[Struct]] = {**BASE_FACTS, **DERIVED_FACTS}

TIMED_BY: Mapping[str, str] = {
    "touchpoints": "at_ms",
    "calls": "started_ms",
    "identities": "at_ms",
    "conversions": "response_ms",
    "credits": "at_ms",
}  # the column that says which month a row rests in; spend goes by `on_date`, paths and fits by their file alone

_SQL_TYPES: Mapping[type, str] = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", date: "DATE"}


def columns(fact: str) -> dict[str, str]:
    """The column names of a fact with their SQL types, in order."""
    hints = get_type_hints(FACTS[fact])
    return {name: _sql_type(hints[name]) for name in FACTS[fact].__struct_fields__}


def empty_table(fact: str) -> str:
    """A SELECT of the fact's columns, typed, without rows."""
    nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns(fact).items())
    return f"(SELECT {nothing} WHERE false)"


def _sql_type(hint: type) -> str:
    kinds = [kind for kind in (get_args(hint) or (hint,)) if kind is not type(None)]
    return _SQL_TYPES[kinds[0]]
