"""Coalitions: which sets of players journeys met, whatever the order: what Shapley values are made of."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.paths import JOURNEY, Text, added_up, journeys

PLUS = " + "


def coalitions(laying: Laying) -> Table:
    """company_id, coalition (distinct players by name, joined by ' + '), journeys, converted_ppm, value_cents."""
    return distinct_added_up(journeys(laying), ("company_id",), JOURNEY)


def distinct_added_up(rows: Table, by: Sequence[str], keys: Sequence[str]) -> Table:
    of_player = ibis.window(group_by=[*keys, "player"], order_by="position")
    rows = rows.mutate(nth=ibis.row_number().over(of_player))
    return added_up(rows.filter(rows.nth == 0), by, keys, Text("coalition", "player", PLUS))
