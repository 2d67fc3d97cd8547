"""What is Twilio's own: its published signatures, its documented requests, and what can be inferred from them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from ringtrace.core.calls import CallStatus, EndCause, ReportKind
from ringtrace.core.refusals import Refusal
from ringtrace.flows.plan import HangUp, Plan, Reject, RejectReason, Ring
from ringtrace.telephony.fold import fold_call
from ringtrace.telephony.port import Doors, Report, Webhook
from ringtrace.telephony.simulator import Answered, CallerHangsUp, NoAnswer
from ringtrace.telephony.twilio import inbound as twilio
from ringtrace.telephony.twilio.inbound import CARRIER
from ringtrace.telephony.twilio.signature import sign_form, sign_url
from tests.carriers.playing import journal_of, requests_of, script_of

FIXTURES = Path(twilio.__file__).parent / "fixtures"
DOORS = Doors(base="https://calls.example.com/carriers/connection_1", call_id="call_1", called="+13105550100")
TOKEN = "12345"


class Published(msgspec.Struct):
    auth_token: str
    url: str
    body: str
    signature: str


PUBLISHED = msgspec.json.decode((FIXTURES / "signatures.json").read_bytes(), type=list[Published])


def _xml(body: bytes) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314 - our own answer


def _fixture(name: str) -> Webhook:
    door = name.partition("_")[0]
    url = f"{DOORS.base}/inbound" if door in ("inbound", "status") else DOORS.door(door)
    return Webhook(door=door, url=url, headers={}, body=(FIXTURES / f"{name}.form").read_bytes())


def _report(name: str) -> Report:
    report = CARRIER.parse_report(_fixture(name))
    assert report is not None
    return report


def _signed(url: str, signature: str, body: bytes = b"") -> Webhook:
    return Webhook(door="inbound", url=url, headers={"x-twilio-signature": signature}, body=body)


@pytest.mark.parametrize("vector", PUBLISHED, ids=lambda vector: vector.signature)
def test_it_takes_the_signatures_twilio_publishes(vector: Published) -> None:
    webhook = _signed(vector.url, vector.signature, vector.body.encode())
    assert CARRIER.verify(webhook, vector.auth_token, 0) is None
    altered = msgspec.structs.replace(webhook, body=webhook.body + b"&A=1")
    assert CARRIER.verify(altered, vector.auth_token, 0) is Refusal.FORGED
    elsewhere = msgspec.structs.replace(webhook, url=webhook.url.replace("myapp", "yourapp"))
    assert CARRIER.verify(elsewhere, vector.auth_token, 0) is Refusal.FORGED


@pytest.mark.parametrize("configured", ["https://a.example/x", "https://a.example:443/x", "https://a.example:8443/x"])
@pytest.mark.parametrize("signed", ["https://a.example/x", "https://a.example:443/x", "https://a.example:8443/x"])
def test_it_bears_with_the_port_named_or_not(configured: str, signed: str) -> None:
    refusal = CARRIER.verify(_signed(configured, sign_url(TOKEN, signed)), TOKEN, 0)
    same_port = ("8443" in configured) == ("8443" in signed) or signed == "https://a.example/x"
    assert refusal is (None if same_port else Refusal.FORGED)


def test_it_signs_empty_values_too() -> None:
    url = "https://a.example/x"
    webhook = _signed(url, sign_form(TOKEN, url, [("CallSid", "CA1"), ("FromCity", "")]), b"CallSid=CA1&FromCity=")
    assert CARRIER.verify(webhook, TOKEN, 0) is None


def test_it_reads_the_documented_call() -> None:
    inbound = CARRIER.parse_inbound(_fixture("inbound"))
    assert inbound.carrier_call_id == "CA" + "a1" * 16
    assert (inbound.called, inbound.caller) == ("+13105550100", "+14155550123")
    assert CARRIER.parse_inbound(_fixture("inbound_withheld")).caller is None


def test_it_tells_whom_a_look_up_names_and_where_the_caller_is() -> None:
    inbound = CARRIER.parse_inbound(_fixture("inbound"))
    assert (inbound.caller_name, inbound.caller_region) == ('MÜLLER, "AL" & SONS', "US-CA")


def test_it_rings_with_a_dial_that_answers_only_when_the_business_does() -> None:
    reply = CARRIER.render(Ring(destination="+13105550199", timeout_secs=25), DOORS)
    assert reply.content_type == "text/xml"
    dial = _xml(reply.body).find("Dial")
    assert dial is not None
    assert dial.attrib == {
        "answerOnBridge": "true",
        "timeout": "25",
        "action": f"{DOORS.base}/dial?call=call_1&called=%2B13105550100",
        "method": "POST",
    }
    (number,) = dial
    assert (number.tag, number.text) == ("Number", "+13105550199")
    assert number.attrib == {
        "statusCallback": f"{DOORS.base}/leg?call=call_1&called=%2B13105550100",
        "statusCallbackEvent": "initiated ringing answered completed",
        "statusCallbackMethod": "POST",
    }


def test_it_rings_a_sip_address_as_such() -> None:
    phone = _xml(CARRIER.render(Ring(destination="sip:a@b.example", timeout_secs=9), DOORS).body).find("Dial/*")
    assert phone is not None
    assert (phone.tag, phone.text) == ("Sip", "sip:a@b.example")


@pytest.mark.parametrize(
    ("plan", "tag", "attributes"),
    [
        (Reject(reason=RejectReason.BUSY), "Reject", {"reason": "busy"}),
        (Reject(reason=RejectReason.BLOCKED), "Reject", {"reason": "rejected"}),
        (Reject(reason=RejectReason.UNKNOWN_NUMBER), "Reject", {"reason": "rejected"}),
        (HangUp(), "Hangup", {}),
    ],
)
def test_it_refuses_in_twiml(plan: Plan, tag: str, attributes: dict[str, str]) -> None:
    (verb,) = _xml(CARRIER.render(plan, DOORS).body)
    assert (verb.tag, verb.attrib) == (tag, attributes)


def test_it_takes_answered_from_the_dialled_leg_alone() -> None:
    assert CARRIER.parse_report(_fixture("leg_initiated")) is None
    assert _report("leg_ringing").kind is ReportKind.RINGING
    assert _report("leg_answered").kind is ReportKind.ANSWERED
    completed = _report("leg_completed")
    assert (completed.kind, completed.cause, completed.talk_secs) == (ReportKind.ENDED, EndCause.HUNG_UP, 61)
    dialled = _report("dial_completed")
    assert (dialled.kind, dialled.cause, dialled.talk_secs) == (ReportKind.ENDED, EndCause.HUNG_UP, 61)
    whole = _report("status_completed")
    assert (whole.kind, whole.cause, whole.talk_secs) == (ReportKind.ENDED, EndCause.UNKNOWN, None)


def test_it_names_every_leg_by_its_parent() -> None:
    names = ("leg_ringing", "leg_answered", "leg_completed", "dial_completed", "status_completed")
    assert {_report(name).carrier_call_id for name in names} == {"CA" + "a1" * 16}
    assert {_report(name).called for name in names} == {"+13105550100"}


def test_it_reads_the_time_twilio_says() -> None:
    assert _report("leg_answered").said_ms == 1_768_242_609_000
    assert CARRIER.parse_inbound(_fixture("inbound")).said_ms is None


def test_it_tells_the_timeout_from_the_caller_who_gave_up() -> None:
    assert _report("leg_no_answer").cause is EndCause.UNKNOWN
    assert _report("dial_no_answer").cause is EndCause.NO_ANSWER
    assert _report("dial_caller_gone").cause is EndCause.CANCELED


@pytest.mark.parametrize("status", [b"completed", b"no-answer"])
def test_it_says_abandoned_whichever_way_the_parent_ended(status: bytes) -> None:
    script = script_of(CallerHangsUp(after_secs=6))
    journal = journal_of("twilio", script)
    assert fold_call("call_1", journal).status is CallStatus.ABANDONED
    ended = requests_of("twilio", script)[-1]
    body = ended.body.replace(b"CallStatus=completed", b"CallStatus=" + status)
    report = CARRIER.parse_report(msgspec.structs.replace(ended.webhook, body=body))
    assert report is not None
    assert report.cause is EndCause.UNKNOWN


def test_it_says_missed_by_the_ring_time_when_the_dials_own_word_is_lost() -> None:
    journal = journal_of("twilio", script_of(NoAnswer(ring_secs=20)))
    without_dial = [report for report in journal if report.cause is not EndCause.NO_ANSWER]
    assert len(without_dial) == len(journal) - 1
    assert fold_call("call_1", without_dial).status is CallStatus.MISSED


def test_it_still_knows_the_talk_when_the_answer_was_not_reported() -> None:
    journal = journal_of("twilio", script_of(Answered(ring_secs=8, talk_secs=61)))
    without_answer = [report for report in journal if report.kind is not ReportKind.ANSWERED]
    call = fold_call("call_1", without_answer)
    assert call.status is CallStatus.ANSWERED
    assert call.talk_secs == 61
    assert call.ring_secs == pytest.approx(8, abs=0.5)


def test_it_ends_the_call_after_the_dial() -> None:
    assert [verb.tag for verb in _xml(CARRIER.acknowledge(_fixture("dial_no_answer")).body)] == ["Hangup"]
    assert list(_xml(CARRIER.acknowledge(_fixture("leg_completed")).body)) == []
