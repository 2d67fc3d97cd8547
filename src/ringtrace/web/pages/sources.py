"""Which sources and campaigns brought calls and revenue, and what they cost?"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ringtrace.attribution.registry import DEFAULT_MODEL, LAKE_MODELS, MODELS
from ringtrace.reports.by_source import by_source as ask_by_source
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.pages.overview import scope_of, today_on
from ringtrace.web.spans import PRESETS, read_span


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    span = read_span(request.GET.dict(), today_on(request.company))
    model = request.GET.get("model", DEFAULT_MODEL)
    model = model if model in LAKE_MODELS else DEFAULT_MODEL
    asked = ask_by_source(scope_of(request.company, span), model)
    context = {
        "span": span,
        "presets": PRESETS,
        "model": model,
        "models": [(name, MODELS[name].title, MODELS[name].meaning) for name in LAKE_MODELS],
        "model_words": MODELS[model].meaning,
        "thin": asked.thin,
        "is_all_thin": bool(asked.thin) and not any(line.calls for line in asked.lines if not line.thin),
        "lines": asked.lines,
        "most_calls": max((line.calls for line in asked.lines), default=0.0),
        "made": asked.made,
    }
    return render(request, "web/sources.html", context)
