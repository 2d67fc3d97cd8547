"""Responses: every call and every contact of the span, with what came of it."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from ringtrace.lake.definitions.numbers import without
from ringtrace.lake.definitions.tables import CALLS, CONVERSIONS, since_ms, until_ms

CONTACT_KINDS = ("form", "chat", "store_visit", "other")
RESPONSE_KINDS = ("call", *CONTACT_KINDS)


def responses() -> Table:
    """company_id, response_id, kind (of RESPONSE_KINDS), at_ms, lead_ms, opportunity_ms, counts, value_cents.

    `lead_ms`, `opportunity_ms`: when the response became one; null if it did not. `counts`: the qualification
    definition of the day lets it count. `value_cents`: its sales less refunds, never below 0; null where no sale has a
    value.
    """
    made = _made().rename(of="response_id")
    came = _all()
    joined = came.left_join(made, came.response_id == made.of)
    return without(joined.mutate(counts=joined.counts.coalesce(False)), "of").alias("responses")


def _all() -> Table:
    calls = CALLS.select("company_id", response_id="call_id", kind=ibis.literal("call"), at_ms="started_ms")
    contacts = CONVERSIONS.filter(CONVERSIONS.kind.isin(CONTACT_KINDS))
    contacts = contacts.select("company_id", "response_id", "kind", at_ms="response_ms")
    both = ibis.union(calls, contacts)
    return both.filter(both.at_ms >= since_ms(), both.at_ms < until_ms())


def _made() -> Table:
    """One row a response that anything came of."""
    rows = CONVERSIONS
    made = rows.group_by("response_id").agg(
        lead_ms=rows.at_ms.min(where=rows.kind == "lead"),
        opportunity_ms=rows.at_ms.min(where=rows.kind == "opportunity"),
        counts=rows.kind.isin(RESPONSE_KINDS).any(),
        sold=rows.value_cents.sum(where=rows.kind == "sale"),
        refunded=rows.value_cents.sum(where=rows.kind == "refund"),
    )
    net = made.sold - made.refunded.coalesce(0)
    return without(made.mutate(value_cents=ibis.ifelse(net < 0, 0, net)), "sold", "refunded")
