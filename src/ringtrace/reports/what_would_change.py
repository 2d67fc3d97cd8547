"""What would change if other calls counted? The condition of now and a draft, asked of the same calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ringtrace.lake.reader import LakeReader, read_steadily
from ringtrace.qualification.conditions import Condition
from ringtrace.qualification.sql import predicate
from ringtrace.reports.questions import Made, Scope

EXAMPLES = 5
_CALLS = "{credits} WHERE head AND kind = 'call' AND at_ms >= $since_ms AND at_ms < $until_ms"
_CHANGE_SQL = f"""
SELECT count(*) AS calls,
       count(*) FILTER (WHERE was) AS before,
       count(*) FILTER (WHERE becomes) AS after,
       count(*) FILTER (WHERE was AND NOT becomes) AS gone,
       count(*) FILTER (WHERE becomes AND NOT was) AS come,
       max_by(response_id, at_ms, {EXAMPLES}) FILTER (WHERE was AND NOT becomes) AS gone_ids,
       max_by(response_id, at_ms, {EXAMPLES}) FILTER (WHERE becomes AND NOT was) AS come_ids
"""


class Change(Struct, frozen=True, kw_only=True):
    """Of `calls`, `before` met the old condition and `after` meet the new one. `gone` no longer do, `come` newly do;
    the newest of each, by id, are the examples. before - gone + come = after."""

    calls: int
    before: int
    after: int
    gone: int
    come: int
    gone_examples: tuple[str, ...]
    come_examples: tuple[str, ...]
    made: Made


class Met(Struct, frozen=True, kw_only=True):
    """How many of `calls` meet each of the conditions that were asked, in their order."""

    calls: int
    met: tuple[int, ...]
    made: Made


def what_would_change(scope: Scope, old: Condition, new: Condition) -> Change:
    """Which calls of the span would count by `new` and which did by `old`, all asked of one state of the lake."""
    conditions = f"{_braced(old)} AS was, {_braced(new)} AS becomes"
    sql = f"{_CHANGE_SQL} FROM (SELECT response_id, at_ms, {conditions} FROM {_CALLS})"  # noqa: S608  # texts are quoted
    made, row = read_steadily(scope.lake, scope.company_id, lambda lake: _row(lake, scope, sql))
    gone, come = (tuple(row.pop(name) or ()) for name in ("gone_ids", "come_ids"))
    return Change(**row, gone_examples=gone, come_examples=come, made=made)


def how_many_meet(scope: Scope, conditions: Sequence[Condition]) -> Met:
    """How many calls of the span meet each condition, in one scan."""
    asked = [f"count(*) FILTER (WHERE {_braced(one)}) AS met_{nth}" for nth, one in enumerate(conditions)]
    sql = f"SELECT {', '.join(['count(*) AS calls', *asked])} FROM {_CALLS}"  # noqa: S608  # texts are quoted
    made, row = read_steadily(scope.lake, scope.company_id, lambda lake: _row(lake, scope, sql))
    return Met(calls=row["calls"], met=tuple(row[f"met_{nth}"] for nth in range(len(conditions))), made=made)


def _row(lake: LakeReader, scope: Scope, sql: str) -> tuple[Made, dict[str, Any]]:
    values = {"since_ms": scope.since_ms, "until_ms": scope.until_ms}
    row = lake.ask(sql, values, months=scope.months(), facts=("credits",))[0]
    return Made(data_version=lake.data_version), row


def _braced(condition: Condition) -> str:
    """The predicate for a text that `LakeReader.ask` fills in: a brace that somebody typed is no place to fill."""
    return predicate(condition).replace("{", "{{").replace("}", "}}")
