"""Any metrics by any dimensions: one question, one answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import msgspec

from ringtrace.attribution.registry import LEARNERS, find_model
from ringtrace.core.errors import BadInput
from ringtrace.lake.reader import LakeReader, credit_column, read_steadily
from ringtrace.reports.asked import (
    MOST_DIMENSIONS,
    Answer,
    Compare,
    Figure,
    Line,
    MadeOf,
    Question,
    Span,
    ThinMonth,
)
from ringtrace.reports.dimensions import DimensionKind, DimensionValue, ValueKind, find_dimension
from ringtrace.reports.filters import check_filters
from ringtrace.reports.metrics.metric import Metric
from ringtrace.reports.metrics.registry import METRICS, find_metric
from ringtrace.reports.periods import Counted, Key, Period, ask_period, shown_sql
from ringtrace.reports.questions import Scope

__all__ = ["Answer", "Compare", "Figure", "Line", "MadeOf", "Question", "Span", "ThinMonth", "check", "explore"]

MOST_LINES = 100_000
_THIN_SQL = "SELECT reason FROM {fits} WHERE model = $model AND reason IS NOT NULL LIMIT 1"


def check(question: Question) -> Question:
    """The question, if it can be asked. Raises BadInput."""
    if not question.metrics:
        raise BadInput("A question asks for a metric.", hint=f"Choose of: {', '.join(METRICS)}.")
    for name in question.metrics:
        find_metric(name)
    if len(question.by) > MOST_DIMENSIONS or len(set(question.by)) < len(question.by):
        raise BadInput(
            f"{len(question.by)} dimensions are too many, or one is there twice.",
            hint=f"Split by at most {MOST_DIMENSIONS} different ones.",
        )
    for name in question.by:
        find_dimension(name)
    check_filters(question.filters)
    credit_column(question.model)
    if question.order and question.order.removeprefix("-") not in (*question.metrics, *question.by):
        raise BadInput(
            f"Lines cannot be ordered by {question.order[:60]!r}.",
            hint="Name one of the metrics or dimensions that are asked, with - before it for the largest first.",
        )
    if not 0 <= question.limit <= MOST_LINES:
        raise BadInput("That is no number of lines.", hint=f"0 for all, or 1 to {MOST_LINES}.")
    return msgspec.structs.replace(question, metrics=tuple(dict.fromkeys(question.metrics)))


def explore(scope: Scope, question: Question) -> Answer:
    """The answer for a span, in the company's own days. Raises BadInput for what cannot be asked, with a hint."""
    asked = check(question)
    return read_steadily(scope.lake, scope.company_id, lambda lake: _explore(lake, scope, asked))


def _explore(lake: LakeReader, scope: Scope, question: Question) -> Answer:
    now = ask_period(lake, scope, question)
    other = compared(scope, question.compare)
    plain = msgspec.structs.replace(question, order="", limit=0, intervals=False)
    before = None if other is None else ask_period(lake, other, plain)
    shift = Shift(scope, other or scope, question)
    metrics = [find_metric(name) for name in question.metrics]
    lines = [_line(key, counted, metrics, question, before, shift) for key, counted in now.lines.items()]
    return Answer(
        question=question,
        span=Span(since_on=scope.since_on, until_on=scope.until_on),
        compared=None if other is None else Span(since_on=other.since_on, until_on=other.until_on),
        lines=tuple(lines),
        line_count=now.line_count,
        totals=_figures(now.totals, metrics, question, None if before is None else before.totals),
        nothing=_figures(now.nothing, metrics, question, None if before is None else before.nothing),
        made=made_of_period(lake, question, now),
        thin=tuple(thin_months(lake, scope, question.model)) if question.model in LEARNERS else (),
    )


def _line(
    key: Key, counted: Counted, metrics: list[Metric], question: Question, before: Period | None, shift: Shift
) -> Line:
    old = None if before is None else before.lines.get(shift.back(key), before.nothing)
    return Line(values=key, figures=_figures(counted, metrics, question, old))


def _figures(now: Counted, metrics: list[Metric], question: Question, before: Counted | None) -> Mapping[str, Figure]:
    return {metric.name: _figure(metric, now, question, before) for metric in metrics}


def _figure(metric: Metric, now: Counted, question: Question, before: Counted | None) -> Figure:
    figure = now.figure(metric, intervals=question.intervals)
    if before is None:
        return figure
    return msgspec.structs.replace(figure, before=before.figure(metric, intervals=False).value)


def made_of_period(lake: LakeReader, question: Question, period: Period) -> MadeOf:
    """What an answer was made from."""
    return MadeOf(
        data_version=lake.data_version,
        definitions=lake.definitions or None,
        model=question.model,
        params=find_model(question.model).params,
        definition=question.definition.label,
        sql=shown_sql(period.sql, question.model),
        values=period.values,
    )


def thin_months(lake: LakeReader, scope: Scope, model: str) -> Iterator[ThinMonth]:
    """The months of the span in which the model could learn nothing."""
    if not lake.ask(_THIN_SQL, {"model": model}, months=scope.months(), facts=("fits",)):
        return
    for month in sorted(scope.months()):
        for row in lake.ask(_THIN_SQL, {"model": model}, months=frozenset({month}), facts=("fits",)):
            yield ThinMonth(month=month, reason=row["reason"])


def compared(scope: Scope, compare: Compare) -> Scope | None:
    """The span to compare with."""
    match compare:
        case None:
            return None
        case "before":
            return scope.before()
        case "year":
            since_on, until_on = _year_before(scope.since_on), _year_before(scope.until_on)
            return msgspec.structs.replace(scope, since_on=since_on, until_on=until_on)
        case Span(since_on=since_on, until_on=until_on):
            return msgspec.structs.replace(scope, since_on=since_on, until_on=until_on)
        case other:
            raise BadInput(f"{str(other)[:60]!r} is no span.", hint="Compare with before, year, or two dates.")


def _year_before(on: date) -> date:
    """The same day a year earlier; the 28th for a 29th of February."""
    is_leap_day = (on.month, on.day) == (2, 29)
    return on.replace(year=on.year - 1, day=28 if is_leap_day else on.day)


class Shift:
    """Which line of the compared span stands beside a line: days and weeks by their distance from the first day,
    months by their distance from the first month, all other values by themselves."""

    def __init__(self, scope: Scope, other: Scope, question: Question) -> None:
        self._days = scope.since_on - other.since_on
        self._months = _month_number(scope.since_on) - _month_number(other.since_on)
        self._dimensions = [find_dimension(name) for name in question.by]

    def back(self, key: Key) -> Key:
        return tuple(self._back(one.value, value) for one, value in zip(self._dimensions, key, strict=True))

    def _back(self, kind: ValueKind, value: DimensionValue) -> DimensionValue:
        match kind, value:
            case ValueKind.DAY, date():
                return value - self._days
            case ValueKind.WEEK, date():
                return _monday(value - self._days)
            case ValueKind.MONTH, date():
                number = _month_number(value) - self._months
                return date(number // 12, number % 12 + 1, 1)
            case _:
                return value


def _month_number(on: date) -> int:
    return on.year * 12 + on.month - 1


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def span_values(scope: Scope, name: str) -> list[DimensionValue]:
    """Every value of a time dimension in the span, in order: for charts, where a day without calls has a place too."""
    dimension = find_dimension(name)
    if dimension.kind is not DimensionKind.TIME:
        raise BadInput(f"{dimension.title} is not a time.", hint="Choose hour, weekday, day, week or month.")
    days = [scope.since_on + timedelta(days=step) for step in range(scope.days)]
    values: Mapping[ValueKind, list[DimensionValue]] = {
        ValueKind.HOUR: list(range(24)),
        ValueKind.WEEKDAY: list(range(1, 8)),
        ValueKind.DAY: list(days),
        ValueKind.WEEK: list(dict.fromkeys(map(_monday, days))),
        ValueKind.MONTH: list(dict.fromkeys(on.replace(day=1) for on in days)),
    }
    return values[dimension.value]
