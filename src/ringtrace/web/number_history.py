"""One number's own story: its calls by day, who was shown it, and whether something seems to be wrong with it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import QuerySet
from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.core.clock import DAY_MS, at_from_ms
from ringtrace.core.sources import Source
from ringtrace.web.models import CallRow, LeaseRow, TrackingNumber

HISTORY_DAYS = 28
_MOST_HOLDERS = 15
_ANSWERED = frozenset({CallStatus.ANSWERED, CallStatus.IN_PROGRESS})
_BROKEN = frozenset({CallStatus.FAILED, CallStatus.BUSY})
_MANY_BROKEN, _FEWEST_CALLS = 0.2, 5
_UNLIKELY = 0.01


class Day(Struct, frozen=True, kw_only=True):
    """`height`: of its bar, of 100; `answered_height`: of the part that was answered."""

    on_date: date
    calls: int
    answered: int
    x: int
    height: int
    answered_height: int


class Holder(Struct, frozen=True, kw_only=True):
    """A visit that was shown the number. `calls`: ids of the calls thought to be its own."""

    source: Source
    from_ms: int
    until_ms: int
    clicked_ms: int | None
    is_now: bool
    calls: tuple[str, ...]


class Health(Struct, frozen=True, kw_only=True):
    """`warnings`: what seems wrong and what to do about it."""

    calls: int
    answered_share: float | None
    last_ms: int | None
    shown: int
    warnings: tuple[str, ...]


def days_of(calls: QuerySet[CallRow], zone: ZoneInfo, now_ms: int) -> list[Day]:
    """Every day of the last four weeks in the company's zone, also those without a call."""
    today = at_from_ms(now_ms).astimezone(zone).date()
    first = today - timedelta(days=HISTORY_DAYS - 1)
    rows = calls.order_by().filter(started_ms__gte=now_ms - (HISTORY_DAYS + 1) * DAY_MS)
    all_calls: Counter[date] = Counter()
    answered: Counter[date] = Counter()
    for started_ms, status in rows.values_list("started_ms", "status"):
        on_date = at_from_ms(started_ms).astimezone(zone).date()
        all_calls[on_date] += 1
        answered[on_date] += status in _ANSWERED
    dates = [first + timedelta(days=nth) for nth in range(HISTORY_DAYS)]
    most = max([4, *(all_calls[on_date] for on_date in dates)])
    return [
        Day(
            on_date=on_date,
            calls=all_calls[on_date],
            answered=answered[on_date],
            x=10 * nth,
            height=round(100 * all_calls[on_date] / most),
            answered_height=round(100 * answered[on_date] / most),
        )
        for nth, on_date in enumerate(dates)
    ]


def holders_of(leases: QuerySet[LeaseRow], calls: QuerySet[CallRow], now_ms: int) -> list[Holder]:
    """The visits that were shown it last, the newest first."""
    rows = list(leases.order_by("-from_ms")[:_MOST_HOLDERS])
    matched: dict[str, list[str]] = {}
    for visit_id, call_id in calls.filter(visit__in=[row.visit_id for row in rows]).values_list("visit_id", "pk"):
        matched.setdefault(str(visit_id), []).append(call_id)
    return [
        Holder(
            source=msgspec.convert(row.visit.source, Source),
            from_ms=row.from_ms,
            until_ms=row.until_ms,
            clicked_ms=row.clicked_ms,
            is_now=row.until_ms > now_ms,
            calls=tuple(matched.get(row.visit_id, ())),
        )
        for row in rows
    ]


def health_of(number: TrackingNumber, calls: QuerySet[CallRow], leases: QuerySet[LeaseRow], now_ms: int) -> Health:
    """Of the last four weeks, held against the company's other pooled numbers."""
    since_ms = now_ms - HISTORY_DAYS * DAY_MS
    statuses = list(calls.order_by().filter(started_ms__gte=since_ms).values_list("status", flat=True))
    shown = leases.filter(from_ms__gte=since_ms).count()
    return Health(
        calls=len(statuses),
        answered_share=sum(status in _ANSWERED for status in statuses) / len(statuses) if statuses else None,
        last_ms=calls.order_by("-started_ms").values_list("started_ms", flat=True).first(),
        shown=shown,
        warnings=(*_broken(statuses), *_silent(number, len(statuses), shown, since_ms)),
    )


def _broken(statuses: Sequence[str]) -> list[str]:
    broken = sum(status in _BROKEN for status in statuses)
    if len(statuses) < _FEWEST_CALLS or broken <= _MANY_BROKEN * len(statuses):
        return []
    return [f"{broken} of {len(statuses)} calls failed or found it busy. Check where it rings, and call it yourself."]


def _silent(number: TrackingNumber, calls: int, shown: int, since_ms: int) -> list[str]:
    """Whether it is silent although so many visits were shown it, by the calls that its sisters get for as many."""
    if number.pool_id is None or calls or not shown:
        return []
    sisters = CallRow.objects.filter(
        company=number.company_id, number__pool=number.pool_id, started_ms__gte=since_ms
    ).count()
    all_shown = LeaseRow.objects.filter(
        company=number.company_id, pool_id=number.pool_id, from_ms__gte=since_ms
    ).count()
    expected = sisters * shown / all_shown if all_shown else 0.0
    if math.exp(-expected) > _UNLIKELY:
        return []
    said = f"{shown} visits were shown it and nobody called; others of its pool had {expected:.0f} calls for as many."
    return [f"{said} Call it yourself: it may not reach the carrier, or the carrier not us."]
