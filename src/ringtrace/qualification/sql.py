"""A condition as DuckDB's SQL: true for the rows that meet it, false for the others, never null."""

from __future__ import annotations

from ringtrace.core.errors import BadInput
from ringtrace.qualification.conditions import DAY_SECS, All, Any, Condition, Leaf, Not
from ringtrace.qualification.fields import Operator, field_of


def predicate(condition: Condition, alias: str = "") -> str:
    """A boolean expression over the columns that `FIELDS` names, of the table that `alias` names. Has its brackets.

    `x IS NOT NULL AND x >= 30` keeps a leaf from being null; DuckDB makes it a plain comparison in the scan, which
    it does not of coalesce().
    """
    if alias and not alias.isidentifier():
        raise BadInput(f"{alias[:60]!r} cannot name a table.", hint="Use letters, digits and underscores.")
    return _sql(condition, f'"{alias}".' if alias else "")


def _sql(condition: Condition, before: str) -> str:
    match condition:
        case All(parts):
            return f"({' AND '.join(_sql(part, before) for part in parts) or 'true'})"
        case Any(parts):
            return f"({' OR '.join(_sql(part, before) for part in parts) or 'false'})"
        case Not(part):
            return f"(NOT {_sql(part, before)})"
        case Leaf():
            return _leaf(condition, before)


def _leaf(leaf: Leaf, before: str) -> str:
    column = f'{before}"{field_of(leaf.field).name}"'
    if leaf.operator is Operator.FIRST_IN_DAYS:
        return f'coalesce({column} >= {_number(leaf.value, DAY_SECS)}, {before}"is_first_call", false)'
    return f"({column} IS NOT NULL AND {_test(column, leaf)})"


def _test(column: str, leaf: Leaf) -> str:
    match leaf.operator, leaf.value:
        case Operator.IS, tuple(texts):
            return f"{column} IN ({_texts(texts)})"
        case Operator.IS, bool(truth):
            return column if truth else f"NOT {column}"
        case Operator.HAS, tuple(texts):
            return f"list_has_any({column}, [{_texts(texts)}])"
        case Operator.AT_LEAST, value:
            return f"{column} >= {_number(value)}"
        case Operator.LESS_THAN, value:
            return f"{column} < {_number(value)}"
        case _:
            raise TypeError(f"{leaf} was not made by read_condition")


def _texts(texts: tuple[str, ...]) -> str:
    """DuckDB's plain literals know no escapes but the doubled quote."""
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)


def _number(value: object, times: int = 1) -> str:
    """A bare 30.1 would be a decimal; read from a text it is the nearest double, as Python's is."""
    match value:
        case int():
            return str(int(value) * times)
        case float():
            return f"CAST('{value!r}' AS DOUBLE)"
        case _:
            raise TypeError(f"{value!r} was not made by read_condition")
