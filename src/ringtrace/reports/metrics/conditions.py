"""Which responses a metric looks at: tests of the columns of `credits`, as SQL and in words. None is ever null."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from ringtrace.qualification.conditions import Condition
from ringtrace.qualification.sql import predicate


class Is(Struct, frozen=True):
    """A text column is one of `values`."""

    column: str
    values: tuple[str, ...]
    words: str


class Yes(Struct, frozen=True):
    """A truth column is `truth`; unknown is neither."""

    column: str
    words: str
    truth: bool = True


class Known(Struct, frozen=True):
    """Something is known in the column."""

    column: str
    words: str


class Some(Struct, frozen=True):
    """At least one of the counts is above 0."""

    columns: tuple[str, ...]
    words: str


class Qualified(Struct, frozen=True):
    """The definition that is asked with lets it count."""

    words: str = "that qualify"


Test: TypeAlias = Is | Yes | Known | Some | Qualified
Where: TypeAlias = tuple[Test, ...]

CALL = Is("kind", ("call",), "calls")
QUALIFIED = Qualified()


def where_sql(where: Where, definition: Condition) -> str:
    """All tests of it; `true` for none."""
    return " AND ".join(_test_sql(test, definition) for test in where) or "true"


def _test_sql(test: Test, definition: Condition) -> str:
    match test:
        case Is(column, (value,)):
            return f"({column} IS NOT NULL AND {column} = '{value}')"
        case Is(column, values):
            quoted = ", ".join(f"'{value}'" for value in values)
            return f"({column} IS NOT NULL AND {column} IN ({quoted}))"
        case Yes(column, _, truth):
            return f"({column} IS NOT NULL AND {'' if truth else 'NOT '}{column})"
        case Known(column):
            return f"({column} IS NOT NULL)"
        case Some(columns):
            return f"({' OR '.join(f'{column} > 0' for column in columns)})"
        case Qualified():
            return predicate(definition).replace("{", "{{").replace("}", "}}")  # it goes through str.format


def where_words(where: Where) -> str:
    """`calls answered`, `responses that became a lead`."""
    kinds = [test.words for test in where if isinstance(test, Is) and test.column == "kind"]
    tests = [test.words for test in where if test.words not in kinds]
    return " ".join([*(kinds or ["responses"]), " and ".join(tests)]).strip()
