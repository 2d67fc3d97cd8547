"""Reports: the registry of metrics and dimensions, any question of it, and why a figure is so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpResponse
from msgspec import Struct
from ninja import Router

from ringtrace.core.errors import BadInput
from ringtrace.qualification import as_data
from ringtrace.reports.asked import Answer, Figure, MadeOf, Question, ThinMonth
from ringtrace.reports.by_hour import HourCell, by_hour
from ringtrace.reports.dimensions import DIMENSIONS, Dimension, DimensionValue, find_dimension
from ringtrace.reports.explore import explore
from ringtrace.reports.filters import value_text
from ringtrace.reports.lifetime import Cohort, lifetime
from ringtrace.reports.metrics.metric import Metric, Unit
from ringtrace.reports.metrics.registry import METRICS, find_metric
from ringtrace.reports.why import Evidence, Part, why
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of
from ringtrace.web.api.operations import READS, operation
from ringtrace.web.api.params import LINE, QUESTION, Format, Months, Number, Page
from ringtrace.web.csv import answer_csv
from ringtrace.web.models import Company
from ringtrace.web.pages.overview import today_on
from ringtrace.web.questions import Asked, line_of, question_of

router = Router(tags=["reports"])


class MetricOut(Struct, frozen=True, kw_only=True):
    """`unit` cents: of `currency`. `is_additive`: the lines of a dimension sum to the total."""

    name: str
    title: str
    group: str
    unit: str
    currency: str | None
    direction: str
    plain: str
    formula: str
    is_additive: bool
    interval: str
    needs: list[str]


class MetricList(Struct, frozen=True):
    metrics: list[MetricOut]


class DimensionOut(Struct, frozen=True, kw_only=True):
    name: str
    title: str
    kind: str
    value: str
    plain: str


class DimensionList(Struct, frozen=True):
    dimensions: list[DimensionOut]


class SpanOut(Struct, frozen=True, kw_only=True):
    since: date
    until: date


class LineOut(Struct, frozen=True, kw_only=True):
    """`values` by dimension, as filters and CSV have them; null: unknown, or none. `figures` by metric."""

    values: dict[str, str | None]
    figures: dict[str, Figure]


class ReportOut(Struct, frozen=True, kw_only=True):
    """`made`: what the answer was made from, so that it can be made again. `thin`: months in which the model
    could learn nothing."""

    metrics: list[MetricOut]
    by: list[str]
    filters: list[str]
    model: str
    definition: str
    condition: Any
    span: SpanOut
    compared: SpanOut | None
    time_zone: str
    currency: str
    lines: list[LineOut]
    line_count: int
    totals: dict[str, Figure]
    made: MadeOf
    thin: tuple[ThinMonth, ...]


class EvidenceOut(Struct, frozen=True, kw_only=True):
    row: Evidence
    at: str | None


class WhyOut(Struct, frozen=True, kw_only=True):
    """All rows of a part sum to its value; the formula of the parts' values is the figure."""

    metric: MetricOut
    formula: str
    filters: tuple[str, ...]
    definition: str
    figure: Figure
    parts: tuple[Part, ...]
    part: int
    rows: list[EvidenceOut]
    page: int
    pages: int
    made: MadeOf
    rows_sql: str


class LifeTimeOut(Struct, frozen=True, kw_only=True):
    """What a customer is worth: `value_cents[k]` per person by the end of the k-th month after the first."""

    span: SpanOut
    currency: str
    cohorts: tuple[Cohort, ...]
    channels: tuple[Cohort, ...]
    months: int
    why: str
    made: MadeOf


class ByHourOut(Struct, frozen=True, kw_only=True):
    """`rows[weekday - 1][hour]`, Monday first, in the company's time zone."""

    metric: MetricOut
    span: SpanOut
    time_zone: str
    rows: tuple[tuple[HourCell, ...], ...]
    total: Figure
    made: MadeOf


@operation(
    router, "GET /metrics", "list_metrics", "Every metric, as it is defined", READS, answers=MetricList, rows="metrics"
)
def metrics(request: ApiRequest) -> MetricList:
    return MetricList([_metric(one, company_of(request)) for one in METRICS.values()])


@operation(
    router,
    "GET /dimensions",
    "list_dimensions",
    "What reports are split and filtered by",
    READS,
    answers=DimensionList,
    rows="dimensions",
)
def dimensions(request: ApiRequest) -> DimensionList:  # noqa: ARG001
    return DimensionList([_dimension(one) for one in DIMENSIONS.values()])


@operation(
    router,
    "GET /report",
    "report",
    "Any metrics by any dimensions",
    READS,
    answers=ReportOut,
    csv=True,
    takes=QUESTION,
)
def report(request: ApiRequest, format: Format = "") -> ReportOut | HttpResponse:  # noqa: A002
    company = company_of(request)
    asked = _asked(request, company)
    found = explore(asked.scope, asked.question)
    if _wants_csv(request, format):
        text = answer_csv(found, time_zone=company.time_zone, currency=company.currency)
        return HttpResponse(text, content_type="text/csv; charset=utf-8")
    return _report(found, company)


@operation(
    router,
    "GET /report/why",
    "why",
    "Why a figure is what it is, down to its rows",
    READS,
    answers=WhyOut,
    takes=QUESTION | LINE,
)
def why_this(request: ApiRequest, part: Number = 0, page: Page = 1) -> WhyOut:
    company = company_of(request)
    asked = _asked(request, company)
    name = request.GET.get("metric") or asked.question.metrics[0]
    line_values = line_of(asked.question.by, request.GET.getlist("line"))
    found = why(asked.scope, asked.question, line_values, name, part=part, page=page)
    return WhyOut(
        metric=_metric(find_metric(name), company),
        formula=found.formula,
        filters=found.filters,
        definition=found.definition,
        figure=found.figure,
        parts=found.parts,
        part=found.part,
        rows=[EvidenceOut(row=row, at=at(row.at_ms, company.zone)) for row in found.rows],
        page=found.page,
        pages=found.pages,
        made=found.made,
        rows_sql=found.rows_sql,
    )


@operation(
    router,
    "GET /lifetime",
    "lifetime",
    "What a customer is worth, by cohort and channel",
    READS,
    answers=LifeTimeOut,
    takes=QUESTION,
)
def life_time(request: ApiRequest, months: Months = 12) -> LifeTimeOut:
    company = company_of(request)
    asked = _asked(request, company)
    found = lifetime(asked.scope, now_on=today_on(company), model=asked.question.model, months=months)
    return LifeTimeOut(
        span=SpanOut(since=asked.scope.since_on, until=asked.scope.until_on),
        currency=company.currency,
        cohorts=found.cohorts,
        channels=found.channels,
        months=found.months,
        why=found.why,
        made=found.made,
    )


@operation(router, "GET /by-hour", "by_hour", "A metric by hour and weekday", READS, answers=ByHourOut, takes=QUESTION)
def hours(request: ApiRequest) -> ByHourOut:
    company = company_of(request)
    asked = _asked(request, company)
    found = by_hour(asked.scope, asked.question)
    return ByHourOut(
        metric=_metric(find_metric(found.metric), company),
        span=SpanOut(since=asked.scope.since_on, until=asked.scope.until_on),
        time_zone=company.time_zone,
        rows=found.rows,
        total=found.total,
        made=found.made,
    )


_NO_PART_OF_IT = frozenset({"fields", "format", "part", "page", "months", "line"})
_WITHOUT_METRICS = (("metrics", "calls"),)


def _asked(request: ApiRequest, company: Company) -> Asked:
    """The question in the address, by the same words as pages have it; here, whatever is wrong with it is refused."""
    said = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=False)
    pairs = [pair for pair in said if pair[0] not in _NO_PART_OF_IT]
    if not any(name == "metrics" for name, _ in pairs):
        pairs = [*pairs, *_metric_pairs(pairs)]
    asked = question_of(company, pairs, today_on(company))
    if asked.problems:
        raise BadInput(" ".join(asked.problems), hint="See /api/v1/metrics and /api/v1/dimensions for the names.")
    return asked


def _metric_pairs(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    named = [("metrics", text) for name, text in pairs if name == "metric"]
    return named or _WITHOUT_METRICS


def _wants_csv(request: ApiRequest, said: str) -> bool:
    if said not in ("", "json", "csv"):
        raise BadInput(f"{said[:20]!r} is no format.", hint="json or csv.")
    return said == "csv" or (not said and request.headers.get("Accept", "").strip().startswith("text/csv"))


def _report(found: Answer, company: Company) -> ReportOut:
    question: Question = found.question
    compared = found.compared
    return ReportOut(
        metrics=[_metric(find_metric(name), company) for name in question.metrics],
        by=list(question.by),
        filters=[one.text for one in question.filters],
        model=question.model,
        definition=question.definition.label,
        condition=as_data(question.definition.condition),
        span=SpanOut(since=found.span.since_on, until=found.span.until_on),
        compared=None if compared is None else SpanOut(since=compared.since_on, until=compared.until_on),
        time_zone=company.time_zone,
        currency=company.currency,
        lines=[
            LineOut(
                values={name: _value(name, value) for name, value in zip(question.by, line.values, strict=True)},
                figures=dict(line.figures),
            )
            for line in found.lines
        ],
        line_count=found.line_count,
        totals=dict(found.totals),
        made=found.made,
        thin=found.thin,
    )


def _value(name: str, value: DimensionValue) -> str | None:
    return None if value is None else value_text(value, find_dimension(name).value)


def _metric(one: Metric, company: Company) -> MetricOut:
    return MetricOut(
        name=one.name,
        title=one.title,
        group=one.group.value,
        unit=one.unit.value,
        currency=company.currency if one.unit is Unit.CENTS else None,
        direction=one.direction.value,
        plain=one.plain,
        formula=one.formula_in_words,
        is_additive=one.is_additive,
        interval=one.interval.value,
        needs=[need.name for need in one.needs],
    )


def _dimension(one: Dimension) -> DimensionOut:
    return DimensionOut(name=one.name, title=one.title, kind=one.kind.value, value=one.value.value, plain=one.plain)
