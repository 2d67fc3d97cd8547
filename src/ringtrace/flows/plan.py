"""What a flow tells a carrier to do next."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class RejectReason(StrEnum):
    UNKNOWN_NUMBER = "unknown_number"
    BLOCKED = "blocked"
    BUSY = "busy"


class Ring(Struct, frozen=True, kw_only=True, tag="ring"):
    """Ring the business. `destination` is E.164 or a `sip:` URI."""

    destination: str
    timeout_secs: int


class Reject(Struct, frozen=True, kw_only=True, tag="reject"):
    reason: RejectReason


class HangUp(Struct, frozen=True, kw_only=True, tag="hang_up"):
    pass


Plan = Ring | Reject | HangUp
