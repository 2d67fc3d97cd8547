"""Credits: one row a response and touch, with what every model gives it; and one for what goes to no touch."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from ringtrace.attribution.registry import LAKE_LEARNERS, LAKE_MODELS, RULES
from ringtrace.lake.definitions.candidates import PARTS, candidates
from ringtrace.lake.definitions.held import DIMENSIONS
from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.numbers import number
from ringtrace.lake.definitions.responses import responses
from ringtrace.lake.definitions.shares import fitted_only, shares, with_fitted
from ringtrace.lake.definitions.steps import JOURNEY, ORDER, narrow_steps, with_dimensions
from ringtrace.lake.definitions.traits import TRAITS, with_traits

ROUNDING_PARTS = 1_000
"""Probabilities that sum to one give it but for their last digits: a rest of less than 1e-9 is none."""

_HEAD = ("company_id", "response_id", "kind", "at_ms", "touch_id", "visit_id", "touch_ms")
_SHARED = (*_HEAD, *DIMENSIONS, "position", "length", "p", *LAKE_MODELS, "reason")
CREDITS_COLUMNS = (*_SHARED, "head", *TRAITS)


def credits(laying: Laying) -> Table:  # noqa: A001 - the name of the fact
    """CREDITS_COLUMNS. Every model's column is its share times `p`; each response sums to one over its rows.

    Without a touch, `reason` is 'unknown' (perhaps nobody known made it) or 'no_touches' (its people are known, and no
    touch of theirs is held), and every model's column has `p`. `head` is true on one row a response; what is known of
    the response itself (TRAITS) stands on each of its rows.
    """
    steps = narrow_steps(laying)
    shared = shares(steps, RULES, JOURNEY, ORDER, LAKE_LEARNERS)
    shared = shared.mutate(
        **{name: shared[name] * shared.p for name in LAKE_MODELS},
        visit_id=shared.touch_visit_id,
        reason=ibis.null("string"),
    )
    touched = with_dimensions(shared).select(*_SHARED)
    rows = ibis.union(touched, _untouched(steps))
    first = ibis.window(
        group_by="response_id", order_by=[rows.reason.asc(nulls_first=True), rows.touch_ms, rows.touch_id]
    )
    rows = with_traits(rows.mutate(head=ibis.row_number().over(first) == 0)).select(*CREDITS_COLUMNS)
    return rows.order_by("at_ms", "response_id", rows.reason.asc(nulls_first=True), "touch_ms", "touch_id")


def _untouched(steps: Table) -> Table:
    """The rows of what goes to no touch, where that is not nothing."""
    known, came = candidates(), responses()
    first = steps.filter(steps.position == 1)
    held = first.group_by(held_id="response_id").agg(held_parts=first.p_parts.sum())
    said = known.group_by(said_id="response_id").agg(known_parts=known.p_parts.sum())
    rows = came.left_join(said, came.response_id == said.said_id)
    rows = rows.left_join(held, rows.response_id == held.held_id)
    known_parts, held_parts = rows.known_parts.coalesce(0), rows.held_parts.coalesce(0)
    parts = {"unknown": PARTS - known_parts, "no_touches": known_parts - held_parts}
    rest = ibis.union(*(rows.mutate(reason=ibis.literal(reason), parts=of) for reason, of in parts.items()))
    return _as_credits(rest.filter(rest.parts > ROUNDING_PARTS))


def _as_credits(rest: Table) -> Table:
    rest = with_fitted(rest.mutate(p=rest.parts / number(PARTS)), LAKE_LEARNERS)
    texts = {name: ibis.null("string") for name in ("touch_id", "visit_id", *DIMENSIONS)}
    numbers = {name: ibis.null("int64") for name in ("touch_ms", "position", "length")}
    learned = {name: fitted_only(rest, name, rest.p) for name in LAKE_LEARNERS}
    rest = rest.mutate(**texts, **numbers, **dict.fromkeys(RULES, rest.p), **learned)
    return rest.select(*_SHARED)
