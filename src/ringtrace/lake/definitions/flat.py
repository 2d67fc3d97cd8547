"""The same models over anybody's touch table, for teams with a warehouse of their own."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from ringtrace.attribution.model import Learner, Rule
from ringtrace.core.clock import DAY_MS
from ringtrace.core.sources import PAID_CHANNELS
from ringtrace.lake.definitions.coalitions import distinct_added_up
from ringtrace.lake.definitions.numbers import number
from ringtrace.lake.definitions.paths import PPM
from ringtrace.lake.definitions.shares import shares
from ringtrace.lake.definitions.steps import place, whole
from ringtrace.lake.definitions.tables import TOUCHES
from ringtrace.lake.definitions.transitions import counted, states

_JOURNEY = ("journey",)
_ORDER = ("at_ms", "player")
DIRECT = ("(direct)", "(direct) / (none)", "direct", "direct / none")
PAID = tuple(sorted(channel.value.lower() for channel in PAID_CHANNELS))


def flat_shares(rule: Rule, lookback_days: int | None = None) -> Table:
    """journey, at_ms, player, position, share, value: one row a touch of each converting journey, in order.

    The shares of a journey sum to one; `value` is the journey's value times the share.
    """
    steps = _steps(lookback_days)
    steps = steps.filter(steps.has_converted)
    shared = shares(steps, {"share": rule}, _JOURNEY, _ORDER)
    rows = shared.select(*_JOURNEY, *_ORDER, "position", "share", value=shared.worth * shared.share)
    return rows.order_by("journey", "position")


def flat_statistics(model: Learner, lookback_days: int | None = None) -> Table:
    """What a data-driven model is fitted on: coalitions, or transitions of its order. Conversions in millionths."""
    steps = _steps(lookback_days)
    steps = steps.mutate(converted_ppm=ibis.ifelse(steps.has_converted, PPM, 0).cast("int64"), value_cents=steps.worth)
    if model.coalitions:
        totals = distinct_added_up(steps, (), _JOURNEY).rename(value="value_cents")
        return totals.order_by("coalition")
    return counted(states(steps, _JOURNEY, model.order), ())


def _steps(lookback_days: int | None) -> Table:
    """Touches in order, ties by player, none longer before the journey's last than the lookback."""
    rows = TOUCHES.mutate(player=TOUCHES.player.coalesce("(none)"))
    journey = whole(_JOURNEY)
    rows = rows.mutate(
        last_ms=rows.at_ms.max().over(journey),
        has_converted=ibis.ifelse(rows.converted, 1, 0).max().over(journey) == 1,
        worth=rows["value"].max().over(journey),
    )
    if lookback_days is not None:
        rows = rows.filter(rows.last_ms - rows.at_ms <= lookback_days * DAY_MS)
    rows = rows.mutate(
        position=place(_JOURNEY, _ORDER),
        length=rows.count().over(journey),
        days_before=(rows.last_ms - rows.at_ms) / number(DAY_MS),
        repeats=rows.count().over(ibis.window(group_by=[*_JOURNEY, "player"])),
        lead=ibis.literal(0, "int64"),
        opportunity=ibis.literal(0, "int64"),
    )
    name = rows.player.lower()
    return rows.mutate(
        last_sent=ibis.ifelse(name.isin(DIRECT), 0, rows.position).max().over(journey),
        last_paid=ibis.ifelse(_is_paid(name), rows.position, 0).max().over(journey),
    )


def _is_paid(name: StringValue) -> BooleanValue:
    return name.isin(PAID) | name.startswith("paid")
