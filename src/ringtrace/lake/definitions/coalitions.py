"""Coalitions: which sets of players journeys met, whatever the order: what Shapley values are made of."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.paths import JOURNEY, added_up, journeys

PLUS = " + "


def coalitions(laying: Laying) -> Table:
    """company_id, coalition (distinct players by name, joined by ' + '), journeys, converted_ppm, value_cents."""
    rows = journeys(laying)
    of_player = ibis.window(group_by=[*JOURNEY, "player"], order_by="position")
    rows = rows.mutate(nth=ibis.row_number().over(of_player))
    return added_up(rows.filter(rows.nth == 0), "player", PLUS, "coalition")
