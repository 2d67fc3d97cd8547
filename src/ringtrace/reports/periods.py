"""One period's lines and totals, as the lake gives them: atoms, not yet figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from ringtrace.lake.reader import LakeReader
from ringtrace.reports.asked import Figure, Question
from ringtrace.reports.dimensions import DimensionKind, DimensionValue, find_dimension
from ringtrace.reports.intervals import NO_BOUNDS, Bounds, Moments, Pair, interval_of
from ringtrace.reports.metrics.expressions import (
    Atom,
    Count,
    Quantile,
    Spend,
    Sum,
    Unknown,
    Unmatched,
    Value,
    evaluate,
)
from ringtrace.reports.metrics.metric import Interval, Metric
from ringtrace.reports.metrics.registry import CLICKS, MATCHES, PIPELINE, RING, SPEND, TALK, VALUES
from ringtrace.reports.questions import Scope
from ringtrace.reports.scan import Asking, Lines, Table, bounds_of, decoded, is_never_unknown, ordered

Key = tuple[DimensionValue, ...]
_WHY: Mapping[str, str] = {
    "cost_cents": SPEND.sentence,
    "clicks": CLICKS.sentence,
    "impressions": CLICKS.sentence,
    "sale_cents": VALUES.sentence,
    "refund_cents": VALUES.sentence,
    "pipeline_cents": PIPELINE.sentence,
    "ring_secs": RING.sentence,
    "talk_secs": TALK.sentence,
    "p_known": MATCHES.sentence,
}
_DIGITS = 9  # shares of credit that sum to a whole number do so but for their last digits


class Counted(Struct, frozen=True, kw_only=True):
    """The atoms of one line, and what the intervals of its figures are made of."""

    values: Mapping[Atom, Value]
    bounds: Mapping[Atom, Bounds] = {}
    moments: Mapping[Pair, float] = {}

    def figure(self, metric: Metric, *, intervals: bool) -> Figure:
        value = evaluate(metric.formula, self.values)
        if isinstance(value, Unknown):
            return Figure(value=None, why=metric.why_unknown(value))
        low, high = self._interval(metric) if intervals else NO_BOUNDS
        return Figure(value=value, low=low, high=high)

    def _interval(self, metric: Metric) -> Bounds:
        if metric.interval is Interval.ORDER and isinstance(metric.formula, Quantile):
            return self.bounds.get(metric.formula, NO_BOUNDS)
        return interval_of(metric, self.values, self.moments)


class Period(Struct, frozen=True, kw_only=True):
    """`lines` in the question's order; `line_count` is without the limit. `nothing`: a line in which
    nothing came. `sql` is what was asked of the lake."""

    lines: Mapping[Key, Counted]
    line_count: int
    totals: Counted
    nothing: Counted
    sql: str
    values: Mapping[str, object]


def ask_period(lake: LakeReader, scope: Scope, question: Question) -> Period:
    """The answer of the lake about one span; the question is checked."""
    asking = Asking(scope, question)
    lines = Lines(asking)
    if not question.by:
        return _total_only(lake, asking, lines)
    sums = _are_sums(asking, lines)
    sql = ordered(asking, lines, totals=sums, limit=question.limit) if lines.sql else ""
    rows = _ask(lake, asking, sql, lines.facts) if sql else []
    moments = _moments(lake, asking, lines)
    found = {key: _counted(asking, lines, row, moments.get(key, {})) for row in rows for key in [_key(asking, row)]}
    return Period(
        lines=found,
        line_count=rows[0]["line_count"] if rows else 0,
        totals=_sums(asking, rows[0]) if rows and sums else _totals(lake, scope, question),
        nothing=_counted(asking, lines, {}, {}),
        sql=sql,
        values=asking.values_of(sql),
    )


def _total_only(lake: LakeReader, asking: Asking, lines: Lines) -> Period:
    sql = lines.sql
    row = _ask(lake, asking, sql, lines.facts)[0] if sql else {}
    total = _counted(asking, lines, row, _moments(lake, asking, lines).get((), {}))
    return Period(lines={(): total}, line_count=1, totals=total, nothing=total, sql=sql, values=asking.values_of(sql))


def _totals(lake: LakeReader, scope: Scope, question: Question) -> Counted:
    return ask_period(lake, scope, msgspec.structs.replace(question, by=(), order="", limit=0)).totals


def _are_sums(asking: Asking, lines: Lines) -> bool:
    """Whether the totals are the lines added up, so that they need no scan of their own."""
    return not (
        lines.unknown
        or asking.question.intervals
        or "tag" in asking.question.by
        or any(isinstance(atom, Quantile) for atom in asking.atoms)
    )


def _sums(asking: Asking, row: Mapping[str, Any]) -> Counted:
    values = {atom: _value(atom, row[f"t{column[1:]}"]) for atom, column in asking.columns.items()}
    is_whole = not any(find_dimension(one.dimension).kind is DimensionKind.TOUCH for one in asking.question.filters)
    return Counted(values={atom: _rounded(atom, value) if is_whole else value for atom, value in values.items()})


def _rounded(atom: Atom, value: Value) -> Value:
    return round(value, _DIGITS) if isinstance(value, float) and isinstance(atom, Count | Sum) else value


def _counted(asking: Asking, lines: Lines, row: Mapping[str, Any], moments: Mapping[Pair, float]) -> Counted:
    values = {
        atom: Unknown(lines.unknown[atom]) if atom in lines.unknown else _value(atom, row.get(column))
        for atom, column in asking.columns.items()
    }
    bounds: dict[Atom, Bounds] = {
        atom: _bounds(row, asking.columns[atom]) for atom in (lines.apart if asking.question.intervals else ())
    }
    return Counted(values=values, bounds=bounds, moments=moments)


def _bounds(row: Mapping[str, Any], column: str) -> Bounds:
    low, high = bounds_of(column)
    return row.get(low), row.get(high)


def _value(atom: Atom, raw: int | float | None) -> Value:
    if raw is not None:
        return raw
    if is_never_unknown(atom):
        return 0
    match atom:
        case Unmatched():
            return Unknown("Nothing with a value matched nothing.")
        case Sum(column) | Quantile(column) | Spend(column):
            return Unknown(_WHY[column])
        case _:
            raise TypeError(f"{atom} is never unknown")


def _key(asking: Asking, row: Mapping[str, Any]) -> Key:
    return tuple(decoded(one, row[f"d{place}"]) for place, one in enumerate(asking.dimensions))


def _moments(lake: LakeReader, asking: Asking, lines: Lines) -> dict[Key, dict[Pair, float]]:
    if not asking.question.intervals:
        return {}
    moments = Moments(asking, [one for one in asking.metrics if not any(atom in lines.unknown for atom in one.atoms)])
    if not moments.sql:
        return {}
    rows = _ask(lake, asking, moments.sql, [Table.CREDITS.fact])
    return {
        _key(asking, row): {pair: row[column] for pair, column in moments.pairs.items() if row[column] is not None}
        for row in rows
    }


def _ask(lake: LakeReader, asking: Asking, sql: str, facts: list[str]) -> list[dict[str, Any]]:
    scope = asking.scope
    model = asking.question.model if "{credit}" in sql else None
    return lake.ask(sql, asking.values_of(sql), months=scope.months(), facts=facts, model=model)


def shown_sql(sql: str, model: str) -> str:
    """The SQL as a person reads it: tables by their names."""
    names = {table.fact: table.fact for table in Table}
    return sql.format(**names, credit=f'"{model}"')
