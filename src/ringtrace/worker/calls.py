"""Reports of calls become calls, and each call gets its match."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from ringtrace.core.calls import Call, ReportKind
from ringtrace.core.clock import DAY_MS
from ringtrace.core.matches import Candidate, Match
from ringtrace.matching.match import match_call
from ringtrace.matching.params import DEFAULTS
from ringtrace.telephony.fold import fold_call
from ringtrace.web.models import CallReportRow, CallRow, LeaseRow, MatchRow, TrackingNumber
from ringtrace.web.models.calls import AttributedBy
from ringtrace.web.months import mark_stale
from ringtrace.wire.journal import AnyEvent, CallReported, decode_event, encode_event

log = logging.getLogger("ringtrace.worker")

LOOKBACK_MS = 30 * DAY_MS
_CLOCK_SKEW_MS = 5_000
_MOST_CANDIDATES = 2_000
_MOST_KEPT = 50
_LIKELY = 0.5


def take_reports(reports: Sequence[CallReported], now_ms: int) -> None:
    """Keeps the reports and folds every call they speak of anew; in order of the calls' first reports here."""
    rows = [
        CallReportRow(event_id=report.event_id, call_id=report.call_id, body=encode_event(report)) for report in reports
    ]
    CallReportRow.objects.bulk_create(rows, ignore_conflicts=True)
    taken = [_take_call(call_id, now_ms) for call_id in dict.fromkeys(report.call_id for report in reports)]
    started: defaultdict[str, list[int]] = defaultdict(list)
    for row in taken:
        if row is not None:
            started[row.company_id].append(row.started_ms)
    for company_id, times_ms in started.items():
        mark_stale(company_id, times_ms)


def _take_call(call_id: str, now_ms: int) -> CallRow | None:
    reports = [_report(decode_event(bytes(row.body))) for row in CallReportRow.objects.filter(call_id=call_id)]
    first = next((report for report in reports if report.kind is ReportKind.ARRIVED), reports[0])
    number = TrackingNumber.objects.filter(pk=first.number_id, company_id=first.company_id).first()
    if number is None:
        log.warning("a call to a number that was removed was passed over; its reports are kept")
        return None
    call = fold_call(call_id, reports)
    row = _call_row(call, first, reports, now_ms)
    if number.static_source is not None:
        row.attributed_by = AttributedBy.STATIC_NUMBER
        row.save()
    else:
        _attribute(row, match_call(call.started_ms, _candidates(row, number, first), DEFAULTS), now_ms)
    return row


def _report(event: AnyEvent) -> CallReported:
    if not isinstance(event, CallReported):
        raise TypeError("a report row that holds no report")
    return event


def _call_row(call: Call, first: CallReported, reports: Sequence[CallReported], now_ms: int) -> CallRow:
    spoken = next((report for report in (first, *reports) if report.caller_hash), first)
    earlier = CallRow.objects.filter(
        company_id=first.company_id, caller_hash=spoken.caller_hash, started_ms__lt=call.started_ms
    ).exclude(pk=call.call_id)
    return CallRow(
        call_id=call.call_id,
        company_id=first.company_id,
        number_id=first.number_id,
        connection_id=first.connection_id,
        status=call.status,
        started_ms=call.started_ms,
        answered_ms=call.answered_ms,
        ended_ms=call.ended_ms,
        ring_secs=call.ring_secs,
        talk_secs=call.talk_secs,
        caller_sealed=spoken.caller_sealed,
        caller_hash=spoken.caller_hash,
        is_first_call=None if spoken.caller_hash is None else not earlier.exists(),
        changed_ms=now_ms,
    )


def _attribute(row: CallRow, match: Match, now_ms: int) -> None:
    best = match.best
    row.attributed_by = AttributedBy.VISIT if best else AttributedBy.NOTHING
    row.visit_id = best.visit_id if best else None
    row.p_visit = best.p if best else None
    row.p_none = match.p_none
    row.save()
    MatchRow.objects.update_or_create(
        call=row,
        defaults={"verdict": msgspec.to_builtins(_foremost(match)), "params": match.params, "made_ms": now_ms},
    )


def _foremost(match: Match) -> Match:
    """The match with its likeliest candidates only: what is kept of thousands is what a person could weigh."""
    return msgspec.structs.replace(match, weighed=match.weighed[:_MOST_KEPT])


def _candidates(row: CallRow, number: TrackingNumber, first: CallReported) -> list[Candidate]:
    """Every visit that was shown this number in the last 30 days. What came after the call is left out of sight."""
    called_ms = row.started_ms
    leases = (
        LeaseRow.objects.filter(
            company_id=row.company_id,
            e164=number.e164,
            from_ms__lte=called_ms + _CLOCK_SKEW_MS,
            from_ms__gte=called_ms - LOOKBACK_MS,
        )
        .order_by("-from_ms")
        .values_list("lease_id", "visit_id", "visitor_id", "from_ms", "last_seen_ms", "clicked_ms", "visit__channel")[
            :_MOST_CANDIDATES
        ]
    )
    same, other = _history(row)
    holder_id = first.holder.lease_id if first.holder else None
    return [
        Candidate(
            visit_id=visit_id,
            visitor_id=visitor_id,
            shown_ms=from_ms,
            last_seen_ms=min(last_seen_ms, called_ms),
            clicked_ms=clicked_ms if clicked_ms and clicked_ms <= called_ms else None,
            channel=channel,
            same_caller=visitor_id in same,
            other_caller=visitor_id in other and visitor_id not in same,
            held_at_call=lease_id == holder_id,
        )
        for lease_id, visit_id, visitor_id, from_ms, last_seen_ms, clicked_ms, channel in leases
    ]


def _history(row: CallRow) -> tuple[frozenset[str], frozenset[str]]:
    """The visitors matched to earlier calls, of the lookback: those of this caller's number, and those of others."""
    if row.caller_hash is None:
        return frozenset(), frozenset()
    earlier = CallRow.objects.filter(
        company_id=row.company_id,
        started_ms__lt=row.started_ms,
        caller_hash__isnull=False,
        visit__isnull=False,
        p_visit__gt=_LIKELY,
    ).exclude(pk=row.pk)
    same = earlier.filter(caller_hash=row.caller_hash).values_list("visit__visitor_id", flat=True)
    recent = earlier.filter(started_ms__gte=row.started_ms - LOOKBACK_MS).exclude(caller_hash=row.caller_hash)
    return frozenset(same), frozenset(recent.values_list("visit__visitor_id", flat=True))
