"""Paths: journeys that converted and those that did not, added up by the players they met in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import IntegerValue, Table

from ringtrace.lake.definitions.held import held, needed, person_touches
from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.steps import kept, placed
from ringtrace.lake.definitions.tables import since_ms

PPM = 1_000_000
ARROW = " > "
JOURNEY = ("journey_id", "candidate")
_PARTS_IN_PPM = 1_000_000  # candidates count probabilities in 1e-12ths
_NARROW = ("company_id", *JOURNEY, "touch_id", "touch_ms", "converted_ppm", "value_cents")
_IDLE = -1  # in place of a candidate's number


@dataclass(frozen=True)
class Text:
    """A journey as a text: its players by the columns `order`, with `between` between them."""

    name: str
    order: tuple[str, ...]
    between: str


def paths(laying: Laying) -> Table:
    """company_id, path (players joined by ' > '), journeys, converted_ppm, value_cents: the last three add up."""
    return added_up(journeys(laying), ("company_id",), JOURNEY, Text("path", ("touch_ms", "touch_id"), ARROW))


def journeys(laying: Laying) -> Table:
    """One row a touch of each journey of the span, converting or not, with its player.

    A response that counts converts its journeys, each with its probability: `converted_ppm` in millionths,
    `value_cents` its sales times that. Touches of the span that no response's journey holds make one journey a person
    (of level `session`: one a visit) which did not convert.
    """
    of_responses = held(laying)
    names = [*_NARROW, *needed(laying)]
    rows = ibis.union(_converting(of_responses).select(*names), idle(of_responses, laying).select(*names))
    rows = kept(rows, laying, JOURNEY)
    return rows.mutate(player=rows[laying.by].coalesce("(none)"))


def placed_journeys(laying: Laying) -> Table:
    """The same with `position` and `length`."""
    return placed(journeys(laying), JOURNEY)


def added_up(rows: Table, by: Sequence[str], keys: Sequence[str], text: Text) -> Table:
    """`by`, the text, journeys, converted_ppm, value_cents: one row for all journeys of `keys` with the same text."""
    entry = ibis.struct({**{name: rows[name] for name in text.order}, "as_text": rows.player})
    each = rows.group_by(*by, *keys).agg(
        entries=entry.collect(),
        converted_ppm=rows.converted_ppm.max(),
        value_cents=rows.value_cents.max(),
    )
    joined = each.entries.sort().map(lambda entry: entry.as_text).join(text.between)
    each = each.mutate(**{text.name: joined})
    totals = each.group_by(*by, text.name).agg(
        journeys=each.count(),
        converted_ppm=each.converted_ppm.sum(),
        value_cents=each.value_cents.sum(),
    )
    return totals.order_by(*by, text.name)


def _converting(of_responses: Table) -> Table:
    ppm = _divided(of_responses.p_parts, _PARTS_IN_PPM)
    rows = of_responses.mutate(journey_id="response_id", converted_ppm=ibis.ifelse(of_responses.counts, ppm, 0))
    return rows.mutate(value_cents=_divided(rows.converted_ppm * rows.value_cents.coalesce(0), PPM))


def idle(of_responses: Table, laying: Laying) -> Table:
    """Touches of the span that no journey of a response holds, each in a journey that did not convert."""
    touches = person_touches(laying)
    touches = touches.filter(touches.touch_ms >= since_ms())
    taken = of_responses.select(taken_id="touch_id").distinct()
    idle = touches.anti_join(taken, touches.touch_id == taken.taken_id)
    zero = ibis.literal(0, "int64")
    journey_id = idle.touch_id if laying.level == "session" else idle.person_id
    candidate = ibis.literal(_IDLE, "int64")
    return idle.mutate(journey_id=journey_id, candidate=candidate, converted_ppm=zero, value_cents=zero)


def _divided(value: IntegerValue, by: int) -> IntegerValue:
    """Divided and rounded half up, in whole numbers."""
    return (value + by // 2) // by
