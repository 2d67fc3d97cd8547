"""Journeys as people read them: models side by side, paths and how they flow together, lags and lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from ringtrace.attribution.registry import DEFAULT_MODEL, MODELS
from ringtrace.core.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from ringtrace.reports.asked import Question
from ringtrace.reports.filters import Filter, Operation
from ringtrace.reports.journeys.flows import EARLIER, Node
from ringtrace.reports.journeys.lags import Lags, Lengths
from ringtrace.reports.journeys.models import LineKind, ModelComparison, ModelLine
from ringtrace.reports.journeys.paths import Path, Paths
from ringtrace.reports.metrics.metric import Metric
from ringtrace.web.charting import drawn, unit_of
from ringtrace.web.questions import line_pairs, question_pairs, span_pairs, to_address
from ringtrace.web.shown import write_figure
from ringtrace.web.spans import Span
from ringtrace.web.templatetags.show import secs, tone_of

PREFER: Mapping[str, str] = {
    "first_touch": "to see what brings new people in. A first visit may be older than the lookback.",
    "last_touch": "for calls made minutes after one visit, such as emergencies. It favours brand search and direct.",
    "last_non_direct": "for everyday reports: it reads like the ones you know. It overlooks what began a journey.",
    "last_paid": "to compare with what ad platforms claim. It says nothing of what is not paid for.",
    "linear": "as a fair second opinion. It rewards a channel that comes again and again.",
    "time_decay": "for short decisions with many visits. What began a long one gets next to nothing.",
    "position_based": "to value both ends without any history. The percentages are a convention.",
    "w_shaped": "for sales with a lead in the middle. Of a call that is lead and sale at once it says little.",
    "full_path": "for long sales with a pipeline.",
    "shapley_sum": "as linear, without its reward for repeats. It looks at conversions alone.",
    "markov": "for channels that stand on many ways. Nearly everybody’s channel comes out too large.",
    "markov_2": "as Markov, where the order of two channels matters; it needs more history.",
    "shapley": "for what works together with what. Rare channels’ rates are noise.",
}
_DRAWN = (
    (DEFAULT_MODEL, "tone-1"),
    ("first_touch", "tone-2"),
    ("last_touch", "tone-3"),
    ("linear", "tone-4"),
    ("time_decay", "tone-6"),
    ("position_based", "tone-5"),
    ("markov", "tone-9"),
    ("shapley", "tone-8"),
)
_MOST_DRAWN_LINES = 9
_NEXT_BY = {"channel": "source", "source": "campaign", "campaign": "keyword", "landing_page": "channel"}
_KIND_WORDS = {
    LineKind.NONE: {"landing_page": "No landing page", "campaign": "No campaign", "source": "No source"},
    LineKind.UNKNOWN: {},
}
_WHEN = ("", "last visit", "second last visit", "third last visit", "fourth last visit", "before that")


class Figured(Struct, frozen=True, kw_only=True):
    """A figure of the table. `why`: why it is unknown; `url`: of its rows, "" where these cannot be told apart."""

    text: str
    why: str = ""
    url: str = ""
    is_default: bool = False
    is_furthest: bool = False


class Head(Struct, frozen=True, kw_only=True):
    """The head of a model's column, and what it is for."""

    name: str
    title: str
    meaning: str
    prefer: str
    total: str
    moved: float | None
    is_default: bool
    thin: str


class Row(Struct, frozen=True, kw_only=True):
    label: str
    tone: str
    url: str
    is_quiet: bool
    cells: tuple[Figured, ...]
    spread: str
    furthest: str


class StepShown(Struct, frozen=True, kw_only=True):
    channel: str
    tone: str
    times: int


class PathRow(Struct, frozen=True, kw_only=True):
    """`steps` are empty for what no visit is known of."""

    steps: tuple[StepShown, ...]
    left_out: int
    conversions: float
    share: float
    revenue_cents: float | None
    touches: int | None
    days: str


class Comparing:
    """Writes one comparison."""

    def __init__(self, found: ModelComparison, span: Span, said_definition: str, currency: str) -> None:
        self._found = found
        self._span = Span(since_on=span.since_on, until_on=span.until_on)
        self._definition = said_definition
        self._currency = currency
        self._metric: Metric = found.of.of.metric
        self._is_narrowed = bool(found.of.channel or found.of.landing_page)

    @property
    def heads(self) -> list[Head]:
        return [
            Head(
                name=one.model,
                title=MODELS[one.model].title,
                meaning=MODELS[one.model].meaning,
                prefer=PREFER.get(one.model, ""),
                total=self._write(one.total),
                moved=one.moved,
                is_default=one.model == self._found.default,
                thin="; ".join(f"{month.month}: {month.reason}" for month in one.thin),
            )
            for one in self._found.columns
        ]

    @property
    def rows(self) -> list[Row]:
        return [self._row(line) for line in self._found.lines]

    @property
    def thin_months(self) -> list[tuple[str, str]]:
        """Each thin month once, with the reason of the first model that it is too thin for."""
        reasons: dict[str, str] = {}
        for column in self._found.columns:
            for one in column.thin:
                reasons.setdefault(one.month, one.reason)
        return sorted(reasons.items())

    @property
    def total_url(self) -> str:
        """The same in the explorer; "" where it cannot be narrowed so."""
        return "" if self._is_narrowed else to_address(self._pairs(self._found.default, self._found.by))

    @property
    def chart(self) -> dict[str, Any] | None:
        """Dots for `<rt-chart>`; None where there is nothing to draw."""
        told = [line for line in self._found.lines if line.kind in (LineKind.VALUE, LineKind.UNKNOWN)]
        known = [line for line in told if line.kind is LineKind.VALUE][: _MOST_DRAWN_LINES - 1]
        lines = [*known, *(line for line in told if line.kind is LineKind.UNKNOWN)]
        if not known:
            return None
        dark = {one.model for one in self._found.columns if one.thin or one.is_thin_everywhere}
        series = [
            {
                "name": MODELS[model].title,
                "tone": tone,
                "main": model == self._found.default,
                "values": [drawn(self._metric, line.figures[model]) for line in lines],
            }
            for model, tone in _DRAWN
            if model not in dark
        ]
        ranges = [[drawn(self._metric, line.low), drawn(self._metric, line.high)] for line in lines]
        data = {"kind": "dots", "unit": unit_of(self._metric, self._currency), "decimals": 1, "sums": False}
        days = [line.value or self.label_of(line) for line in lines]
        label = f"A dot for each model: {self._metric.title.lower()} by {self._found.by.replace('_', ' ')}."
        return {
            "data": data | {"days": days, "series": series, "ranges": ranges},
            "label": f"{label} The numbers are in the table below.",
            "size": "tall" if len(lines) > 5 else "",
        }

    def label_of(self, line: ModelLine) -> str:
        match line.kind:
            case LineKind.REST:
                return f"{line.count:,} more"
            case LineKind.NONE:
                return _KIND_WORDS[LineKind.NONE].get(self._found.by, "None")
            case LineKind.UNKNOWN:
                return "Unknown"
            case LineKind.THIN:
                return "Data too thin"
            case _:
                return line.value or ""

    def _row(self, line: ModelLine) -> Row:
        is_value = line.kind is LineKind.VALUE
        is_thin = line.kind is LineKind.THIN
        return Row(
            label=self.label_of(line),
            tone=tone_of(line.value) if self._found.by == "channel" else "",
            url=self._row_url(line) if is_value and not self._is_narrowed else "",
            is_quiet=not is_value,
            cells=tuple(self._cell(line, model) for model in line.figures),
            spread="" if is_thin else self._write(line.spread),
            furthest=MODELS[line.furthest].title if line.furthest and not is_thin else "",
        )

    def _cell(self, line: ModelLine, model: str) -> Figured:
        amount = line.figures[model]
        if amount is None:
            return Figured(text="", why="all these months are too thin for this model")
        return Figured(
            text=self._write(amount),
            url=self._why_url(line, model),
            is_default=model == self._found.default,
            is_furthest=model == line.furthest and line.kind is not LineKind.THIN,
        )

    def _write(self, amount: float) -> str:
        return write_figure(self._metric, round(amount, 9), self._currency)

    def _pairs(self, model: str, by: str, filters: tuple[Filter, ...] = ()) -> list[tuple[str, str]]:
        question = Question(metrics=(self._metric.name,), by=(by,), model=model, filters=filters)
        return [*span_pairs(self._span), *question_pairs(question, self._definition)]

    def _why_url(self, line: ModelLine, model: str) -> str:
        if self._is_narrowed or line.kind is not LineKind.VALUE:
            return ""
        by = self._found.by
        line_part = line_pairs((by,), (line.value,))
        return to_address([*self._pairs(model, by), ("metric", self._metric.name), *line_part])

    def _row_url(self, line: ModelLine) -> str:
        by = self._found.by
        only = Filter(by, Operation.IS_IN, (line.value,))
        return to_address(self._pairs(self._found.default, _NEXT_BY[by], (only,)))


def path_rows(found: Paths) -> list[PathRow]:
    """The paths, and what no visit is known of, as the last."""
    rows = [_path_row(path) for path in found.paths]
    if found.unknown > 0:
        share = found.unknown / found.total if found.total else 0.0
        rows.append(
            PathRow(
                steps=(),
                left_out=0,
                conversions=found.unknown,
                share=share,
                revenue_cents=found.unknown_cents,
                touches=None,
                days="",
            )
        )
    return rows


def _path_row(path: Path) -> PathRow:
    return PathRow(
        steps=tuple(
            StepShown(channel=step.channel, tone=tone_of(step.channel), times=step.times) for step in path.steps
        ),
        left_out=path.left_out,
        conversions=path.conversions,
        share=path.share,
        revenue_cents=path.revenue_cents,
        touches=path.touches,
        days=write_days(path.days),
    )


def sankey_of(found: Paths, currency: str) -> dict[str, Any] | None:
    """Nodes and links for `<rt-chart>`; None where nothing flows."""
    if not found.flow.links:
        return None
    measure = found.of.of
    scale = 100 if measure.is_money else 1
    nodes = [
        {
            "name": node.name,
            "title": node.title,
            "step": node.step,
            "tone": _node_tone(node),
            "when": _when(node) or "where all ways end",
            "value": round(node.value / scale, 3),
        }
        for node in found.flow.nodes
    ]
    links = [
        {"source": link.source, "target": link.target, "value": round(link.value / scale, 3)}
        for link in found.flow.links
    ]
    titles = {node.name: node for node in found.flow.nodes}
    columns = {node.step: _when(node).capitalize() for node in found.flow.nodes if node.step}
    return {
        "data": {
            "kind": "sankey",
            "unit": currency if measure.is_money else measure.many,
            "decimals": 0 if measure.is_money else 1,
            "nodes": nodes,
            "links": links,
        },
        "label": (
            f"Flow diagram: through which channels people came, visit by visit, before a {measure.one}."
            " The same flows are in the table below."
        ),
        "rows": [
            (titles[link.source], _when(titles[link.source]), titles[link.target], link.value)
            for link in found.flow.links
        ],
        "columns": list(columns.values()),
    }


def _when(node: Node) -> str:
    return _WHEN[-1] if node.title == EARLIER else _WHEN[node.step]


def _node_tone(node: Node) -> str:
    if node.step == 0:
        return "accent"
    return tone_of(node.channel) if node.channel else "tone-unknown"


def lags_chart(found: Lags) -> dict[str, Any] | None:
    if not found.known:
        return None
    ends: tuple[tuple[str, str, Sequence[float]], ...] = (
        ("From the first visit", "tone-2", [bucket.first for bucket in found.buckets]),
        ("From the last visit", "tone-1", [bucket.last for bucket in found.buckets]),
    )
    series = [
        {"name": name, "tone": tone, "values": [round(value, 2) for value in values]} for name, tone, values in ends
    ]
    return {
        "data": {
            "kind": "grouped-bars",
            "unit": found.of.of.many,
            "sums": False,
            "days": [bucket.label for bucket in found.buckets],
            "series": series,
        },
        "label": (
            f"Bars: how long after the first and the last visit {found.of.of.many} came."
            " The numbers are in the table below."
        ),
    }


def lengths_chart(found: Lengths) -> dict[str, Any] | None:
    if not found.known:
        return None
    values = [round(bucket.conversions, 2) for bucket in found.buckets]
    return {
        "data": {
            "kind": "grouped-bars",
            "unit": found.of.of.many,
            "sums": False,
            "days": [bucket.label for bucket in found.buckets],
            "series": [{"name": found.of.of.many.capitalize(), "tone": "tone-1", "values": values}],
        },
        "label": f"Bars: how many visits came before {found.of.of.many}. The numbers are in the table below.",
    }


def write_waiting(seconds: int | None) -> str:
    """`4 min`, `3.2 h`, `2.5 days`; "" for what is unknown."""
    if seconds is None:
        return ""
    ms = seconds * SECOND_MS
    if ms < MINUTE_MS:
        return secs(seconds)
    if ms < HOUR_MS:
        return f"{ms / MINUTE_MS:.0f} min"
    return f"{ms / HOUR_MS:.1f} h" if ms < DAY_MS else f"{ms / DAY_MS:.1f} days"


def write_days(days: float) -> str:
    return write_waiting(round(days * DAY_MS / SECOND_MS))
