"""How did it go? Totals with the span they are compared with, their trends, and calls over time by channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from ringtrace.lake.reader import LakeReader, credit_column, read_steadily
from ringtrace.qualification.definitions import DEFAULT as DEFAULT_DEFINITION
from ringtrace.qualification.definitions import Definition
from ringtrace.reports.asked import Compare, Question
from ringtrace.reports.explore import compared, span_values
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.periods import Counted, Period, ask_period
from ringtrace.reports.questions import DEFAULT_MODEL, Made, Scope, made_of

LONGEST_BY_DAY = 92
"""Days of a span whose chart has a bar a day; a longer one has a bar a week."""

_LONGEST_TREND_BY_DAY = 45


class Totals(Struct, frozen=True, kw_only=True):
    """Rates are None where nothing was counted, money is None where none is known; never 0 for unknown."""

    visits: int
    calls: int
    answered: int
    missed: int
    abandoned: int
    first_calls: int
    qualified: int
    answer_rate: float | None
    matched_p: float | None  # mean probability that a visit or a static number made the call
    sales: int
    revenue_cents: int | None
    cost_cents: int | None
    cost_per_call_cents: float | None
    cost_per_qualified_cents: float | None
    roas: float | None


class DayCell(Struct, frozen=True, kw_only=True):
    """`calls`: credit of that channel on that day, or in the week of that Monday. `channel` None: unknown, or of a
    month that the model could learn nothing from."""

    on_date: date
    channel: str | None
    calls: float


class Overview(Struct, frozen=True, kw_only=True):
    """`before`: of the span of the same length just before, or of the same days a year earlier. `trends`: the totals'
    fields, each by day, of a long span by whole week. `by`: `day` or `week`, what `days` has a cell for; `dates`: its
    days or Mondays, all of them."""

    now: Totals
    before: Totals
    trends: Mapping[str, tuple[float | None, ...]]
    days: tuple[DayCell, ...]
    by: str
    dates: tuple[date, ...]
    made: Made


_METRICS = {
    "visits": "visits",
    "calls": "calls",
    "answered": "answered_calls",
    "missed": "missed_calls",
    "abandoned": "abandoned_calls",
    "first_calls": "first_time_callers",
    "qualified": "qualified_calls",
    "answer_rate": "answer_rate",
    "matched_p": "match_mean_p",
    "sales": "sales",
    "revenue_cents": "revenue",
    "cost_cents": "spend",
    "cost_per_call_cents": "cost_per_call",
    "cost_per_qualified_cents": "cost_per_qualified_call",
    "roas": "roas",
}
FIELD_METRICS: Mapping[str, str] = _METRICS
"""The metric that each field of the totals is."""


def overview(
    scope: Scope,
    model: str = DEFAULT_MODEL,
    *,
    definition: Definition = DEFAULT_DEFINITION,
    compare: Compare = "before",
) -> Overview:
    """The answer for a span, in the company's own days. Raises BadInput for a model that the lake has no column of."""
    credit_column(model)
    other = compared(scope, compare) or scope.before()
    question = Question(metrics=tuple(_METRICS.values()), model=model, definition=definition)
    return read_steadily(scope.lake, scope.company_id, lambda lake: _overview(lake, scope, other, question))


def _overview(lake: LakeReader, scope: Scope, other: Scope, question: Question) -> Overview:
    trend_by = "day" if scope.days <= _LONGEST_TREND_BY_DAY else "week"
    by = "day" if scope.days <= LONGEST_BY_DAY else "week"
    period = ask_period(lake, scope, _by(question, trend_by))
    return Overview(
        now=_totals(period.totals),
        before=_totals(ask_period(lake, other, question).totals),
        trends=_trends(scope, period, trend_by),
        days=_days(lake, scope, question.model, by),
        by=by,
        dates=tuple(on for on in span_values(scope, by) if isinstance(on, date)),
        made=made_of(lake, question.model),
    )


def _by(question: Question, name: str) -> Question:
    return Question(metrics=question.metrics, by=(name,), model=question.model, definition=question.definition)


def _totals(totals: Counted) -> Totals:
    figures: dict[str, Any] = {field: _value(totals, name) for field, name in _METRICS.items()}
    return Totals(**figures)


def _value(counted: Counted, name: str) -> float | None:
    return counted.figure(find_metric(name), intervals=False).value


def _trends(scope: Scope, period: Period, by: str) -> dict[str, tuple[float | None, ...]]:
    """Of weeks the whole ones alone: a part of a week looks like a fall."""
    places = [on for on in span_values(scope, by) if isinstance(on, date)]
    if by == "week":
        places = [on for on in places if on >= scope.since_on and on.toordinal() + 6 <= scope.until_on.toordinal()]
    lines = [period.lines.get((on,), period.nothing) for on in places]
    return {field: tuple(_value(line, name) for line in lines) for field, name in _METRICS.items()}


def _days(lake: LakeReader, scope: Scope, model: str, by: str) -> tuple[DayCell, ...]:
    lines = ask_period(lake, scope, Question(metrics=("calls",), by=(by, "channel"), model=model)).lines
    cells = ((on_date, channel, _value(counted, "calls")) for (on_date, channel), counted in lines.items())
    return tuple(
        DayCell(on_date=on_date, channel=None if channel is None else str(channel), calls=calls or 0)
        for on_date, channel, calls in cells
        if isinstance(on_date, date)
    )
