"""Steps: the touches of journeys in order, each with its place among the others."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.builders import WindowBuilder
from ibis.expr.types import BooleanValue, IntegerValue, Table, Value

from ringtrace.core.clock import DAY_MS
from ringtrace.core.sources import PAID_CHANNELS, Channel
from ringtrace.lake.definitions.candidates import PARTS
from ringtrace.lake.definitions.held import DIMENSIONS, held
from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.numbers import number, without
from ringtrace.lake.definitions.tables import TOUCHPOINTS

JOURNEY = ("response_id", "candidate")  # a small number sorts and hashes faster than a person's id
ORDER = ("touch_ms", "touch_id")
STEPS_COLUMNS = (
    *("company_id", "response_id", "kind", "at_ms", "person_id", "p", "touch_id", "visit_id", "touch_ms"),
    *DIMENSIONS,
    *("position", "length", "days_before", "last_sent", "last_paid", "lead", "opportunity", "repeats"),
)
_CAMPAIGN = ("source", "medium", "campaign")
PAID = sorted(channel.value for channel in PAID_CHANNELS)


def whole(keys: Sequence[str]) -> WindowBuilder:
    """All rows of a journey, in no order: for an ordered one DuckDB would sort once more for each sum."""
    return ibis.window(group_by=list(keys))


def place(keys: Sequence[str], order: Sequence[str]) -> IntegerValue:
    """The position of a row in its journey, from 1."""
    return ibis.row_number().over(ibis.window(group_by=list(keys), order_by=list(order))) + 1


def kept(rows: Table, laying: Laying, keys: Sequence[str]) -> Table:
    """Held touches without those that the level and the rule of doubles leave out."""
    if laying.level == "campaign":
        last = ibis.window(group_by=[*keys, *_CAMPAIGN], order_by=[rows.touch_ms.desc(), rows.touch_id.desc()])
        rows = rows.mutate(nth=ibis.row_number().over(last))
        rows = without(rows.filter(rows.nth == 0), "nth")
    if laying.dedupe == "none":
        return rows
    if laying.within_ms is None:
        rows = rows.mutate(before=rows.channel.lag().over(ibis.window(group_by=list(keys), order_by=list(ORDER))))
        return without(rows.filter(rows.before.isnull() | (rows.before != rows.channel)), "before")
    alike = ibis.window(group_by=[*keys, "channel", *_CAMPAIGN], order_by=list(ORDER))
    rows = rows.mutate(before_ms=rows.touch_ms.lag().over(alike))
    rows = rows.filter(rows.before_ms.isnull() | (rows.touch_ms - rows.before_ms > laying.within_ms))
    return without(rows, "before_ms")


def placed(rows: Table, keys: Sequence[str], **others: Value) -> Table:
    """The rows with `position` (from 1), `length` and what `others` are."""
    return rows.mutate(
        position=place(keys, ORDER),
        length=rows.count().over(whole(keys)),
        **others,
    )


def narrow_steps(laying: Laying) -> Table:
    """What rules look at (see `ringtrace.attribution.steps.Steps`), with `p` and the player; no other dimension."""
    rows = kept(held(laying), laying, JOURNEY)
    rows = rows.mutate(player=rows[laying.by].coalesce("(none)"))
    rows = placed(
        rows,
        JOURNEY,
        repeats=rows.count().over(ibis.window(group_by=[*JOURNEY, "player"])),
        lead=_how_many(rows.touch_ms <= rows.lead_ms),
        opportunity=_how_many(rows.touch_ms <= rows.opportunity_ms),
    )

    def last(condition: BooleanValue) -> IntegerValue:
        return ibis.ifelse(condition, rows.position, 0).max().over(whole(JOURNEY))

    rows = rows.mutate(
        days_before=(rows.at_ms - rows.touch_ms) / number(DAY_MS),
        last_sent=last(rows.channel != Channel.DIRECT.value),
        last_paid=last(rows.channel.isin(PAID)),
        p=rows.p_parts / number(PARTS),
    )
    return rows.alias("steps")


def _how_many(condition: BooleanValue) -> IntegerValue:
    """How many touches of the journey it holds for; of those up to a moment, that is the last one's position."""
    return ibis.ifelse(condition, 1, 0).sum().over(whole(JOURNEY))


def steps(laying: Laying) -> Table:
    """Every step with all it is known by, in order."""
    rows = with_dimensions(narrow_steps(laying))
    rows = rows.mutate(visit_id=rows.touch_visit_id).select(*STEPS_COLUMNS)
    return rows.order_by("at_ms", "response_id", "person_id", "position")


def with_dimensions(rows: Table) -> Table:
    """The rows with every dimension of their touch."""
    names = [name for name in DIMENSIONS if name not in rows.columns]
    touches = TOUCHPOINTS.select("touch_id", *names)
    return rows.join(touches, "touch_id")
