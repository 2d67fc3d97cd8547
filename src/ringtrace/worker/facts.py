"""The base facts of a company's month, from the ledger: columns alone, row by row, never whole objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.core.ids import derived_id
from ringtrace.core.matches import Match
from ringtrace.core.sources import Channel
from ringtrace.lake.months import month_span_ms
from ringtrace.lake.schemas import (
    CALL_COUNTS,
    CallFact,
    ConversionFact,
    IdentityFact,
    SpendFact,
    TouchpointFact,
)
from ringtrace.web.models import CallRow, FormRow, OutcomeRow, PersonRow, SpendRow, VisitRow
from ringtrace.web.models.calls import AttributedBy

LEAST_P = 0.005  # visitors less likely than this are left to the unknown
_CHUNK = 2_000
_read_match = msgspec.json.Decoder(Match).decode


class _Said(Struct, frozen=True, kw_only=True, gc=False):
    """What a touch says of its source: those fields of a core Source that the lake keeps."""

    channel: Channel
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    ad_group: str | None = None
    keyword: str | None = None
    content: str | None = None
    landing_page: str | None = None
    referrer_host: str | None = None


_read_said = msgspec.json.Decoder(_Said).decode


class Span(NamedTuple):
    """A company's UTC month: its first moment, and the next month's."""

    company_id: str
    since_ms: int
    until_ms: int


def span_of(company_id: str, month: str) -> Span:
    """Of a month such as `2026-11`."""
    return Span(company_id, *month_span_ms(month))


def touchpoints(span: Span) -> Iterator[TouchpointFact]:
    """Visits by time, then calls to printed numbers, each a touch of its own."""
    visits = _within(VisitRow.objects.all(), span, "started_ms").annotate(said=Cast("source", TextField()))
    fields = ("visit_id", "visitor_id", "started_ms", "said", "device", "region")
    for visit_id, visitor_id, at_ms, said, device, region in _rows(visits.order_by("started_ms", "visit_id"), *fields):
        yield _touch(span, visit_id, "visit", visit_id, visitor_id, at_ms, _read_said(said), device, region)
    yield from _number_touches(span)


def _number_touches(span: Span) -> Iterator[TouchpointFact]:
    calls = _within(CallRow.objects.all(), span, "started_ms").filter(attributed_by=AttributedBy.STATIC_NUMBER)
    calls = calls.annotate(said=Cast("number__static_source", TextField())).order_by("started_ms", "call_id")
    for call_id, started_ms, said in _rows(calls, "call_id", "started_ms", "said"):
        if said is None:
            continue  # the number stands for nothing any more
        touch_id, visitor_id = derived_id("touch", call_id), visitor_of_call(call_id)
        yield _touch(span, touch_id, "number", None, visitor_id, started_ms, _read_said(said), "", "")


def _touch(
    span: Span,
    touch_id: str,
    kind: str,
    visit_id: str | None,
    visitor_id: str,
    at_ms: int,
    said: _Said,
    device: str,
    region: str,
) -> TouchpointFact:
    return TouchpointFact(
        company_id=span.company_id,
        touch_id=touch_id,
        kind=kind,
        visit_id=visit_id,
        visitor_id=visitor_id,
        at_ms=at_ms,
        channel=said.channel,
        source=said.source,
        medium=said.medium,
        campaign=said.campaign,
        ad_group=said.ad_group,
        keyword=said.keyword,
        content=said.content,
        landing_page=said.landing_page,
        referrer_host=said.referrer_host,
        device=device or None,
        region=region or None,
    )


def visitor_of_call(call_id: str) -> str:
    """Whoever called a printed number is known by that call alone."""
    return f"call:{call_id}"


def calls(span: Span) -> Iterator[CallFact]:
    fields = (
        *("call_id", "number_id", "started_ms", "status", "ring_secs", "talk_secs", "caller_hash", "is_first_call"),
        *("attributed_by", "visit_id", "p_none"),
    )
    of_month = _within(CallRow.objects.all(), span, "started_ms").order_by("started_ms", "call_id")
    for *facts, attributed_by, visit_id, p_none in _rows(of_month, *fields):
        by_number = attributed_by == AttributedBy.STATIC_NUMBER
        yield CallFact(
            company_id=span.company_id,
            **dict(zip(fields, facts, strict=False)),
            attributed_by=attributed_by,
            visit_id=visit_id,
            p_known=1.0 if by_number else None if p_none is None else 1.0 - p_none,
        )


def identities(span: Span) -> Iterator[IdentityFact]:
    """Who made the month's calls and forms, and whose phones and addresses visitors said they have."""
    yield from _of_calls(span)
    yield from _of_forms(span)
    yield from _of_people(span)


def _of_calls(span: Span) -> Iterator[IdentityFact]:
    """The candidates of each call, and the caller's phone as theirs; for a printed number the call itself."""
    of_month = _within(CallRow.objects.all(), span, "started_ms").order_by("started_ms", "call_id")
    of_month = of_month.annotate(verdict=Cast("match__verdict", TextField()))
    fields = ("call_id", "started_ms", "caller_hash", "attributed_by", "verdict")
    for call_id, at_ms, caller_hash, attributed_by, verdict in _rows(of_month, *fields):
        for visitor_id, p, visit_id in _candidates(call_id, attributed_by, verdict):
            keys = {"call": call_id, "phone": caller_hash}
            for key_kind, key in keys.items():
                if key is not None:
                    yield _identity(span, visitor_id, key_kind, key, p, at_ms, visit_id)


def _candidates(call_id: str, attributed_by: str, verdict: str | None) -> Iterator[tuple[str, float, str | None]]:
    """Visitors who may have made the call, each with its probability and likeliest visit; the likeliest first."""
    if attributed_by == AttributedBy.STATIC_NUMBER:
        yield visitor_of_call(call_id), 1.0, None
    if verdict is None or attributed_by in (AttributedBy.STATIC_NUMBER, AttributedBy.OVERFLOW_NUMBER):
        return
    likely: defaultdict[str, float] = defaultdict(float)
    visit_of: dict[str, str] = {}
    for weighed in _read_match(verdict).weighed:  # the likeliest first
        likely[weighed.visitor_id] += weighed.p
        visit_of.setdefault(weighed.visitor_id, weighed.visit_id)
    for visitor_id, p in likely.items():
        if p >= LEAST_P:
            yield visitor_id, min(1.0, p), visit_of[visitor_id]


def _of_forms(span: Span) -> Iterator[IdentityFact]:
    forms = _within(FormRow.objects.all(), span, "at_ms").order_by("at_ms", "event_id")
    for event_id, at_ms, visitor_id, visit_id in _rows(forms, "event_id", "at_ms", "visit__visitor_id", "visit_id"):
        yield _identity(span, visitor_id, "form", event_id, 1.0, at_ms, visit_id)


def _of_people(span: Span) -> Iterator[IdentityFact]:
    people = _within(PersonRow.objects.all(), span, "at_ms").order_by("at_ms", "event_id")
    fields = ("visitor_id", "at_ms", "visit_id", "phone_hash", "email_hash")
    for visitor_id, at_ms, visit_id, phone_hash, email_hash in _rows(people, *fields):
        for key_kind, key in (("phone", phone_hash), ("email", email_hash)):
            if key is not None:
                yield _identity(span, visitor_id, key_kind, key, 1.0, at_ms, visit_id)


def _identity(
    span: Span, visitor_id: str, key_kind: str, key: str, p: float, at_ms: int, visit_id: str | None
) -> IdentityFact:
    return IdentityFact(
        company_id=span.company_id,
        visitor_id=visitor_id,
        key_kind=key_kind,
        key=key,
        p=p,
        at_ms=at_ms,
        visit_id=visit_id,
    )


def conversions(span: Span) -> Iterator[ConversionFact]:
    """Calls that count, forms, and what came of the month's calls, whenever it came."""
    counted = _within(CallRow.objects.all(), span, "started_ms").filter(status=CallStatus.ANSWERED)
    for call_id, at_ms in _rows(counted.order_by("started_ms", "call_id"), "call_id", "started_ms"):
        yield _conversion(span, call_id, "call", call_id, call_id, at_ms, at_ms, definition=CALL_COUNTS)
    forms = _within(FormRow.objects.all(), span, "at_ms").order_by("at_ms", "event_id")
    for event_id, at_ms in _rows(forms, "event_id", "at_ms"):
        yield _conversion(span, event_id, "form", event_id, None, at_ms, at_ms)
    outcomes = _within(OutcomeRow.objects.all(), span, "call__started_ms").order_by("at_ms", "outcome_id")
    fields = ("outcome_id", "kind", "call_id", "at_ms", "call__started_ms", "value_cents")
    for outcome_id, kind, call_id, at_ms, started_ms, value_cents in _rows(outcomes, *fields):
        yield _conversion(span, outcome_id, kind, call_id, call_id, at_ms, started_ms, value_cents=value_cents)


def _conversion(
    span: Span,
    conversion_id: str,
    kind: str,
    response_id: str,
    call_id: str | None,
    at_ms: int,
    response_ms: int,
    *,
    value_cents: int | None = None,
    definition: str | None = None,
) -> ConversionFact:
    return ConversionFact(
        company_id=span.company_id,
        conversion_id=conversion_id,
        kind=kind,
        response_id=response_id,
        call_id=call_id,
        at_ms=at_ms,
        response_ms=response_ms,
        value_cents=value_cents,
        definition=definition,
    )


def spend(span: Span) -> Iterator[SpendFact]:
    since_on = datetime.fromtimestamp(span.since_ms / 1000, tz=UTC).date()
    until_on = datetime.fromtimestamp(span.until_ms / 1000, tz=UTC).date()
    rows = SpendRow.objects.filter(company_id=span.company_id, on_date__gte=since_on, on_date__lt=until_on)
    ordered = rows.order_by("on_date", "source", "medium", "campaign")
    for on_date, source, medium, campaign, cost_cents in _rows(
        ordered, "on_date", "source", "medium", "campaign", "cost_cents"
    ):
        yield SpendFact(
            company_id=span.company_id,
            on_date=on_date,
            source=source,
            medium=medium,
            campaign=campaign or None,
            cost_cents=cost_cents,
        )


def _within(rows: QuerySet[Any], span: Span, timed_by: str) -> QuerySet[Any]:
    within = {f"{timed_by}__gte": span.since_ms, f"{timed_by}__lt": span.until_ms}
    return rows.filter(company_id=span.company_id, **within)


def _rows(rows: QuerySet[Any], *fields: str) -> Iterable[tuple[Any, ...]]:
    return rows.values_list(*fields).iterator(chunk_size=_CHUNK)


MAKERS: Mapping[str, Callable[[Span], Iterator[Struct]]] = {
    "touchpoints": touchpoints,
    "calls": calls,
    "identities": identities,
    "conversions": conversions,
    "spend": spend,
}
