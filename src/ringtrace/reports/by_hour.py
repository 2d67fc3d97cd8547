"""When do people call? A metric by hour and weekday."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from ringtrace.core.clock import HOUR_MS
from ringtrace.reports.asked import Figure, MadeOf, Question
from ringtrace.reports.explore import explore
from ringtrace.reports.questions import Scope

_DAYS, _HOURS = 7, 24


class HourCell(Struct, frozen=True, kw_only=True):
    """`hours`: how often this hour of this weekday came in the span (of a day with 23 hours, one is missing)."""

    figure: Figure
    hours: int


class ByHour(Struct, frozen=True, kw_only=True):
    """`rows[weekday - 1][hour]`: seven rows, Monday first, of 24 cells, in the company's time zone."""

    metric: str
    rows: tuple[tuple[HourCell, ...], ...]
    total: Figure
    made: MadeOf


def by_hour(scope: Scope, question: Question) -> ByHour:
    """The first metric of `question`, with its filters, model and definition; `by`, order and limit do not matter.

    Raises BadInput. A cell in which nothing came has the figure of nothing: 0 for a count, None for a rate.
    """
    metrics = question.metrics[:1]
    answer = explore(
        scope, msgspec.structs.replace(question, metrics=metrics, by=("weekday", "hour"), order="", limit=0)
    )
    figures = {line.values: line.figures[metrics[0]] for line in answer.lines}
    hours = hours_of(scope)
    rows = tuple(
        tuple(
            HourCell(figure=figures.get((day, hour), answer.nothing[metrics[0]]), hours=hours[day, hour])
            for hour in range(_HOURS)
        )
        for day in range(1, _DAYS + 1)
    )
    return ByHour(metric=metrics[0], rows=rows, total=answer.totals[metrics[0]], made=answer.made)


def hours_of(scope: Scope) -> Counter[tuple[int, int]]:
    """How often each (weekday, hour) begins in the span, by the clock on the wall."""
    zone = ZoneInfo(scope.time_zone)
    starts = (
        datetime.fromtimestamp(at_ms / 1000, tz=UTC).astimezone(zone)
        for at_ms in range(scope.since_ms, scope.until_ms, HOUR_MS)
    )
    return Counter((at.isoweekday(), at.hour) for at in starts)
