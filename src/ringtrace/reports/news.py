"""What changed, in plain sentences."""

from __future__ import annotations

from collections.abc import Callable

from ringtrace.core.phones import show_phone
from ringtrace.reports.changes import Changes, Part, Told
from ringtrace.reports.dimensions import DimensionValue, find_dimension
from ringtrace.reports.filters import WEEKDAYS
from ringtrace.reports.metrics.metric import Metric, Unit
from ringtrace.reports.metrics.registry import find_metric

Write = Callable[[float], str]
"""Writes an amount that is not negative, such as `14`, `3.5` or `$1,200`."""

_WHOLE_FROM = 10
_DEVICES = {"mobile": "phones", "desktop": "computers", "tablet": "tablets"}


def write_amount(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= _WHOLE_FROM or float(amount).is_integer() else f"{amount:,.1f}"


def headline(changes: Changes, write: Write = write_amount) -> str:
    """How the total changed, and whether that is more than chance."""
    metric = find_metric(changes.metric)
    if changes.now is None or changes.before is None:
        return changes.why
    change = changes.now - changes.before
    said = f"{metric.title}: {write(changes.now)}"
    if not change:
        return f"{said}, as before.{'' if changes.told else ' Nothing stands out.'}"
    share = f", {_percent(change / changes.before)}" if changes.before > 0 else ""
    said = f"{said}, {write(abs(change))} {_less(metric, change)} than before{share}."
    if changes.told:
        return said
    if changes.is_chance:
        return f"{said} Nothing stands out: such differences come by chance."
    direction = "rose" if change > 0 else "fell"
    return f"{said} That is more than chance, and it {direction} much the same everywhere: no part of it stands out."


def sentence(told: Told, metric_name: str, write: Write = write_amount) -> str:
    """`Paid Search brought 14 fewer calls (34, now 20), mostly campaign emergency (−11): its visits fell by 40 %, its
    call rate stayed.`"""
    metric, part = find_metric(metric_name), told.part
    what = f"{write(abs(part.change))} {_less(metric, part.change)} {metric.title.lower()}"
    said = f"{_subject(told.dimension, part.value)} {what} ({write(part.before)}, now {write(part.now)})"
    if told.mostly is not None:
        name, inner = told.mostly
        sign = "+" if inner.change > 0 else "−"
        said += f", mostly {_called(name, inner.value)} ({sign}{write(abs(inner.change))})"
    why = _why(told, metric)
    return f"{said}: {why}." if why else f"{said}."


def _less(metric: Metric, change: float) -> str:
    if change > 0:
        return "more"
    return "fewer" if metric.unit is Unit.COUNT else "less"


def _percent(share: float) -> str:
    return f"{'+' if share > 0 else '−'}{abs(share) * 100:.0f} %"


def _subject(dimension: str, value: DimensionValue) -> str:
    """`Campaign emergency brought`, `On Mondays came`."""
    match dimension, value:
        case "new_repeat", None:
            return "Callers who withheld their number brought"
        case _, None:
            return f"What has no known {find_dimension(dimension).title.lower()} brought"
        case (("channel" | "source"), text):
            return f"{text} brought"
        case "device", text:
            return f"Visitors on {_DEVICES.get(str(text), str(text))} brought"
        case "weekday", int(number):
            return f"{WEEKDAYS[number - 1]}s brought"
        case "hour", int(hour):
            return f"The hour from {hour:02}:00 brought"
        case "number", text:
            return f"The number {show_phone(str(text))} brought"
        case "new_repeat", text:
            return "First-time callers brought" if text == "new" else "Repeat callers brought"
        case name, text:
            return f"{find_dimension(name).title} {text} brought"


def _called(dimension: str, value: DimensionValue) -> str:
    return str(value) if dimension == "source" else f"{find_dimension(dimension).title.lower()} {value}"


def _why(told: Told, metric: Metric) -> str:
    """What it came by: visits, responses a visit, or both; "" where visits are not known."""
    part = told.part
    if part.visits is None or part.visits_before is None or told.visits_moved is None:
        return ""
    if not part.visits_before:
        return "it had no visits before"
    if not part.visits:
        return "it has no visits any more"
    visits = _moved("visits", part.visits / part.visits_before - 1, moved=told.visits_moved)
    if told.rate_moved is None:
        return f"its {visits}"
    return f"its {visits}, its {_rate(part, metric, moved=told.rate_moved)}"


def _rate(part: Part, metric: Metric, *, moved: bool) -> str:
    now, before = part.now / (part.visits or 1), part.before / (part.visits_before or 1)
    name = f"{metric.title.lower()} per visit"
    if not moved:
        return f"{name} stayed about the same ({now * 100:.1f} %)"
    return f"{name} {'rose' if now > before else 'fell'} from {before * 100:.1f} % to {now * 100:.1f} %"


def _moved(name: str, share: float, *, moved: bool) -> str:
    if not moved:
        return f"{name} stayed about the same ({_percent(share)})"
    return f"{name} {'rose' if share > 0 else 'fell'} by {abs(share) * 100:.0f} %"
