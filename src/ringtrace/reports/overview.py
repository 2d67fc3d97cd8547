"""How did it go? Totals with the span before, and calls by day and channel."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import Struct

from ringtrace.lake.reader import LakeReader, credit_column, read_steadily
from ringtrace.reports.asked import Question
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.periods import ask_period
from ringtrace.reports.questions import DEFAULT_MODEL, Made, Scope, made_of


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


_METRICS = {
    "visits": "visits",
    "calls": "calls",
    "answered": "answered_calls",
    "missed": "missed_calls",
    "abandoned": "abandoned_calls",
    "first_calls": "first_time_callers",
    "answer_rate": "answer_rate",
    "matched_p": "match_mean_p",
    "sales": "sales",
    "revenue_cents": "revenue",
    "cost_cents": "spend",
    "cost_per_call_cents": "cost_per_call",
    "roas": "roas",
}


def overview(scope: Scope, model: str = DEFAULT_MODEL) -> Overview:
    """The answer for a span, in the company's own days. Raises BadInput for a model that the lake has no column of."""
    credit_column(model)
    return read_steadily(scope.lake, scope.company_id, lambda lake: _overview(lake, scope, model))


def _overview(lake: LakeReader, scope: Scope, model: str) -> Overview:
    return Overview(
        now=_totals(lake, scope),
        before=_totals(lake, scope.before()),
        days=_days(lake, scope, model),
        made=made_of(lake, model),
    )


def _totals(lake: LakeReader, scope: Scope) -> Totals:
    totals = ask_period(lake, scope, Question(metrics=tuple(_METRICS.values()))).totals
    figures: dict[str, Any] = {
        field: totals.figure(find_metric(name), intervals=False).value for field, name in _METRICS.items()
    }
    return Totals(**figures)


def _days(lake: LakeReader, scope: Scope, model: str) -> tuple[DayCell, ...]:
    lines = ask_period(lake, scope, Question(metrics=("calls",), by=("day", "channel"), model=model)).lines
    cells = (
        (on_date, channel, counted.figure(find_metric("calls"), intervals=False).value)
        for (on_date, channel), counted in lines.items()
    )
    return tuple(
        DayCell(on_date=on_date, channel=None if channel is None else str(channel), calls=calls or 0)
        for on_date, channel, calls in cells
        if isinstance(on_date, date)
    )
