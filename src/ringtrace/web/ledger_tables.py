"""The tables of the ledger that can be taken out: which rows, and what stands in each column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from msgspec import Struct

from ringtrace.core.clock import at_from_ms
from ringtrace.core.sources import Source
from ringtrace.web.lines import show_caller, source_of
from ringtrace.web.models import (
    CallRow,
    Company,
    ContactRow,
    OutcomeRow,
    SpendRow,
    TrackingNumber,
    VisitRow,
)
from ringtrace.web.table_columns import Column, column, source_columns

Cells = Mapping[str, Any]
_CHUNK = 2_000
_SOURCE_NAMES = tuple(one.name for one in source_columns())


class LedgerTable(Struct, frozen=True, kw_only=True):
    """`rows` of a span in order; `cells` of a row, for somebody who may or may not see callers."""

    columns: tuple[Column, ...]
    rows: Callable[[Company, int, int], QuerySet[Any]]
    cells: Callable[[Any, bool], Cells]

    def read(self, rows: QuerySet[Any], *, may_see: bool) -> Iterator[Cells]:
        """Some rows at a time."""
        for row in rows.iterator(chunk_size=_CHUNK):
            yield self.cells(row, may_see)


def _calls(company: Company, since_ms: int, until_ms: int) -> QuerySet[CallRow]:
    calls = CallRow.objects.filter(company=company, started_ms__gte=since_ms, started_ms__lt=until_ms)
    return whole_calls(calls.order_by("-started_ms", "-call_id"))


def whole_calls(calls: QuerySet[CallRow]) -> QuerySet[CallRow]:
    """With all that stands in their cells, in few queries."""
    return calls.select_related("number__pool", "visit").prefetch_related("tags")


def _call(row: CallRow, may_see: bool) -> Cells:
    number = row.number
    return {
        "call_id": row.pk,
        "started_at": row.started_ms,
        "answered_at": row.answered_ms,
        "ended_at": row.ended_ms,
        "status": row.status,
        "caller": show_caller(row, may_see=may_see),
        "caller_hash": row.caller_hash,
        "is_first_call": row.is_first_call,
        "caller_region": row.caller_region,
        "line_type": row.line_type,
        "called_number": number.e164 if number else row.called_e164,
        "number_name": number.name if number else "",
        "pool": number.pool.name if number and number.pool else "",
        "ring_secs": row.ring_secs,
        "talk_secs": row.talk_secs,
        "agent": row.agent,
        "flow_branch": row.flow_branch,
        "menu_keys": row.menu_keys,
        "disposition": row.disposition,
        "tags": ", ".join(sorted(tag.tag for tag in row.tags.all())),
        "is_spam": row.is_spam,
        "transferred": row.transferred,
        "system": row.system,
        "attributed_by": row.attributed_by,
        "visit_id": row.visit_id,
        "p_visit": row.p_visit,
        "p_none": row.p_none,
        **_of_source(source_of(row)),
    }


def _of_source(source: Source | Mapping[str, Any] | None) -> Cells:
    if isinstance(source, Source):
        return {name: getattr(source, name) for name in _SOURCE_NAMES}
    return {name: (source or {}).get(name) for name in _SOURCE_NAMES}


def _visits(company: Company, since_ms: int, until_ms: int) -> QuerySet[VisitRow]:
    visits = VisitRow.objects.filter(company=company, started_ms__gte=since_ms, started_ms__lt=until_ms)
    return visits.select_related("site").order_by("started_ms", "visit_id")


def _visit(row: VisitRow, _may_see: bool) -> Cells:
    return {
        "visit_id": row.pk,
        "visitor_id": row.visitor_id,
        "started_at": row.started_ms,
        "site": row.site.name,
        "pages": row.pages,
        "device": row.device,
        "region": row.region,
        **_of_source(row.source),
    }


def _outcomes(company: Company, since_ms: int, until_ms: int) -> QuerySet[OutcomeRow]:
    rows = OutcomeRow.objects.filter(company=company, at_ms__gte=since_ms, at_ms__lt=until_ms)
    return rows.order_by("-at_ms", "-outcome_id")


def _outcome(row: OutcomeRow, _may_see: bool) -> Cells:
    return {
        "outcome_id": row.pk,
        "kind": row.kind,
        "at": row.at_ms,
        "value": _money(row.value_cents),
        "currency": row.currency,
        "call_id": row.call_id,
        "contact_id": row.contact_id,
        "stage": row.stage,
        "is_lost": row.is_lost,
        "system": row.system,
        "external_id": row.external_id,
        "how": row.how,
        "miss": row.miss,
    }


def _contacts(company: Company, since_ms: int, until_ms: int) -> QuerySet[ContactRow]:
    rows = ContactRow.objects.filter(company=company, at_ms__gte=since_ms, at_ms__lt=until_ms)
    return rows.select_related("visit").order_by("at_ms", "contact_id")


def _contact(row: ContactRow, _may_see: bool) -> Cells:
    return {
        "contact_id": row.pk,
        "kind": row.kind,
        "at": row.at_ms,
        "name": row.name,
        "system": row.system,
        "external_id": row.external_id,
        "visit_id": row.visit_id,
        **_of_source(row.visit.source if row.visit else row.said_source),
    }


def _spend(company: Company, since_ms: int, until_ms: int) -> QuerySet[SpendRow]:
    since_on, until_on = (at_from_ms(ms).astimezone(company.zone).date() for ms in (since_ms, until_ms - 1))
    rows = SpendRow.objects.filter(company=company, on_date__gte=since_on, on_date__lte=until_on)
    return rows.order_by("on_date", "pk")


def _spent(row: SpendRow, _may_see: bool) -> Cells:
    names = ("source", "medium", "campaign", "ad_group", "keyword", "clicks", "impressions", "currency", "spread_days")
    return {
        "on_date": row.on_date.isoformat(),
        **{name: getattr(row, name) for name in names},
        "cost": _money(row.cost_cents),
    }


def _numbers(company: Company, _since_ms: int, _until_ms: int) -> QuerySet[TrackingNumber]:
    numbers = TrackingNumber.objects.filter(company=company).select_related("pool", "site").order_by("e164")
    return numbers.prefetch_related("overflow_of")


def _number(row: TrackingNumber, _may_see: bool) -> Cells:
    use = "pool" if row.pool else "static" if row.static_source else "overflow" if row.overflow_of.all() else ""
    return {
        "number_id": row.pk,
        "number": row.e164,
        "name": row.name,
        "use": use or "out of use",
        "pool": row.pool.name if row.pool else "",
        "site": row.site.name if row.site else "",
        "destination": _destination(row.flow),
        **_of_source(row.static_source),
    }


def _destination(flow: Mapping[str, Any]) -> str:
    rings = [step["ring"]["destination"] for step in flow.get("steps", ()) if step.get("ring")]
    return rings[0] if rings else ""


def _money(cents: int | None) -> float | None:
    return None if cents is None else cents / 100


_TEXTS = ("caller_region", "line_type", "called_number", "number_name", "pool")
_HANDLED = ("agent", "flow_branch", "menu_keys", "disposition", "tags")

LEDGER: Mapping[str, LedgerTable] = {
    "calls": LedgerTable(
        columns=(
            column("call_id"),
            *(column(name, "TIMESTAMP") for name in ("started_at", "answered_at", "ended_at")),
            *(column(name) for name in ("status", "caller", "caller_hash")),
            column("is_first_call", "BOOLEAN"),
            *(column(name) for name in _TEXTS),
            *(column(name, "DOUBLE") for name in ("ring_secs", "talk_secs")),
            *(column(name) for name in _HANDLED),
            *(column(name, "BOOLEAN") for name in ("is_spam", "transferred")),
            *(column(name) for name in ("system", "attributed_by", "visit_id")),
            *(column(name, "DOUBLE") for name in ("p_visit", "p_none")),
            *source_columns(),
        ),
        rows=_calls,
        cells=_call,
    ),
    "visits": LedgerTable(
        columns=(
            *(column(name) for name in ("visit_id", "visitor_id")),
            column("started_at", "TIMESTAMP"),
            column("site"),
            column("pages", "BIGINT"),
            *(column(name) for name in ("device", "region")),
            *source_columns(),
        ),
        rows=_visits,
        cells=_visit,
    ),
    "outcomes": LedgerTable(
        columns=(
            *(column(name) for name in ("outcome_id", "kind")),
            column("at", "TIMESTAMP"),
            column("value", "DOUBLE"),
            *(column(name) for name in ("currency", "call_id", "contact_id", "stage")),
            column("is_lost", "BOOLEAN"),
            *(column(name) for name in ("system", "external_id", "how", "miss")),
        ),
        rows=_outcomes,
        cells=_outcome,
    ),
    "contacts": LedgerTable(
        columns=(
            *(column(name) for name in ("contact_id", "kind")),
            column("at", "TIMESTAMP"),
            *(column(name) for name in ("name", "system", "external_id", "visit_id")),
            *source_columns(),
        ),
        rows=_contacts,
        cells=_contact,
    ),
    "spend": LedgerTable(
        columns=(
            column("on_date", "DATE"),
            *(column(name) for name in ("source", "medium", "campaign", "ad_group", "keyword")),
            column("cost", "DOUBLE"),
            *(column(name, "BIGINT") for name in ("clicks", "impressions", "spread_days")),
            column("currency"),
        ),
        rows=_spend,
        cells=_spent,
    ),
    "numbers": LedgerTable(
        columns=(
            *(column(name) for name in ("number_id", "number", "name", "use", "pool", "site", "destination")),
            *source_columns(),
        ),
        rows=_numbers,
        cells=_number,
    ),
}
