"""Calls through Twilio: signed form posts, answers in TwiML.

Doors: `inbound` (the number's voice URL), `leg` (progress of the dialled phone), `dial` (the Dial's action), `status`
(the number's own status callback, at the end). The carrier's call id is always the parent's CallSid.

Source of names and values: twilio.com/docs/voice/twiml, .../twiml/dial, .../twiml/number, .../api/call-resource.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

from ringtrace.core.calls import EndCause, ReportKind
from ringtrace.core.clock import ms_from_at
from ringtrace.core.errors import UnreadableBody
from ringtrace.core.phones import try_phone
from ringtrace.core.refusals import Refusal
from ringtrace.flows.plan import Plan, Reject, RejectReason, Ring
from ringtrace.telephony.port import Carrier, Doors, Inbound, Reply, Report, Webhook
from ringtrace.telephony.twilio.signature import SIGNATURE_HEADER, is_genuine, read_form

_LONGEST = 300
_COUNTRY = re.compile(r"[A-Z]{2}")
_STATE = re.compile(r"[A-Z0-9]{1,3}")
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
# Withheld callers come as a word spelled on a keypad.
_WITHHELD = frozenset(
    "+" + word.translate(_KEYPAD)
    for word in ("ANONYMOUS", "BLOCKED", "PRIVATE", "RESTRICTED", "UNAVAILABLE", "UNKNOWN")
)
_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_LEG_PROGRESS = {"ringing": ReportKind.RINGING, "in-progress": ReportKind.ANSWERED}
# "no-answer" ends a leg both at the timeout and when the caller gave up: alone it tells neither.
_LEG_CAUSES = {
    "completed": EndCause.HUNG_UP,
    "busy": EndCause.BUSY,
    "failed": EndCause.FAILED,
    "no-answer": EndCause.UNKNOWN,
    "canceled": EndCause.CANCELED,
}
_DIAL_CAUSES = _LEG_CAUSES | {"answered": EndCause.HUNG_UP, "no-answer": EndCause.NO_ANSWER}
# The parent's "completed" says nothing of the business: an announcement alone completes it.
_STATUS_CAUSES = {
    "completed": EndCause.UNKNOWN,
    "no-answer": EndCause.UNKNOWN,
    "canceled": EndCause.CANCELED,
    "busy": EndCause.BUSY,
    "failed": EndCause.FAILED,
}
_REJECT_REASONS = {
    RejectReason.UNKNOWN_NUMBER: "rejected",
    RejectReason.BLOCKED: "rejected",
    RejectReason.BUSY: "busy",
}


class TwilioCarrier:
    name = "twilio"
    inbound_doors = frozenset({"inbound"})

    def verify(self, webhook: Webhook, secret: str, now_ms: int) -> Refusal | None:  # noqa: ARG002
        """Twilio signs no time, so an old request proves as much as a new one: repeats are told by their ids."""
        given = webhook.headers.get(SIGNATURE_HEADER, "")
        if not given:
            return Refusal.UNSIGNED
        return None if is_genuine(secret, webhook.url, webhook.body, given) else Refusal.FORGED

    def parse_inbound(self, webhook: Webhook) -> Inbound:
        form = _read(webhook.body)
        return Inbound(
            carrier_call_id=_needed(form, "CallSid"),
            called=_number(_needed(form, "To")) or _needed(form, "To"),
            caller=_number(form.get("From", "")),
            caller_name=form.get("CallerName", "").strip() or None,
            caller_region=_region(form),
            said_ms=_said_ms(form),
        )

    def parse_report(self, webhook: Webhook) -> Report | None:
        form = _read(webhook.body)
        call_id = _in_query(webhook.url, "call")
        if webhook.door == "leg":
            return _leg_report(form, call_id, _in_query(webhook.url, "called"))
        if webhook.door == "dial":
            return _dial_report(form, call_id)
        if webhook.door == "status":
            return _status_report(form, call_id)
        raise UnreadableBody("Twilio has no such door.", hint="Doors are inbound, leg, dial and status.")

    def render(self, plan: Plan, doors: Doors) -> Reply:
        response = ET.Element("Response")
        if isinstance(plan, Ring):
            _add_dial(response, plan, doors)
        elif isinstance(plan, Reject):
            ET.SubElement(response, "Reject", reason=_REJECT_REASONS[plan.reason])
        else:
            ET.SubElement(response, "Hangup")
        return _twiml(200, response)

    def acknowledge(self, webhook: Webhook) -> Reply:
        """After a Dial the caller is still on the line and hears what we answer: that the call is over."""
        response = ET.Element("Response")
        if webhook.door == "dial":
            ET.SubElement(response, "Hangup")
        return _twiml(200, response)

    def error_document(self) -> Reply:
        """Not 200, so that Twilio asks the number's fallback URL; without one it plays its own error message."""
        response = ET.Element("Response")
        ET.SubElement(response, "Reject", reason="busy")
        return _twiml(503, response)


def _leg_report(form: dict[str, str], call_id: str | None, called: str | None) -> Report | None:
    """A leg's own `To` is the business's phone; the tracking number comes back in the address we gave."""
    status, leg = form.get("CallStatus", ""), _needed(form, "CallSid")
    kind = ReportKind.ENDED if status in _LEG_CAUSES else _LEG_PROGRESS.get(status)
    if kind is None:
        return None
    return Report(
        kind=kind,
        carrier_call_id=_needed(form, "ParentCallSid"),
        called=_number(called or ""),
        caller=None,
        call_id=call_id,
        said_ms=_said_ms(form),
        cause=_LEG_CAUSES.get(status),
        talk_secs=_secs(form, "CallDuration") if status == "completed" else None,
        sequence=f"leg:{leg}",
    )


def _dial_report(form: dict[str, str], call_id: str | None) -> Report | None:
    status = form.get("DialCallStatus", "")
    cause = _DIAL_CAUSES.get(status)
    if cause is None:
        return None
    if status == "no-answer" and form.get("CallStatus") in _OVER:
        cause = EndCause.CANCELED  # the caller's own leg was over already: the caller ended it, not the timeout
    return Report(
        kind=ReportKind.ENDED,
        carrier_call_id=_needed(form, "CallSid"),
        called=_number(form.get("To", "")),
        caller=_number(form.get("From", "")),
        call_id=call_id,
        said_ms=_said_ms(form),
        cause=cause,
        talk_secs=_secs(form, "DialCallDuration") if cause is EndCause.HUNG_UP else None,
        sequence=f"dial:{form.get('DialCallSid', '')[:_LONGEST]}",
    )


def _status_report(form: dict[str, str], call_id: str | None) -> Report | None:
    cause = _STATUS_CAUSES.get(form.get("CallStatus", ""))
    if cause is None:
        return None
    return Report(
        kind=ReportKind.ENDED,
        carrier_call_id=_needed(form, "CallSid"),
        called=_number(form.get("To", "")),
        caller=_number(form.get("From", "")),
        call_id=call_id,
        said_ms=_said_ms(form),
        cause=cause,
        sequence="status",
    )


def _add_dial(response: ET.Element, plan: Ring, doors: Doors) -> None:
    dial = ET.SubElement(
        response,
        "Dial",
        answerOnBridge="true",
        timeout=str(plan.timeout_secs),
        action=doors.door("dial"),
        method="POST",
    )
    is_sip = plan.destination.startswith(("sip:", "sips:"))
    phone = ET.SubElement(
        dial,
        "Sip" if is_sip else "Number",
        statusCallback=doors.door("leg"),
        statusCallbackEvent="initiated ringing answered completed",
        statusCallbackMethod="POST",
    )
    phone.text = plan.destination


def _twiml(status: int, response: ET.Element) -> Reply:
    body = ET.tostring(response, encoding="UTF-8", xml_declaration=True)
    return Reply(status=status, content_type="text/xml", body=body)


def _read(body: bytes) -> dict[str, str]:
    return dict(read_form(body))


def _region(form: dict[str, str]) -> str | None:
    """`US-CA` of FromCountry and FromState, the country alone where no state is told."""
    country, state = form.get("FromCountry", "").strip().upper(), form.get("FromState", "").strip().upper()
    if not _COUNTRY.fullmatch(country):
        return None
    return f"{country}-{state}" if _STATE.fullmatch(state) else country


def _needed(form: dict[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value or len(value) > _LONGEST:
        raise UnreadableBody(f"Twilio's form has no {name}.", hint="Set the webhook's method to POST.")
    return value


def _number(text: str) -> str | None:
    """E.164 of a phone number or of the user part of a SIP address; None for a withheld one."""
    user = text.partition(":")[2].partition("@")[0] if text.startswith(("sip:", "sips:")) else text
    return None if user in _WITHHELD else try_phone(user)


def _secs(form: dict[str, str], name: str) -> float | None:
    text = form.get(name, "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def _said_ms(form: dict[str, str]) -> int | None:
    """Of `Timestamp`, RFC 2822, whole seconds; None where it is absent or unreadable."""
    try:
        return ms_from_at(parsedate_to_datetime(form.get("Timestamp", "")))
    except (ValueError, TypeError, OverflowError):
        return None


def _in_query(url: str, name: str) -> str | None:
    """What we put into the address ourselves; the signature covers it."""
    return parse_qs(urlsplit(url).query).get(name, [None])[0]


CARRIER: Carrier = TwilioCarrier()
