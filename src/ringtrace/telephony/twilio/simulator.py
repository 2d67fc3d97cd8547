"""Calls as Twilio would post them: forms with the documented fields, signed with the connection's auth token.

Source of the fields: twilio.com/docs/voice/twiml (requests), .../twiml/dial (action), .../twiml/number (legs).
"""

from __future__ import annotations

import hashlib
from email.utils import format_datetime
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree as ET

from ringtrace.core.clock import at_from_ms
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
from ringtrace.telephony.twilio.signature import SIGNATURE_HEADER, sign_form

_WITHHELD = "+266696687"
_INITIATED_MS, _RINGING_MS = 100, 300
_AFTER_LEG_MS, _AFTER_DIAL_MS = 80, 200
_BUSINESS = "+15005550006"


class TwilioSimulator:
    def inbound(self, script: CallScript) -> TimedRequest:
        return _request(script, 0, f"{script.base}/inbound", {**_parent(script), "CallStatus": "ringing"})

    def read_call_id(self, reply_body: bytes) -> str | None:
        action_url = _attribute(reply_body, "Dial", "action")
        return parse_qs(urlsplit(action_url).query).get("call", [None])[0]

    def reports(self, script: CallScript, reply_body: bytes) -> tuple[TimedRequest, ...]:
        action_url = _attribute(reply_body, "Dial", "action")
        leg_url = _attribute(reply_body, "Dial/*", "statusCallback")
        if not action_url:
            return ()
        end_ms = round(1000 * call_end_secs(script.scenario))
        requests = [
            *_leg_requests(script, leg_url, end_ms),
            *_dial_requests(script, action_url, end_ms + _AFTER_LEG_MS),
            _status_request(script, end_ms + _AFTER_DIAL_MS),
        ]
        return tuple(requests)


def _attribute(twiml: bytes, path: str, name: str) -> str:
    found = ET.fromstring(twiml).find(path)  # noqa: S314 - our own answer, not a stranger's
    return "" if found is None else found.get(name, "")


def _leg_requests(script: CallScript, url: str, end_ms: int) -> list[TimedRequest]:
    scenario = script.scenario
    steps = [(min(_INITIATED_MS, end_ms), "initiated")]
    if not isinstance(scenario, Busy):
        steps.append((min(_RINGING_MS, end_ms), "ringing"))
    if isinstance(scenario, Answered):
        steps.append((round(1000 * scenario.ring_secs), "in-progress"))
    steps.append((end_ms, _leg_end(scenario)))
    return [
        _request(script, offset_ms, url, _leg(script, number, offset_ms, status))
        for number, (offset_ms, status) in enumerate(steps)
    ]


def _leg_end(scenario: object) -> str:
    if isinstance(scenario, Answered):
        return "completed"
    return "busy" if isinstance(scenario, Busy) else "no-answer"


def _dial_requests(script: CallScript, url: str, offset_ms: int) -> list[TimedRequest]:
    """None when the caller gave up: there is nobody left on the line to be told what comes next."""
    scenario = script.scenario
    if isinstance(scenario, CallerHangsUp):
        return []
    form = {**_parent(script), "CallStatus": "ringing", "DialCallSid": _sid(script, "leg")}
    form |= {"DialCallStatus": _leg_end(scenario), "DialBridged": str(isinstance(scenario, Answered)).lower()}
    if isinstance(scenario, Answered):
        form |= {"CallStatus": "completed", "DialCallDuration": str(round(scenario.talk_secs))}
    return [_request(script, offset_ms, url, form)]


def _status_request(script: CallScript, offset_ms: int) -> TimedRequest:
    """The number's own callback: its URL was set by hand and knows nothing of our call id."""
    is_unanswered = isinstance(script.scenario, NoAnswer | Busy)
    form = {
        **_parent(script),
        "CallStatus": "no-answer" if is_unanswered else "completed",
        "CallDuration": str(round(call_end_secs(script.scenario))),
        **_event_fields(script, 0, offset_ms),
    }
    return _request(script, offset_ms, f"{script.base}/status", form)


def _parent(script: CallScript) -> dict[str, str]:
    caller = script.caller or _WITHHELD
    return {
        "AccountSid": f"AC{'0' * 32}",
        "ApiVersion": "2010-04-01",
        "CallSid": _sid(script, "parent"),
        "Called": script.called,
        "Caller": caller,
        "Direction": "inbound",
        "From": caller,
        "To": script.called,
    }


def _leg(script: CallScript, number: int, offset_ms: int, status: str) -> dict[str, str]:
    form = {
        **_parent(script),
        "CallSid": _sid(script, "leg"),
        "ParentCallSid": _sid(script, "parent"),
        "CallStatus": status,
        "Called": _BUSINESS,
        "To": _BUSINESS,
        "Direction": "outbound-dial",
        **_event_fields(script, number, offset_ms),
    }
    if status == "completed" and isinstance(script.scenario, Answered):
        form["CallDuration"] = str(round(script.scenario.talk_secs))
    return form


def _event_fields(script: CallScript, number: int, offset_ms: int) -> dict[str, str]:
    at = at_from_ms(script.started_ms + offset_ms)
    return {
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(number),
        "Timestamp": format_datetime(at.replace(microsecond=0)),
    }


def _sid(script: CallScript, leg: str) -> str:
    return f"CA{hashlib.sha256(f'{script.key} {leg}'.encode()).hexdigest()[:32]}"


def _request(script: CallScript, offset_ms: int, url: str, form: dict[str, str]) -> TimedRequest:
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        SIGNATURE_HEADER: sign_form(script.secret, url, list(form.items())),
    }
    door = urlsplit(url).path.rpartition("/")[2]
    return TimedRequest(offset_ms=offset_ms, door=door, url=url, headers=headers, body=urlencode(form).encode())


SIMULATOR: Simulator = TwilioSimulator()
