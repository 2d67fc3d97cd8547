"""What is a customer worth? Life-time value by cohort and channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from ringtrace.attribution.registry import find_model
from ringtrace.core.clock import DAY_MS, ms_from_at
from ringtrace.core.errors import BadInput
from ringtrace.lake.reader import LakeReader, credit_column, read_steadily
from ringtrace.reports.asked import MadeOf, Question
from ringtrace.reports.dimensions import DIMENSIONS, ValueKind
from ringtrace.reports.metrics.registry import VALUES
from ringtrace.reports.periods import shown_sql
from ringtrace.reports.questions import DEFAULT_MODEL, Scope
from ringtrace.reports.scan import Asking, Table
from ringtrace.reports.zones import date_of, local_ms_sql, time_sql

MOST_MONTHS = 36


class Cohort(Struct, frozen=True, kw_only=True):
    """People whose first response was in the month of `month_on` (its first day), by the channel that brought it.

    `people`: by the credit of that first response, so parts of people; they sum to how many there are. `channel` None:
    unknown. `value_cents[k]`: revenue (sales less refunds) per person by the end of the k-th month after the first,
    added up; None while that month is not over. `whole_cents`: all that was earned per person so far.
    """

    month_on: date
    channel: str | None
    people: float
    value_cents: tuple[float | None, ...]
    whole_cents: float | None


class LifeTime(Struct, frozen=True, kw_only=True):
    """`cohorts` by month and channel; `channels`, most people first, the same over all months (`month_on`: the first):
    there, month k is of the cohorts alone for which it is over. `why` says why all values are None, where they are."""

    cohorts: tuple[Cohort, ...]
    channels: tuple[Cohort, ...]
    months: int
    made: MadeOf
    why: str = ""


_SQL = """
WITH heads AS (
    SELECT coalesce(person, response_id) AS who, response_id, at_ms FROM {credits} WHERE head AND at_ms < $now_ms
), firsts AS (
    SELECT who, min(at_ms) AS first_ms, arg_min(response_id, (at_ms, response_id)) AS response_id FROM heads
    GROUP BY who HAVING min(at_ms) >= $since_ms AND min(at_ms) < $until_ms
), shares AS (
    SELECT f.who, CHANNEL AS channel, MONTH_OF_FIRST AS month, sum(CREDIT) AS share
    FROM firsts f JOIN {credits} c USING (response_id) WHERE CREDIT > 0 GROUP BY ALL
), money AS (
    SELECT coalesce(h.who, o.person, o.response_id) AS who, MONTH_OF_SALE AS month,
           CASE o.kind WHEN 'sale' THEN o.value_cents ELSE -o.value_cents END AS cents
    FROM {conversions} o LEFT JOIN heads h USING (response_id)
    WHERE o.kind IN ('sale', 'refund') AND o.value_cents IS NOT NULL AND o.at_ms < $now_ms
), earned AS (SELECT who, month, sum(cents)::BIGINT AS cents FROM money GROUP BY ALL)
SELECT s.month, s.channel, NULL::BIGINT AS later, sum(s.share) AS people, NULL::DOUBLE AS cents,
       (SELECT count(*) FROM money) AS known
FROM shares s GROUP BY ALL
UNION ALL
SELECT s.month, s.channel, MONTHS_BETWEEN AS later, NULL, sum(s.share * e.cents), NULL
FROM shares s JOIN earned e USING (who) GROUP BY ALL
ORDER BY month, channel NULLS LAST, later NULLS FIRST
"""


def lifetime(scope: Scope, *, now_on: date, model: str = DEFAULT_MODEL, months: int = 12) -> LifeTime:
    """People whose first response ever lies in the span, and what was earned by them until the end of `now_on`.

    A person's months are the calendar's, in the company's zone: month 0 is that of the first response; what was sold
    before it counts there. A response of nobody known is a person of its own. Raises BadInput.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise BadInput("That is no number of months.", hint=f"1 to {MOST_MONTHS}.")
    credit_column(model)
    return read_steadily(scope.lake, scope.company_id, lambda lake: _lifetime(lake, scope, now_on, model, months))


def _lifetime(lake: LakeReader, scope: Scope, now_on: date, model: str, months: int) -> LifeTime:
    question = Question(metrics=("revenue",), by=("channel",), model=model)
    now_ms = max(scope.until_ms, _midnight_ms(scope, now_on) + DAY_MS)
    sql = _sql(Asking(scope, question), now_ms)
    values = {"since_ms": scope.since_ms, "until_ms": scope.until_ms, "now_ms": now_ms}
    rows = lake.ask(sql, values, facts=("credits", "conversions"), model=model)
    known = any(row["known"] for row in rows)
    sums = _sums(rows, now_on, months)
    by_channel = [[one for one in sums if one.channel == name] for name in dict.fromkeys(one.channel for one in sums)]
    channels = [_cohort(some, known=known) for some in by_channel]
    made = MadeOf(
        data_version=lake.data_version,
        definitions=lake.definitions or None,
        model=model,
        params=find_model(model).params,
        definition="",
        sql=shown_sql(sql, model),
        values=values,
    )
    return LifeTime(
        cohorts=tuple(_cohort([one], known=known) for one in sums),
        channels=tuple(sorted(channels, key=lambda one: -one.people)),
        months=months,
        made=made,
        why="" if known else VALUES.sentence,
    )


def _sql(asking: Asking, now_ms: int) -> str:
    zone, since_ms = asking.scope.time_zone, asking.scope.since_ms

    def month(column: str) -> str:
        return time_sql(ValueKind.MONTH, local_ms_sql(column, zone, since_ms, now_ms))

    between = "datediff('month', DATE '1970-01-01' + s.month::INTEGER, DATE '1970-01-01' + e.month::INTEGER)"
    pieces = {
        "CHANNEL": asking.dimension_sql(DIMENSIONS["channel"], Table.CREDITS),
        "CREDIT": asking.credit,
        "MONTH_OF_FIRST": month("f.first_ms"),
        "MONTH_OF_SALE": month("o.at_ms"),
        "MONTHS_BETWEEN": f"greatest({between}, 0)",
    }
    sql = _SQL
    for name, piece in pieces.items():
        sql = sql.replace(name, piece)
    return sql


def _midnight_ms(scope: Scope, on: date) -> int:
    return ms_from_at(datetime.combine(on, time(), ZoneInfo(scope.time_zone)))


class _Sums(Struct, kw_only=True):
    """What one cohort earned in each month after its first. `over`: how many of its months are over."""

    month_on: date
    channel: str | None
    people: float
    over: int
    cents: list[float]
    later_cents: float = 0.0

    def add(self, later: int, cents: float) -> None:
        if later < len(self.cents):
            self.cents[later] += cents
        else:
            self.later_cents += cents

    def until(self, nth: int) -> float:
        """All cents by the end of the nth month after the first."""
        return sum(self.cents[: nth + 1])


def _sums(rows: Iterable[Mapping[str, Any]], now_on: date, months: int) -> list[_Sums]:
    """One a cohort; a row without `later` begins it."""
    found: list[_Sums] = []
    for row in rows:
        if row["later"] is None:
            month_on = date_of(row["month"])
            over = max(0, (now_on.year - month_on.year) * 12 + now_on.month - month_on.month)
            found.append(
                _Sums(month_on=month_on, channel=row["channel"], people=row["people"], over=over, cents=[0.0] * months)
            )
        else:
            found[-1].add(row["later"], row["cents"])
    return found


def _cohort(some: Sequence[_Sums], *, known: bool) -> Cohort:
    """Cohorts of one channel together: month k of those alone for which it is over."""
    people = sum(one.people for one in some)
    whole = sum(one.until(len(one.cents)) + one.later_cents for one in some)
    return Cohort(
        month_on=some[0].month_on,
        channel=some[0].channel,
        people=people,
        value_cents=tuple(_value(some, nth) if known else None for nth in range(len(some[0].cents))),
        whole_cents=whole / people if known else None,
    )


def _value(some: Sequence[_Sums], nth: int) -> float | None:
    seen = [one for one in some if nth < one.over]
    return sum(one.until(nth) for one in seen) / sum(one.people for one in seen) if seen else None
