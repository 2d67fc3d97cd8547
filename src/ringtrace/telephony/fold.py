"""From what a carrier reported, in whatever order and however often, to one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

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
_ROUNDING_SECS = 1  # carriers round ring times to whole seconds


class _Told(Struct, frozen=True, kw_only=True):
    """What the reports say, on one clock (ms)."""

    began_ms: int | None
    answered_ms: int | None
    ended_ms: int | None
    causes: frozenset[EndCause]
    ring_secs: float | None
    talk_secs: float | None
    ring_timeout_secs: int | None

    @property
    def is_answered(self) -> bool:
        return self.answered_ms is not None or EndCause.HUNG_UP in self.causes or bool(self.talk_secs)


def fold_call(call_id: str, reports: Iterable[CallReported]) -> Call:
    """One call from its reports: duplicates and order do not matter, missing ones leave None.

    The call starts when the edge heard of it, by the edge's clock, so that it can be laid beside visits and leases. The
    rest is laid out from there by durations: the carrier's own where it says them, else differences on one clock
    (the carrier's if every report has its time, else the edge's). Two clocks are never subtracted from each other.
    "Answered" needs a report that the business answered, or an end that tells of talk.
    Raises ValueError where there are no reports.
    """
    unique = sorted({report.event_id: report for report in reports}.values(), key=lambda report: report.event_id)
    if not unique:
        raise ValueError("a call has at least one report")
    told = _tell(unique)
    ring_secs, talk_secs = _ring_secs(told), _talk_secs(told)
    started_ms = _started_ms(unique)
    answered_ms = _after(started_ms, ring_secs, told.answered_ms) if told.is_answered else None
    ended_ms = None
    if told.ended_ms is not None:
        ended_ms = _after(started_ms, None if ring_secs is None else ring_secs + (talk_secs or 0), told.ended_ms)
    return Call(
        call_id=call_id,
        status=_status(told, ring_secs),
        started_ms=started_ms,
        answered_ms=answered_ms,
        ended_ms=ended_ms,
        ring_secs=ring_secs,
        talk_secs=talk_secs,
    )


def _tell(reports: list[CallReported]) -> _Told:
    clock, ends = _clock_of(reports), _of(reports, ReportKind.ENDED)
    return _Told(
        began_ms=min(map(clock, _of(reports, ReportKind.ARRIVED)), default=None),
        answered_ms=min(map(clock, _of(reports, ReportKind.ANSWERED)), default=None),
        ended_ms=max(map(clock, ends), default=None),
        causes=frozenset(report.cause or EndCause.UNKNOWN for report in ends),
        ring_secs=_largest(report.ring_secs for report in ends),
        talk_secs=_largest(report.talk_secs for report in ends),
        ring_timeout_secs=max((r.ring_timeout_secs for r in reports if r.ring_timeout_secs is not None), default=None),
    )


def _of(reports: list[CallReported], kind: ReportKind) -> list[CallReported]:
    return [report for report in reports if report.kind is kind]


def _clock_of(reports: list[CallReported]) -> Callable[[CallReported], int]:
    if all(report.said_ms is not None for report in reports):
        return _said_or_heard_ms
    return lambda report: report.at_ms


def _said_or_heard_ms(report: CallReported) -> int:
    return report.said_ms if report.said_ms is not None else report.at_ms


def _started_ms(reports: list[CallReported]) -> int:
    """By the edge's clock; where the edge never heard it arrive, as far back as the other reports reach."""
    arrived = _of(reports, ReportKind.ARRIVED)
    if arrived:
        return min(report.at_ms for report in arrived)
    return min(_said_or_heard_ms(r) - round(1000 * ((r.ring_secs or 0) + (r.talk_secs or 0))) for r in reports)


def _largest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _gap_secs(from_ms: int | None, until_ms: int | None) -> float | None:
    if from_ms is None or until_ms is None:
        return None
    return max(0, until_ms - from_ms) / 1000


def _ring_secs(told: _Told) -> float | None:
    if told.ring_secs is not None:
        return told.ring_secs
    if not told.is_answered:
        return _gap_secs(told.began_ms, told.ended_ms)
    if told.answered_ms is not None or told.ended_ms is None:
        return _gap_secs(told.began_ms, told.answered_ms)
    return _gap_secs(told.began_ms, told.ended_ms - round(1000 * (told.talk_secs or 0)))


def _talk_secs(told: _Told) -> float | None:
    if told.ended_ms is None:
        return None
    if not told.is_answered:
        return 0.0
    return told.talk_secs if told.talk_secs is not None else _gap_secs(told.answered_ms, told.ended_ms)


def _after(started_ms: int, secs: float | None, else_ms: int | None) -> int | None:
    return else_ms if secs is None else started_ms + round(1000 * secs)


def _status(told: _Told, ring_secs: float | None) -> CallStatus:
    if told.ended_ms is None:
        return CallStatus.IN_PROGRESS if told.is_answered else CallStatus.RINGING
    if told.is_answered:
        return CallStatus.ANSWERED
    cause = next(cause for cause in _TELLING if cause in told.causes)
    if cause is EndCause.UNKNOWN:
        return CallStatus.MISSED if _rang_out(told, ring_secs) else CallStatus.ABANDONED
    return _BY_CAUSE[cause]


def _rang_out(told: _Told, ring_secs: float | None) -> bool:
    """Whether it rang as long as the flow let it: then nobody gave up, the flow did."""
    if ring_secs is None or told.ring_timeout_secs is None:
        return False
    return ring_secs >= told.ring_timeout_secs - _ROUNDING_SECS
