"""Reports of calls become calls, and each call gets its match."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec
from django.conf import settings

from ringtrace.core.calls import Call, ReportKind
from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import BadInput
from ringtrace.core.matches import Candidate, Match
from ringtrace.core.phones import region_of
from ringtrace.matching.match import match_call
from ringtrace.matching.params import DEFAULTS
from ringtrace.privacy.keys import caller_purpose
from ringtrace.telephony.fold import fold_call
from ringtrace.web.agents import do_name_by_place
from ringtrace.web.models import CallReportRow, CallRow, Company, LeaseRow, MatchRow, OutcomeRow, Pool, TrackingNumber
from ringtrace.web.models.calls import AttributedBy
from ringtrace.web.months import mark_stale
from ringtrace.web.outcomes import do_retry_misses
from ringtrace.wire.journal import AnyEvent, CallReported, decode_event, encode_event

log = logging.getLogger("ringtrace.worker")

LOOKBACK_MS = 30 * DAY_MS
_CLOCK_SKEW_MS = 5_000
_MOST_CANDIDATES = 2_000
_MOST_KEPT = 50  # what is kept of thousands is what a person could weigh
_LIKELY = 0.5
_CALL_FIELDS = (
    *("company", "number", "connection", "status", "started_ms", "answered_ms", "ended_ms", "ring_secs", "talk_secs"),
    *("caller_sealed", "caller_hash", "name_sealed", "caller_region", "is_first_call"),
    *("attributed_by", "visit", "p_visit", "p_none", "changed_ms"),
)


def take_reports(reports: Sequence[CallReported], now_ms: int) -> None:
    """Keeps the reports and folds every call they speak of anew; in order of the calls' first reports here."""
    rows = [
        CallReportRow(event_id=report.event_id, call_id=report.call_id, body=encode_event(report)) for report in reports
    ]
    CallReportRow.objects.bulk_create(rows, ignore_conflicts=True)
    call_ids: defaultdict[str, dict[str, None]] = defaultdict(dict)  # in order, each once
    for report in reports:
        call_ids[report.company_id][report.call_id] = None
    for company_id, of_company in call_ids.items():
        _CallBatch(company_id, of_company, now_ms).take()


class _Folded(NamedTuple):
    """A call as its reports tell it. `first`: its arrival, where that was reported; `caller`: who says who calls.

    `by_number`: what the number alone says of where the call came from; None for a pooled one, which asks for a match.
    """

    call: Call
    first: CallReported
    caller: CallReported
    number: TrackingNumber
    by_number: AttributedBy | None


class _Shown(NamedTuple):
    """A lease, as far as matching looks at it."""

    e164: str
    lease_id: str
    visit_id: str
    visitor_id: str
    from_ms: int
    last_seen_ms: int
    clicked_ms: int | None
    channel: str


class _CallBatch:
    """The calls of one company in one batch: what they need is loaded at once, and written at once.

    A call sees those before it in the batch as if they had been written.
    """

    def __init__(self, company_id: str, call_ids: Collection[str], now_ms: int) -> None:
        self._company_id = company_id
        self._now_ms = now_ms
        self._folded = list(_fold_all(company_id, call_ids))
        self._history = _History(company_id, self._folded)
        self._shown = _load_shown(company_id, [folded for folded in self._folded if folded.by_number is None])
        self._rows: list[CallRow] = []
        self._matches: list[MatchRow] = []

    def take(self) -> None:
        for folded in self._folded:
            row = self._call_row(folded)
            visitor_id = None
            if folded.by_number is not None:
                row.attributed_by = folded.by_number
            else:
                match = match_call(row.started_ms, self._candidates(row, folded), DEFAULTS, most=_MOST_KEPT)
                visitor_id = self._attribute(row, match)
            self._rows.append(row)
            self._history.note(row, visitor_id)
        self._write()

    def _call_row(self, folded: _Folded) -> CallRow:
        call, caller_hash = folded.call, folded.caller.caller_hash
        return CallRow(
            call_id=call.call_id,
            company_id=self._company_id,
            number_id=folded.number.pk,
            connection_id=folded.first.connection_id,
            status=call.status,
            started_ms=call.started_ms,
            answered_ms=call.answered_ms,
            ended_ms=call.ended_ms,
            ring_secs=call.ring_secs,
            talk_secs=call.talk_secs,
            caller_sealed=folded.caller.caller_sealed,
            caller_hash=caller_hash,
            name_sealed=folded.first.caller_name_sealed,
            caller_region=folded.caller.caller_region or region_of(_caller_in_clear(folded.caller)),
            is_first_call=None if caller_hash is None else self._history.is_first(call, caller_hash),
            changed_ms=self._now_ms,
        )

    def _candidates(self, row: CallRow, folded: _Folded) -> list[Candidate]:
        """Every visit that was shown this number in the last 30 days, as it was last shown it before the call.

        What came after the call is left out of sight.
        """
        called_ms = row.started_ms
        last_shown: dict[str, _Shown] = {}
        for shown in _shown_before(self._shown.get(folded.number.e164, ()), called_ms):
            last_shown.setdefault(shown.visit_id, shown)
        same, other = self._history.visitors(row)
        holder_id = folded.first.holder.lease_id if folded.first.holder else None
        return [
            Candidate(
                visit_id=shown.visit_id,
                visitor_id=shown.visitor_id,
                shown_ms=shown.from_ms,
                last_seen_ms=min(shown.last_seen_ms, called_ms),
                clicked_ms=shown.clicked_ms if shown.clicked_ms and shown.clicked_ms <= called_ms else None,
                channel=shown.channel,
                same_caller=shown.visitor_id in same,
                other_caller=shown.visitor_id in other and shown.visitor_id not in same,
                held_at_call=shown.lease_id == holder_id,
            )
            for shown in last_shown.values()
        ]

    def _attribute(self, row: CallRow, match: Match) -> str | None:
        """Puts the verdict on the row; returns the visitor of the likeliest visit."""
        best = match.best
        row.attributed_by = AttributedBy.VISIT if best else AttributedBy.NOTHING
        row.visit_id = best.visit_id if best else None
        row.p_visit = best.p if best else None
        row.p_none = match.p_none
        verdict = msgspec.to_builtins(match)
        self._matches.append(MatchRow(call_id=row.pk, verdict=verdict, params=match.params, made_ms=self._now_ms))
        return best.visitor_id if best else None

    def _write(self) -> None:
        call_ids = [row.pk for row in self._rows]
        moved_ms = CallRow.objects.filter(pk__in=call_ids).values_list("started_ms", flat=True)
        mark_stale(self._company_id, {*moved_ms, *(row.started_ms for row in self._rows)})
        CallRow.objects.bulk_create(
            self._rows, update_conflicts=True, unique_fields=["call_id"], update_fields=_CALL_FIELDS
        )
        MatchRow.objects.bulk_create(
            self._matches,
            update_conflicts=True,
            unique_fields=["call"],
            update_fields=["verdict", "params", "made_ms"],
        )
        do_name_by_place(self._company_id, call_ids, self._now_ms)
        callers = {row.caller_hash for row in self._rows if row.caller_hash}
        self._correct_firsts(callers)
        self._mark_later(callers)
        if OutcomeRow.objects.filter(company=self._company_id, caller_hash__in=callers).exists():
            company = Company.objects.get(pk=self._company_id)
            do_retry_misses(company, self._now_ms, caller_hashes=callers)

    def _mark_later(self, callers: Collection[str]) -> None:
        """Later calls of these callers say how long before a caller called last."""
        first_ms = min((row.started_ms for row in self._rows), default=0)
        later = CallRow.objects.filter(company_id=self._company_id, caller_hash__in=callers, started_ms__gt=first_ms)
        mark_stale(self._company_id, later.values_list("started_ms", flat=True))

    def _correct_firsts(self, callers: Collection[str]) -> None:
        """Where an earlier call of the same caller came to us later, the later call is no longer the first."""
        firsts = CallRow.objects.filter(company_id=self._company_id, caller_hash__in=callers, is_first_call=True)
        seen: set[str | None] = set()
        no_more: list[tuple[str, int]] = []
        for call_id, caller_hash, started_ms in firsts.order_by("started_ms", "call_id").values_list(
            "call_id", "caller_hash", "started_ms"
        ):
            if caller_hash in seen:
                no_more.append((call_id, started_ms))
            seen.add(caller_hash)
        if no_more:
            later = CallRow.objects.filter(pk__in=[call_id for call_id, _ in no_more])
            later.update(is_first_call=False, changed_ms=self._now_ms)
            mark_stale(self._company_id, [started_ms for _, started_ms in no_more])


def _caller_in_clear(report: CallReported) -> str | None:
    """For the region of the number alone; it is written nowhere."""
    if report.caller_sealed is None:
        return None
    try:
        e164: str = settings.KEYS.unseal(report.caller_sealed, caller_purpose(report.company_id))
    except BadInput:  # the key it was sealed with is gone
        return None
    return e164


def _fold_all(company_id: str, call_ids: Collection[str]) -> Iterator[_Folded]:
    reports: defaultdict[str, list[CallReported]] = defaultdict(list)
    for row in CallReportRow.objects.filter(call_id__in=call_ids):
        reports[row.call_id].append(_report(decode_event(bytes(row.body))))
    numbers = TrackingNumber.objects.filter(company_id=company_id).in_bulk(
        {report.number_id for of_call in reports.values() for report in of_call}
    )
    shared = frozenset(Pool.objects.filter(overflow__in=numbers).values_list("overflow_id", flat=True))
    for call_id in call_ids:
        in_order = sorted(reports[call_id], key=lambda report: (report.at_ms, report.event_id))
        first = next((report for report in in_order if report.kind is ReportKind.ARRIVED), in_order[0])
        number = numbers.get(first.number_id)
        if number is None:
            log.warning("a call to a number that was removed was passed over; its reports are kept")
            continue
        caller = next((report for report in (first, *in_order) if report.caller_hash), first)
        yield _Folded(fold_call(call_id, in_order), first, caller, number, _by_number(number, shared))


def _by_number(number: TrackingNumber, shared: Collection[str | None]) -> AttributedBy | None:
    """An overflow number is shown to whoever finds no other: a call to it says nothing, and no match is tried."""
    if number.pk in shared:
        return AttributedBy.OVERFLOW_NUMBER
    return AttributedBy.STATIC_NUMBER if number.static_source is not None else None


def _report(event: AnyEvent) -> CallReported:
    if not isinstance(event, CallReported):
        raise TypeError("a report row that holds no report")
    return event


def _load_shown(company_id: str, folded: Sequence[_Folded]) -> dict[str, list[_Shown]]:
    """By number: its leases that a call of these may have come from, the latest first."""
    if not folded:
        return {}
    leases = LeaseRow.objects.filter(
        company_id=company_id,
        e164__in={one.number.e164 for one in folded},
        from_ms__gte=min(one.call.started_ms for one in folded) - LOOKBACK_MS,
        from_ms__lte=max(one.call.started_ms for one in folded) + _CLOCK_SKEW_MS,
    ).order_by("-from_ms", "lease_id")
    fields = ("e164", "lease_id", "visit_id", "visitor_id", "from_ms", "last_seen_ms", "clicked_ms", "visit__channel")
    shown: defaultdict[str, list[_Shown]] = defaultdict(list)
    for one in map(_Shown._make, leases.values_list(*fields)):
        shown[one.e164].append(one)
    return shown


def _shown_before(shown: Iterable[_Shown], called_ms: int) -> list[_Shown]:
    """The latest first; those that only a clock's skew can excuse come last."""
    earliest_ms, latest_ms = called_ms - LOOKBACK_MS, called_ms + _CLOCK_SKEW_MS
    within = [one for one in shown if earliest_ms <= one.from_ms <= latest_ms][:_MOST_CANDIDATES]
    return sorted(within, key=lambda one: one.from_ms > called_ms)


class _Earlier(NamedTuple):
    """A call of a known caller. `visitor_id` is None unless it was likely one visit's."""

    call_id: str
    started_ms: int
    caller_hash: str
    visitor_id: str | None


class _History:
    """The calls before those of a batch: all by the same callers, and by others those of the lookback."""

    def __init__(self, company_id: str, folded: Sequence[_Folded]) -> None:
        known = [one for one in folded if one.caller.caller_hash]
        self._calls = {call.call_id: call for call in _load_earlier(company_id, known)} if known else {}

    def is_first(self, call: Call, caller_hash: str) -> bool:
        return not any(
            one.caller_hash == caller_hash and one.started_ms < call.started_ms and one.call_id != call.call_id
            for one in self._calls.values()
        )

    def visitors(self, row: CallRow) -> tuple[frozenset[str], frozenset[str]]:
        """The visitors matched to earlier calls: those of this caller's number, and, of the lookback, of others."""
        if row.caller_hash is None:
            return frozenset(), frozenset()
        same, other = set(), set()
        for one in self._calls.values():
            if one.visitor_id is None or one.started_ms >= row.started_ms or one.call_id == row.pk:
                continue
            if one.caller_hash == row.caller_hash:
                same.add(one.visitor_id)
            elif one.started_ms >= row.started_ms - LOOKBACK_MS:
                other.add(one.visitor_id)
        return frozenset(same), frozenset(other)

    def note(self, row: CallRow, visitor_id: str | None) -> None:
        self._calls.pop(row.pk, None)
        if row.caller_hash is not None:
            likely = visitor_id if row.p_visit is not None and row.p_visit > _LIKELY else None
            self._calls[row.pk] = _Earlier(row.pk, row.started_ms, row.caller_hash, likely)


def _load_earlier(company_id: str, known: Sequence[_Folded]) -> Iterator[_Earlier]:
    times_ms = [one.call.started_ms for one in known]
    calls = CallRow.objects.filter(company_id=company_id, caller_hash__isnull=False, started_ms__lt=max(times_ms))
    of_same = calls.filter(caller_hash__in={one.caller.caller_hash for one in known})
    of_others = calls.filter(started_ms__gte=min(times_ms) - LOOKBACK_MS, visit__isnull=False, p_visit__gt=_LIKELY)
    fields = ("call_id", "started_ms", "caller_hash", "visit__visitor_id", "p_visit")
    for call_id, started_ms, caller_hash, visitor_id, p_visit in chain(
        of_same.values_list(*fields), of_others.values_list(*fields)
    ):
        if caller_hash is not None:
            likely = visitor_id if p_visit is not None and p_visit > _LIKELY else None
            yield _Earlier(call_id, started_ms, caller_hash, likely)
