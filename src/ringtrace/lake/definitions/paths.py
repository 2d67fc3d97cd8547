"""Paths: journeys that converted and those that did not, added up by the players they met in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import IntegerValue, Table

from ringtrace.lake.definitions.held import held, person_touches
from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.steps import kept, placed
from ringtrace.lake.definitions.tables import since_ms

PPM = 1_000_000
_PARTS_IN_PPM = 1_000_000  # candidates count probabilities in 1e-12ths
ARROW = " > "
JOURNEY = ("response_id", "person_id", "idle_id")
_NARROW = ("company_id", *JOURNEY, "touch_id", "touch_ms", "converted_ppm", "value_cents")


def journeys(laying: Laying) -> Table:
    """One row a touch of each journey of the span, converting or not, with position, length and player.

    A response that counts converts its journeys, each with its probability: `converted_ppm` in millionths,
    `value_cents` its sales times that. Touches of the span that no response's journey holds make one journey a person
    (of level `session`: one a visit) which did not convert.
    """
    of_responses = held(laying)
    ppm = _divided(of_responses.p_parts, _PARTS_IN_PPM)
    of_responses = of_responses.mutate(converted_ppm=ibis.ifelse(of_responses.counts, ppm, 0), idle_id=ibis.literal(""))
    value = _divided(of_responses.converted_ppm * of_responses.value_cents.coalesce(0), PPM)
    of_responses = of_responses.mutate(value_cents=value)
    names = [*_NARROW, *(name for name in of_responses.columns if name in _dimensions(laying))]
    rows = ibis.union(of_responses.select(*names), _idle(of_responses, laying).select(*names))
    rows = placed(kept(rows, laying, JOURNEY), JOURNEY)
    return rows.mutate(player=rows[laying.by].coalesce("(none)"))


def paths(laying: Laying) -> Table:
    """company_id, path (players joined by ' > '), journeys, converted_ppm, value_cents: the last three add up."""
    return added_up(journeys(laying), ("company_id",), JOURNEY, Text("path", "position", ARROW))


@dataclass(frozen=True)
class Text:
    """A journey as a text: its players in the order of the column `order`, with `between` between them."""

    name: str
    order: str
    between: str


def added_up(rows: Table, by: Sequence[str], keys: Sequence[str], text: Text) -> Table:
    """`by`, the text, journeys, converted_ppm, value_cents: one row for all journeys of `keys` with the same text."""
    entry = ibis.struct({"at": rows[text.order], "player": rows.player})
    each = rows.group_by(*by, *keys).agg(
        entries=entry.collect(),
        converted_ppm=rows.converted_ppm.max(),
        value_cents=rows.value_cents.max(),
    )
    joined = each.entries.sort().map(lambda entry: entry.player).join(text.between)
    each = each.mutate(**{text.name: joined})
    totals = each.group_by(*by, text.name).agg(
        journeys=each.count(),
        converted_ppm=each.converted_ppm.sum(),
        value_cents=each.value_cents.sum(),
    )
    return totals.order_by(*by, text.name)


def _dimensions(laying: Laying) -> tuple[str, ...]:
    return tuple(name for name in person_touches(laying).columns if name not in _NARROW)


def _idle(of_responses: Table, laying: Laying) -> Table:
    """Touches of the span that no journey of a response holds."""
    touches = person_touches(laying)
    touches = touches.filter(touches.touch_ms >= since_ms())
    taken = of_responses.select(taken_id="touch_id").distinct()
    idle = touches.anti_join(taken, touches.touch_id == taken.taken_id)
    zero = ibis.literal(0, "int64")
    idle_id = idle.touch_id if laying.level == "session" else ibis.literal("-")
    return idle.mutate(response_id=ibis.literal(""), idle_id=idle_id, converted_ppm=zero, value_cents=zero)


def _divided(value: IntegerValue, by: int) -> IntegerValue:
    """Divided and rounded half up, in whole numbers."""
    return (value + by // 2) // by
