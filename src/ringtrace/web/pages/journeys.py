"""By which ways do people come to call, and which model gives whom the credit?"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from msgspec import Struct

from ringtrace.attribution.registry import DEFAULT_MODEL, MODELS
from ringtrace.core.sources import Channel
from ringtrace.reports.dimensions import find_dimension
from ringtrace.reports.journeys.conversions import LONGEST_TEXT, MEASURES, Conversions
from ringtrace.reports.journeys.lags import lags as ask_lags
from ringtrace.reports.journeys.lags import lengths as ask_lengths
from ringtrace.reports.journeys.models import BY, By
from ringtrace.reports.journeys.models import model_comparison as ask_models
from ringtrace.reports.journeys.paths import USUAL_PATHS
from ringtrace.reports.journeys.paths import paths as ask_paths
from ringtrace.web.counting import find_definition
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.journeys_shown import (
    Comparing,
    lags_chart,
    lengths_chart,
    path_rows,
    sankey_of,
    write_days,
    write_waiting,
)
from ringtrace.web.pages.overview import today_on
from ringtrace.web.questions import scope_of, span_pairs, to_address
from ringtrace.web.spans import PRESETS, Span, read_span

_DRAWN = 120  # paths at most


class Asked(Struct, frozen=True, kw_only=True):
    """What an address asks; what it cannot mean is as usual."""

    span: Span
    by: By
    of: Conversions
    is_long: bool

    def address(self, **parts: str) -> str:
        """The page's own address with these parts instead."""
        said = {
            **dict(span_pairs(self.span)),
            "measure": self.of.measure if self.of.measure != "calls" else "",
            "by": self.by if self.by != "channel" else "",
            "channel": self.of.channel,
            "landing_page": self.of.landing_page,
            "paths": "more" if self.is_long else "",
        }
        if "days" in parts:
            said = {name: text for name, text in said.items() if name not in ("since", "until")}
        return "?" + to_address((name, text) for name, text in (said | parts).items() if text)

    @property
    def without_span(self) -> list[tuple[str, str]]:
        said = [("measure", self.of.measure), ("by", self.by), ("channel", self.of.channel)]
        return [pair for pair in [*said, ("landing_page", self.of.landing_page)] if pair[1]]


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    company = request.company
    asked = asked_by(request)
    scope = scope_of(company, asked.span)
    models = ask_models(scope, asked.by, asked.of)
    ways = ask_paths(scope, asked.of, _DRAWN if asked.is_long else USUAL_PATHS)
    comparing = Comparing(models, asked.span, "", company.currency)
    context = {
        "asked": asked,
        "span": asked.span,
        "span_parts": span_pairs(asked.span),
        "without_span": asked.without_span,
        "presets": [(days, asked.address(days=str(days))) for days in PRESETS],
        "measures": list(MEASURES.values()),
        "measure": asked.of.of,
        "dimensions": [find_dimension(name) for name in BY],
        "by_title": find_dimension(asked.by).title,
        "channels": [channel.value for channel in Channel],
        "models": models,
        "default_title": MODELS[DEFAULT_MODEL].title,
        "furthest": next((one for one in models.columns if one.model == models.furthest), None),
        "furthest_title": MODELS[models.furthest].title if models.furthest else "",
        "heads": comparing.heads,
        "rows": comparing.rows,
        "thin_months": comparing.thin_months,
        "total_url": comparing.total_url,
        "chart": comparing.chart,
        "ways": ways,
        "path_rows": path_rows(ways),
        "most_conversions": max((path.conversions for path in ways.paths), default=0.0),
        "more_url": asked.address(paths="more") if not asked.is_long and ways.path_count > len(ways.paths) else "",
        "sankey": sankey_of(ways, company.currency),
        "mean_days": write_days(ways.days) if ways.days is not None else "",
        "made": models.made,
        **_times(scope, asked.of),
    }
    return render(request, "web/journeys.html", context)


def _times(scope: Any, of: Conversions) -> dict[str, Any]:
    """How long and how many."""
    waiting, visits = ask_lags(scope, of), ask_lengths(scope, of)
    return {
        "lags": waiting,
        "lags_chart": lags_chart(waiting),
        "first_median": write_waiting(waiting.first.median),
        "first_p90": write_waiting(waiting.first.p90),
        "last_median": write_waiting(waiting.last.median),
        "last_p90": write_waiting(waiting.last.p90),
        "lengths": visits,
        "lengths_chart": lengths_chart(visits),
    }


def asked_by(request: CompanyRequest) -> Asked:
    said = request.GET
    by, measure, channel = said.get("by", ""), said.get("measure", ""), said.get("channel", "")
    of = Conversions(
        measure=measure if measure in MEASURES else "calls",
        definition=find_definition(request.company.pk),
        channel=channel if channel in {one.value for one in Channel} else "",
        landing_page=said.get("landing_page", "").replace("\0", "").strip()[:LONGEST_TEXT],
    )
    return Asked(
        span=read_span(said.dict(), today_on(request.company)),
        by=by if by in BY else "channel",
        of=of,
        is_long=said.get("paths") == "more",
    )
