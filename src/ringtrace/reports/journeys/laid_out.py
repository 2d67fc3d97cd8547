"""Journeys out of the rows of `credits`, as SQL: a row a journey, its channels packed into one whole number.

A journey is what one candidate of a response went through. Its rows have the response, the candidate's probability and
the length in common; where two candidates agree in all of that (which takes the same probability to twelve digits),
their touches are told apart by the order in which they came.
"""

# ruff: noqa: S608 - the SQL is written here, values are bound

from __future__ import annotations

from collections.abc import Sequence

from ringtrace.lake.reader import LakeReader
from ringtrace.reports.journeys.conversions import CENTS, Conversions
from ringtrace.reports.questions import Scope

_BITS = 60  # of a whole number of 64 that are used


class Packing:
    """How channels are packed: each a few bits, the last touch lowest. 0 is no touch."""

    def __init__(self, channels: Sequence[str]) -> None:
        self.channels = channels
        self.bits = max(1, len(channels).bit_length())
        self.held = _BITS // self.bits
        """How many of the last touches of a journey are held."""

    def unpacked(self, packed: int) -> tuple[str, ...]:
        """The channels, first touch first."""
        mask, found = (1 << self.bits) - 1, []
        while packed:
            found.append(self.channels[(packed & mask) - 1])
            packed >>= self.bits
        return tuple(reversed(found))

    def at_sql(self, back: int, packed: str = "packed") -> str:
        """The number of the channel `back` touches before the last; 0 where the journey is shorter."""
        return f"(({packed} >> {back * self.bits}) & {(1 << self.bits) - 1})"


def packing_of(lake: LakeReader, scope: Scope) -> Packing:
    """Of every channel of the span."""
    span = "at_ms >= $since_ms AND at_ms < $until_ms"
    sql = f"SELECT DISTINCT channel FROM {{credits}} WHERE {span} AND reason IS NULL ORDER BY channel"
    values = {"since_ms": scope.since_ms, "until_ms": scope.until_ms}
    rows = lake.ask(sql, values, months=scope.months(), facts=("credits",))
    return Packing([row["channel"] for row in rows])


def journeys_sql(of: Conversions, packing: Packing) -> str:
    """CTEs, of which the last is `journeys`: packed, length, n (conversions), cents, days; it takes `$channels`."""
    measure = of.of
    keys = "response, p, length"
    held = f"CASE WHEN length - position < {packing.held} THEN code ELSE 0::UBIGINT END"
    place = f"(least(length - position, {packing.held - 1}) * {packing.bits})::UBIGINT"
    packed = f"bit_or({held} << {place}) AS packed"
    each = f"{packed}, max(n) AS n, max(cents) AS cents, max(at_ms) - min(touch_ms) AS since_ms"
    return f"""
    WITH codes AS (SELECT unnest($channels) AS channel, unnest(range(1, {len(packing.channels) + 1}))::UBIGINT AS code),
    touches AS (
        SELECT hash(response_id) AS response, p, length, position, code, at_ms, touch_ms, touch_id,
               {measure.count_sql} AS n, {CENTS} AS cents
        FROM {{credits}} JOIN codes USING (channel) WHERE {of.where_sql} AND reason IS NULL
    ),
    laid AS (SELECT {keys}, count(*) AS rows, {each} FROM touches GROUP BY {keys}),
    tied AS (SELECT {keys} FROM laid WHERE rows > length),
    numbered AS (
        SELECT *, row_number() OVER (PARTITION BY {keys}, position ORDER BY touch_ms, touch_id) AS nth
        FROM touches SEMI JOIN tied USING ({keys})
    ),
    journeys AS MATERIALIZED (
        SELECT packed, length, p * n AS n, p * cents AS cents, since_ms / 864e5 AS days FROM (
            SELECT p, length, packed, n, cents, since_ms FROM laid WHERE rows <= length UNION ALL
            SELECT p, length, {each} FROM numbered GROUP BY {keys}, nth
        )
    )"""
