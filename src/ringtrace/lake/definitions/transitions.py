"""Transitions between what journeys have just seen: what Markov chains are made of."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.paths import ARROW, JOURNEY, PPM, placed_journeys

START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"


def transitions(laying: Laying, order: int = 1) -> Table:
    """company_id, state, next_state, ppm: how many journeys went from one state to the next, in millionths.

    A state is the last `order` players; a shorter journey has one shorter state. Journeys begin at '(start)' and end
    with what converted at '(conversion)', with the rest of them at '(null)'.
    """
    rows = states(placed_journeys(laying), JOURNEY, order)
    return counted(rows, ("company_id",))


def states(rows: Table, keys: Sequence[str], order: int) -> Table:
    """One row a state of each journey: `state`, `next_state` (null after the last), `is_first`."""
    ordered = ibis.window(group_by=list(keys), order_by="position")
    earlier = {f"before_{back}": rows.player.lag(back).over(ordered) for back in range(1, order)}
    rows = rows.mutate(**earlier)
    text = rows.player
    for back in range(1, order):
        text = ibis.ifelse(rows.position > back, rows[f"before_{back}"] + ARROW, "") + text
    least = ibis.ifelse(rows.length < order, rows.length, order)
    rows = rows.mutate(state=text, is_first=rows.position == least)
    rows = rows.filter(rows.position >= least)
    return rows.mutate(next_state=rows.state.lead().over(ordered))


def counted(rows: Table, by: Sequence[str]) -> Table:
    """The states' transitions added up, in order."""
    whole = ibis.literal(PPM, "int64")
    first = rows.filter(rows.is_first)
    last = rows.filter(rows.next_state.isnull())
    inner = rows.filter(rows.next_state.notnull())
    parts = (
        first.select(*by, state=ibis.literal(START), next_state="state", ppm=whole),
        inner.select(*by, "state", "next_state", ppm=whole),
        last.select(*by, "state", next_state=ibis.literal(CONVERSION), ppm="converted_ppm"),
        last.select(*by, "state", next_state=ibis.literal(NULL), ppm=whole - last.converted_ppm),
    )
    every = ibis.union(*parts)
    totals = every.group_by(*by, "state", "next_state").agg(ppm=every.ppm.sum())
    return totals.filter(totals.ppm > 0).order_by(*by, "state", "next_state")
