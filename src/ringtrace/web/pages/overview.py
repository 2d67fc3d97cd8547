"""How did it go? The first page after signing in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from msgspec import Struct

from ringtrace.core.clock import at_from_ms, wall_clock
from ringtrace.lake.opening import open_lake
from ringtrace.reports.by_source import SourceLine
from ringtrace.reports.by_source import by_source as ask_by_source
from ringtrace.reports.overview import Overview, Totals
from ringtrace.reports.overview import overview as ask_overview
from ringtrace.reports.questions import Scope
from ringtrace.web.access import Right, access_calls, access_numbers, access_sites, may
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.lines import call_line
from ringtrace.web.models import Company
from ringtrace.web.spans import PRESETS, Span, read_span
from ringtrace.web.templatetags.show import tone_of

_TOP_SOURCES = 6
_LAST_CALLS = 8


class Figure(Struct, frozen=True, kw_only=True):
    """A key figure and what it was before. `how` names the filter that writes it; `why`: why it may be unknown."""

    name: str
    now: float | None
    before: float | None
    how: str
    why: str
    less_is_better: bool = False

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
        if self.change is None or abs(self.change) < 0.005:
            return "even"
        return "good" if (self.change > 0) != self.less_is_better else "bad"


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    company = request.company
    may_change = may(request.user, company, Right.CHANGE)
    if may_change and not access_sites(request.user, company).exists():
        return redirect("start")
    span = read_span(request.GET.dict(), today_on(company))
    scope = scope_of(company, span)
    asked = ask_overview(scope)
    may_see = may(request.user, company, Right.SEE_CALLERS)
    last = access_calls(request.user, company).prefetch_related("outcomes")[:_LAST_CALLS]
    context = {
        "span": span,
        "presets": PRESETS,
        "figures": figures_of(asked.now, asked.before),
        "chart": chart_of(asked, span),
        "made": asked.made,
        "top": top_of(ask_by_source(scope).lines),
        "last": [call_line(row, row.outcomes.all(), may_see=may_see) for row in last],
        "unfinished": may_change and not access_numbers(request.user, company).exists(),
    }
    return render(request, "web/overview.html", context)


def top_of(lines: tuple[SourceLine, ...]) -> list[SourceLine]:
    """The sources with the most calls; what is unknown is never left out."""
    known = [line for line in lines if not line.unknown and not line.thin]
    return known[:_TOP_SOURCES] + [line for line in lines if line.unknown or line.thin]


def today_on(company: Company) -> date:
    return at_from_ms(wall_clock()).astimezone(company.zone).date()


def scope_of(company: Company, span: Span) -> Scope:
    return Scope(
        lake=open_lake(settings.LAKE_URL, settings.LAKE_DIR),
        company_id=company.pk,
        time_zone=company.time_zone,
        since_on=span.since_on,
        until_on=span.until_on,
    )


def figures_of(now: Totals, before: Totals) -> list[Figure]:
    """The key figures in the order people ask for them."""
    return [
        Figure(name="Calls", now=now.calls, before=before.calls, how="count", why=""),
        Figure(
            name="Answered", now=now.answer_rate, before=before.answer_rate, how="percent", why="no call has ended yet"
        ),
        Figure(name="First-time callers", now=now.first_calls, before=before.first_calls, how="count", why=""),
        Figure(name="Visits", now=now.visits, before=before.visits, how="count", why=""),
        Figure(
            name="Explained",
            now=now.matched_p,
            before=before.matched_p,
            how="percent",
            why="there is no call to explain",
        ),
        Figure(name="Sales", now=now.sales, before=before.sales, how="count", why=""),
        Figure(
            name="Revenue",
            now=now.revenue_cents,
            before=before.revenue_cents,
            how="money_whole",
            why="no sale has a known value",
        ),
        Figure(
            name="Cost per call",
            now=now.cost_per_call_cents,
            before=before.cost_per_call_cents,
            how="money",
            why="no spend is known for these days",
            less_is_better=True,
        ),
    ]


def chart_of(asked: Overview, span: Span) -> dict[str, Any]:
    """Calls by day and channel, as the chart element and its table read them; the biggest channel first."""
    totals: dict[str | None, float] = {}
    by_day: dict[tuple[date, str | None], float] = {}
    for cell in asked.days:
        totals[cell.channel] = totals.get(cell.channel, 0.0) + cell.calls
        key = (cell.on_date, cell.channel)
        by_day[key] = by_day.get(key, 0.0) + cell.calls
    channels = sorted(totals, key=lambda channel: (channel is None, -totals[channel], channel or ""))
    series = [
        {
            "name": channel or "Unknown",
            "tone": tone_of(channel),
            "values": [round(by_day.get((on_date, channel), 0.0), 2) for on_date in span.dates],
            "total": totals[channel],
        }
        for channel in channels
    ]
    days = [f"{on_date:%-d %b}" for on_date in span.dates]
    rows = [
        (day, [round(by_day.get((on_date, channel), 0.0), 2) for channel in channels])
        for day, on_date in zip(days, span.dates, strict=True)
    ]
    return {"data": {"kind": "stacked-bars", "unit": "calls", "days": days, "series": series}, "rows": rows[::-1]}
