"""Which sources and campaigns brought calls and revenue, and what they cost?"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ringtrace.attribution.registry import DEFAULT_MODEL, MODELS
from ringtrace.reports.by_source import by_source as ask_by_source
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.pages.overview import scope_of, today_on
from ringtrace.web.spans import PRESETS, read_span

_MODEL_WORDS = {
    "first_touch": ("First touch", "All credit to the first visit of the journey."),
    "last_touch": ("Last touch", "All credit to the last visit before the call."),
    "last_non_direct": (
        "Last non-direct",
        "All credit to the last visit that came from somewhere; direct only if there was nothing else.",
    ),
    "linear": ("Linear", "The same share to every visit of the journey."),
}


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    span = read_span(request.GET.dict(), today_on(request.company))
    model = request.GET.get("model", DEFAULT_MODEL)
    model = model if model in MODELS else DEFAULT_MODEL
    asked = ask_by_source(scope_of(request.company, span), model)
    context = {
        "span": span,
        "presets": PRESETS,
        "model": model,
        "models": [(name, *_MODEL_WORDS.get(name, (name.replace("_", " ").capitalize(), ""))) for name in MODELS],
        "model_words": _MODEL_WORDS.get(model, ("", ""))[1],
        "lines": asked.lines,
        "most_calls": max((line.calls for line in asked.lines), default=0.0),
        "made": asked.made,
    }
    return render(request, "web/sources.html", context)
