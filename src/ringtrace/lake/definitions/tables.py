"""The tables of the definitions, unbound: names and columns without an engine."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table, Value

from ringtrace.lake.definitions.inputs import FLAT, Columns, input_columns

_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "DOUBLE": "float64",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "VARCHAR[]": "array<string>",
}


def unbound(name: str, columns: Columns) -> Table:
    return ibis.table({column: _TYPES[kind] for column, kind in columns.items()}, name=name)


_INPUTS = {name: unbound(name, columns) for name, columns in input_columns().items()}

TOUCHPOINTS = _INPUTS["touchpoints"]
IDENTITIES = _INPUTS["identities"]
CALLS = _INPUTS["calls"]
CONVERSIONS = _INPUTS["conversions"]
EFFECTS = _INPUTS["effects"]
TOUCHES = unbound("touches", FLAT)
_ASKED = _INPUTS["asked"]


def since_ms() -> Value:
    """The first moment of the span that is asked for."""
    return _ASKED.since_ms.as_scalar()


def until_ms() -> Value:
    """The first moment after it."""
    return _ASKED.until_ms.as_scalar()


def lookback_ms() -> Value:
    return _ASKED.lookback_ms.as_scalar()
