"""What a customer is worth by channel and cohort, and when people call."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date
from itertools import groupby

import msgspec
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from msgspec import Struct

from ringtrace.attribution.registry import DEFAULT_MODEL, LAKE_MODELS, MODELS
from ringtrace.reports.by_hour import ByHour, HourCell
from ringtrace.reports.by_hour import by_hour as ask_by_hour
from ringtrace.reports.filters import WEEKDAYS
from ringtrace.reports.lifetime import Cohort, LifeTime
from ringtrace.reports.lifetime import lifetime as ask_lifetime
from ringtrace.reports.metrics.metric import Metric, Unit
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.pages.metrics import asked_by, choices_of, definition_words
from ringtrace.web.pages.overview import today_on
from ringtrace.web.questions import Asked, scope_of, span_pairs, to_address
from ringtrace.web.shown import why_address, write_count, write_figure
from ringtrace.web.spans import Span
from ringtrace.web.templatetags.show import money, tone_of

_SHADES = 9
_USUAL_MONTHS, _MOST_MONTHS = 12, 24


class HourLine(Struct, frozen=True, kw_only=True):
    """One hour's cell; `shade` 0 (nothing) to 9 (the most)."""

    text: str
    why: str
    shade: int
    title: str
    url: str


class CohortLine(Struct, frozen=True, kw_only=True):
    label: str
    tone: str
    people: str
    whole: str
    months: tuple[str, ...]


@for_company
@require_safe
def hours(request: CompanyRequest) -> HttpResponse:
    asked, plain = asked_by(request)
    if plain:
        return redirect(f"{reverse('metrics_hours')}?{asked.query}")
    question = msgspec.structs.replace(asked.question, metrics=asked.question.metrics[:1], by=("weekday", "hour"))
    question = msgspec.structs.replace(question, compare=None, order="", limit=0)
    asked = msgspec.structs.replace(asked, question=question)
    found = ask_by_hour(asked.scope, question)
    metric = find_metric(found.metric)
    context = choices_of(request, asked) | {
        "metric": metric,
        "lines": hour_lines(asked, metric, found, request.company.currency),
        "hours": [f"{hour:02}" for hour in range(24)],
        "total": write_figure(metric, found.total.value, request.company.currency),
        "total_why": found.total.why if found.total.value is None else "",
        "total_url": why_address(asked, metric.name, ()),
        "made": found.made,
        "definition_words": definition_words(question),
        "saved_query": f"page=hours&{asked.query}",
    }
    return render(request, "web/metrics_hours.html", context)


def hour_lines(asked: Asked, metric: Metric, found: ByHour, currency: str) -> list[tuple[str, list[HourLine]]]:
    values = [cell.figure.value for row in found.rows for cell in row if cell.figure.value is not None]
    most, least = max(values, default=0.0), min(values, default=0.0)
    floor = 0.0 if metric.unit is not Unit.SHARE and least >= 0 else least

    def line(day: int, hour: int, cell: HourCell) -> HourLine:
        value = cell.figure.value
        text = write_figure(metric, value, currency)
        often = f"this hour came {cell.hours} times" if cell.hours != 1 else "this hour came once"
        return HourLine(
            text=text.replace(" %", ""),
            why=cell.figure.why if value is None else "",
            shade=0 if value is None or most == floor else round(_SHADES * (value - floor) / (most - floor)),
            title=f"{WEEKDAYS[day]} {hour:02}:00, {text}; {often}",
            url=why_address(asked, metric.name, (day + 1, hour)),
        )

    return [
        (WEEKDAYS[day], [line(day, hour, cell) for hour, cell in enumerate(row)]) for day, row in enumerate(found.rows)
    ]


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    company, today = request.company, today_on(request.company)
    span, problems = read_months(request.GET.dict(), today)
    model = request.GET.get("model", DEFAULT_MODEL)
    model = model if model in LAKE_MODELS else DEFAULT_MODEL
    found = ask_lifetime(scope_of(company, span), now_on=today, model=model, months=_USUAL_MONTHS)
    query = to_address([*span_pairs(span), *([("model", model)] if model != DEFAULT_MODEL else [])])
    shown = max((_known(one) for one in found.channels), default=0)
    context = {
        "span": span,
        "problems": problems,
        "model": model,
        "models": [(name, MODELS[name].title) for name in LAKE_MODELS],
        "model_words": MODELS[model].meaning,
        "months": range(1, max(shown, 1) + 1),
        "channels": [cohort_line(one, one.channel or "Unknown", shown, company.currency) for one in found.channels],
        "cohorts": cohorts_of(found, shown, company.currency),
        "why": found.why,
        "chart": lifetime_chart(found.channels, shown, company.currency),
        "since_month": f"{span.since_on:%Y-%m}",
        "until_month": f"{span.until_on:%Y-%m}",
        "made": found.made,
        "saved_query": f"page=lifetime&{query}",
    }
    return render(request, "web/metrics_lifetime.html", context)


def read_months(query: dict[str, str], today_on_date: date) -> tuple[Span, list[str]]:
    """`since=2026-01&until=2026-06`, months or days; without, the last twelve months. Whole months, until today."""
    until = _month_end(today_on_date)
    since = date(until.year - 1, until.month, 1)
    problems = []
    try:
        since = _read_month(query.get("since", ""), since)
        until = _month_end(_read_month(query.get("until", ""), until))
    except ValueError:
        problems.append("Those months cannot be read; write them like 2026-03.")
    if since > until or (until - since).days > 31 * _MOST_MONTHS * 5 or since.year < 2000 or until.year > 2999:
        problems.append("Choose a first month that is not after the last, and at most ten years.")
        until = _month_end(today_on_date)
        since = date(until.year - 1, until.month, 1)
    return Span(since_on=since, until_on=until), problems


def _read_month(text: str, usual: date) -> date:
    return date.fromisoformat(f"{text[:7]}-01") if text else usual


def _month_end(on: date) -> date:
    return on.replace(day=calendar.monthrange(on.year, on.month)[1])


def _known(one: Cohort) -> int:
    return sum(value is not None for value in one.value_cents)


def cohort_line(one: Cohort, label: str, shown: int, currency: str) -> CohortLine:
    return CohortLine(
        label=label,
        tone=tone_of(one.channel),
        people=write_count(round(one.people, 1)),
        whole=money(one.whole_cents, currency),
        months=tuple(money(value, currency) for value in one.value_cents[: max(shown, 1)]),
    )


def cohorts_of(found: LifeTime, shown: int, currency: str) -> list[tuple[str, list[CohortLine]]]:
    """The newest month first, its channels in it."""
    by_month = groupby(found.cohorts, key=lambda one: one.month_on)
    lines = [
        (f"{month_on:%B %Y}", [cohort_line(one, one.channel or "Unknown", shown, currency) for one in some])
        for month_on, some in by_month
    ]
    return lines[::-1]


def lifetime_chart(channels: Sequence[Cohort], shown: int, currency: str) -> dict[str, object] | None:
    """The value of a person of each channel by the months since."""
    if shown < 2:
        return None
    series = [
        {
            "name": one.channel or "Unknown",
            "tone": tone_of(one.channel),
            "values": [None if value is None else round(value / 100, 2) for value in one.value_cents[:shown]],
        }
        for one in channels[:8]
    ]
    days = [f"Month {number}" for number in range(1, shown + 1)]
    return {"kind": "lines", "unit": currency, "decimals": 0, "days": days, "series": series, "sums": False}
