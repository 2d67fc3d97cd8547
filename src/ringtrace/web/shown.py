"""An answer as people read it: figures with their unit, their change and their interval, and where each leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ringtrace.reports.asked import Answer, Figure, Line
from ringtrace.reports.dimensions import DimensionKind, DimensionValue, find_dimension
from ringtrace.reports.filters import Filter, Operation, label_of
from ringtrace.reports.metrics.metric import Direction, Metric, Unit
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.web.questions import Asked, line_pairs, span_pairs, to_address
from ringtrace.web.templatetags.show import DASH, money, money_whole, points, ratio, secs, signed, tone_of

_EVEN = 0.005  # a change below is no news
_LEAST = 0.05  # credit below is told as that, never as 0
_HUGE = 9.99  # a change above is told as that: it was next to nothing before


class Cell(Struct, frozen=True, kw_only=True):
    """One figure. `why`: why it is unknown. `change` and `before` are empty where nothing is compared."""

    metric: str
    text: str
    interval: str
    why: str
    change: str
    mood: str
    before: str
    url: str


class Value(Struct, frozen=True, kw_only=True):
    """A value of a dimension, and the addresses that look at it only, and at all but it."""

    label: str
    tone: str
    only_url: str
    not_url: str
    is_unknown: bool


class Row(Struct, frozen=True, kw_only=True):
    values: tuple[Value, ...]
    cells: tuple[Cell, ...]


class Head(Struct, frozen=True, kw_only=True):
    """The head of a column. `sorted`: how aria calls its order, "" for none."""

    name: str
    title: str
    plain: str
    url: str
    sorted: str


def write_figure(metric: Metric, value: float | None, currency: str) -> str:
    """`210`, `12.4` of credit, `83.2 %`, `$1,235`, `2:05`, `3.2×`; a dash for what is unknown."""
    if value is None:
        return DASH
    match metric.unit:
        case Unit.COUNT:
            return write_count(value)
        case Unit.SHARE:
            return write_share(value)
        case Unit.CENTS:
            return money_whole(value, currency) if metric.is_additive else money(value, currency)
        case Unit.SECONDS:
            return secs(value)
        case Unit.RATIO:
            return ratio(value)


def write_count(value: float) -> str:
    """Whole numbers whole, credit with one decimal."""
    if 0 < value < _LEAST:
        return f"<{2 * _LEAST:.1f}"
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text.replace("-", "−")


def write_share(value: float) -> str:
    return f"{value * 100:,.1f} %".replace("-", "−")


def write_interval(metric: Metric, figure: Figure, currency: str) -> str:
    """`198 – 223`; what the data do not bound is told in words. "" where there is none, or nothing is uncertain."""
    if figure.value is None or (figure.low is None and figure.high is None):
        return ""
    low, high = (write_figure(metric, one, currency) for one in (figure.low, figure.high))
    if low == high == write_figure(metric, figure.value, currency):
        return ""
    if figure.low is None:
        return f"at most {high}"
    return f"at least {low}" if figure.high is None else f"{low} – {high}"


def change_of(metric: Metric, figure: Figure) -> float | None:
    """As a share of what it was (of shares: the difference); None where there is nothing to compare with."""
    if figure.value is None or figure.before is None:
        return None
    if metric.unit is Unit.SHARE:
        return figure.value - figure.before
    return (figure.value - figure.before) / abs(figure.before) if figure.before else None


def mood_of(metric: Metric, change: float | None) -> str:
    if change is None or abs(change) < _EVEN or metric.direction is Direction.NEITHER:
        return "even"
    return "good" if (change > 0) == (metric.direction is Direction.MORE) else "bad"


def write_change(metric: Metric, change: float | None) -> str:
    if change is None:
        return ""
    if change > _HUGE and metric.unit is not Unit.SHARE:
        return f">{signed(_HUGE)}"
    if metric.unit is Unit.SHARE:
        return points(change)
    return signed(0.0 if abs(change) < _EVEN else change)


class Showing:
    """Writes the lines of one answer."""

    def __init__(self, asked: Asked, answer: Answer, currency: str) -> None:
        self._asked = asked
        self._answer = answer
        self._currency = currency
        self._metrics = [find_metric(name) for name in answer.question.metrics]
        self._dimensions = [find_dimension(name) for name in answer.question.by]

    @property
    def rows(self) -> list[Row]:
        return [self._row(line) for line in self._answer.lines] if self._dimensions else []

    @property
    def totals(self) -> tuple[Cell, ...]:
        return self.cells(self._answer.totals, ())

    @property
    def heads(self) -> list[Head]:
        return [
            *(self._head(one.name, one.title, one.plain, most_first=False) for one in self._dimensions),
            *(self._head(one.name, one.title, one.plain, most_first=True) for one in self._metrics),
        ]

    def cells(self, figures: Mapping[str, Figure], values: Sequence[DimensionValue]) -> tuple[Cell, ...]:
        return tuple(self.cell(metric, figures[metric.name], values) for metric in self._metrics)

    def cell(self, metric: Metric, figure: Figure, values: Sequence[DimensionValue]) -> Cell:
        change = change_of(metric, figure)
        is_compared = self._answer.compared is not None
        return Cell(
            metric=metric.name,
            text=write_figure(metric, figure.value, self._currency),
            interval=write_interval(metric, figure, self._currency),
            why=figure.why if figure.value is None else "",
            change=write_change(metric, change),
            mood=mood_of(metric, change),
            before=write_figure(metric, figure.before, self._currency) if is_compared else "",
            url=why_address(self._asked, metric.name, values),
        )

    def _row(self, line: Line) -> Row:
        values = zip(self._dimensions, line.values, strict=True)
        return Row(
            values=tuple(self._value(one.name, value) for one, value in values),
            cells=self.cells(line.figures, line.values),
        )

    def _value(self, name: str, value: DimensionValue) -> Value:
        dimension = find_dimension(name)
        is_unknown = value is None
        return Value(
            label=label_of(dimension, value).capitalize() if is_unknown else label_of(dimension, value),
            tone=tone_of(str(value) if value else None) if name == "channel" else "",
            only_url=self._filtered(Filter(name, Operation.IS_IN, (value,))),
            not_url=self._filtered(Filter(name, Operation.IS_NOT_IN, (value,))),
            is_unknown=is_unknown,
        )

    def _filtered(self, added: Filter) -> str:
        return with_filter(self._asked, added)

    def _head(self, name: str, title: str, plain: str, *, most_first: bool) -> Head:
        order = self._asked.question.order
        up, down = name, f"-{name}"
        first, second = (down, up) if most_first else (up, down)
        wanted = second if order == first else first
        said = {up: "ascending", down: "descending"}.get(order, "")
        return Head(name=name, title=title, plain=plain, url=changed_address(self._asked, order=wanted), sorted=said)


def is_time(name: str) -> bool:
    return find_dimension(name).kind is DimensionKind.TIME


def changed_address(asked: Asked, **parts: str) -> str:
    """The page's own address with these parts instead; an empty one is left out."""
    kept = [(name, text) for name, text in asked.pairs if name not in parts]
    return "?" + to_address([*kept, *((name, text) for name, text in parts.items() if text)])


def with_filter(asked: Asked, added: Filter) -> str:
    """With one filter more."""
    kept = [(name, text) for name, text in asked.pairs if name != "limit"]
    more = ("filter", added.text)
    return "?" + to_address(kept if more in kept else [*kept, more])


def without_filter(asked: Asked, taken: Filter) -> str:
    return "?" + to_address(pair for pair in asked.pairs if pair != ("filter", taken.text))


def why_address(asked: Asked, metric: str, values: Sequence[DimensionValue]) -> str:
    """Where a figure is explained: the question, the metric and the line. The span stands as dates, for good."""
    dates = (
        asked.span
        if asked.span.preset is None
        else type(asked.span)(since_on=asked.span.since_on, until_on=asked.span.until_on)
    )
    kept = [pair for pair in asked.pairs if pair[0] not in ("since", "until", "days")]
    line = line_pairs(asked.question.by, values) if values else []
    return to_address([*span_pairs(dates), *kept, ("metric", metric), *line])
