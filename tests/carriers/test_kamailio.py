"""What is Kamailio's own: its signature's age, its call's name, its answers, and the configuration."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from ringtrace.core.calls import EndCause
from ringtrace.core.errors import BadInput
from ringtrace.core.refusals import Refusal
from ringtrace.flows.plan import HangUp, Plan, Reject, RejectReason, Ring
from ringtrace.telephony.kamailio.config import KamailioSettings, PostWith, kamailio_config
from ringtrace.telephony.kamailio.inbound import CARRIER
from ringtrace.telephony.kamailio.signature import sign, signing_keys
from ringtrace.telephony.port import Doors, Webhook
from ringtrace.telephony.simulator import Answered, Busy
from tests.carriers.playing import SECRET, STARTED_MS, requests_of, script_of

DOORS = Doors(base="https://calls.example.com/carriers/connection_1", call_id="call_1")
SETTINGS = KamailioSettings(
    listen="udp:203.0.113.5:5060", edge_url="https://calls.example.com/", connection_id="connection_1", secret=SECRET
)
CALL = {"sip_call_id": "a@b", "from_tag": "t", "started_ms": STARTED_MS, "called": "13105550100", "caller": "anonymous"}


def _webhook(door: str, value: dict[str, object]) -> Webhook:
    return Webhook(door=door, url=f"{DOORS.base}/{door}", headers={}, body=msgspec.json.encode(value))


def _answer(plan: Plan) -> dict[str, object]:
    return msgspec.json.decode(CARRIER.render(plan, DOORS).body, type=dict[str, object])


def test_it_signs_with_a_hash_within_a_hash() -> None:
    keys = signing_keys(SECRET)
    inner = hashlib.sha256((keys.inner + "1768242600.event.{}").encode()).hexdigest()
    assert sign(keys, "1768242600", "event", b"{}") == hashlib.sha256((keys.outer + inner).encode()).hexdigest()
    assert keys.inner != keys.outer
    assert SECRET not in keys.inner + keys.outer


@pytest.mark.parametrize(
    ("late_secs", "refusal"), [(299, None), (-299, None), (302, Refusal.STALE), (-302, Refusal.STALE)]
)
def test_it_refuses_what_was_signed_long_ago_or_in_the_future(late_secs: int, refusal: Refusal | None) -> None:
    first = requests_of("kamailio", script_of(Busy()))[0]
    assert CARRIER.verify(first.webhook, SECRET, STARTED_MS + late_secs * 1000) is refusal


@pytest.mark.parametrize("stamp", ["", "-5", "1e9", "١٢٣", "1768242600.5", "9" * 400, "\udcff"])
def test_it_refuses_a_time_that_is_none(stamp: str) -> None:
    signature = sign(signing_keys(SECRET), stamp, "inbound", b"{}")
    headers = {"x-ringtrace-timestamp": stamp, "x-ringtrace-signature": signature}
    webhook = Webhook(door="inbound", url=f"{DOORS.base}/inbound", headers=headers, body=b"{}")
    assert CARRIER.verify(webhook, SECRET, STARTED_MS) in (Refusal.STALE, Refusal.UNSIGNED)


def test_it_tells_apart_two_calls_with_one_sip_call_id() -> None:
    first = CARRIER.parse_inbound(_webhook("inbound", CALL))
    again = CARRIER.parse_inbound(_webhook("inbound", {**CALL, "started_ms": STARTED_MS + 60_000}))
    assert first.carrier_call_id != again.carrier_call_id


@pytest.mark.parametrize(
    ("written", "called"),
    [("13105550100", "+13105550100"), ("+13105550100", "+13105550100"), ("reception", "reception"), ("911", "911")],
)
def test_it_reads_a_number_with_and_without_its_plus(written: str, called: str) -> None:
    assert CARRIER.parse_inbound(_webhook("inbound", {**CALL, "called": written})).called == called


def test_it_measures_ring_and_talk_by_kamailios_own_clock() -> None:
    told = {
        **CALL,
        "kind": "ended",
        "cause": "hung_up",
        "answered_ms": STARTED_MS + 8_250,
        "at_ms": STARTED_MS + 70_000,
    }
    report = CARRIER.parse_report(_webhook("event", told))
    assert report is not None
    assert (report.cause, report.ring_secs, report.talk_secs) == (EndCause.HUNG_UP, 8.25, 61.75)


def test_it_says_where_the_call_goes() -> None:
    assert _answer(Ring(destination="+13105550199", timeout_secs=20)) == {
        "action": "relay",
        "target": "+13105550199",
        "timeout_ms": 20_000,
        "call_id": "call_1",
    }


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (Reject(reason=RejectReason.UNKNOWN_NUMBER), 404),
        (Reject(reason=RejectReason.BUSY), 486),
        (Reject(reason=RejectReason.BLOCKED), 603),
        (HangUp(), 480),
    ],
)
def test_it_refuses_in_sip(plan: Plan, code: int) -> None:
    answer = _answer(plan)
    assert (answer["action"], answer["code"]) == ("reject", code)


def test_it_sends_reports_whose_signature_covers_the_door() -> None:
    ended = requests_of("kamailio", script_of(Answered(ring_secs=3, talk_secs=9)))[-1].webhook
    assert CARRIER.verify(msgspec.structs.replace(ended, door="inbound"), SECRET, STARTED_MS) is Refusal.FORGED


def test_it_writes_a_configuration_without_the_secret_itself() -> None:
    text = kamailio_config(SETTINGS)
    assert SECRET not in text
    assert SECRET not in repr(SETTINGS)
    assert signing_keys(SECRET).inner in text
    assert "!RT_EDGE!https://calls.example.com/carriers/connection_1!" in text
    assert "RT_GATEWAY!" not in text
    assert "RT_FALLBACK!" not in text


@pytest.mark.parametrize("field", ["listen", "edge_url", "connection_id", "gateway", "fallback"])
@pytest.mark.parametrize("value", ["a!b", "a'b", 'a"b', "a\nb", "a b", "$(id)", "a`b", "", "a\\b", "a|b", "a#b"])
def test_it_refuses_settings_that_could_be_more_than_values(field: str, value: str) -> None:
    if (field, value) == ("edge_url", "") or (field, value) == ("connection_id", ""):
        value = " "
    with pytest.raises(BadInput, match=field.removesuffix("_url").removeprefix("connection_id") or "edge"):
        kamailio_config(msgspec.structs.replace(SETTINGS, **{field: value}))


def test_it_uses_the_http_module_when_asked_to() -> None:
    assert "#!define RT_HTTP_CLIENT" in kamailio_config(
        msgspec.structs.replace(SETTINGS, post_with=PostWith.HTTP_CLIENT)
    )
    assert "#!define RT_HTTP_CLIENT" not in kamailio_config(SETTINGS)
