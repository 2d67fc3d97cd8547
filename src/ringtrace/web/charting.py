"""A chart of an answer's first metric, as the chart element reads it: over time where a time is asked, else bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ringtrace.reports.asked import Answer
from ringtrace.reports.dimensions import Dimension, DimensionKind, DimensionValue, ValueKind, find_dimension
from ringtrace.reports.explore import span_values
from ringtrace.reports.filters import label_of
from ringtrace.reports.metrics.metric import Metric, Unit
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.questions import Scope
from ringtrace.web.templatetags.show import tone_of

Key = tuple[DimensionValue, ...]
_MOST_SERIES, _MOST_BARS = 8, 12
_TONES = 10


def chart_of(answer: Answer, scope: Scope, currency: str) -> dict[str, Any] | None:
    """Data for `<rt-chart>` with `label`, its words for who does not see it; None where there is nothing to draw."""
    metric = find_metric(answer.question.metrics[0])
    dimensions = [find_dimension(name) for name in answer.question.by]
    figures = {line.values: drawn(metric, line.figures[metric.name].value) for line in answer.lines}
    if not dimensions or all(value is None for value in figures.values()):
        return None
    times = [place for place, one in enumerate(dimensions) if one.kind is DimensionKind.TIME]
    if not times:
        return _bars(metric, dimensions, figures, currency)
    nothing = drawn(metric, answer.nothing[metric.name].value)
    return _over_time(metric, dimensions, times[0], figures, nothing, scope, currency)


def drawn(metric: Metric, value: float | None) -> float | None:
    """A figure on the scale of the axis: money in its unit, shares in percent."""
    if value is None:
        return None
    return round(value / 100, 2) if metric.unit is Unit.CENTS else round(value * _scale(metric), 3)


def unit_of(metric: Metric, currency: str) -> str:
    return {Unit.COUNT: metric.title.lower(), Unit.SHARE: "%", Unit.CENTS: currency, Unit.SECONDS: "s"}.get(
        metric.unit, "×"
    )


def _scale(metric: Metric) -> int:
    return 100 if metric.unit is Unit.SHARE else 1


def _bars(
    metric: Metric, dimensions: Sequence[Dimension], figures: Mapping[Key, float | None], currency: str
) -> dict[str, Any]:
    shown = list(figures.items())[:_MOST_BARS]
    names = [_label(dimensions, key) for key, _ in shown]
    tones = ["tone-unknown" if key[0] is None else "tone-1" for key, _ in shown]
    series = [{"name": metric.title, "tone": "tone-1", "tones": tones, "values": [value for _, value in shown]}]
    words = f"Bars: {metric.title} by {_titles(dimensions)}."
    return _data("bars", metric, names, series, currency) | {"label": f"{words} The numbers are in the table below."}


def _over_time(
    metric: Metric,
    dimensions: Sequence[Dimension],
    place: int,
    figures: Mapping[Key, float | None],
    nothing: float | None,
    scope: Scope,
    currency: str,
) -> dict[str, Any]:
    time, others = dimensions[place], [one for nth, one in enumerate(dimensions) if nth != place]
    at = {(key[place], key[:place] + key[place + 1 :]): value for key, value in figures.items()}
    sizes: dict[Key, float] = {}
    for (_, key), value in at.items():
        sizes[key] = sizes.get(key, 0.0) + abs(value or 0.0)
    keys = sorted(sizes, key=lambda key: -sizes[key])[:_MOST_SERIES]
    places = span_values(scope, time.name)
    series = [
        {
            "name": _label(others, key) if others else metric.title,
            "tone": _tone(others, key, nth),
            "values": [at.get((value, key), nothing) for value in places],
        }
        for nth, key in enumerate(keys)
    ]
    names = [_moment(time, value) for value in places]
    kind = "stacked-bars" if metric.is_additive else "lines"
    by = f" and {_titles(others)}" if others else ""
    left_out = f" Only the {_MOST_SERIES} largest are drawn." if len(sizes) > _MOST_SERIES else ""
    words = f"{metric.title} by {time.title.lower()}{by}.{left_out} The numbers are in the table below."
    return _data(kind, metric, names, series, currency) | {"label": words}


def _data(kind: str, metric: Metric, names: list[str], series: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    values = [value for one in series for value in one["values"] if value is not None]
    is_whole = all(float(value).is_integer() for value in values)
    unit = unit_of(metric, currency)
    data = {"kind": kind, "unit": unit, "decimals": 0 if is_whole else 1, "days": names, "series": series}
    return {"data": data | {"sums": metric.is_additive and kind == "stacked-bars"}}


def _label(dimensions: Sequence[Dimension], key: Key) -> str:
    text = " · ".join(label_of(one, value) for one, value in zip(dimensions, key, strict=True))
    return text[:1].upper() + text[1:] if key[0] is None else text


def _titles(dimensions: Sequence[Dimension]) -> str:
    return " and ".join(one.title.lower() for one in dimensions)


def _moment(time: Dimension, value: DimensionValue) -> str:
    if time.value in (ValueKind.DAY, ValueKind.WEEK) and value is not None and not isinstance(value, str | int):
        return f"{value:%-d %b}"
    return label_of(time, value)


def _tone(dimensions: Sequence[Dimension], key: Key, nth: int) -> str:
    """A channel has its own colour everywhere; what is unknown is grey."""
    if dimensions and dimensions[0].name == "channel":
        return tone_of(str(key[0]) if key[0] else None)
    return "tone-unknown" if key and key[0] is None else f"tone-{nth % _TONES + 1}"
