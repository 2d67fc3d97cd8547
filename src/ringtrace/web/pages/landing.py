"""Which landing pages bring calls?"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from msgspec import Struct

from ringtrace.attribution.registry import DEFAULT_MODEL, LAKE_MODELS, MODELS
from ringtrace.qualification import Definition
from ringtrace.reports.asked import Answer, Line, Question
from ringtrace.reports.changes import nothing_to_compare
from ringtrace.reports.dimensions import DimensionValue
from ringtrace.reports.explore import explore
from ringtrace.reports.filters import LONGEST_VALUE, Filter, Operation
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.questions import Scope, rate
from ringtrace.web.counting import find_definition
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.pages.metrics import definition_words
from ringtrace.web.pages.overview import today_on
from ringtrace.web.questions import Asked, question_pairs, scope_of, span_pairs, to_address
from ringtrace.web.shown import Cell, Showing, write_share
from ringtrace.web.spans import PRESETS, Span, read_span
from ringtrace.web.templatetags.show import tone_of

METRICS = ("visits", "calls", "qualified_calls", "first_time_callers", "sales", "revenue")
BY = "landing_page"
_USUAL_ORDER = "-calls"
_USUAL_LINES, _MOST_LINES = 100, 2_000
_RATE = "call_rate"
_RATE_PLAIN = "Calls by people who came to this page, for each visit to it. A call may come days after its visit."
_PAGE_PLAIN = "The first page of the visit."


class Head(Struct, frozen=True, kw_only=True):
    """The head of a column that can be sorted by. `sorted`: how aria calls its order, "" for none."""

    title: str
    plain: str
    url: str
    sorted: str
    is_number: bool


class Row(Struct, frozen=True, kw_only=True):
    """A landing page; `path` None: no page is known. `best`: the channel with most calls to it, and its part."""

    path: str | None
    visits: Cell
    calls: Cell
    call_rate: str
    cells: tuple[Cell, ...]
    best: str
    best_tone: str
    best_part: float | None
    metrics_url: str
    calls_url: str


class Wanted(Struct, frozen=True, kw_only=True):
    """What an address asks; what it cannot mean is as usual. `order`: a metric, call_rate or landing_page, with - for
    the largest first."""

    span: Span
    model: str
    find: str
    order: str
    limit: int

    def address(self, **parts: str) -> str:
        """The page's own address with these parts instead."""
        said = {
            **dict(span_pairs(self.span)),
            "model": self.model if self.model != DEFAULT_MODEL else "",
            "find": self.find,
            "order": self.order if self.order != _USUAL_ORDER else "",
            "limit": str(self.limit) if self.limit != _USUAL_LINES else "",
        }
        if "days" in parts:
            said = {name: text for name, text in said.items() if name not in ("since", "until")}
        return "?" + to_address((name, text) for name, text in (said | parts).items() if text)

    @property
    def all_url(self) -> str:
        return self.address(find="")

    @property
    def without_span(self) -> list[tuple[str, str]]:
        said = {"model": self.model, "find": self.find, "order": self.order}
        return [(name, text) for name, text in said.items() if text]


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    company = request.company
    wanted = wanted_by(request)
    scope = scope_of(company, wanted.span)
    compare_why = nothing_to_compare(scope, "before")
    asked = _asked(wanted, scope, find_definition(company.pk), is_comparable=not compare_why)
    answer = explore(asked.scope, asked.question)
    ordered = _ordered(answer, wanted)
    shown = msgspec.structs.replace(answer, lines=ordered[: wanted.limit])
    best = _best(asked)
    showing = Showing(asked, shown, company.currency)
    rows = [_row(line, showing, asked, best) for line in shown.lines]
    kept = {name: text for name, text in dict(asked.pairs).items() if name != "order"}
    context = {
        "wanted": wanted,
        "span": wanted.span,
        "span_parts": span_pairs(wanted.span),
        "presets": [(days, wanted.address(days=str(days))) for days in PRESETS],
        "without_span": wanted.without_span,
        "models": [(name, MODELS[name].title, MODELS[name].meaning) for name in LAKE_MODELS],
        "model_words": MODELS[wanted.model].meaning,
        "answer": answer,
        "compare_why": compare_why,
        "heads": _heads(wanted),
        "rows": rows,
        "totals": showing.totals,
        "total_rate": _write_rate(_known_rate(answer)),
        "left_out": max(0, answer.line_count - len(rows)),
        "more_url": wanted.address(limit=str(_MOST_LINES)) if wanted.limit < _MOST_LINES else "",
        "file_url": to_address(asked.pairs),
        "explorer_url": to_address(kept.items()),
        "definition_words": definition_words(asked.question),
        "made": answer.made,
    }
    return render(request, "web/landing_pages.html", context)


def wanted_by(request: CompanyRequest) -> Wanted:
    said = request.GET
    model, order = said.get("model", DEFAULT_MODEL), said.get("order", _USUAL_ORDER)
    return Wanted(
        span=read_span(said.dict(), today_on(request.company)),
        model=model if model in LAKE_MODELS else DEFAULT_MODEL,
        find=said.get("find", "").replace("\0", "").strip()[:LONGEST_VALUE],
        order=order if order.removeprefix("-") in (*METRICS, _RATE, BY) else _USUAL_ORDER,
        limit=_MOST_LINES if said.get("limit") == str(_MOST_LINES) else _USUAL_LINES,
    )


def _asked(wanted: Wanted, scope: Scope, definition: Definition, *, is_comparable: bool) -> Asked:
    question = Question(
        metrics=METRICS,
        by=(BY,),
        filters=(Filter(BY, Operation.CONTAINS, (wanted.find,)),) if wanted.find else (),
        model=wanted.model,
        definition=definition,
        compare="before" if is_comparable else None,
        order="" if wanted.order.endswith(_RATE) else wanted.order,
    )
    return Asked(span=wanted.span, scope=scope, question=question)


def _ordered(answer: Answer, wanted: Wanted) -> tuple[Line, ...]:
    """Lines in the order that is wanted; what no page is known of comes last."""
    lines = list(answer.lines)
    if wanted.order.endswith(_RATE):
        most_first = wanted.order.startswith("-")
        known = [line for line in lines if _call_rate(line.figures) is not None]
        known.sort(key=lambda line: _call_rate(line.figures) or 0.0, reverse=most_first)
        lines = [*known, *(line for line in lines if _call_rate(line.figures) is None)]
    return tuple(sorted(lines, key=lambda line: line.values[0] is None))


def _call_rate(figures: Mapping[str, object]) -> float | None:
    visits, calls = (getattr(figures[name], "value", None) for name in ("visits", "calls"))
    return None if visits is None or calls is None else rate(calls, visits)


def _known_rate(answer: Answer) -> float | None:
    """Of all pages together: calls of no known page are left out."""
    visits, calls = (answer.totals[name].value or 0 for name in ("visits", "calls"))
    without = (line.figures["calls"].value or 0 for line in answer.lines if line.values[0] is None)
    return rate(calls - sum(without), visits)


def _write_rate(of_visits: float | None) -> str:
    return "" if of_visits is None else write_share(of_visits)


def _best(asked: Asked) -> Mapping[DimensionValue, tuple[str, float]]:
    """By page: the channel with most calls, and how many that is."""
    question = msgspec.structs.replace(
        asked.question, metrics=("calls",), by=(BY, "channel"), compare=None, order="-calls"
    )
    best: dict[DimensionValue, tuple[str, float]] = {}
    for line in explore(asked.scope, question).lines:
        path, channel = line.values
        calls = line.figures["calls"].value
        if path is not None and channel is not None and calls:
            best.setdefault(path, (str(channel), float(calls)))
    return best


def _row(line: Line, showing: Showing, asked: Asked, best: Mapping[DimensionValue, tuple[str, float]]) -> Row:
    path = None if line.values[0] is None else str(line.values[0])
    cells = dict(zip(METRICS, showing.cells(line.figures, line.values), strict=True))
    channel, most = best.get(path, ("", 0.0))
    calls, of_visits = line.figures["calls"].value, _call_rate(line.figures)
    span = span_pairs(Span(since_on=asked.span.since_on, until_on=asked.span.until_on))
    only = (Filter(BY, Operation.IS_IN, (path,)),) if path and len(path) <= LONGEST_VALUE else ()
    split = msgspec.structs.replace(asked.question, by=("channel",), filters=only, order="")
    return Row(
        path=path,
        visits=cells["visits"],
        calls=cells["calls"],
        call_rate=_write_rate(None if path is None else of_visits),
        cells=tuple(cells[name] for name in METRICS[2:]),
        best=channel,
        best_tone=tone_of(channel) if channel else "",
        best_part=most / calls if calls and channel else None,
        metrics_url=to_address([*span, *question_pairs(split)]) if only else "",
        calls_url=to_address([*span, (BY, path)]) if path and calls else "",
    )


def _heads(wanted: Wanted) -> list[Head]:
    metrics = [(name, find_metric(name).title, find_metric(name).plain) for name in METRICS]
    columns = [(BY, "Landing page", _PAGE_PLAIN), *metrics[:2], (_RATE, "Call rate", _RATE_PLAIN), *metrics[2:]]
    return [_head(wanted, name, title, plain) for name, title, plain in columns]


def _head(wanted: Wanted, name: str, title: str, plain: str) -> Head:
    first, second = (name, f"-{name}") if name == BY else (f"-{name}", name)
    return Head(
        title=title,
        plain=plain,
        url=wanted.address(order=second if wanted.order == first else first),
        sorted={name: "ascending", f"-{name}": "descending"}.get(wanted.order, ""),
        is_number=name != BY,
    )
