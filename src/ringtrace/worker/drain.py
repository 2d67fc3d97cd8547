"""Drains the journal: visits, leases and calls become rows, in order and once in effect.

One transaction takes a batch of events and moves the place in the journal: after a crash it is taken again whole, or
not at all. Rows are written by their ids, so that an event read twice changes nothing.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec
from django.db import transaction

from ringtrace.core.clock import HOUR_MS
from ringtrace.core.numbers import Lease
from ringtrace.web.models import (
    Company,
    JournalPlace,
    LeaseRow,
    PassedOver,
    RefusalRow,
    Site,
    VisitRow,
)
from ringtrace.web.months import mark_stale
from ringtrace.wire.journal import (
    AnyEvent,
    CallReported,
    NumberClicked,
    RefusalsCounted,
    VisitAlive,
    VisitSeen,
)
from ringtrace.wire.sqlite import read_events
from ringtrace.worker.calls import take_reports
from ringtrace.worker.poison import POISON

log = logging.getLogger("ringtrace.worker")

_READER = "worker"
_BATCH = 1_000


def drain(store: sqlite3.Connection, now_ms: int, *, most: int = _BATCH) -> int:
    """Takes up to `most` events from where the last drain ended; returns how many places it moved on.

    An event that cannot be taken, whoever sent it, is passed over: it is written down with its place and reason, and
    stays in the journal. One company's odd event never stops another's calls.
    """
    place, _ = JournalPlace.objects.get_or_create(reader=_READER)
    events = read_events(store, place.seq, most)
    if not events:
        return 0
    try:
        return _take_batch(events, now_ms)
    except POISON:
        log.warning("a batch of %d events holds one that cannot be taken; taking them one by one", len(events))
    return sum(_take_alone(seq, event, now_ms) for seq, event in events)


def _take_alone(seq: int, event: AnyEvent | None, now_ms: int) -> int:
    try:
        return _take_batch([(seq, event)], now_ms)
    except POISON as error:
        log.exception("journal place %d was passed over", seq)
        return _take_batch([(seq, None)], now_ms, why=type(error).__name__)


def _take_batch(events: Sequence[tuple[int, AnyEvent | None]], now_ms: int, why: str = "unreadable") -> int:
    with transaction.atomic():
        place = JournalPlace.objects.select_for_update().get(reader=_READER)
        fresh = [(seq, event) for seq, event in events if seq > place.seq]
        if not fresh:
            return 0  # another worker took them meanwhile, and perhaps more
        _take([event for _, event in fresh if event is not None], now_ms)
        _pass_over([seq for seq, event in fresh if event is None], why, now_ms)
        place.seq = fresh[-1][0]
        place.save(update_fields=["seq"])
    return len(fresh)


def _pass_over(places: Sequence[int], why: str, now_ms: int) -> None:
    for seq in places:
        log.error("journal place %d is passed over (%s); it stays in the journal", seq, why)
        PassedOver.objects.update_or_create(reader=_READER, seq=seq, defaults={"why": why, "at_ms": now_ms})


def _take(events: Sequence[AnyEvent], now_ms: int) -> None:
    known = frozenset(Company.objects.values_list("company_id", flat=True))
    ours = [event for event in events if event.company_id in known or isinstance(event, RefusalsCounted)]
    if len(ours) != len(events):
        log.warning("%d events of removed companies were passed over", len(events) - len(ours))
    signs = [event for event in ours if isinstance(event, VisitSeen | VisitAlive | NumberClicked)]
    _VisitBatch(signs).take()
    take_reports([event for event in ours if isinstance(event, CallReported)], now_ms)
    _count_refusals(event for event in ours if isinstance(event, RefusalsCounted))


class _VisitBatch:
    """Visits and leases of one batch: loaded at once, changed in memory in order, written at once."""

    def __init__(self, events: Sequence[VisitSeen | VisitAlive | NumberClicked]) -> None:
        self._events = events
        self._sites = frozenset(Site.objects.values_list("site_id", flat=True))
        self._visits = VisitRow.objects.in_bulk({event.visit_id for event in events})
        leases = LeaseRow.objects.filter(visit_id__in={event.visit_id for event in events})
        self._leases = {lease.lease_id: lease for lease in leases}
        self._first_seen: list[VisitRow] = []

    def take(self) -> None:
        for event in self._events:
            if event.site_id not in self._sites:
                continue
            if isinstance(event, VisitSeen):
                self._see(event)
            elif isinstance(event, VisitAlive):
                self._keep(event)
            else:
                self._click(event)
        self._write()

    def _see(self, event: VisitSeen) -> None:
        if event.visit_id not in self._visits:
            row = self._visits[event.visit_id] = _visit_row(event)
            self._first_seen.append(row)
        else:
            self._live_on(event.visit_id, event.at_ms, is_page=True)
        self._hold(event, event.leases)

    def _keep(self, event: VisitAlive) -> None:
        if event.visit_id in self._visits:
            self._live_on(event.visit_id, event.at_ms, is_page=event.url is not None)
            self._hold(event, event.leases)

    def _click(self, event: NumberClicked) -> None:
        if event.visit_id not in self._visits:
            return
        self._live_on(event.visit_id, event.at_ms, is_page=False)
        for lease in self._leases.values():
            if lease.visit_id == event.visit_id and lease.e164 == event.e164:
                lease.clicked_ms = max(lease.clicked_ms or 0, event.at_ms)

    def _live_on(self, visit_id: str, at_ms: int, *, is_page: bool) -> None:
        visit = self._visits[visit_id]
        if at_ms <= visit.last_seen_ms and not is_page:
            return
        visit.pages += int(is_page and at_ms > visit.last_seen_ms)
        visit.last_seen_ms = max(visit.last_seen_ms, at_ms)

    def _hold(self, event: VisitSeen | VisitAlive, leases: Iterable[Lease]) -> None:
        for lease in leases:
            row = self._leases.get(lease.lease_id)
            if row is None:
                row = self._leases[lease.lease_id] = _lease_row(event.company_id, lease)
            row.until_ms = max(row.until_ms, lease.until_ms)
            row.last_seen_ms = max(row.last_seen_ms, event.at_ms)

    def _write(self) -> None:
        VisitRow.objects.bulk_create(
            self._visits.values(),
            update_conflicts=True,
            unique_fields=["visit_id"],
            update_fields=["last_seen_ms", "pages"],
        )
        LeaseRow.objects.bulk_create(
            self._leases.values(),
            update_conflicts=True,
            unique_fields=["lease_id"],
            update_fields=["until_ms", "last_seen_ms", "clicked_ms"],
        )
        times_ms: defaultdict[str, list[int]] = defaultdict(list)
        for visit in self._first_seen:  # later signs of life change no fact of the lake
            times_ms[visit.company_id].append(visit.started_ms)
        for company_id, of_company in times_ms.items():
            mark_stale(company_id, of_company)


def _visit_row(event: VisitSeen) -> VisitRow:
    return VisitRow(
        visit_id=event.visit_id,
        company_id=event.company_id,
        site_id=event.site_id,
        visitor_id=event.visitor_id,
        started_ms=event.at_ms,
        last_seen_ms=event.at_ms,
        url=event.url,
        referrer=event.referrer,
        device=event.device,
        gpc=event.gpc,
        refused="" if event.leases else "no_number",
        channel=event.source.channel,
        source=msgspec.to_builtins(event.source),
    )


def _lease_row(company_id: str, lease: Lease) -> LeaseRow:
    return LeaseRow(
        lease_id=lease.lease_id,
        company_id=company_id,
        visit_id=lease.visit_id,
        visitor_id=lease.visitor_id,
        pool_id=lease.pool_id,
        e164=lease.e164,
        from_ms=lease.from_ms,
        until_ms=lease.until_ms,
        last_seen_ms=lease.from_ms,
    )


def _count_refusals(events: Iterable[RefusalsCounted]) -> None:
    counts: Counter[tuple[str, str, int, str]] = Counter()
    for event in events:
        hour_ms = event.at_ms - event.at_ms % HOUR_MS
        for reason, count in event.counts.items():
            counts[event.company_id, event.site_id, hour_ms, reason] += count
    for (company_key, site_key, hour_ms, reason), count in counts.items():
        row, _ = RefusalRow.objects.get_or_create(
            company_key=company_key, site_key=site_key, hour_ms=hour_ms, reason=reason
        )
        row.count += count
        row.save(update_fields=["count"])
