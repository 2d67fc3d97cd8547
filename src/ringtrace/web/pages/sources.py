"""Which sources brought calls and revenue, and what they cost: from channel down to landing page, and to the calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from msgspec import Struct

from ringtrace.attribution.registry import DEFAULT_MODEL, LAKE_MODELS, MODELS
from ringtrace.qualification import Definition
from ringtrace.reports.asked import Question
from ringtrace.reports.dimensions import DimensionValue
from ringtrace.reports.explore import explore
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.overview import LONGEST_BY_DAY
from ringtrace.reports.questions import Scope
from ringtrace.web.charting import chart_of
from ringtrace.web.counting import find_definition
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.pages.overview import today_on
from ringtrace.web.questions import Asked, scope_of, span_pairs
from ringtrace.web.shown import why_address, write_figure
from ringtrace.web.source_levels import LEVELS, TITLES, Level, Path, SourceLine, ask_level, is_nothing, read_path
from ringtrace.web.spans import PRESETS, Span, last_days, read_span
from ringtrace.web.templatetags.show import percent, tone_of

COLUMNS = (
    *("calls", "qualified_calls", "sales", "revenue", "spend", "cost_per_qualified_call", "roas"),
    *("visits", "answered_calls", "first_time_callers", "leads", "cost_per_call", "responses"),
)
USUAL = COLUMNS[:7]
_SHORT = {
    "qualified_calls": "Qualified",
    "spend": "Cost",
    "cost_per_qualified_call": "Cost per qualified",
    "roas": "ROAS",
    "answered_calls": "Answered",
    "first_time_callers": "First-time",
    "responses": "All responses",
}
_MOST_LINES = 500
_OF_LOG = ("channel", "source", "campaign", "keyword", "landing_page")
_LAST = len(LEVELS) - 1


class CellLine(Struct, frozen=True, kw_only=True):
    """One figure. `why`: why it is unknown; `url`: where it is explained, "" where nothing can."""

    text: str
    why: str
    url: str
    bar: float | None = None


class RowLine(Struct, frozen=True, kw_only=True):
    """A line of the level. `url`: its next level, or its calls; "" where there is none."""

    label: str
    under: str
    tone: str
    kind: str  # known, unknown, thin
    url: str
    cells: tuple[CellLine, ...]
    share: str


class Head(Struct, frozen=True, kw_only=True):
    title: str
    plain: str
    url: str
    sorted: bool


class Where(Struct, frozen=True, kw_only=True):
    """What the address says: the span, the model, the way down, the columns, the order."""

    span: Span
    model: str
    path: Path
    level: int
    columns: tuple[str, ...]
    order: str = ""

    def address(self, **changed: Any) -> str:
        """The page's address with these fields instead; what is as usual is left out."""
        to = msgspec.structs.replace(self, **changed)
        pairs = [
            *span_pairs(to.span),
            ("model", to.model),
            *to.path.pairs,
            *([("by", LEVELS[to.level][0])] if to.level != min(to.path.next_level, _LAST) else []),
            *([("columns", ",".join(to.columns))] if to.columns != USUAL else []),
            *([("order", to.order)] if to.order else []),
        ]
        return f"?{urlencode(pairs, safe=',()/')}"


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    company = request.company
    where = read_where(request)
    scope, definition = scope_of(company, where.span), find_definition(company.pk)
    where, level = down_to_news(where, scope, definition)
    lines = level.lines[:_MOST_LINES]
    asked = Asked(span=where.span, scope=scope, question=level.answer.question)
    context = {
        "where": where,
        "span": where.span,
        "presets": [(days, where.address(span=last_days(days, today_on(company)))) for days in PRESETS],
        "without_span": [pair for pair in _pairs(where) if pair[0] not in ("days", "since", "until")],
        "models": [(name, MODELS[name].title, MODELS[name].meaning, where.address(model=name)) for name in LAKE_MODELS],
        "model_words": MODELS[where.model].meaning,
        "thin": level.answer.thin,
        "is_all_thin": bool(level.answer.thin) and not any(_calls(line) for line in lines if not line.is_thin),
        "crumbs": list(crumbs(where)),
        "levels": levels(where),
        "level_title": TITLES[where.level],
        "heads": heads(where),
        "rows": [row(line, where, asked, lines, company.currency) for line in lines],
        "left_out": len(level.lines) - len(lines),
        "totals": [
            write_figure(find_metric(name), level.answer.totals[name].value, company.currency) for name in where.columns
        ],
        "choices": [(name, _title(name), find_metric(name).plain, name in where.columns) for name in COLUMNS],
        "column_pairs": [pair for pair in _pairs(where) if pair[0] != "columns"],
        "chart": _chart(where, scope, definition, company.currency),
        "downloads": where.address(),
        "made": level.answer.made,
    }
    return render(request, "web/sources.html", context)


def read_where(request: CompanyRequest) -> Where:
    """Never raises for what the address says."""
    query = request.GET.dict()
    span = read_span(query, today_on(request.company))
    model = query.get("model", DEFAULT_MODEL)
    path = read_path(query)
    by = next((nth for nth, level in enumerate(LEVELS) if level[0] == query.get("by")), None)
    said = [name for text in request.GET.getlist("columns") for name in text.split(",")]
    columns = tuple(name for name in COLUMNS if name in said) or USUAL
    order = query.get("order", "")
    return Where(
        span=span,
        model=model if model in LAKE_MODELS else DEFAULT_MODEL,
        path=path,
        level=min(path.next_level, _LAST) if by is None else by,
        columns=columns,
        order=order if order.removeprefix("-") in columns else "",
    )


def down_to_news(where: Where, scope: Scope, definition: Definition) -> tuple[Where, Level]:
    """The level that is asked for, or the first below it that tells anything: a channel may have no campaigns."""
    level = _level(where, scope, definition)
    while is_nothing(level.lines) and where.path.steps and where.level < _LAST:
        where = msgspec.structs.replace(where, level=where.level + 1)
        level = _level(where, scope, definition)
    return where, level


def _level(where: Where, scope: Scope, definition: Definition) -> Level:
    return ask_level(
        scope,
        LEVELS[where.level],
        metrics=tuple(dict.fromkeys(("calls", *where.columns))),
        filters=where.path.filters,
        model=where.model,
        definition=definition,
        order=where.order,
    )


def crumbs(where: Where) -> Iterator[tuple[str, str]]:
    """The way down: words and address of each step, the one that is shown last without an address."""
    if not where.path.steps:
        return
    yield "All channels", where.address(path=Path(), level=0)
    known = dict(where.path.steps)
    for nth, names in enumerate(LEVELS):
        chosen = [known[name] for name in names if name in known]
        if chosen:
            path = where.path.upto(nth)
            is_last = path == where.path
            yield _label(chosen), "" if is_last else where.address(path=path, level=min(path.next_level, _LAST))


def levels(where: Where) -> list[tuple[str, str, bool]]:
    """The levels that were not chosen yet: the same path, split by another."""
    known = dict(where.path.steps)
    return [
        (title, where.address(level=nth, order=""), nth == where.level)
        for nth, (names, title) in enumerate(zip(LEVELS, TITLES, strict=True))
        if names[0] not in known
    ]


def heads(where: Where) -> list[Head]:
    return [
        Head(
            title=_title(name),
            plain=find_metric(name).plain,
            url=where.address(order=f"-{name}"),
            sorted=where.order == f"-{name}" or (not where.order and name == "calls"),
        )
        for name in where.columns
    ]


def row(line: SourceLine, where: Where, asked: Asked, lines: Sequence[SourceLine], currency: str) -> RowLine:
    values = list(line.values.values())
    most = max((_calls(one) for one in lines), default=0.0)
    kind = "thin" if line.is_thin else "unknown" if line.is_unknown else "known"
    return RowLine(
        label={"thin": "Data too thin", "unknown": _nothing(where)}.get(kind) or _label(values[:1]),
        under="" if kind != "known" or len(values) < 2 or values[1] is None else str(values[1]),
        tone=_tone(line, where),
        kind=kind,
        url="" if line.is_thin else _down(line, where),
        cells=tuple(_cell(name, line, asked, currency, most) for name in where.columns),
        share=percent(line.share),
    )


def _cell(name: str, line: SourceLine, asked: Asked, currency: str, most: float) -> CellLine:
    figure = line.figures[name]
    address = "" if line.is_thin else why_address(asked, name, tuple(line.values.values()))
    return CellLine(
        text=write_figure(find_metric(name), figure.value, currency),
        why=figure.why if figure.value is None else "",
        url=address and f"{reverse('metrics_why')}?{address}",
        bar=100 * _calls(line) / most if name == "calls" and most else None,
    )


def _down(line: SourceLine, where: Where) -> str:
    """The next level, or the calls. What is of no channel has no levels."""
    path = where.path.down(line)
    if where.level < _LAST and not (line.is_unknown and "channel" in line.values):
        return where.address(path=path, level=min(path.next_level, _LAST), order="")
    known = dict(path.steps)
    pairs = [(name, str(known[name])) for name in _OF_LOG if known.get(name) is not None]
    if known.get("channel", "") is None:
        pairs = [("channel", "unknown")]
    dates = [("since", where.span.since_on.isoformat()), ("until", where.span.until_on.isoformat())]
    return f"{reverse('calls')}?{urlencode([*pairs, *dates])}"


def _nothing(where: Where) -> str:
    return "Unknown" if where.level == 0 else f"No {TITLES[where.level].lower()} known"


def _tone(line: SourceLine, where: Where) -> str:
    channel = line.values.get("channel", dict(where.path.steps).get("channel", ""))
    if line.is_unknown or line.is_thin:
        return "tone-unknown"
    return tone_of(str(channel)) if channel else ""


def _label(values: Sequence[DimensionValue]) -> str:
    return " / ".join("unknown" if value is None else str(value) for value in values)


def _calls(line: SourceLine) -> float:
    return float(line.figures["calls"].value or 0)


def _totals(level: Level, where: Where, currency: str) -> list[str]:
    totals = level.answer.totals
    return [write_figure(find_metric(name), totals[name].value, currency) for name in where.columns]


def _title(name: str) -> str:
    return _SHORT.get(name, find_metric(name).title)


def _pairs(where: Where) -> list[tuple[str, str]]:
    pairs = [*span_pairs(where.span), ("model", where.model), *where.path.pairs, ("columns", ",".join(where.columns))]
    return [*pairs, ("by", LEVELS[where.level][0])]


def _chart(where: Where, scope: Scope, definition: Definition, currency: str) -> dict[str, Any] | None:
    """The level's calls over time."""
    time = "day" if scope.days <= LONGEST_BY_DAY else "week"
    by = (time, *LEVELS[where.level])
    question = Question(metrics=("calls",), by=by, filters=where.path.filters, model=where.model, definition=definition)
    return chart_of(explore(scope, question), scope, currency)
