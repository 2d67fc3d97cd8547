"""Coalitions: which sets of players journeys met, whatever the order: what Shapley values are made of."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.paths import JOURNEY, Text, added_up, journeys

PLUS = " + "


def coalitions(laying: Laying) -> Table:
    """company_id, coalition (distinct players by name, joined by ' + '), journeys, converted_ppm, value_cents."""
    return distinct_added_up(journeys(laying), ("company_id",), JOURNEY)


def distinct_added_up(rows: Table, by: Sequence[str], keys: Sequence[str]) -> Table:
    """The same of any rows with a player, converted_ppm and value_cents; `keys` name a journey."""
    each = rows.group_by(*by, *keys, "player").agg(
        converted_ppm=rows.converted_ppm.max(), value_cents=rows.value_cents.max()
    )
    return added_up(each, by, keys, Text("coalition", ("player",), PLUS))
