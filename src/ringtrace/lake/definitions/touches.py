"""Touches: journeys of the span, converting or not, as the table that `ringtrace.attribution.attribute` takes."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from ringtrace.lake.definitions.candidates import PARTS
from ringtrace.lake.definitions.held import DIMENSIONS, held, needed
from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.numbers import number
from ringtrace.lake.definitions.paths import JOURNEY, idle
from ringtrace.lake.definitions.steps import kept, with_dimensions

_NAMES = ("company_id", *JOURNEY, "touch_id", "touch_ms", "converted", "p", "value_cents", "converted_at_ms")
_MADE = ("lead", "opportunity")
TOUCHES_COLUMNS = ("journey", "touch_id", "at_ms", "converted", "p", "value", "converted_at_ms", *_MADE, *DIMENSIONS)
_CENTS = 100


def touches(laying: Laying) -> Table:
    """One row a touch, ordered by time: journey (text), at_ms, converted, `p` (the probability that the response is
    this person's), `value` (its sales, in the currency's unit; null where none is known), converted_at_ms, lead and
    opportunity (the touch came before those were made), and every dimension."""
    of_responses = held(laying)
    names = [*dict.fromkeys([*_NAMES, *_MADE, *needed(laying)])]
    rows = ibis.union(_of_responses(of_responses).select(*names), _idle(of_responses, laying).select(*names))
    rows = with_dimensions(kept(rows, laying, JOURNEY))
    rows = rows.mutate(
        journey=rows.journey_id + "/" + rows.candidate.cast("string"),
        at_ms="touch_ms",
        value=rows.value_cents / number(_CENTS),
    )
    return rows.select(*TOUCHES_COLUMNS).order_by("at_ms", "touch_id", "journey")


def _of_responses(rows: Table) -> Table:
    return rows.mutate(
        journey_id="response_id",
        converted=rows.counts,
        p=rows.p_parts / number(PARTS),
        converted_at_ms="at_ms",
        lead=(rows.touch_ms <= rows.lead_ms).coalesce(False),
        opportunity=(rows.touch_ms <= rows.opportunity_ms).coalesce(False),
    )


def _idle(of_responses: Table, laying: Laying) -> Table:
    never = ibis.literal(False)
    return idle(of_responses, laying).mutate(
        converted=never,
        p=number(1.0),
        value_cents=ibis.null("int64"),
        converted_at_ms=ibis.null("int64"),
        lead=never,
        opportunity=never,
    )
