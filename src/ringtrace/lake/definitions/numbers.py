"""Constants and the few operations that engines write differently."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
from ibis.expr.types import FloatingColumn, Table, Value


def number(value: float) -> Value:
    """A constant double. Ibis writes `0.3` bare, which Spark, Snowflake and Trino read as a decimal of few digits."""
    return ibis.literal(repr(float(value))).cast("float64")


def without(table: Table, *names: str) -> Table:
    """The table without these columns. Ibis keeps what `drop` is given in a set: its text would differ each time."""
    return table.select(*(name for name in table.columns if name not in names))


class IbisOps:
    """What rules of attribution need beyond arithmetic (`ringtrace.attribution.steps.Ops`)."""

    def number(self, value: float) -> Any:
        return number(value)

    def when(self, condition: Any, then: Any, otherwise: Any) -> Any:
        return ibis.ifelse(condition, _value(then), _value(otherwise))

    def exp2(self, power: Any) -> FloatingColumn:
        return number(2.0) ** power


IBIS_OPS = IbisOps()


def _value(value: Any) -> Any:
    return number(value) if isinstance(value, float) else value


def without_bare_decimals(table: Table) -> Table:
    """The same table with every bare float constant written as `number()` writes it."""

    def rewrite(node: ops.Node, fresh: dict[str, Any] | None) -> ops.Node:
        if isinstance(node, ops.Literal) and node.dtype.is_floating() and node.value is not None:
            return ops.Cast(ops.Literal(repr(float(node.value)), dtype=dt.string), to=dt.float64)
        return node.__recreate__(fresh) if fresh else node

    return table.op().replace(rewrite).to_expr()
