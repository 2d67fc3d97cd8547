"""The facts of the lake, one row type each. Field order and types are the columns of the Parquet files. Schema 3.

No personal data: callers are keyed hashes, visitors are derived ids. Times in ms since 1970 (UTC), money in cents of
the company's currency. `month` is the UTC month a row rests in. Base facts come from the ledger; derived ones are
made of base facts, and of nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Struct

from ringtrace.attribution.registry import LAKE_MODELS

SCHEMA = 3


class TouchpointFact(Struct, frozen=True, kw_only=True, gc=False):
    """A touch: a visit with its source (kind `visit`), or a call to a printed number (`number`) or of another system
    (`imported`), which is its own."""

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
    """A call. `p_known`: the probability that what it is attributed to is right; None while it cannot be said.

    `person`: who called, the same for all their calls and outcomes: a customer, else the caller's hash. `number` is the
    tracking number called (E.164; None for one that is gone), `pool` its pool's name. `since_last_secs`: since this
    caller's call before; None for a first or unknown caller. `tags` are sorted.
    """

    company_id: str
    call_id: str
    person: str | None = None
    number_id: str | None = None
    number: str | None = None
    pool: str | None = None
    started_ms: int
    status: str
    ring_secs: float | None = None
    talk_secs: float | None = None
    caller_hash: str | None = None
    is_first_call: bool | None = None
    since_last_secs: int | None = None
    caller_region: str | None = None
    line_type: str | None = None
    agent: str | None = None
    flow_branch: str | None = None
    menu_keys: str | None = None
    disposition: str | None = None
    tags: tuple[str, ...] = ()
    is_spam: bool = False
    transferred: bool | None = None
    attributed_by: str
    visit_id: str | None = None
    p_known: float | None = None


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
    """Something that counts: a call that the company's main definition lets count, a contact that is no call (form,
    chat, store_visit, other: its own response), or an outcome of either.

    It rests in the month of its response. `value_cents` None: no value is known. An outcome that no response is known
    for has itself as its response. `is_open`: an opportunity that is neither won nor lost.
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
    person: str | None = None
    stage: str | None = None
    is_open: bool = False


class SpendFact(Struct, frozen=True, kw_only=True):
    """What was spent on one day; names as the company's naming rules have them. `channel` follows from them.

    `clicks` and `impressions` None: the source does not say.
    """

    company_id: str
    on_date: date
    channel: str | None = None
    source: str
    medium: str
    campaign: str | None
    ad_group: str | None = None
    keyword: str | None = None
    cost_cents: int
    clicks: int | None = None
    impressions: int | None = None


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

CALL_TRAITS = (
    *("person", "number_id", "number", "pool", "status", "ring_secs", "talk_secs", "is_first_call", "since_last_secs"),
    *("caller_region", "line_type", "agent", "flow_branch", "menu_keys", "disposition", "tags", "is_spam"),
    *("transferred", "attributed_by", "p_known"),
)
"""The columns of a call that stand on every row of its credits too, so that a question reads one table."""

COUNTED = {
    "leads": "lead",
    "appointments": "appointment",
    "shows": "show",
    "no_shows": "no_show",
    "opportunities": "opportunity",
    "sales": "sale",
    "refunds": "refund",
}
"""How many outcomes of a kind a response has, by column."""

CENTS = ("sale_cents", "refund_cents", "pipeline_cents")
"""What sales, refunds and open opportunities are worth; None where no value is known."""

_CALL_HINTS = get_type_hints(CallFact)

CreditFact = msgspec.defstruct(
    "CreditFact",
    [
        *((model, float | None) for model in MODEL_COLUMNS),
        ("reason", str | None),
        ("head", bool, False),
        *((name, _CALL_HINTS[name] | None, None) for name in CALL_TRAITS),
        ("outcomes", tuple[str, ...], ()),
        *((name, int, 0) for name in COUNTED),
        *((name, int | None, None) for name in CENTS),
    ],
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

_SQL_TYPES: Mapping[Any, str] = {
    str: "VARCHAR",
    int: "BIGINT",
    float: "DOUBLE",
    bool: "BOOLEAN",
    date: "DATE",
    tuple[str, ...]: "VARCHAR[]",
}


def columns(fact: str) -> dict[str, str]:
    """The column names of a fact with their SQL types, in order."""
    hints = get_type_hints(FACTS[fact])
    return {name: _sql_type(hints[name]) for name in FACTS[fact].__struct_fields__}


def empty_table(fact: str) -> str:
    """A SELECT of the fact's columns, typed, without rows."""
    nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns(fact).items())
    return f"(SELECT {nothing} WHERE false)"


def _sql_type(hint: Any) -> str:
    if hint in _SQL_TYPES:
        return _SQL_TYPES[hint]
    kinds = [kind for kind in get_args(hint) if kind is not type(None)]
    return _SQL_TYPES[kinds[0]]
