"""Journeys: models side by side, paths, how long they take, and how many touches they have."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeAlias

from msgspec import Struct
from ninja import Router
from pydantic import Field

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel
from ringtrace.reports.asked import MadeOf
from ringtrace.reports.journeys.conversions import LONGEST_TEXT, MEASURES, Conversions
from ringtrace.reports.journeys.flows import Flow
from ringtrace.reports.journeys.lags import LagBucket, LengthBucket, Waiting, lags, lengths
from ringtrace.reports.journeys.models import BY, By, ModelColumn, ModelLine, model_comparison
from ringtrace.reports.journeys.paths import Path, paths
from ringtrace.reports.questions import Scope
from ringtrace.web.api.bearing import ApiRequest, company_of
from ringtrace.web.api.operations import READS, operation
from ringtrace.web.api.params import Day
from ringtrace.web.api.reports import SpanOut
from ringtrace.web.counting import find_definition
from ringtrace.web.models import Company
from ringtrace.web.pages.overview import today_on
from ringtrace.web.questions import scope_of
from ringtrace.web.spans import last_days, read_span

router = Router(tags=["journeys"])
_MOST_DAYS = 731
Days: TypeAlias = Annotated[int, Field(ge=1, le=_MOST_DAYS, description="Up to today, without since and until.")]
Measure: TypeAlias = Annotated[str, Field(pattern=f"^({'|'.join(MEASURES)})$", description="What is counted.")]
Split: TypeAlias = Annotated[str, Field(pattern=f"^({'|'.join(BY)})$", description="What the lines are.")]
OnChannel: TypeAlias = Annotated[str, Field(max_length=60, description="Only journeys that this channel is part of.")]
OnPage: TypeAlias = Annotated[str, Field(max_length=LONGEST_TEXT, description="Only those that came to such a page.")]
Label: TypeAlias = Annotated[str, Field(max_length=60, description="What counts: `qualified`, `qualified-2`.")]
Paths: TypeAlias = Annotated[int, Field(ge=1, le=500, description="How many paths at most.")]


class ModelsOut(Struct, frozen=True, kw_only=True):
    """Each model's share of the same conversions, line by line; `furthest`: that which moves most from `default`."""

    span: SpanOut
    by: str
    measure: str
    default: str
    columns: tuple[ModelColumn, ...]
    lines: tuple[ModelLine, ...]
    total: float
    furthest: str | None
    made: MadeOf


class PathsOut(Struct, frozen=True, kw_only=True):
    """The commonest paths of `path_count`; `unknown`: conversions of which no touch is known."""

    span: SpanOut
    measure: str
    paths: tuple[Path, ...]
    path_count: int
    known: float
    unknown: float
    revenue_cents: float | None
    unknown_cents: float | None
    touches: float | None
    days: float | None
    flow: Flow
    made: MadeOf


class LagsOut(Struct, frozen=True, kw_only=True):
    """How long before a conversion its first and its last touch were."""

    span: SpanOut
    measure: str
    buckets: tuple[LagBucket, ...]
    first: Waiting
    last: Waiting
    known: float
    made: MadeOf


class LengthsOut(Struct, frozen=True, kw_only=True):
    """How many touches conversions had; `single`: the share of those with one."""

    span: SpanOut
    measure: str
    buckets: tuple[LengthBucket, ...]
    mean: float | None
    single: float | None
    known: float
    made: MadeOf


@operation(router, "GET /journeys/models", "compare_models", "Models of credit side by side", READS, answers=ModelsOut)
def models(
    request: ApiRequest,
    by: Split = "channel",
    measure: Measure = "calls",
    channel: OnChannel = "",
    landing_page: OnPage = "",
    definition: Label = "",
    since: Day = None,
    until: Day = None,
    days: Days = 28,
) -> ModelsOut:
    scope, of = asked_scope(request, since, until, days), _of(request, measure, channel, landing_page, definition)
    split: By = next(each for each in BY if each == by)
    found = model_comparison(scope, split, of)
    return ModelsOut(
        span=_span(scope),
        by=found.by,
        measure=measure,
        default=found.default,
        columns=found.columns,
        lines=found.lines,
        total=found.total,
        furthest=found.furthest,
        made=found.made,
    )


@operation(router, "GET /journeys/paths", "list_paths", "The ways that led to conversions", READS, answers=PathsOut)
def ways(
    request: ApiRequest,
    measure: Measure = "calls",
    channel: OnChannel = "",
    landing_page: OnPage = "",
    definition: Label = "",
    since: Day = None,
    until: Day = None,
    days: Days = 28,
    most: Paths = 50,
) -> PathsOut:
    scope, of = asked_scope(request, since, until, days), _of(request, measure, channel, landing_page, definition)
    found = paths(scope, of, most)
    return PathsOut(
        span=_span(scope),
        measure=measure,
        paths=found.paths,
        path_count=found.path_count,
        known=found.known,
        unknown=found.unknown,
        revenue_cents=found.revenue_cents,
        unknown_cents=found.unknown_cents,
        touches=found.touches,
        days=found.days,
        flow=found.flow,
        made=found.made,
    )


@operation(router, "GET /journeys/lags", "time_lags", "How long journeys take", READS, answers=LagsOut)
def time_lags(
    request: ApiRequest,
    measure: Measure = "calls",
    channel: OnChannel = "",
    landing_page: OnPage = "",
    definition: Label = "",
    since: Day = None,
    until: Day = None,
    days: Days = 28,
) -> LagsOut:
    scope, of = asked_scope(request, since, until, days), _of(request, measure, channel, landing_page, definition)
    found = lags(scope, of)
    return LagsOut(
        span=_span(scope),
        measure=measure,
        buckets=found.buckets,
        first=found.first,
        last=found.last,
        known=found.known,
        made=found.made,
    )


@operation(router, "GET /journeys/lengths", "path_lengths", "How many touches journeys have", READS, answers=LengthsOut)
def path_lengths(
    request: ApiRequest,
    measure: Measure = "calls",
    channel: OnChannel = "",
    landing_page: OnPage = "",
    definition: Label = "",
    since: Day = None,
    until: Day = None,
    days: Days = 28,
) -> LengthsOut:
    scope, of = asked_scope(request, since, until, days), _of(request, measure, channel, landing_page, definition)
    found = lengths(scope, of)
    return LengthsOut(
        span=_span(scope),
        measure=measure,
        buckets=found.buckets,
        mean=found.mean,
        single=found.single,
        known=found.known,
        made=found.made,
    )


def asked_scope(request: ApiRequest, since: date | None, until: date | None, days: int) -> Scope:
    """Raises BadInput for a span that is none."""
    company = company_of(request)
    today = today_on(company)
    if since is None and until is None:
        return scope_of(company, last_days(days, today))
    if since is None:
        raise BadInput("It is not said when the days begin.", hint="Give since, or days without until.")
    said = {"since": since.isoformat(), "until": until.isoformat() if until else ""}
    span = read_span(said, today)
    if span.problem:
        raise BadInput(span.problem, hint="since and until, both included.")
    return scope_of(company, span)


def _of(request: ApiRequest, measure: str, channel: str, landing_page: str, definition: str) -> Conversions:
    company: Company = company_of(request)
    if channel and channel not in set(Channel):
        raise BadInput(f"There is no channel {channel[:40]!r}.", hint=f"There are: {', '.join(Channel)}.")
    return Conversions(
        measure=measure,
        definition=find_definition(company.pk, definition),
        channel=channel,
        landing_page=landing_page.strip(),
    )


def _span(scope: Scope) -> SpanOut:
    return SpanOut(since=scope.since_on, until=scope.until_on)
