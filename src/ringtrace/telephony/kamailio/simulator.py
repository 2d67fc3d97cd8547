"""Calls as the generated Kamailio configuration would post them."""

from __future__ import annotations

import msgspec

from ringtrace.telephony.kamailio.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign, signing_keys
from ringtrace.telephony.simulator import (
    Answered,
    Busy,
    CallerHangsUp,
    CallScript,
    NoAnswer,
    Simulator,
    TimedRequest,
    call_end_secs,
)

_RINGING_MS = 300  # a phone rings a moment after it was called
_CAUSES = {Answered: "hung_up", NoAnswer: "no_answer", CallerHangsUp: "canceled", Busy: "busy"}


class KamailioSimulator:
    def inbound(self, script: CallScript) -> TimedRequest:
        return _request(script, 0, "inbound", _call(script))

    def read_call_id(self, reply_body: bytes) -> str | None:
        reply = msgspec.json.decode(reply_body, type=dict[str, object])
        call_id = reply.get("call_id")
        return call_id if reply.get("action") == "relay" and isinstance(call_id, str) else None

    def reports(self, script: CallScript, reply_body: bytes) -> tuple[TimedRequest, ...]:
        call_id = self.read_call_id(reply_body)
        return () if call_id is None else self._told(script, call_id)

    def _told(self, script: CallScript, call_id: str) -> tuple[TimedRequest, ...]:
        scenario, end_ms = script.scenario, round(1000 * call_end_secs(script.scenario))
        call = {**_call(script), "call_id": call_id}
        requests = []
        if not isinstance(scenario, Busy):
            requests.append(_event(script, min(_RINGING_MS, end_ms), {**call, "kind": "ringing"}))
        if isinstance(scenario, Answered):
            answer_ms = round(1000 * scenario.ring_secs)
            call["answered_ms"] = script.started_ms + answer_ms
            requests.append(_event(script, answer_ms, {**call, "kind": "answered"}))
        requests.append(_event(script, end_ms, {**call, "kind": "ended", "cause": _CAUSES[type(scenario)]}))
        return tuple(requests)


def _call(script: CallScript) -> dict[str, object]:
    call: dict[str, object] = {
        "sip_call_id": f"{script.key}@simulated",
        "from_tag": script.key,
        "started_ms": script.started_ms,
        "called": script.called,
        "caller": script.caller or "anonymous",
    }
    return call


def _event(script: CallScript, offset_ms: int, event: dict[str, object]) -> TimedRequest:
    return _request(script, offset_ms, "event", {**event, "at_ms": script.started_ms + offset_ms})


def _request(script: CallScript, offset_ms: int, door: str, value: dict[str, object]) -> TimedRequest:
    body = msgspec.json.encode(value)
    timestamp = str((script.started_ms + offset_ms) // 1000)
    headers = {
        "content-type": "application/json",
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: sign(signing_keys(script.secret), timestamp, door, body),
    }
    return TimedRequest(offset_ms=offset_ms, door=door, url=f"{script.base}/{door}", headers=headers, body=body)


SIMULATOR: Simulator = KamailioSimulator()
