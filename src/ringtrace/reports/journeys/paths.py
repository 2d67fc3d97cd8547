"""By which ways do people come to call? The commonest paths of channels, and how they flow together."""

# ruff: noqa: S608 - the SQL is written here, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.lake.reader import LakeReader, read_steadily
from ringtrace.reports.asked import MadeOf
from ringtrace.reports.journeys.conversions import CALLS, CENTS, Conversions, made_from
from ringtrace.reports.journeys.flows import Flow, flows_of, flows_sql
from ringtrace.reports.journeys.laid_out import Packing, journeys_sql, packing_of
from ringtrace.reports.questions import Scope

USUAL_PATHS, MOST_PATHS = 20, 500


class Step(Struct, frozen=True):
    """Touches of one channel in a row."""

    channel: str
    times: int


class Path(Struct, frozen=True, kw_only=True):
    """One sequence of channels, first touch first. `conversions` are weighted by the probability that they are this
    journey's; `share` is of all conversions, known or not. `revenue_cents` None: no value is known. `days`: from the
    first touch to the conversion. `left_out`: how many touches came before the first step that is told."""

    steps: tuple[Step, ...]
    conversions: float
    share: float
    revenue_cents: float | None
    touches: int
    days: float
    left_out: int = 0


class Paths(Struct, frozen=True, kw_only=True):
    """`paths` with most conversions first (of revenue, with most money), of `path_count` different ones; `known` are
    the conversions of all of them, `unknown` those of no visit that is known, and `total` both together.

    `touches` and `days` are means over the known ones; None where there are none. `flow` is for a Sankey diagram.
    """

    of: Conversions
    paths: tuple[Path, ...]
    path_count: int
    known: float
    unknown: float
    revenue_cents: float | None
    unknown_cents: float | None
    touches: float | None
    days: float | None
    flow: Flow
    made: MadeOf

    @property
    def total(self) -> float:
        return self.known + self.unknown


def paths(scope: Scope, of: Conversions = CALLS, most: int = USUAL_PATHS) -> Paths:
    """The commonest paths to a conversion. Raises BadInput."""
    if not 1 <= most <= MOST_PATHS:
        raise BadInput("That is no number of paths.", hint=f"1 to {MOST_PATHS}.")
    return read_steadily(scope.lake, scope.company_id, lambda lake: _paths(lake, scope, of, most))


def _paths(lake: LakeReader, scope: Scope, of: Conversions, most: int) -> Paths:
    packing = packing_of(lake, scope)
    sql, values = _sql(of, packing, most), of.values(scope) | {"channels": list(packing.channels)}
    rows = lake.ask(sql, values, months=scope.months(), facts=("credits",))
    unknown = _unknown(lake, scope, of)
    whole = next(row for row in rows if row["what"] == "whole")
    known, total = whole["n"] or 0.0, (whole["n"] or 0.0) + unknown["n"]
    money = of.of.is_money
    return Paths(
        of=of,
        paths=tuple(_path(row, packing, total) for row in rows if row["what"] == "path"),
        path_count=whole["path_count"] or 0,
        known=known,
        unknown=unknown["n"],
        revenue_cents=whole["cents"],
        unknown_cents=unknown["cents"],
        touches=whole["touches"] / known if known else None,
        days=whole["days"] / known if known else None,
        flow=flows_of(
            [row for row in rows if row["what"] == "flow"],
            packing,
            end=of.of.one,
            unknown=max(0.0, (unknown["cents"] or 0.0) if money else unknown["n"]),
        ),
        made=made_from(lake, of, sql, values),
    )


def _sql(of: Conversions, packing: Packing, most: int) -> str:
    order = "cents DESC NULLS LAST, n DESC" if of.of.is_money else "n DESC, cents DESC NULLS LAST"
    return f"""
    {journeys_sql(of, packing)},
    paths AS MATERIALIZED (
        SELECT packed, length, sum(n) AS n, sum(cents) AS cents, sum(n * days) AS days FROM journeys
        GROUP BY packed, length
    )
    (SELECT 'path' AS what, packed, length, n, cents, days, NULL::DOUBLE AS touches, NULL::BIGINT AS path_count,
            NULL::INTEGER AS back, NULL::UBIGINT AS source, NULL::UBIGINT AS target
     FROM paths ORDER BY {order}, length, packed LIMIT {most})
    UNION ALL BY NAME
    SELECT 'whole' AS what, sum(n) AS n, sum(cents) AS cents, sum(days) AS days, sum(n * length) AS touches,
           count(*) AS path_count FROM paths
    UNION ALL BY NAME
    {flows_sql(packing, "cents" if of.of.is_money else "n")}"""


def _unknown(lake: LakeReader, scope: Scope, of: Conversions) -> Mapping[str, Any]:
    """Conversions of which no visit is known."""
    value = of.of.count_sql
    cents = f"sum(p * {CENTS}) AS cents"
    sums = f"coalesce(sum(p * {value}), 0) AS n, {cents}"
    sql = f"SELECT {sums} FROM {{credits}} WHERE {of.where_sql} AND reason IS NOT NULL"
    return lake.ask(sql, of.values(scope), months=scope.months(), facts=("credits",))[0]


def _path(row: Mapping[str, Any], packing: Packing, total: float) -> Path:
    channels = packing.unpacked(row["packed"])
    return Path(
        steps=folded(channels),
        conversions=row["n"],
        share=row["n"] / total if total else 0.0,
        revenue_cents=row["cents"],
        touches=row["length"],
        days=row["days"] / row["n"] if row["n"] else 0.0,
        left_out=row["length"] - len(channels),
    )


def folded(channels: Sequence[str]) -> tuple[Step, ...]:
    """Immediate repeats as one step."""
    return tuple(Step(channel, len(list(same))) for channel, same in groupby(channels))
