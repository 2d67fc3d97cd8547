"""What every carrier must do, whoever it is."""

from __future__ import annotations

import random
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringtrace.core.calls import CallStatus, EndCause, ReportKind
from ringtrace.core.errors import UnreadableBody
from ringtrace.core.refusals import Refusal
from ringtrace.flows.plan import HangUp, Reject, RejectReason, Ring
from ringtrace.telephony.fold import fold_call
from ringtrace.telephony.port import Webhook
from ringtrace.telephony.registry import CARRIERS, SIMULATORS
from ringtrace.telephony.simulator import Answered, Busy, CallerHangsUp, NoAnswer, Scenario
from ringtrace.telephony.twilio.signature import read_form
from tests.carriers.playing import (
    CALLED,
    CALLER,
    RING,
    SECRET,
    STARTED_MS,
    doors_of,
    journal_of,
    requests_of,
    script_of,
)

SCENARIOS: dict[Scenario, tuple[CallStatus, float, float]] = {
    Answered(ring_secs=8, talk_secs=61): (CallStatus.ANSWERED, 8, 61),
    Answered(ring_secs=0.4, talk_secs=2): (CallStatus.ANSWERED, 0.4, 2),
    NoAnswer(ring_secs=20): (CallStatus.MISSED, 20, 0),
    CallerHangsUp(after_secs=4): (CallStatus.ABANDONED, 4, 0),
    CallerHangsUp(after_secs=0.2): (CallStatus.ABANDONED, 0.2, 0),
    Busy(): (CallStatus.BUSY, 1, 0),
}
unhurried = settings(deadline=None, max_examples=50)  # other work on the machine is no failure
every_carrier = pytest.mark.parametrize("name", sorted(CARRIERS))
every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=repr)


@every_carrier
def test_it_is_found_by_its_own_name_and_can_be_simulated(name: str) -> None:
    assert CARRIERS[name].name == name
    assert set(SIMULATORS) == set(CARRIERS)


@every_carrier
@every_scenario
def test_it_takes_what_the_carrier_signed(name: str, scenario: Scenario) -> None:
    for request in requests_of(name, script_of(scenario)):
        assert CARRIERS[name].verify(request.webhook, SECRET, STARTED_MS + request.offset_ms) is None


@every_carrier
def test_it_refuses_what_nobody_signed(name: str) -> None:
    for request in requests_of(name, script_of(Busy())):
        bare = msgspec.structs.replace(request.webhook, headers={"content-type": "text/plain"})
        assert CARRIERS[name].verify(bare, SECRET, STARTED_MS) is Refusal.UNSIGNED


@every_carrier
@pytest.mark.parametrize("secret", ["", "another secret", SECRET + " "])
def test_it_refuses_what_another_secret_signed(name: str, secret: str) -> None:
    for request in requests_of(name, script_of(Busy())):
        assert CARRIERS[name].verify(request.webhook, secret, STARTED_MS) is Refusal.FORGED


@every_carrier
@unhurried
@given(data=st.data())
def test_it_refuses_a_body_with_one_byte_changed(name: str, data: st.DataObject) -> None:
    request = data.draw(st.sampled_from(requests_of(name, script_of(Answered(ring_secs=3, talk_secs=9)))))
    at = data.draw(st.integers(0, len(request.body) - 1))
    other = bytes([request.body[at] ^ data.draw(st.integers(1, 255))])
    altered = request.body[:at] + other + request.body[at + 1 :]
    refusal = CARRIERS[name].verify(msgspec.structs.replace(request.webhook, body=altered), SECRET, STARTED_MS)
    says_the_same = name == "twilio" and _form_of(altered) == _form_of(request.body)  # %2b for %2B
    assert refusal is (None if says_the_same else Refusal.FORGED)


def _form_of(body: bytes) -> object:
    return sorted(set(read_form(body)))


@every_carrier
def test_it_refuses_a_request_sent_on_to_another_door(name: str) -> None:
    arrival, *reports = requests_of(name, script_of(Busy()))
    for request in (arrival, *reports):
        door = next(other.door for other in (arrival, *reports) if other.door != request.door)
        url = request.url.replace(f"/{request.door}", f"/{door}")
        moved = msgspec.structs.replace(request.webhook, door=door, url=url)
        assert CARRIERS[name].verify(moved, SECRET, STARTED_MS) is Refusal.FORGED


@every_carrier
@unhurried
@given(header=st.text(max_size=80), body=st.binary(max_size=200), path=st.text(max_size=40))
def test_it_refuses_any_nonsense_without_falling_over(name: str, header: str, body: bytes, path: str) -> None:
    first = requests_of(name, script_of(Busy()))[0].webhook
    headers = {key: header if "signature" in key else value for key, value in first.headers.items()}
    forged = Webhook(door="inbound", url=f"https://calls.example.com/{path}", headers=headers, body=body)
    assert CARRIERS[name].verify(forged, SECRET, STARTED_MS) in (Refusal.UNSIGNED, Refusal.FORGED)


@every_carrier
def test_it_reads_who_called_whom(name: str) -> None:
    inbound = CARRIERS[name].parse_inbound(SIMULATORS[name].inbound(script_of(Busy())).webhook)
    assert (inbound.called, inbound.caller) == (CALLED, CALLER)
    assert inbound.carrier_call_id


@every_carrier
def test_it_knows_no_number_of_a_withheld_caller(name: str) -> None:
    inbound = CARRIERS[name].parse_inbound(SIMULATORS[name].inbound(script_of(Busy(), caller=None)).webhook)
    assert inbound.caller is None


@every_carrier
@every_scenario
def test_it_gives_every_report_the_id_and_the_number_of_its_call(name: str, scenario: Scenario) -> None:
    first, *later = requests_of(name, script_of(scenario))
    carrier_call_id = CARRIERS[name].parse_inbound(first.webhook).carrier_call_id
    reports = [CARRIERS[name].parse_report(request.webhook) for request in later]
    assert {report.carrier_call_id for report in reports if report} == {carrier_call_id}
    assert {report.called for report in reports if report} == {CALLED}


@every_carrier
def test_it_gives_two_calls_two_ids(name: str) -> None:
    ids = {
        CARRIERS[name].parse_inbound(SIMULATORS[name].inbound(script_of(Busy(), key=key)).webhook).carrier_call_id
        for key in ("one", "two")
    }
    assert len(ids) == 2


@every_carrier
@pytest.mark.parametrize("destination", ["+13105550199", "sip:plumber@127.0.0.1:5070", 'sip:"><Hangup/>&@x'])
def test_it_rings_and_gives_our_call_id_along(name: str, destination: str) -> None:
    script = script_of(Busy())
    inbound = CARRIERS[name].parse_inbound(SIMULATORS[name].inbound(script).webhook)
    doors = doors_of(script, inbound)
    reply = CARRIERS[name].render(Ring(destination=destination, timeout_secs=25), doors)
    assert reply.status == 200
    assert SIMULATORS[name].read_call_id(reply.body) == doors.call_id


@every_carrier
@pytest.mark.parametrize("plan", [HangUp(), *(Reject(reason=reason) for reason in RejectReason)], ids=repr)
def test_it_rings_nobody_when_told_not_to(name: str, plan: HangUp | Reject) -> None:
    script = script_of(Busy())
    inbound = CARRIERS[name].parse_inbound(SIMULATORS[name].inbound(script).webhook)
    reply = CARRIERS[name].render(plan, doors_of(script, inbound))
    assert reply.status == 200
    assert SIMULATORS[name].reports(script, reply.body) == ()


@every_carrier
def test_it_is_never_silent_when_we_cannot_say(name: str) -> None:
    document = CARRIERS[name].error_document()
    assert document.body
    assert document.status == 503


@every_carrier
@every_scenario
@pytest.mark.parametrize("ahead_ms", [0, 86_400_000, -3_000])
def test_it_tells_how_the_call_went(name: str, scenario: Scenario, ahead_ms: int) -> None:
    status, ring_secs, talk_secs = SCENARIOS[scenario]
    call = fold_call("call_1", journal_of(name, script_of(scenario), ahead_ms))
    assert call.status is status
    assert call.started_ms == STARTED_MS + ahead_ms
    assert call.ring_secs == pytest.approx(ring_secs, abs=0.5)
    assert call.talk_secs == pytest.approx(talk_secs, abs=0.01)
    assert call.ended_ms is not None
    assert call.ended_ms - call.started_ms == pytest.approx(1000 * (ring_secs + talk_secs), abs=500)
    assert (call.answered_ms is not None) is (status is CallStatus.ANSWERED)


@every_carrier
@every_scenario
@unhurried
@given(seed=st.integers(0, 2**32), repeats=st.integers(0, 12))
def test_it_tells_the_same_in_any_order_and_however_often(
    name: str, scenario: Scenario, seed: int, repeats: int
) -> None:
    journal = journal_of(name, script_of(scenario))
    chance = random.Random(seed)
    mixed = [*journal, *chance.choices(journal, k=repeats)]
    chance.shuffle(mixed)
    assert fold_call("call_1", mixed) == fold_call("call_1", journal)


@every_carrier
@every_scenario
@unhurried
@given(data=st.data())
def test_it_never_takes_a_call_for_answered_that_was_not(name: str, scenario: Scenario, data: st.DataObject) -> None:
    journal = journal_of(name, script_of(scenario))
    kept = data.draw(st.lists(st.sampled_from(journal), min_size=1))
    call = fold_call("call_1", kept)
    if not isinstance(scenario, Answered):
        assert call.status not in (CallStatus.ANSWERED, CallStatus.IN_PROGRESS)
        assert call.answered_ms is None
    assert call.ring_secs is None or call.ring_secs >= 0
    assert call.ended_ms is None or call.ended_ms >= call.started_ms


@every_carrier
def test_it_says_a_call_is_going_on_until_it_ends(name: str) -> None:
    journal = journal_of(name, script_of(Answered(ring_secs=8, talk_secs=61)))
    arrived = [report for report in journal if report.kind is ReportKind.ARRIVED]
    unfinished = [report for report in journal if report.kind is not ReportKind.ENDED]
    assert fold_call("call_1", arrived).status is CallStatus.RINGING
    assert fold_call("call_1", unfinished).status is CallStatus.IN_PROGRESS
    assert fold_call("call_1", unfinished).talk_secs is None


@every_carrier
def test_it_gives_a_repeat_the_same_sequence_and_two_reports_of_a_kind_two(name: str) -> None:
    later = requests_of(name, script_of(Answered(ring_secs=8, talk_secs=61)))[1:]
    reports, again = (
        [report for request in later if (report := CARRIERS[name].parse_report(request.webhook))] for _ in range(2)
    )
    assert again == reports
    assert len({(report.kind, report.sequence) for report in reports}) == len(reports)
    assert all((report.cause is not None) is (report.kind is ReportKind.ENDED) for report in reports)
    assert EndCause.HUNG_UP in {report.cause for report in reports}


def _reads_or_refuses(name: str, webhook: Webhook) -> None:
    for parse in (CARRIERS[name].parse_inbound, CARRIERS[name].parse_report):
        with suppress(UnreadableBody):
            parse(webhook)


_words = st.one_of(
    st.text(max_size=20), st.sampled_from(["CallSid", "To", "From", "CallStatus", "completed", "+1310555"])
)
_bodies = st.one_of(
    st.binary(max_size=300),
    st.dictionaries(_words, _words, max_size=8).map(
        lambda form: "&".join(f"{k}={v}" for k, v in form.items()).encode()
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda x: st.dictionaries(_words, x, max_size=6),
    ).map(msgspec.json.encode),
)


@every_carrier
@unhurried
@given(body=_bodies, door=st.sampled_from(["inbound", "dial", "leg", "status", "event", "", "ünknown"]))
def test_it_says_unreadable_and_nothing_else_of_a_body_it_cannot_read(name: str, body: bytes, door: str) -> None:
    webhook = Webhook(door=door, url=f"https://calls.example.com/carriers/connection_1/{door}", headers={}, body=body)
    _reads_or_refuses(name, webhook)


@every_carrier
@unhurried
@given(data=st.data())
def test_it_reads_or_refuses_a_real_body_that_was_damaged(name: str, data: st.DataObject) -> None:
    request = data.draw(st.sampled_from(requests_of(name, script_of(Answered(ring_secs=3, talk_secs=9)))))
    at = data.draw(st.integers(0, len(request.body)))
    damaged = request.body[:at] + data.draw(st.binary(max_size=4)) + request.body[at + data.draw(st.integers(0, 9)) :]
    webhook = msgspec.structs.replace(request.webhook, body=damaged)
    _reads_or_refuses(name, webhook)


@every_carrier
def test_it_acknowledges_every_report(name: str) -> None:
    for request in requests_of(name, script_of(Busy()))[1:]:
        assert CARRIERS[name].acknowledge(request.webhook).status == 200


def test_the_scenarios_are_of_the_length_the_flow_rings() -> None:
    assert max(s.ring_secs for s in SCENARIOS if isinstance(s, NoAnswer)) == RING.timeout_secs
