"""From what a carrier reported, in whatever order and however often, to one call."""

from __future__ import annotations

from collections.abc import Iterable

from ringtrace.core.calls import Call, CallStatus, EndCause, ReportKind
from ringtrace.wire.journal import CallReported

_BY_CAUSE = {
    EndCause.HUNG_UP: CallStatus.ANSWERED,
    EndCause.CANCELED: CallStatus.ABANDONED,
    EndCause.NO_ANSWER: CallStatus.MISSED,
    EndCause.BUSY: CallStatus.BUSY,
    EndCause.REJECTED: CallStatus.BUSY,
    EndCause.FAILED: CallStatus.FAILED,
}
# When carriers say two things of one end, the more telling one counts.
_TELLING = (
    EndCause.HUNG_UP,
    EndCause.CANCELED,
    EndCause.NO_ANSWER,
    EndCause.BUSY,
    EndCause.REJECTED,
    EndCause.FAILED,
    EndCause.UNKNOWN,
)


def fold_call(call_id: str, reports: Iterable[CallReported]) -> Call:
    """One call from its reports: duplicates and order do not matter, missing ones leave None.

    Times are the carrier's own where it says them, else the edge's. "Answered" needs a report that the business
    answered, or an end that tells of talk.
    """
    unique = sorted({report.event_id: report for report in reports}.values(), key=lambda report: report.event_id)
    started_ms = min(_when(report) for report in _of(unique, ReportKind.ARRIVED) or unique)
    answered = _of(unique, ReportKind.ANSWERED)
    ends = _of(unique, ReportKind.ENDED)
    talk_secs = _largest(report.talk_secs for report in ends)
    answered_ms = min(map(_when, answered), default=None)
    ended_ms = max(map(_when, ends), default=None)
    if answered_ms is None and talk_secs and ended_ms is not None:
        answered_ms = ended_ms - round(talk_secs * 1000)
    return Call(
        call_id=call_id,
        status=_status(ends, was_answered=answered_ms is not None),
        started_ms=started_ms,
        answered_ms=answered_ms,
        ended_ms=ended_ms,
        ring_secs=_ring_secs(ends, started_ms, answered_ms, ended_ms),
        talk_secs=_talk_secs(talk_secs, answered_ms, ended_ms),
    )


def _of(reports: list[CallReported], kind: ReportKind) -> list[CallReported]:
    return [report for report in reports if report.kind is kind]


def _when(report: CallReported) -> int:
    return report.said_ms if report.said_ms is not None else report.at_ms


def _largest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _status(ends: list[CallReported], *, was_answered: bool) -> CallStatus:
    if not ends:
        return CallStatus.IN_PROGRESS if was_answered else CallStatus.RINGING
    if was_answered:
        return CallStatus.ANSWERED
    causes = {report.cause or EndCause.UNKNOWN for report in ends}
    cause = next(cause for cause in _TELLING if cause in causes)
    if cause in (EndCause.UNKNOWN, EndCause.HUNG_UP):
        return CallStatus.ABANDONED  # it ended, and nobody at the business had answered
    return _BY_CAUSE[cause]


def _ring_secs(
    ends: list[CallReported], started_ms: int, answered_ms: int | None, ended_ms: int | None
) -> float | None:
    said = _largest(report.ring_secs for report in ends)
    if said is not None:
        return said
    until_ms = answered_ms if answered_ms is not None else ended_ms
    return None if until_ms is None else max(0, until_ms - started_ms) / 1000


def _talk_secs(said: float | None, answered_ms: int | None, ended_ms: int | None) -> float | None:
    if ended_ms is None:
        return None
    if answered_ms is None:
        return 0.0
    return said if said is not None else max(0, ended_ms - answered_ms) / 1000
