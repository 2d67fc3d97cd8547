"""One call from its reports."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringtrace.core.calls import CallStatus, EndCause, ReportKind
from ringtrace.telephony.fold import fold_call
from ringtrace.wire.journal import CallReported

START_MS = 1_768_242_600_000
SKEW_MS = 7_654_321  # how far the carrier's clock is from the edge's
KINDS = {"arrived": ReportKind.ARRIVED, "answered": ReportKind.ANSWERED, "ended": ReportKind.ENDED}


def _report(kind: ReportKind, after_ms: int, **told: Any) -> CallReported:
    return CallReported(
        event_id=told.pop("event_id", f"ev_{kind}_{after_ms}"),
        at_ms=START_MS + after_ms + told.pop("late_ms", 0),
        company_id="company_1",
        call_id="call_1",
        connection_id="connection_1",
        carrier="kamailio",
        carrier_call_id="a",
        kind=kind,
        number_id="number_1",
        called_e164="+13105550100",
        said_ms=START_MS + after_ms + SKEW_MS if told.pop("says_when", False) else None,
        **told,
    )


def _arrived(**told: Any) -> CallReported:
    return _report(ReportKind.ARRIVED, 0, **{"ring_timeout_secs": 20, **told})


def test_it_refuses_a_call_nobody_reported() -> None:
    with pytest.raises(ValueError, match="at least one"):
        fold_call("call_1", [])


def test_it_leaves_none_what_is_not_known_yet() -> None:
    call = fold_call("call_1", [_arrived()])
    assert call.status is CallStatus.RINGING
    assert (call.answered_ms, call.ended_ms, call.ring_secs, call.talk_secs) == (None, None, None, None)


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (EndCause.CANCELED, CallStatus.ABANDONED),
        (EndCause.NO_ANSWER, CallStatus.MISSED),
        (EndCause.BUSY, CallStatus.BUSY),
        (EndCause.REJECTED, CallStatus.BUSY),
        (EndCause.FAILED, CallStatus.FAILED),
        (EndCause.HUNG_UP, CallStatus.ANSWERED),
    ],
)
def test_it_says_by_the_cause_how_the_call_went(cause: EndCause, status: CallStatus) -> None:
    assert fold_call("call_1", [_arrived(), _report(ReportKind.ENDED, 5_000, cause=cause)]).status is status


@pytest.mark.parametrize(("ring_ms", "status"), [(18_900, CallStatus.ABANDONED), (19_100, CallStatus.MISSED)])
def test_it_goes_by_the_ring_time_where_the_carrier_says_only_that_it_ended(ring_ms: int, status: CallStatus) -> None:
    assert fold_call("call_1", [_arrived(), _report(ReportKind.ENDED, ring_ms)]).status is status


def test_it_believes_the_more_telling_of_two_ends() -> None:
    ends = [_report(ReportKind.ENDED, 6_000), _report(ReportKind.ENDED, 5_900, cause=EndCause.NO_ANSWER)]
    assert fold_call("call_1", [_arrived(), *ends]).status is CallStatus.MISSED


def test_it_is_answered_though_an_earlier_phone_was_not() -> None:
    reports = [
        _arrived(),
        _report(ReportKind.ENDED, 20_000, cause=EndCause.NO_ANSWER),
        _report(ReportKind.ANSWERED, 25_000),
        _report(ReportKind.ENDED, 55_000, cause=EndCause.HUNG_UP),
    ]
    call = fold_call("call_1", reports)
    assert (call.status, call.ring_secs, call.talk_secs) == (CallStatus.ANSWERED, 25, 30)


def test_it_prefers_the_carriers_own_durations() -> None:
    ended = _report(ReportKind.ENDED, 31_400, cause=EndCause.HUNG_UP, ring_secs=6.5, talk_secs=24)
    call = fold_call("call_1", [_arrived(), _report(ReportKind.ANSWERED, 7_100), ended])
    assert (call.ring_secs, call.talk_secs) == (6.5, 24)
    assert call.answered_ms == START_MS + 6_500
    assert call.ended_ms == START_MS + 30_500


def test_it_never_subtracts_two_clocks() -> None:
    """An arrival without the carrier's time, as Twilio sends it, beside reports with one."""
    answered = _report(ReportKind.ANSWERED, 8_000, says_when=True)
    ended = _report(ReportKind.ENDED, 30_000, says_when=True, cause=EndCause.HUNG_UP)
    call = fold_call("call_1", [_arrived(), answered, ended])
    assert (call.ring_secs, call.talk_secs) == (8, 22)


def test_it_measures_by_the_carriers_clock_where_all_reports_have_it() -> None:
    """Reports that were held back while the edge was down come late; what they tell is not late."""
    answered = _report(ReportKind.ANSWERED, 8_000, says_when=True, late_ms=90_000)
    ended = _report(ReportKind.ENDED, 30_000, says_when=True, late_ms=70_000, cause=EndCause.HUNG_UP)
    call = fold_call("call_1", [_arrived(says_when=True), answered, ended])
    assert (call.started_ms, call.ring_secs, call.talk_secs) == (START_MS, 8, 22)
    assert call.ended_ms == START_MS + 30_000


def test_it_starts_as_far_back_as_the_reports_reach_when_the_arrival_is_lost() -> None:
    ended = _report(ReportKind.ENDED, 30_000, cause=EndCause.HUNG_UP, ring_secs=8, talk_secs=22)
    call = fold_call("call_1", [ended])
    assert (call.started_ms, call.ring_secs, call.talk_secs) == (START_MS, 8, 22)


_reports = st.builds(
    lambda kind, after_ms, cause, talk, says: _report(
        KINDS[kind],
        after_ms,
        cause=cause if kind == "ended" else None,
        talk_secs=talk if kind == "ended" and cause is EndCause.HUNG_UP else None,
        says_when=says,
    ),
    st.sampled_from(sorted(KINDS)),
    st.integers(0, 7_200_000),
    st.none() | st.sampled_from(EndCause),
    st.none() | st.floats(0, 7_200),
    st.booleans(),
)


@settings(deadline=None)
@given(reports=st.lists(_reports, min_size=1, max_size=8), order=st.randoms())
def test_it_makes_one_sound_call_of_any_reports(reports: list[CallReported], order: Any) -> None:
    unique = list({report.event_id: report for report in reports}.values())
    call = fold_call("call_1", unique)
    mixed = [*unique, *unique[:3]]
    order.shuffle(mixed)
    assert fold_call("call_1", mixed) == call
    assert call.ring_secs is None or call.ring_secs >= 0
    assert call.talk_secs is None or call.talk_secs >= 0
    assert call.status.is_over is (call.ended_ms is not None)
    if call.status is CallStatus.ANSWERED:
        told = {report.kind for report in unique} | {report.cause for report in unique}
        assert told & {ReportKind.ANSWERED, EndCause.HUNG_UP}
