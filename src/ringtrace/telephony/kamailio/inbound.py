"""SIP calls through Kamailio: signed JSON posts from the configuration that `config.py` writes.

Doors: `inbound` asks where a new call goes, `event` says what became of it.
"""

from __future__ import annotations

import hmac
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from ringtrace.core.calls import EndCause, ReportKind
from ringtrace.core.errors import UnreadableBody
from ringtrace.core.phones import try_phone
from ringtrace.core.refusals import Refusal
from ringtrace.flows.plan import Plan, Reject, RejectReason, Ring
from ringtrace.telephony.kamailio.signature import (
    LONGEST_AGE_SECS,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    sign,
    signing_keys,
)
from ringtrace.telephony.port import Carrier, Doors, Inbound, Reply, Report, Webhook

_LONGEST_TIMESTAMP = 12
_Ms = Annotated[int, Meta(ge=0, le=1 << 53)]
_Part = Annotated[str, Meta(min_length=1, max_length=300)]
_SIP_ANSWERS = {
    RejectReason.UNKNOWN_NUMBER: (404, "Not Found"),
    RejectReason.BUSY: (486, "Busy Here"),
    RejectReason.BLOCKED: (603, "Decline"),
}


class CallBody(Struct, frozen=True, kw_only=True):
    """What both doors have: the parts that name a SIP call, and who called whom.

    A Call-ID alone does not name a call: agents use one again.
    """

    sip_call_id: _Part
    from_tag: _Part
    started_ms: _Ms
    called: _Part
    caller: _Part | None = None

    @property
    def carrier_call_id(self) -> str:
        return f"{self.sip_call_id};{self.from_tag};{self.started_ms}"


class EventBody(CallBody, frozen=True, kw_only=True):
    kind: Literal["ringing", "answered", "ended"]
    at_ms: _Ms
    cause: EndCause | None = None
    answered_ms: _Ms | None = None
    call_id: _Part | None = None
    sequence: str = ""


_Body = TypeVar("_Body", bound=CallBody)


class KamailioCarrier:
    name = "kamailio"
    inbound_doors = frozenset({"inbound"})

    def verify(self, webhook: Webhook, secret: str, now_ms: int) -> Refusal | None:
        """None for a signature of the last five minutes that proves the body."""
        timestamp = webhook.headers.get(TIMESTAMP_HEADER, "")
        given = webhook.headers.get(SIGNATURE_HEADER, "")
        if not timestamp or not given:
            return Refusal.UNSIGNED
        expected = sign(signing_keys(secret), timestamp, webhook.door, webhook.body)
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            return Refusal.FORGED
        return None if _is_fresh(timestamp, now_ms) else Refusal.STALE

    def parse_inbound(self, webhook: Webhook) -> Inbound:
        body = _read(webhook.body, CallBody)
        return Inbound(
            carrier_call_id=body.carrier_call_id,
            called=_phone(body.called) or body.called,
            caller=_phone(body.caller),
            said_ms=body.started_ms,
        )

    def parse_report(self, webhook: Webhook) -> Report | None:
        body = _read(webhook.body, EventBody)
        ended = body.kind == "ended"
        return Report(
            kind=ReportKind(body.kind),
            carrier_call_id=body.carrier_call_id,
            called=_phone(body.called) or body.called,
            caller=_phone(body.caller),
            call_id=body.call_id or None,
            said_ms=body.at_ms,
            cause=(body.cause or EndCause.UNKNOWN) if ended else None,
            ring_secs=_secs(body.started_ms, body.answered_ms or body.at_ms) if ended else None,
            talk_secs=_secs(body.answered_ms or body.at_ms, body.at_ms) if ended else None,
            sequence=body.sequence,
        )

    def render(self, plan: Plan, doors: Doors) -> Reply:
        """A phone number as `target` is completed with the gateway by Kamailio's own configuration."""
        if isinstance(plan, Ring):
            relay = {
                "action": "relay",
                "target": plan.destination,
                "timeout_ms": plan.timeout_secs * 1000,
                "call_id": doors.call_id,
            }
            return _json(200, relay)
        if isinstance(plan, Reject):
            return _json(200, _rejection(*_SIP_ANSWERS[plan.reason], doors.call_id))
        return _json(200, _rejection(480, "Temporarily Unavailable", doors.call_id))

    def acknowledge(self, webhook: Webhook) -> Reply:  # noqa: ARG002 - every report has the same answer
        return _json(200, {"taken": True})

    def error_document(self) -> Reply:
        """Not 200, so that Kamailio takes its fallback destination, or answers 503 where it has none."""
        return _json(503, {"action": "reject", "code": 503, "reason": "Service Unavailable"})


def _is_fresh(timestamp: str, now_ms: int) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        return False
    return abs(now_ms - int(timestamp) * 1000) <= LONGEST_AGE_SECS * 1000


def _read(raw: bytes, kind: type[_Body]) -> _Body:
    try:
        body = msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableBody(
            "This is not a report of Ringtrace's Kamailio configuration.",
            hint="Write the configuration again with this version of Ringtrace.",
        ) from error
    return body


def _phone(text: str | None) -> str | None:
    """E.164 of a SIP user part, which may lack the plus; None for what is no phone number."""
    if not text:
        return None
    return try_phone(text) or (try_phone(f"+{text}") if text.isascii() and text.isdigit() else None)


def _secs(from_ms: int, until_ms: int) -> float:
    return max(0, until_ms - from_ms) / 1000


def _rejection(code: int, reason: str, call_id: str) -> dict[str, object]:
    return {"action": "reject", "code": code, "reason": reason, "call_id": call_id}


def _json(status: int, value: dict[str, object]) -> Reply:
    return Reply(status=status, content_type="application/json", body=msgspec.json.encode(value))


CARRIER: Carrier = KamailioCarrier()
