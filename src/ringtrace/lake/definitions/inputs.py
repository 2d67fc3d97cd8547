"""The tables that the definitions read: facts of the lake, and two that are given with the question."""

from __future__ import annotations

from collections.abc import Mapping

from ringtrace.lake.schemas import columns

Columns = Mapping[str, str]

ASKED: Columns = {"since_ms": "BIGINT", "until_ms": "BIGINT", "lookback_ms": "BIGINT"}
"""One row: the responses of `since_ms` <= t < `until_ms`, and how long before a response its touches may lie."""

EFFECTS: Columns = {"company_id": "VARCHAR", "model": "VARCHAR", "player": "VARCHAR", "effect": "DOUBLE"}
"""What data-driven models learned: one row a model and player. A model without rows was not fitted."""

FLAT: Columns = {
    "journey": "VARCHAR",
    "at_ms": "BIGINT",
    "player": "VARCHAR",
    "converted": "BOOLEAN",
    "value": "DOUBLE",
}
"""Anybody's touch table: `converted` and `value` are the journey's and stand on each of its touches."""

_FACTS = ("touchpoints", "calls", "identities", "conversions")


def input_columns() -> dict[str, Columns]:
    """The columns of every table that the definitions name, with their SQL types."""
    return {**{fact: columns(fact) for fact in _FACTS}, "asked": ASKED, "effects": EFFECTS}
