"""When do people call? A metric by hour and weekday."""

from __future__ import annotations

from msgspec import Struct

from ringtrace.reports.asked import Figure, MadeOf, Question
from ringtrace.reports.questions import Scope


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
    """The first metric of `question`, with its filters, model and definition; `by`, order and limit do not matter."""
    raise NotImplementedError
