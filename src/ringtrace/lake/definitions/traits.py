"""Traits: what a response is known by besides its touches, and what came of it, for every row of its credits."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from ringtrace.core.outcomes import OutcomeKind
from ringtrace.lake.definitions.numbers import without
from ringtrace.lake.definitions.responses import RESPONSE_KINDS
from ringtrace.lake.definitions.tables import CALLS, CONVERSIONS
from ringtrace.lake.schemas import CALL_TRAITS, CENTS, COUNTED

TRAITS = (*CALL_TRAITS, "outcomes", *COUNTED, *CENTS)


def with_traits(rows: Table) -> Table:
    """The rows with TRAITS of their `response_id`. A contact has those of a call null, but `person` and `is_spam`."""
    calls = CALLS.select(*CALL_TRAITS, trait_id="call_id").rename(caller="person", spam="is_spam")
    came = outcomes()
    rows = rows.left_join(calls, rows.response_id == calls.trait_id)
    rows = rows.left_join(came, rows.response_id == came.made_id)
    rows = rows.mutate(
        person=rows.caller.coalesce(rows.contact),
        is_spam=rows.spam.coalesce(False),
        **{name: rows[name].coalesce(0) for name in COUNTED},
    )
    return without(rows, "caller", "spam", "contact", "trait_id", "made_id")


def outcomes() -> Table:
    """made_id (a response), contact (whoever made it, of no call), outcomes (sorted; null: none), counts, cents."""
    is_outcome = ~CONVERSIONS.kind.isin(RESPONSE_KINDS)
    rows = CONVERSIONS.mutate(
        outcome=ibis.ifelse(is_outcome, CONVERSIONS.kind, ibis.null("string")),
        someone=ibis.ifelse(is_outcome, ibis.null("string"), CONVERSIONS.person),
    )
    made = rows.group_by(made_id="response_id").agg(
        contact=rows.someone.max(),
        outcomes=rows.outcome.collect(distinct=True).sort(),
        told=rows.outcome.count(),
        **{name: _how_many(rows.kind == kind) for name, kind in COUNTED.items()},
        sale_cents=rows.value_cents.sum(where=rows.kind == OutcomeKind.SALE.value),
        refund_cents=rows.value_cents.sum(where=rows.kind == OutcomeKind.REFUND.value),
        pipeline_cents=rows.value_cents.sum(where=rows.is_open),
    )
    nothing = ibis.null("array<string>")  # engines differ in what a list of nothing is
    return without(made.mutate(outcomes=ibis.ifelse(made.told > 0, made.outcomes, nothing)), "told")


def _how_many(condition: BooleanValue) -> IntegerValue:
    return ibis.ifelse(condition, 1, 0).sum()
