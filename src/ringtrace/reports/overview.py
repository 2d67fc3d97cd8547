"""How did it go? Totals with the span before, and calls by day and channel."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from ringtrace.lake.reader import LakeReader, read_steadily
from ringtrace.reports.questions import DEFAULT_MODEL, Made, Scope, made_of, rate


class Totals(Struct, frozen=True, kw_only=True):
    """Rates are None where nothing was counted, money is None where none is known; never 0 for unknown."""

    visits: int
    calls: int
    answered: int
    missed: int
    abandoned: int
    first_calls: int
    answer_rate: float | None
    matched_p: float | None  # mean probability that a visit or a static number made the call
    sales: int
    revenue_cents: int | None
    cost_cents: int | None
    cost_per_call_cents: float | None
    roas: float | None


class DayCell(Struct, frozen=True, kw_only=True):
    """`calls`: credit of that channel on that day. `channel` None: unknown, or of a month that
    the model could learn nothing from."""

    on_date: date
    channel: str | None
    calls: float


class Overview(Struct, frozen=True, kw_only=True):
    now: Totals
    before: Totals  # the span of the same length just before
    days: tuple[DayCell, ...]
    made: Made


_TOTALS_SQL = """
WITH asked AS (SELECT * FROM {calls} WHERE started_ms >= $since_ms AND started_ms < $until_ms),
outcomes AS (
    SELECT count(*) AS sales, sum(value_cents)::BIGINT AS revenue_cents
    FROM {conversions} JOIN asked USING (call_id) WHERE kind = 'sale'
)
SELECT (SELECT count(*) FROM {touchpoints} WHERE kind = 'visit' AND at_ms >= $since_ms AND at_ms < $until_ms) AS visits,
       count(*) AS calls,
       count(*) FILTER (WHERE status = 'answered') AS answered,
       count(*) FILTER (WHERE status = 'missed') AS missed,
       count(*) FILTER (WHERE status = 'abandoned') AS abandoned,
       count(*) FILTER (WHERE is_first_call) AS first_calls,
       avg(p_known) AS matched_p,
       (SELECT sales FROM outcomes) AS sales,
       (SELECT revenue_cents FROM outcomes) AS revenue_cents,
       (SELECT sum(cost_cents)::BIGINT FROM {spend} WHERE on_date BETWEEN $since_on AND $until_on) AS cost_cents
FROM asked
"""

_DAYS_SQL = """
WITH days AS (SELECT unnest($starts) AS start_ms, unnest($ends) AS end_ms, unnest($dates) AS on_date)
SELECT d.on_date::DATE AS on_date, CASE WHEN {credit} IS NOT NULL THEN c.channel END AS channel,
       sum(coalesce({credit}, c.p)) AS calls
FROM {credits} c JOIN days d ON c.at_ms >= d.start_ms AND c.at_ms < d.end_ms
WHERE c.kind = 'call' AND coalesce({credit}, c.p) > 0 GROUP BY ALL ORDER BY on_date, channel NULLS LAST
"""


def overview(scope: Scope, model: str = DEFAULT_MODEL) -> Overview:
    """The answer for a span, in the company's own days."""
    return read_steadily(scope.lake, scope.company_id, lambda lake: _overview(lake, scope, model))


def _overview(lake: LakeReader, scope: Scope, model: str) -> Overview:
    return Overview(
        now=_totals(lake, scope),
        before=_totals(lake, scope.before()),
        days=_days(lake, scope, model),
        made=made_of(lake, model),
    )


def _totals(lake: LakeReader, scope: Scope) -> Totals:
    values = {
        "since_ms": scope.since_ms,
        "until_ms": scope.until_ms,
        "since_on": scope.since_on,
        "until_on": scope.until_on,
    }
    facts = ("touchpoints", "calls", "conversions", "spend")
    row = lake.ask(_TOTALS_SQL, values, months=scope.months(), facts=facts)[0]
    return _with_rates(row)


def _with_rates(row: dict[str, Any]) -> Totals:
    cost_cents, revenue_cents = row["cost_cents"], row["revenue_cents"]
    return Totals(
        **row,
        answer_rate=rate(row["answered"], row["calls"]),
        cost_per_call_cents=None if cost_cents is None else rate(cost_cents, row["calls"]),
        roas=None if cost_cents is None or revenue_cents is None else rate(revenue_cents, cost_cents),
    )


def _days(lake: LakeReader, scope: Scope, model: str) -> tuple[DayCell, ...]:
    dates = [scope.since_on + timedelta(days=step) for step in range(scope.days)]
    values = {
        "starts": [scope.day_starts_ms(on) for on in dates],
        "ends": [scope.day_starts_ms(on + timedelta(days=1)) for on in dates],
        "dates": dates,
    }
    rows = lake.ask(_DAYS_SQL, values, months=scope.months(), facts=("credits",), model=model)
    return tuple(DayCell(**row) for row in rows)
