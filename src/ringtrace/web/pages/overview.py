"""How did it go? The first page after signing in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, Literal
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from msgspec import Struct

from ringtrace.core.clock import at_from_ms, wall_clock
from ringtrace.qualification import Definition
from ringtrace.reports.asked import Question
from ringtrace.reports.changes import Changes, Part
from ringtrace.reports.changes import what_changed as ask_changes
from ringtrace.reports.dimensions import find_dimension
from ringtrace.reports.explore import compared
from ringtrace.reports.filters import Filter, Operation, label_of
from ringtrace.reports.metrics.metric import Direction, Metric, Unit
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.news import Write, headline, sentence, write_amount
from ringtrace.reports.overview import FIELD_METRICS, Overview
from ringtrace.reports.overview import overview as ask_overview
from ringtrace.reports.questions import Scope
from ringtrace.web.access import Right, access_calls, access_sites, may
from ringtrace.web.alerts import open_alerts
from ringtrace.web.counting import find_definition
from ringtrace.web.drawn import spark, stacked
from ringtrace.web.gate import CompanyRequest, for_home
from ringtrace.web.lines import call_line
from ringtrace.web.models import Company
from ringtrace.web.questions import question_pairs, scope_of, to_address
from ringtrace.web.source_levels import SourceLine, ask_level
from ringtrace.web.spans import PRESETS, Span, read_span
from ringtrace.web.templatetags.show import money_whole, tone_of

__all__ = ["scope_of", "today_on"]

_TOP_SOURCES = 6
_LAST_CALLS = 8
_MOST_PARTS = 8
_TOP_METRICS = ("calls", "qualified_calls", "revenue", "spend", "cost_per_qualified_call")
COMPARES = {"before": "the days before", "year": "a year earlier"}
CHANGE_METRICS = ("calls", "qualified_calls", "visits", "revenue")
_FIGURES = (
    *("calls", "qualified", "first_calls", "answer_rate", "missed", "matched_p"),
    *("sales", "revenue_cents", "cost_cents", "cost_per_qualified_cents", "roas", "visits"),
)
_TITLES = {"matched_p": "Explained", "roas": "ROAS", "missed": "Missed", "cost_cents": "Cost"}
_WHY = {
    "answer_rate": "no call has ended yet",
    "matched_p": "there is no call to explain",
    "revenue_cents": "no sale has a known value",
    "cost_cents": "no spend is known for these days",
    "cost_per_qualified_cents": "no spend is known for these days, or no call counts",
    "roas": "no spend is known for these days, or no sale has a value",
}


class FigureLine(Struct, frozen=True, kw_only=True):
    """A key figure, what it was before, and its `trend` as a path. `how` names the filter that writes it; `why`: why it
    may be unknown; `url`: where it is explained."""

    name: str
    plain: str
    now: float | None
    before: float | None
    how: str
    why: str
    trend: str
    url: str
    direction: Direction = Direction.MORE

    @property
    def change(self) -> float | None:
        """As a share of what it was (of shares: the difference); None where there is nothing to compare with."""
        if self.now is None or self.before is None:
            return None
        if self.how == "percent":
            return self.now - self.before
        return (self.now - self.before) / self.before if self.before else None

    @property
    def mood(self) -> str:
        if self.change is None or abs(self.change) < 0.005 or self.direction is Direction.NEITHER:
            return "even"
        return "good" if (self.change > 0) == (self.direction is Direction.MORE) else "bad"


class News(Struct, frozen=True, kw_only=True):
    """A sentence of what changed, and where to look closer."""

    text: str
    url: str


@for_home
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    company = request.company
    if may(request.user, company, Right.CHANGE) and not access_sites(request.user, company).exists():
        return redirect("start")
    now_ms = wall_clock()
    span = read_span(request.GET.dict(), today_on(company))
    compare = read_choice(request.GET.get("compare", ""), COMPARES)
    scope, definition = scope_of(company, span), find_definition(company.pk)
    asked = ask_overview(scope, definition=definition, compare=compare)
    metric = read_choice(request.GET.get("change", ""), CHANGE_METRICS)
    changes = ask_changes(scope, compare, metric, definition=definition, now_ms=now_ms)
    usual = {"compare": "before", "change": "calls"}
    kept = [(name, text) for name, text in (("compare", compare), ("change", metric)) if text != usual[name]]
    context = {
        "span": span,
        "presets": PRESETS,
        "kept_pairs": kept,
        "kept_query": urlencode(kept),
        "compare": compare,
        "compares": [(name, words, _address(span, name, metric)) for name, words in COMPARES.items()],
        "compared": compared(scope, compare),
        "figures": figures_of(asked, span, is_comparable=not _began_too_late(changes)),
        "chart": chart_of(asked),
        "made": asked.made,
        "top": top_of(scope, definition),
        "last": _last_calls(request),
        "alerts": open_alerts(company, now_ms),
    }
    return render(request, "web/overview.html", context | _changes_context(changes, span, compare, company.currency))


def today_on(company: Company) -> date:
    return at_from_ms(wall_clock()).astimezone(company.zone).date()


def read_choice(said: str, known: Sequence[str] | dict[str, str]) -> Any:
    """What the address says, or the first that is known."""
    return said if said in known else next(iter(known))


def _address(span: Span, compare: str, metric: str) -> str:
    return f"?{span.query}&{urlencode({'compare': compare, 'change': metric})}"


def _last_calls(request: CompanyRequest) -> list[Any]:
    may_see = may(request.user, request.company, Right.SEE_CALLERS)
    last = access_calls(request.user, request.company).prefetch_related("outcomes")[:_LAST_CALLS]
    return [call_line(row, row.outcomes.all(), may_see=may_see) for row in last]


def top_of(scope: Scope, definition: Definition) -> list[SourceLine]:
    """The sources with the most calls; what is unknown is never left out."""
    level = ask_level(scope, ("channel", "source", "medium"), metrics=_TOP_METRICS, definition=definition)
    known = [line for line in level.lines if not line.is_unknown]
    return known[:_TOP_SOURCES] + [line for line in level.lines if line.is_unknown]


def figures_of(asked: Overview, span: Span, *, is_comparable: bool) -> list[FigureLine]:
    """The key figures in the order people ask for them."""
    return [_figure(field, asked, span, is_comparable=is_comparable) for field in _FIGURES]


def _figure(field: str, asked: Overview, span: Span, *, is_comparable: bool) -> FigureLine:
    metric = find_metric(FIELD_METRICS[field])
    dates = [("since", span.since_on.isoformat()), ("until", span.until_on.isoformat())]
    why = to_address([*dates, *question_pairs(Question(metrics=(metric.name,))), ("metric", metric.name)])
    return FigureLine(
        name=_TITLES.get(field, metric.title),
        plain=metric.plain,
        now=getattr(asked.now, field),
        before=getattr(asked.before, field) if is_comparable else None,
        how=_how(metric),
        why=_WHY.get(field, ""),
        trend=spark(asked.trends[field]),
        url=f"{reverse('metrics_why')}?{why}",
        direction=metric.direction,
    )


def _how(metric: Metric) -> str:
    if metric.unit is Unit.CENTS:
        return "money_whole" if metric.is_additive else "money"
    return {Unit.SHARE: "percent", Unit.RATIO: "ratio"}.get(metric.unit, "count")


def chart_of(asked: Overview) -> dict[str, Any]:
    """Calls over time by channel, drawn, and as its table reads them; the biggest channel first."""
    totals: dict[str | None, float] = {}
    cells: dict[tuple[date, str | None], float] = {}
    for cell in asked.days:
        totals[cell.channel] = totals.get(cell.channel, 0.0) + cell.calls
        key = (cell.on_date, cell.channel)
        cells[key] = cells.get(key, 0.0) + cell.calls
    channels = sorted(totals, key=lambda channel: (channel is None, -totals[channel], channel or ""))
    values = [[cells.get((on, channel), 0.0) for on in asked.dates] for channel in channels]
    drawn = stacked(values)
    names = [f"{on:%-d %b}" for on in asked.dates]
    rows = [(name, [line[nth] for line in values]) for nth, name in enumerate(names)]
    return {
        "stack": drawn,
        "bars": list(zip([tone_of(channel) for channel in channels], drawn.paths, strict=True)),
        "series": [{"name": channel or "Unknown", "tone": tone_of(channel)} for channel in channels],
        "rows": rows[::-1],
        "by": asked.by,
        "ends": [names[0], names[len(names) // 2], names[-1]] if len(names) > 2 else names,
        "hovers": [(10 * nth, _hover(name, line, channels)) for nth, (name, line) in enumerate(rows) if sum(line)],
    }


def _hover(name: str, line: Sequence[float], channels: Sequence[str | None]) -> str:
    known = sorted(
        ((value, channel) for value, channel in zip(line, channels, strict=True) if value), key=lambda one: -one[0]
    )
    said = "\n".join(f"{channel or 'Unknown'} {value:.1f}" for value, channel in known)
    return f"{name}: {sum(line):.0f} calls\n{said}"


def _began_too_late(changes: Changes) -> bool:
    """Whether the compared days lie before the first data."""
    return changes.now is not None and changes.before is None and bool(changes.why)


def _changes_context(changes: Changes, span: Span, compare: Literal["before", "year"], currency: str) -> dict[str, Any]:
    metric = find_metric(changes.metric)
    write: Write = partial(money_whole, currency=currency) if metric.unit is Unit.CENTS else write_amount
    choices = [(name, find_metric(name).title, _address(span, compare, name)) for name in CHANGE_METRICS]
    parts = changes.splits[0].parts[:_MOST_PARTS] if changes.splits else ()
    return {
        "change_metric": metric,
        "change_metrics": choices,
        "headline": headline(changes, write),
        "news": [
            News(text=sentence(told, changes.metric, write), url=_closer(changes, span, told.dimension, told.part))
            for told in changes.told
        ],
        "parts": [(label_of(find_dimension("channel"), part.value).capitalize(), part) for part in parts],
        "compare_why": changes.why if _began_too_late(changes) else "",
    }


def _closer(changes: Changes, span: Span, dimension: str, part: Part) -> str:
    """The explorer, by day, at this value alone."""
    one = Filter(dimension, Operation.IS_IN, (part.value,))
    question = Question(metrics=(changes.metric,), by=("day",), filters=(one,), compare="before")
    return f"{reverse('metrics')}?{span.query}&{to_address(question_pairs(question))}"
