"""Any metric by anything: the explorer, what each metric is, and why a figure is what it is."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import msgspec
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from msgspec import Struct

from ringtrace.attribution.registry import LAKE_MODELS, MODELS
from ringtrace.core.errors import BadInput
from ringtrace.qualification import in_words
from ringtrace.reports.asked import MOST_DIMENSIONS, Question
from ringtrace.reports.asked import Span as Dates
from ringtrace.reports.dimensions import DIMENSIONS, Dimension, DimensionKind
from ringtrace.reports.explore import explore
from ringtrace.reports.metrics.metric import Interval, Metric
from ringtrace.reports.metrics.registry import METRICS, find_metric
from ringtrace.web import access
from ringtrace.web.charting import chart_of
from ringtrace.web.counting import definitions_of
from ringtrace.web.csv import BOM, answer_csv
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.pages.overview import today_on
from ringtrace.web.pdf import Told, answer_pdf
from ringtrace.web.questions import Asked, Pairs, compare_text, question_of, span_pairs
from ringtrace.web.shown import Showing, changed_address, without_filter
from ringtrace.web.spans import PRESETS

_USUAL_LINES, _MOST_LINES = 200, 2_000
_MOST_DRAWN = 20_000  # lines that a chart is made of
FORM_KEY = "ask"  # a form was sent: its parts are put in order, and the address made plain
_SIGNS = {"is": "{}:", "not": "-{}:", "has": "{}~"}
_KINDS = {
    DimensionKind.TOUCH: "What brought them",
    DimensionKind.RESPONSE: "The call or contact",
    DimensionKind.TIME: "When",
}


class Chip(Struct, frozen=True, kw_only=True):
    """A filter that is on, and the address without it."""

    words: str
    off_url: str


class Choice(Struct, frozen=True, kw_only=True):
    value: str
    title: str
    plain: str = ""


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    asked, plain = asked_by(request)
    if plain:
        return redirect(f"{reverse('metrics')}?{asked.query}")
    if request.GET.get("format") in ("csv", "pdf"):
        return _file(request, asked)
    question = asked.question
    answer = explore(asked.scope, msgspec.structs.replace(question, limit=question.limit or _MOST_DRAWN))
    most = min(question.limit or _USUAL_LINES, _MOST_LINES)
    shown = msgspec.structs.replace(answer, lines=answer.lines[:most])
    showing = Showing(asked, shown, request.company.currency)
    context = choices_of(request, asked) | {
        "answer": answer,
        "heads": showing.heads,
        "dimension_count": len(question.by),
        "rows": showing.rows,
        "totals": showing.totals,
        "left_out": max(0, answer.line_count - len(shown.lines)) if question.by else 0,
        "more_url": changed_address(asked, limit=str(_MOST_LINES)) if most < _MOST_LINES else "",
        "chart": chart_of(answer, asked.scope, request.company.currency),
        "first": find_metric(question.metrics[0]),
        "made": answer.made,
        "definition_words": definition_words(question),
        "csv_url": changed_address(asked, format="csv"),
        "pdf_url": changed_address(asked, format="pdf"),
        "saved_query": asked.query,
    }
    return render(request, "web/metrics.html", context)


@for_company
@require_safe
def registry(request: CompanyRequest) -> HttpResponse:
    """What each metric and dimension is."""
    intervals = {
        Interval.WILSON: "Wilson score",
        Interval.DELTA: "delta method, by responses",
        Interval.ORDER: "order statistics",
        Interval.MATCHES: "by credit: of the matches’ uncertainty",
        Interval.NONE: "none: it is counted",
    }
    context = {
        "groups": [(group.value, [(one, intervals[one.interval]) for one in some]) for group, some in grouped()],
        "kinds": by_kind(),
    }
    return render(request, "web/metrics_list.html", context)


def asked_by(request: CompanyRequest) -> tuple[Asked, bool]:
    """What the address asks; and whether it came of a form, and should be made plain."""
    pairs = [(name, text) for name in request.GET for text in request.GET.getlist(name)]
    is_form = request.GET.get(FORM_KEY) == "1"
    if is_form:
        pairs = _of_form(pairs)
    asked = question_of(request.company, pairs, today_on(request.company))
    return asked, is_form and not asked.problems


def _of_form(pairs: Pairs) -> list[tuple[str, str]]:
    """A form's fields as parts of an address: the filter that was written, dates for `compare`, dates before days."""
    said = dict(pairs)
    kept = [pair for pair in pairs if pair[0] not in ("compare", "add", "how", "what")]
    if said.get("add") and said.get("what", "").strip():
        values = ",".join(part.strip() for part in said["what"].split(","))
        kept.append(("filter", _SIGNS.get(said.get("how", ""), "{}:").format(said["add"]) + values))
    compare = said.get("compare", "")
    if compare == "dates":
        compare = f"{said.get('compare_since', '')}..{said.get('compare_until', '')}"
    if not any(name == "metrics" for name, _ in kept):
        kept.append(("metrics", "calls"))
    columns = {text for name, text in kept if name in ("metrics", "by")}
    kept = [pair for pair in kept if pair[0] != "order" or pair[1].removeprefix("-") in columns]
    return [*kept, ("compare", compare)] if compare else kept


def _file(request: CompanyRequest, asked: Asked) -> HttpResponse:
    """CSV or PDF of every line, or of as many as the address says. Raises BadInput where part of the address cannot be
    read: a file has no place to tell that a filter was left out."""
    if asked.problems:
        raise BadInput(asked.problems[0], hint="Open the page, mend the question there, and take the file again.")
    answer = explore(asked.scope, asked.question)
    company, span = request.company, asked.span
    kind = request.GET["format"]
    if kind == "csv":
        text = BOM + answer_csv(answer, time_zone=company.time_zone, currency=company.currency)
        response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    else:
        told = Told(company=company.name, time_zone=company.time_zone, currency=company.currency)
        response = HttpResponse(answer_pdf(answer, told), content_type="application/pdf")
    name = f"ringtrace-{span.since_on.isoformat()}-{span.until_on.isoformat()}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def choices_of(request: CompanyRequest, asked: Asked) -> dict[str, Any]:
    """What the form of a question offers, and what is chosen."""
    question = asked.question
    definitions = [Choice(value=one.label, title=f"{one.title} ({one.label})") for one in _definitions(request, asked)]
    compare = question.compare
    return {
        "asked": asked,
        "span": asked.span,
        "question": question,
        "problems": asked.problems,
        "presets": [(days, changed_address(asked, days=str(days), since="", until="")) for days in PRESETS],
        "without_span": [pair for pair in asked.pairs if pair[0] not in ("since", "until", "days")],
        "span_parts": span_pairs(asked.span),
        "groups": [(group.value, some) for group, some in grouped()],
        "metric_count": len(METRICS),
        "kinds": by_kind(),
        "places": [question.by[place] if place < len(question.by) else "" for place in range(MOST_DIMENSIONS)],
        "chips": [Chip(words=one.words, off_url=without_filter(asked, one)) for one in question.filters],
        "filters": [one.text for one in question.filters],
        "models": [Choice(value=name, title=MODELS[name].title, plain=MODELS[name].meaning) for name in LAKE_MODELS],
        "model_words": MODELS[question.model].meaning,
        "definitions": definitions,
        "compare": "dates" if isinstance(compare, Dates) else compare_text(compare),
        "compare_dates": compare if isinstance(compare, Dates) else None,
        "views": access.access_views(request.user, request.company).order_by("name"),
    }


def _definitions(request: CompanyRequest, asked: Asked) -> list[Any]:
    """The newest of each, and the one that is asked, where that is an older one."""
    known = definitions_of(request.company.pk)
    chosen = asked.question.definition
    return known if any(one.label == chosen.label for one in known) else [*known, chosen]


def grouped() -> list[tuple[Any, list[Metric]]]:
    return [(group, list(some)) for group, some in groupby(METRICS.values(), key=lambda one: one.group)]


def by_kind() -> list[tuple[str, list[Dimension]]]:
    return [(words, [one for one in DIMENSIONS.values() if one.kind is kind]) for kind, words in _KINDS.items()]


def definition_words(question: Question) -> str:
    return f"{question.definition.title}: {in_words(question.definition.condition)}"
