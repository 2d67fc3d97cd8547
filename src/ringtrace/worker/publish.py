"""Publishes what changed to the lake: whole months, one manifest."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import msgspec

from ringtrace.attribution.registry import MODELS
from ringtrace.core.clock import Clock, ms_from_at
from ringtrace.core.sources import Source
from ringtrace.lake.manifest import Manifest
from ringtrace.lake.schemas import CallFact, ConversionFact, CreditFact, SpendFact, TouchpointFact
from ringtrace.lake.writer import Facts, LakeWriter
from ringtrace.web.models import CallRow, OutcomeRow, SpendRow, StaleMonth, VisitRow
from ringtrace.web.models.calls import AttributedBy
from ringtrace.worker.journeys import credit_facts, load_visits
from ringtrace.worker.poison import POISON

log = logging.getLogger("ringtrace.worker")

_LEAST_PAUSE_MS = 400
_PAUSES = 2  # times what the last publishing took


class Publisher:
    """Publishes to one lake, as often as the time that publishing takes allows."""

    def __init__(self, writer: LakeWriter) -> None:
        self._writer = writer
        self._next_ms = 0

    def publish_if_due(self, clock: Clock) -> Manifest | None:
        """Publishes what changed, unless it did just now: at most a third of the worker's time goes into this."""
        began_ms = clock()
        if began_ms < self._next_ms:
            return None
        manifest = publish_stale(self._writer, began_ms)
        self._next_ms = clock() + max(_LEAST_PAUSE_MS, _PAUSES * (clock() - began_ms))
        return manifest


def publish_stale(writer: LakeWriter, now_ms: int) -> Manifest | None:
    """Publishes every month that changed since it was last published; None where none could be.

    A change that comes while a month is being published grows its mark, and the month is published again. A month
    whose facts cannot be made is said in the log, keeps its mark, and holds up no other.
    """
    stale = list(StaleMonth.objects.values_list("pk", "company_id", "month", "mark"))
    months: dict[tuple[str, str], Facts] = {}
    for _, company_id, month, _ in stale:
        try:
            months[company_id, month] = facts_of(company_id, month)
        except POISON:
            log.exception("month %s of %s cannot be published", month, company_id)
    if not months:
        return None
    manifest = writer.publish(months, now_ms)
    for pk, company_id, month, mark in stale:
        if (company_id, month) in months:
            StaleMonth.objects.filter(pk=pk, mark=mark).delete()
    return manifest


def facts_of(company_id: str, month: str) -> Facts:
    """All facts of a company's UTC month (`2026-11`), from the ledger."""
    since_ms, until_ms = month_span_ms(month)
    calls = list(
        CallRow.objects.filter(company_id=company_id, started_ms__gte=since_ms, started_ms__lt=until_ms)
        .select_related("number", "match")
        .order_by("started_ms", "call_id")
    )
    visits = VisitRow.objects.filter(company_id=company_id, started_ms__gte=since_ms, started_ms__lt=until_ms)
    outcomes = OutcomeRow.objects.filter(
        company_id=company_id, call__started_ms__gte=since_ms, call__started_ms__lt=until_ms
    )
    first_on = datetime.fromtimestamp(since_ms / 1000, tz=UTC).date()
    spend = SpendRow.objects.filter(company_id=company_id, on_date__year=first_on.year, on_date__month=first_on.month)
    return {
        "touchpoints": [_touchpoint(visit) for visit in visits.order_by("started_ms", "visit_id")],
        "calls": [_call(call) for call in calls],
        "credits": list(_credits(calls)),
        "conversions": [_conversion(outcome) for outcome in outcomes.order_by("at_ms", "outcome_id")],
        "spend": [_spend(row) for row in spend.order_by("on_date", "source", "medium", "campaign")],
    }


def month_span_ms(month: str) -> tuple[int, int]:
    """The first moment of a UTC month, and of the next."""
    first = date.fromisoformat(f"{month}-01")
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return _midnight_ms(first), _midnight_ms(after)


def _midnight_ms(on: date) -> int:
    return ms_from_at(datetime(on.year, on.month, on.day, tzinfo=UTC))


def _touchpoint(visit: VisitRow) -> TouchpointFact:
    source = msgspec.convert(visit.source, Source)
    return TouchpointFact(
        company_id=visit.company_id,
        visit_id=visit.visit_id,
        visitor_id=visit.visitor_id,
        at_ms=visit.started_ms,
        channel=source.channel,
        source=source.source,
        medium=source.medium,
        campaign=source.campaign,
        ad_group=source.ad_group,
        keyword=source.keyword,
        content=source.content,
        landing_page=source.landing_page,
        device=visit.device,
    )


def _call(call: CallRow) -> CallFact:
    by_number = call.attributed_by == AttributedBy.STATIC_NUMBER
    return CallFact(
        company_id=call.company_id,
        call_id=call.call_id,
        number_id=call.number_id,
        started_ms=call.started_ms,
        status=call.status,
        ring_secs=call.ring_secs,
        talk_secs=call.talk_secs,
        caller_hash=call.caller_hash,
        is_first_call=call.is_first_call,
        attributed_by=call.attributed_by,
        visit_id=call.visit_id,
        p_known=1.0 if by_number else None if call.p_none is None else 1.0 - call.p_none,
    )


def _credits(calls: Sequence[CallRow]) -> Iterable[CreditFact]:
    visits_of = load_visits(calls)
    for call in calls:
        for model in MODELS.values():
            yield from credit_facts(call, visits_of, model)


def _conversion(outcome: OutcomeRow) -> ConversionFact:
    return ConversionFact(
        company_id=outcome.company_id,
        outcome_id=outcome.outcome_id,
        call_id=outcome.call_id,
        kind=outcome.kind,
        value_cents=outcome.value_cents,
        at_ms=outcome.at_ms,
    )


def _spend(row: SpendRow) -> SpendFact:
    return SpendFact(
        company_id=row.company_id,
        on_date=row.on_date,
        source=row.source,
        medium=row.medium,
        campaign=row.campaign or None,
        cost_cents=row.cost_cents,
    )
