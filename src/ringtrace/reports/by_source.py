"""Which sources and campaigns brought calls and revenue, and what they cost?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from ringtrace.lake.reader import LakeReader, read_steadily
from ringtrace.reports.questions import DEFAULT_MODEL, Made, Scope, made_of, rate


class SourceLine(Struct, frozen=True, kw_only=True):
    """One source and campaign. `calls`, `answered`, `sales` and `revenue_cents` are shares of credit added up.

    All-None source fields with `unknown` set: calls that no visit explains; with `thin` set: calls of months in which
    the model could learn nothing, which it shares over no source. `cost_cents` None: no spend is known;
    then `cost_per_call_cents` and `roas` are None too. `revenue_cents` None: no outcome has a value.
    """

    channel: str | None
    source: str | None
    medium: str | None
    campaign: str | None
    visits: int | None
    calls: float
    answered: float
    first_calls: float
    sales: float
    revenue_cents: float | None
    cost_cents: int | None
    cost_per_call_cents: float | None
    roas: float | None
    unknown: bool = False
    thin: bool = False


class Thin(Struct, frozen=True, kw_only=True):
    """A UTC month in which the model could learn nothing, and why."""

    month: str
    reason: str


class BySource(Struct, frozen=True, kw_only=True):
    lines: tuple[SourceLine, ...]
    made: Made
    thin: tuple[Thin, ...] = ()


_SQL = """
WITH outcomes AS (
    SELECT call_id, count(*) FILTER (WHERE kind = 'sale') AS sales,
           sum(value_cents) FILTER (WHERE kind = 'sale') AS value
    FROM {conversions} WHERE call_id IS NOT NULL GROUP BY call_id
), shared AS (
    SELECT response_id AS call_id, coalesce({credit}, p) AS share, {credit} IS NULL AS thin,
           reason IS NOT NULL AND NOT thin AS unknown,
           CASE WHEN NOT thin THEN channel END AS channel, CASE WHEN NOT thin THEN source END AS source,
           CASE WHEN NOT thin THEN medium END AS medium, CASE WHEN NOT thin THEN campaign END AS campaign
    FROM {credits} WHERE kind = 'call' AND at_ms >= $since_ms AND at_ms < $until_ms
), credited AS (
    SELECT c.channel, c.source, c.medium, c.campaign, c.unknown, c.thin,
           sum(c.share) AS calls,
           coalesce(sum(c.share) FILTER (WHERE k.status = 'answered'), 0) AS answered,
           coalesce(sum(c.share) FILTER (WHERE k.is_first_call), 0) AS first_calls,
           coalesce(sum(c.share * o.sales), 0) AS sales,
           sum(c.share * o.value) AS revenue_cents
    FROM shared c JOIN {calls} k USING (call_id) LEFT JOIN outcomes o USING (call_id)
    WHERE c.share > 0 GROUP BY ALL
), visited AS (
    SELECT channel, source, medium, campaign, false AS unknown, false AS thin, count(*) AS visits
    FROM {touchpoints} WHERE kind = 'visit' AND at_ms >= $since_ms AND at_ms < $until_ms GROUP BY ALL
), spent AS (
    SELECT source, medium, campaign, sum(cost_cents)::BIGINT AS cost_cents
    FROM {spend} WHERE on_date BETWEEN $since_on AND $until_on GROUP BY ALL
), lines AS (
    SELECT coalesce(v.channel, c.channel) AS channel, coalesce(v.source, c.source) AS source,
           coalesce(v.medium, c.medium) AS medium, coalesce(v.campaign, c.campaign) AS campaign,
           coalesce(v.unknown, c.unknown) AS unknown, coalesce(v.thin, c.thin) AS thin, v.visits,
           c.calls, c.answered, c.first_calls, c.sales, c.revenue_cents
    FROM visited v FULL JOIN credited c
      ON v.channel IS NOT DISTINCT FROM c.channel AND v.source IS NOT DISTINCT FROM c.source
     AND v.medium IS NOT DISTINCT FROM c.medium AND v.campaign IS NOT DISTINCT FROM c.campaign
     AND v.unknown = c.unknown AND v.thin = c.thin
)
SELECT l.channel, coalesce(l.source, s.source) AS source, coalesce(l.medium, s.medium) AS medium,
       coalesce(l.campaign, s.campaign) AS campaign, coalesce(l.unknown, false) AS unknown,
       coalesce(l.thin, false) AS thin, l.visits,
       coalesce(l.calls, 0) AS calls, coalesce(l.answered, 0) AS answered, coalesce(l.first_calls, 0) AS first_calls,
       coalesce(l.sales, 0) AS sales, l.revenue_cents, s.cost_cents
FROM lines l FULL JOIN spent s
  ON NOT l.unknown AND NOT l.thin AND l.source = s.source AND coalesce(l.medium, '') = coalesce(s.medium, '')
 AND l.campaign IS NOT DISTINCT FROM s.campaign
ORDER BY thin, unknown, calls DESC, visits DESC NULLS LAST, source, medium, campaign
"""


_THIN_SQL = "SELECT reason FROM {fits} WHERE model = $model AND reason IS NOT NULL LIMIT 1"


def by_source(scope: Scope, model: str = DEFAULT_MODEL) -> BySource:
    """Lines sorted by calls, most first; the unknown line last. Credit by `model`, weighted by match probability.

    Spend joins by source, medium and campaign; spend without visits or calls has its own line. When two channels share
    one source, medium and campaign, its spend would stand on both lines: it is put on the one with most calls. Raises
    BadInput for a model that the lake has no column of.
    """
    return read_steadily(scope.lake, scope.company_id, lambda lake: _by_source(lake, scope, model))


def _by_source(lake: LakeReader, scope: Scope, model: str) -> BySource:
    rows = lake.ask(
        _SQL,
        {
            "since_ms": scope.since_ms,
            "until_ms": scope.until_ms,
            "since_on": scope.since_on,
            "until_on": scope.until_on,
        },
        months=scope.months(),
        facts=("touchpoints", "calls", "credits", "conversions", "spend"),
        model=model,
    )
    seen: set[tuple[str, str, str]] = set()
    lines = tuple(_line(row, seen) for row in rows)
    thin = tuple(_thin(lake, scope, model)) if any(line.thin for line in lines) else ()
    return BySource(lines=lines, made=made_of(lake, model), thin=thin)


def _thin(lake: LakeReader, scope: Scope, model: str) -> Iterator[Thin]:
    for month in sorted(scope.months()):
        for row in lake.ask(_THIN_SQL, {"model": model}, months=frozenset({month}), facts=("fits",)):
            yield Thin(month=month, reason=row["reason"])


def _line(row: dict[str, Any], seen: set[tuple[str, str, str]]) -> SourceLine:
    campaign = (row["source"], row["medium"], row["campaign"])
    cost_cents = None if campaign in seen else row["cost_cents"]
    seen.add(campaign)
    revenue_cents = row["revenue_cents"]
    return SourceLine(
        **{name: row[name] for name in ("channel", *_FIELDS)},
        revenue_cents=revenue_cents,
        cost_cents=cost_cents,
        cost_per_call_cents=None if cost_cents is None else rate(cost_cents, row["calls"]),
        roas=None if cost_cents is None or revenue_cents is None else rate(revenue_cents, cost_cents),
    )


_FIELDS = ("source", "medium", "campaign", "visits", "calls", "answered", "first_calls", "sales", "unknown", "thin")
