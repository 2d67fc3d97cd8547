"""A call, the states it can be in, and the reports carriers make of it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class CallStatus(StrEnum):
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"  # a person at the business spoke, and the call is over
    MISSED = "missed"  # it rang until the flow gave up
    ABANDONED = "abandoned"  # the caller hung up first
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    FAILED = "failed"
    BLOCKED = "blocked"

    @property
    def is_over(self) -> bool:
        return self not in (CallStatus.RINGING, CallStatus.IN_PROGRESS)


class ReportKind(StrEnum):
    """What a carrier can tell of a call. `ANSWERED` is the business answering, never the carrier picking up."""

    ARRIVED = "arrived"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class EndCause(StrEnum):
    HUNG_UP = "hung_up"  # after it was answered
    CANCELED = "canceled"  # the caller gave up while it rang
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"  # the business declined it
    FAILED = "failed"
    UNKNOWN = "unknown"  # the carrier said only that it ended


class Call(Struct, frozen=True, kw_only=True):
    """One call as its reports tell it. Times in ms since 1970; `ring_secs` and `talk_secs` are None until known."""

    call_id: str
    status: CallStatus
    started_ms: int
    answered_ms: int | None = None
    ended_ms: int | None = None
    ring_secs: float | None = None
    talk_secs: float | None = None
