"""Drains the journal: visits, leases and calls become rows, in order and once in effect.

One transaction takes a batch of events and moves the place in the journal: after a crash it is taken again whole, or
not at all. Rows are written by their ids, so that an event read twice changes nothing. Several events may share a
place: they are taken together, always.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

import msgspec
from django.db import transaction
from django.db.models import Min, Q

from ringtrace.core.clock import HOUR_MS, SECOND_MS
from ringtrace.core.numbers import Lease
from ringtrace.web.models import (
    Company,
    ContactRow,
    JournalPlace,
    LeaseRow,
    PassedOver,
    PersonRow,
    RefusalRow,
    Site,
    TapRow,
    VisitRow,
)
from ringtrace.web.months import mark_stale
from ringtrace.wire.journal import (
    AnyEvent,
    CallReported,
    FormSent,
    NumberClicked,
    PersonNamed,
    RefusalsCounted,
    VisitAlive,
    VisitSeen,
)
from ringtrace.wire.store import WireStore
from ringtrace.worker.calls import take_reports
from ringtrace.worker.poison import POISON

log = logging.getLogger("ringtrace.worker")

_READER = "worker"
_BATCH = 1_000
_TELL_EVERY_MS = 5 * SECOND_MS
_MOST_FORM = 200

_Placed = tuple[int, AnyEvent | None]
_Sign = VisitSeen | VisitAlive | NumberClicked | FormSent | PersonNamed


def drain(store: WireStore, now_ms: int, *, most: int = _BATCH) -> int:
    """Takes about `most` events from where the last drain ended; returns how many it took.

    An event that cannot be taken, whoever sent it, is passed over: it is written down with its place and reason. One
    company's odd event never stops another's calls. The store is told now and then how far the ledger has come.
    """
    place, _ = JournalPlace.objects.get_or_create(reader=_READER)
    events = store.read_events(place.seq, most)
    taken = _take_events(events, now_ms) if events else 0
    if taken or place.seq > place.told_seq:
        _tell_drained(store, place.told_ms, now_ms)
    return taken


def _take_events(events: Sequence[_Placed], now_ms: int) -> int:
    try:
        return _take_batch(events, now_ms)
    except POISON:
        log.warning("a batch of %d events holds one that cannot be taken; taking them one by one", len(events))
    return sum(
        _take_one_by_one(seq, [event for _, event in of_place], now_ms)
        for seq, of_place in groupby(events, key=itemgetter(0))
    )


def _take_batch(events: Sequence[_Placed], now_ms: int) -> int:
    with transaction.atomic():
        place = JournalPlace.objects.select_for_update().get(reader=_READER)
        fresh = [(seq, event) for seq, event in events if seq > place.seq]
        if not fresh:
            return 0  # another worker took them meanwhile, and perhaps more
        _take([event for _, event in fresh if event is not None], now_ms)
        for seq, of_place in groupby(fresh, key=itemgetter(0)):
            for nth, (_, event) in enumerate(of_place):
                if event is None:
                    _pass_over(seq, nth, "unreadable", now_ms)
        _move_to(place, fresh[-1][0])
    return len(fresh)


def _take_one_by_one(seq: int, events: Sequence[AnyEvent | None], now_ms: int) -> int:
    """The events of one place, each by itself: what cannot be taken takes nothing else with it."""
    with transaction.atomic():
        place = JournalPlace.objects.select_for_update().get(reader=_READER)
        if seq <= place.seq:
            return 0
        for nth, event in enumerate(events):
            try:
                with transaction.atomic():
                    _take([] if event is None else [event], now_ms)
                why = "" if event is not None else "unreadable"
            except POISON as error:
                log.exception("journal place %d cannot be taken", seq)
                why = type(error).__name__
            if why:
                _pass_over(seq, nth, why, now_ms)
        _move_to(place, seq)
    return len(events)


def _move_to(place: JournalPlace, seq: int) -> None:
    place.seq = seq
    place.save(update_fields=["seq"])


def _pass_over(seq: int, nth: int, why: str, now_ms: int) -> None:
    log.error("journal place %d is passed over (%s)", seq, why)
    PassedOver.objects.update_or_create(reader=_READER, seq=seq, nth=nth, defaults={"why": why, "at_ms": now_ms})


def _tell_drained(store: WireStore, told_ms: int, now_ms: int) -> None:
    """Tells the store up to where every reader's ledger is durable, at most every five seconds.

    A clock that was set back is no reason to wait until it has caught up.
    """
    if 0 <= now_ms - told_ms < _TELL_EVERY_MS:
        return
    lowest = JournalPlace.objects.aggregate(lowest=Min("seq"))["lowest"]
    store.note_drained(lowest, now_ms)
    JournalPlace.objects.filter(reader=_READER).update(told_seq=lowest, told_ms=now_ms)


def _take(events: Sequence[AnyEvent], now_ms: int) -> None:
    known = frozenset(Company.objects.values_list("company_id", flat=True))
    ours = [event for event in events if event.company_id in known or isinstance(event, RefusalsCounted)]
    if len(ours) != len(events):
        log.warning("%d events of removed companies were passed over", len(events) - len(ours))
    _VisitBatch([event for event in ours if not isinstance(event, RefusalsCounted)]).take()
    take_reports([event for event in ours if isinstance(event, CallReported)], now_ms)
    _mark_contacts([event for event in ours if isinstance(event, CallReported | PersonNamed)])
    _count_refusals(event for event in ours if isinstance(event, RefusalsCounted))


def _mark_contacts(events: Iterable[CallReported | PersonNamed]) -> None:
    """Contacts made since by whoever called, or said on a page who they are: their visitor is known from now on."""
    since_ms: dict[str, int] = {}
    hashes: defaultdict[str, set[str]] = defaultdict(set)
    for event in events:
        said = (event.caller_hash,) if isinstance(event, CallReported) else (event.phone_hash, event.email_hash)
        if any(said):
            hashes[event.company_id].update(one for one in said if one)
            since_ms[event.company_id] = min(event.at_ms, since_ms.get(event.company_id, event.at_ms))
    for company_id, of_company in hashes.items():
        told = ContactRow.objects.filter(company_id=company_id, at_ms__gte=since_ms[company_id], visit=None)
        known = told.filter(Q(phone_hash__in=of_company) | Q(email_hash__in=of_company))
        mark_stale(company_id, known.values_list("at_ms", flat=True))


class _VisitBatch:
    """Visits and what they did, of one batch: loaded at once, changed in memory in order, written at once.

    A visit is its company's: an event that names another's visit or site is passed over.
    """

    def __init__(self, events: Sequence[_Sign | CallReported]) -> None:
        self._signs = [event for event in events if isinstance(event, _Sign)]
        self._events = events
        self._company_of = dict(Site.objects.values_list("site_id", "company_id"))
        visit_ids = {event.visit_id for event in self._signs}
        self._visits = VisitRow.objects.in_bulk(visit_ids)
        called = {event.holder.lease_id for event in events if isinstance(event, CallReported) and event.holder}
        leases = LeaseRow.objects.filter(Q(visit_id__in=visit_ids) | Q(lease_id__in=called))
        self._leases = {lease.lease_id: lease for lease in leases}
        self._first_seen: list[VisitRow] = []
        self._taps: list[TapRow] = []
        self._forms: list[ContactRow] = []
        self._people: list[PersonRow] = []

    def take(self) -> None:
        for event in self._events:
            if isinstance(event, CallReported):
                self._hold_on(event)
            elif self._company_of.get(event.site_id) == event.company_id:
                self._take_sign(event)
        self._write()

    def _take_sign(self, event: _Sign) -> None:
        visit = self._visits.get(event.visit_id)
        if visit is not None and visit.company_id != event.company_id:
            return
        if isinstance(event, VisitSeen):
            self._see(event)
        elif visit is None:
            return
        elif isinstance(event, VisitAlive):
            self._live_on(event.visit_id, event.at_ms, is_page=event.url is not None)
            self._hold(event, event.leases)
        else:
            self._live_on(event.visit_id, event.at_ms, is_page=False)
            self._note(event)

    def _see(self, event: VisitSeen) -> None:
        if event.visit_id not in self._visits:
            row = self._visits[event.visit_id] = _visit_row(event)
            self._first_seen.append(row)
        else:
            self._live_on(event.visit_id, event.at_ms, is_page=True)
        self._hold(event, event.leases)

    def _note(self, event: NumberClicked | FormSent | PersonNamed) -> None:
        if isinstance(event, NumberClicked):
            self._taps.append(_tap_row(event))
            for lease in self._leases.values():
                if lease.visit_id == event.visit_id and lease.e164 == event.e164:
                    lease.clicked_ms = max(lease.clicked_ms or 0, event.at_ms)
        elif isinstance(event, FormSent):
            self._forms.append(_form_row(event))
        else:
            self._people.append(_person_row(event))

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

    def _hold_on(self, event: CallReported) -> None:
        """A number that was called stays with its visit for longer."""
        row = self._leases.get(event.holder.lease_id) if event.holder else None
        if row is not None and event.holder and row.company_id == event.company_id:
            row.until_ms = max(row.until_ms, event.holder.until_ms)

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
        TapRow.objects.bulk_create(self._taps, ignore_conflicts=True)
        ContactRow.objects.bulk_create(self._forms, ignore_conflicts=True)
        PersonRow.objects.bulk_create(self._people, ignore_conflicts=True)
        self._mark_stale()

    def _mark_stale(self) -> None:
        """Later signs of life change no fact of the lake; forms and people do."""
        times_ms: defaultdict[str, list[int]] = defaultdict(list)
        for visit in self._first_seen:
            times_ms[visit.company_id].append(visit.started_ms)
        for form in self._forms:
            times_ms[form.company_id].append(form.at_ms)
        for person in self._people:
            times_ms[person.company_id].append(person.at_ms)
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
        url=_kept(event.url),
        referrer=_kept(event.referrer),
        device=event.device,
        gpc=event.gpc,
        refused="" if event.leases or event.shown else "no_number",
        channel=event.source.channel,
        source=msgspec.to_builtins(event.source),
        region=event.region or "",
        consent=msgspec.to_builtins(event.consent),
        ids={name: _kept(value) for name, value in event.ids.items()},
        shown=list(event.shown),
    )


def _kept(text: str) -> str:
    """Without NUL, which PostgreSQL keeps in no text."""
    return text.replace("\0", "")


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


def _tap_row(event: NumberClicked) -> TapRow:
    return TapRow(
        event_id=event.event_id,
        company_id=event.company_id,
        visit_id=event.visit_id,
        e164=event.e164,
        at_ms=event.at_ms,
    )


def _form_row(event: FormSent) -> ContactRow:
    return ContactRow(
        contact_id=event.event_id,
        company_id=event.company_id,
        visit_id=event.visit_id,
        name=_kept(event.form)[:_MOST_FORM],
        url=_kept(event.url),
        at_ms=event.at_ms,
    )


def _person_row(event: PersonNamed) -> PersonRow:
    return PersonRow(
        event_id=event.event_id,
        company_id=event.company_id,
        visit_id=event.visit_id,
        visitor_id=event.visitor_id,
        phone_hash=event.phone_hash,
        email_hash=event.email_hash,
        at_ms=event.at_ms,
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
