"""The doors of the carriers: every call path from outside, for every carrier, by the requests it would send."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import closing

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from ringtrace.core.calls import CallStatus, EndCause, ReportKind
from ringtrace.core.refusals import Refusal
from ringtrace.edge.inprocess import Answered
from ringtrace.privacy.keys import caller_purpose, connection_purpose, phone_digest
from ringtrace.telephony import simulator as play
from ringtrace.telephony.fold import fold_call
from ringtrace.telephony.kamailio.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign, signing_keys
from ringtrace.telephony.registry import CARRIERS, SIMULATORS
from ringtrace.telephony.simulator import CallScript, Scenario, TimedRequest
from ringtrace.telephony.twilio.signature import SIGNATURE_HEADER as TWILIO_SIGNATURE
from ringtrace.telephony.twilio.signature import read_form, sign_form
from ringtrace.testing.house import COMPANY, PUBLIC_URL, House, shown
from ringtrace.wire.directory import Directory
from ringtrace.wire.journal import CallReported, RefusalsCounted
from ringtrace.wire.sqlite import open_store

CALLER = "+14155550123"
ANSWERED = play.Answered(ring_secs=8, talk_secs=60)
REASONS = frozenset(reason.value for reason in Refusal)
SIGNATURES = {"twilio": TWILIO_SIGNATURE, "kamailio": SIGNATURE_HEADER}
DOORS = {"twilio": ("inbound", "leg", "dial", "status"), "kamailio": ("inbound", "event")}


class Line:
    """A carrier that carries calls to a house; `secret` and `connection_id` can be made another's."""

    def __init__(self, house: House, carrier: str) -> None:
        self.house = house
        self.carrier = carrier
        self.connection_id = f"conn_{carrier}"
        self.secret = house.secrets[carrier]

    def script(
        self, called: str = "", *, key: str = "call-1", caller: str | None = CALLER, scenario: Scenario = ANSWERED
    ) -> CallScript:
        return CallScript(
            key=key,
            started_ms=self.house.clock.now_ms,
            public_url=PUBLIC_URL,
            connection_id=self.connection_id,
            secret=self.secret,
            called=called or self.house.static[self.carrier],
            caller=caller,
            scenario=scenario,
        )

    def arrive(self, script: CallScript) -> Answered:
        return self.send(SIMULATORS[self.carrier].inbound(script))

    def send(self, request: TimedRequest, headers: Mapping[str, str] | None = None) -> Answered:
        return self.house.ask("POST", request.target, request.body, request.headers if headers is None else headers)

    def send_all(self, script: CallScript, requests: Sequence[TimedRequest]) -> list[Answered]:
        """Each when its time has come."""
        answers = []
        for request in requests:
            self.house.clock.now_ms = script.started_ms + request.offset_ms
            answers.append(self.send(request))
        return answers

    def place(self, script: CallScript) -> list[Answered]:
        """The whole call, in order."""
        first = self.arrive(script)
        return [first, *self.send_all(script, SIMULATORS[self.carrier].reports(script, first.body))]

    def post_signed(self, door: str, body: bytes) -> Answered:
        """Any body, with the carrier's genuine signature."""
        path = f"/carriers/{self.connection_id}/{door}"
        if self.carrier == "twilio":
            signature = sign_form(self.secret, f"{PUBLIC_URL}{path}", read_form(body))
            return self.house.ask("POST", path, body, {TWILIO_SIGNATURE: signature})
        timestamp = str(self.house.clock.now_ms // 1000)
        signature = sign(signing_keys(self.secret), timestamp, door, body)
        return self.house.ask("POST", path, body, {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature})

    def rings(self, answer: Answered) -> bool:
        """Whether the answer, in the carrier's language, rings the business."""
        return SIMULATORS[self.carrier].read_call_id(answer.body) is not None

    def lend_pool(self) -> None:
        """The house's pooled numbers come in by this carrier."""
        self.house.pool_carrier = self.carrier
        self.house.publish(self.house.directory)
        assert self.house.refresh()


@pytest.fixture(params=sorted(CARRIERS))
def line(request: pytest.FixtureRequest, house: House) -> Line:
    return Line(house, request.param)


def reports_of(house: House) -> list[CallReported]:
    return [event for event in house.events() if isinstance(event, CallReported)]


def on_disk(house: House) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(house.path.parent.glob("edge.sqlite*")))


def add_neighbour(house: House, carrier: str) -> tuple[str, str]:
    """Another company with a line of the same carrier; its connection's secret and its number."""
    secret, e164 = "the neighbour's secret", "+13105550300"

    def directory(version: int) -> Directory:
        ours = house.directory(version)
        number = next(one for one in ours.numbers if one.e164 == house.static[carrier])
        connection = next(one for one in ours.connections if one.carrier == carrier)
        theirs = {"company_id": "company_next", "connection_id": "conn_next"}
        return msgspec.structs.replace(
            ours,
            numbers=(*ours.numbers, msgspec.structs.replace(number, number_id="num_next", e164=e164, **theirs)),
            connections=(
                *ours.connections,
                msgspec.structs.replace(
                    connection, sealed_secret=house.keys.seal(secret, connection_purpose("conn_next")), **theirs
                ),
            ),
        )

    house.publish(directory)
    assert house.refresh()
    return secret, e164


def break_store(house: House, *, is_broken: bool = True) -> None:
    statement = "CREATE TRIGGER broken BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'x'); END"
    with closing(open_store(house.path)) as store:
        store.execute(statement if is_broken else "DROP TRIGGER broken")


def test_it_rings_the_business_and_has_journalled_the_call(line: Line) -> None:
    answer = line.arrive(line.script())
    assert answer.status == 200
    assert answer.reason is None
    assert line.rings(answer)
    [arrived] = reports_of(line.house)
    assert (arrived.kind, arrived.called_e164, arrived.company_id) == (
        ReportKind.ARRIVED,
        line.house.static[line.carrier],
        COMPANY,
    )
    assert (arrived.destination, arrived.ring_timeout_secs, arrived.holder) == ("+13105550199", 20, None)
    assert arrived.call_id == SIMULATORS[line.carrier].read_call_id(answer.body)


def test_it_knows_which_visit_held_the_number_when_it_rang(line: Line) -> None:
    line.lend_pool()
    [number] = shown(line.house.visit("a"))
    line.arrive(line.script(number))
    seen = next(event for event in line.house.events() if not isinstance(event, CallReported))
    holder = reports_of(line.house)[0].holder
    assert holder is not None
    assert (holder.e164, holder.visit_id) == (number, getattr(seen, "visit_id", None))


def test_it_names_no_holder_when_the_hold_is_over(line: Line) -> None:
    line.lend_pool()
    [number] = shown(line.house.visit("a"))
    line.house.clock.now_ms += 1800 * 1000
    line.arrive(line.script(number))
    assert reports_of(line.house)[0].holder is None


def test_it_keeps_a_called_number_with_its_caller_for_longer(line: Line) -> None:
    line.lend_pool()
    numbers = [shown(line.house.visit(name)) for name in "abc"]
    line.arrive(line.script(numbers[0][0]))
    line.house.clock.now_ms += 14_400_000 - 1
    assert [shown(line.house.visit(name)) for name in "def"] == [numbers[1], numbers[2], []]
    assert shown(line.house.visit("a", new=False)) == numbers[0]
    line.arrive(line.script(numbers[0][0], key="call-2"))
    first, second = [report.holder for report in reports_of(line.house)]
    assert first is not None
    assert second is not None
    assert first.visit_id == second.visit_id
    assert first.until_ms - first.from_ms == 14_400_000


def test_it_keeps_a_called_number_with_its_caller_over_a_restart(line: Line) -> None:
    line.lend_pool()
    [called] = shown(line.house.visit("a"))
    line.arrive(line.script(called))
    line.house.restart()
    line.house.clock.now_ms += 14_400_000 - 1
    assert called not in [number for name in "bcd" for number in shown(line.house.visit(name))]
    assert shown(line.house.visit("a", new=False)) == [called]


def test_it_seals_the_caller_and_writes_the_number_nowhere(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line.place(line.script())
    arrived = reports_of(line.house)[0]
    purpose = caller_purpose(COMPANY)
    assert arrived.caller_sealed is not None
    assert line.house.keys.unseal(arrived.caller_sealed, purpose) == CALLER
    assert arrived.caller_hash == line.house.keys.hash(phone_digest(CALLER), purpose)
    for written in (CALLER.encode(), CALLER[1:].encode(), CALLER[2:].encode()):
        assert written not in on_disk(line.house)
    assert CALLER[2:] not in caplog.text


def test_it_takes_a_caller_who_withholds_the_number(line: Line) -> None:
    assert line.rings(line.arrive(line.script(caller=None)))
    assert (reports_of(line.house)[0].caller_sealed, reports_of(line.house)[0].caller_hash) == (None, None)


@pytest.mark.parametrize(
    ("scenario", "status"),
    [
        (ANSWERED, CallStatus.ANSWERED),
        (play.NoAnswer(ring_secs=20), CallStatus.MISSED),
        (play.CallerHangsUp(after_secs=4), CallStatus.ABANDONED),
        (play.Busy(), CallStatus.BUSY),
    ],
    ids=["answered", "missed", "abandoned", "busy"],
)
def test_it_journals_what_became_of_the_call(line: Line, scenario: Scenario, status: CallStatus) -> None:
    answers = line.place(line.script(scenario=scenario))
    assert {(answer.status, answer.reason) for answer in answers} == {(200, None)}
    reports = reports_of(line.house)
    assert len({report.call_id for report in reports}) == 1
    call = fold_call(reports[0].call_id, reports)
    assert call.status is status


def test_it_makes_the_same_call_of_reports_in_any_order(line: Line) -> None:
    script = line.script()
    first = line.arrive(script)
    requests = SIMULATORS[line.carrier].reports(script, first.body)
    line.house.clock.now_ms = script.started_ms + 70_000
    for request in reversed(requests):
        assert line.send(request).status == 200
    reports = reports_of(line.house)
    call = fold_call(reports[0].call_id, reports)
    assert call.status is CallStatus.ANSWERED


def test_it_records_a_request_that_comes_again_once_and_answers_it_alike(line: Line) -> None:
    script = line.script()
    inbound = SIMULATORS[line.carrier].inbound(script)
    first, again = line.send(inbound), line.send(inbound)
    assert (again.status, again.body, again.reason) == (first.status, first.body, "duplicate")
    requests = SIMULATORS[line.carrier].reports(script, first.body)
    answers = line.send_all(script, requests)
    recorded = len(reports_of(line.house))
    line.house.restart()
    repeated = line.send_all(script, requests)
    assert [one.body for one in repeated] == [one.body for one in answers]
    assert {one.status for one in repeated} == {200}
    assert len(reports_of(line.house)) == recorded


def test_it_tells_two_calls_apart(line: Line) -> None:
    for key in ("one", "two"):
        line.place(line.script(key=key))
    assert len({report.call_id for report in reports_of(line.house)}) == 2


def test_it_refuses_an_unknown_number_in_the_carriers_language(line: Line) -> None:
    answer = line.arrive(line.script("+13105550999"))
    assert (answer.status, answer.reason) == (200, "unknown_number")
    assert not line.rings(answer)
    assert (b"<Reject" if line.carrier == "twilio" else b'"code":404') in answer.body
    assert line.house.events() == []


@pytest.mark.parametrize("called", ["not a number", "+1", "sip:\x00@x", "+13105550200 OR 1=1"])
def test_it_refuses_what_is_no_number_alike(line: Line, called: str) -> None:
    answer = line.arrive(line.script(called))
    assert (answer.status, answer.reason) == (200, "unknown_number")
    assert line.house.events() == []


def test_it_refuses_a_number_of_the_houses_other_carrier(line: Line) -> None:
    [other] = [e164 for carrier, e164 in line.house.static.items() if carrier != line.carrier]
    assert line.arrive(line.script(other)).reason == "unknown_number"
    assert line.house.events() == []


def test_it_lets_no_company_call_in_for_another(line: Line) -> None:
    secret, theirs = add_neighbour(line.house, line.carrier)
    assert line.arrive(line.script(theirs)).reason == "unknown_number"
    line.connection_id, line.secret = "conn_next", secret
    assert line.arrive(line.script(line.house.static[line.carrier])).reason == "unknown_number"
    assert line.house.events() == []
    assert line.rings(line.arrive(line.script(theirs)))
    [arrived] = reports_of(line.house)
    assert arrived.company_id == "company_next"
    assert arrived.caller_hash == line.house.keys.hash(phone_digest(CALLER), caller_purpose("company_next"))
    assert arrived.caller_hash != line.house.keys.hash(phone_digest(CALLER), caller_purpose(COMPANY))


def test_it_takes_no_report_of_another_companys_number(line: Line) -> None:
    secret, theirs = add_neighbour(line.house, line.carrier)
    mine = line.script()
    first = line.arrive(mine)
    line.connection_id, line.secret = "conn_next", secret
    forged = SIMULATORS[line.carrier].reports(line.script(mine.called), first.body)
    known = len(reports_of(line.house))
    for request in forged:
        expected = (None, "unknown_number") if "/conn_next/" in request.url else ("forged",)
        assert line.send(request).reason in expected
    assert len(reports_of(line.house)) == known
    assert theirs not in {report.called_e164 for report in reports_of(line.house)}


def test_it_refuses_another_connections_secret(line: Line) -> None:
    secret, _ = add_neighbour(line.house, line.carrier)
    line.secret = secret
    answer = line.arrive(line.script())
    assert (answer.status, answer.reason) == (403, "forged")
    assert line.house.events() == []


def test_it_refuses_what_is_not_signed(line: Line) -> None:
    answer = line.send(SIMULATORS[line.carrier].inbound(line.script()), headers={})
    assert (answer.status, answer.reason) == (401, "unsigned")
    assert line.house.events() == []


def test_it_refuses_a_body_or_an_address_that_was_changed(line: Line) -> None:
    request = SIMULATORS[line.carrier].inbound(line.script())
    changed = request.body.replace(b"4155550123", b"4155550124")
    assert changed != request.body
    assert line.house.ask("POST", request.target, changed, request.headers).reason == "forged"
    other_door = request.target.replace("inbound", DOORS[line.carrier][1])
    assert line.house.ask("POST", other_door, request.body, request.headers).reason == "forged"
    assert line.house.events() == []


@pytest.mark.parametrize("signature", ["x", "é" * 64, "0" * 64, "=" * 28, " "])
def test_it_refuses_a_signature_that_is_none(line: Line, signature: str) -> None:
    request = SIMULATORS[line.carrier].inbound(line.script())
    answer = line.send(request, {**request.headers, SIGNATURES[line.carrier]: signature})
    assert answer.reason == "forged"


def test_it_refuses_what_was_signed_too_long_ago(house: House) -> None:
    line = Line(house, "kamailio")
    script = line.script()
    house.clock.now_ms += 301_000
    answer = line.arrive(script)
    assert (answer.status, answer.reason) == (403, "stale")
    assert house.events() == []


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "9" * 40, "\u0661" * 10])
def test_it_refuses_a_time_that_is_none(house: House, timestamp: str) -> None:
    line = Line(house, "kamailio")
    request = SIMULATORS["kamailio"].inbound(line.script())
    answer = line.send(request, {**request.headers, TIMESTAMP_HEADER: timestamp.encode().decode("latin-1")})
    assert answer.reason in ("unsigned", "forged", "stale")


@pytest.mark.parametrize("connection", ["conn_other", "", "%00", "conn_twilio%2F", "../../etc/passwd"])
def test_it_refuses_a_connection_it_does_not_know(house: House, connection: str) -> None:
    answer = house.ask("POST", f"/carriers/{connection}/inbound", b"{}")
    assert (answer.status, answer.reason) in {(404, "unknown_connection"), (404, "no_such_door")}


def test_it_refuses_a_connection_whose_secret_was_sealed_by_another_key(line: Line) -> None:
    ours = line.house.directory(0)
    connection = next(one for one in ours.connections if one.carrier == line.carrier)
    spoilt = msgspec.structs.replace(connection, sealed_secret=line.house.keys.seal("x", "another purpose"))
    line.house.publish(lambda version: msgspec.structs.replace(ours, version=version, connections=(spoilt,)))
    assert line.house.refresh()
    answer = line.arrive(line.script())
    assert (answer.status, answer.reason) == (404, "unknown_connection")


_BROKEN = (
    b"",
    b"\x00",
    b"{",
    b"[]",
    b"To=&CallSid=&From=",
    b"CallSid=" + b"x" * 301 + b"&To=%2B13105550200",
    b'{"sip_call_id":1,"from_tag":null}',
    b'{"sip_call_id":"\\ud800","from_tag":"b","started_ms":1,"called":"x"}',
    b'{"a":' + b"[" * 20_000,
    b"%ff%fe=%00&" * 500,
)


@pytest.mark.parametrize("body", _BROKEN, ids=range(len(_BROKEN)))
def test_it_refuses_a_body_that_is_no_call(line: Line, body: bytes) -> None:
    for door in DOORS[line.carrier]:
        answer = line.post_signed(door, body)
        assert answer.status in (200, 400)
        assert answer.reason is None or answer.reason == "unreadable"
    assert line.post_signed("inbound", body).reason == "unreadable"
    assert line.house.events() == []


def test_it_refuses_a_door_the_carrier_does_not_have(line: Line) -> None:
    assert line.post_signed("nowhere", b"CallSid=CA1&To=%2B13105550200").reason == "unreadable"
    assert line.house.events() == []


def test_it_refuses_a_body_that_is_too_large(line: Line) -> None:
    answer = line.post_signed("inbound", b"x" * 65_537)
    assert (answer.status, answer.reason) == (413, "too_large")


_parts = st.text(max_size=30) | st.integers() | st.none() | st.lists(st.text(max_size=3), max_size=2)
_kamailio = st.fixed_dictionaries(
    dict.fromkeys(("sip_call_id", "from_tag", "started_ms", "called"), _parts),
    optional=dict.fromkeys(("caller", "kind", "at_ms", "cause", "call_id", "sequence", "answered_ms"), _parts),
).map(msgspec.json.encode)
_twilio = st.dictionaries(
    st.sampled_from(["CallSid", "To", "From", "CallStatus", "ParentCallSid", "DialCallStatus", "Timestamp"]),
    st.text(max_size=30),
).map(lambda form: "&".join(f"{name}={value}" for name, value in form.items()).encode("utf-8", "replace"))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    carrier=st.sampled_from(sorted(CARRIERS)),
    body=_kamailio | _twilio | st.binary(max_size=200),
    door=st.integers(0, 3),
)
def test_it_answers_any_signed_body_with_a_document_or_a_typed_reason(
    house: House, carrier: str, body: bytes, door: int
) -> None:
    doors = DOORS[carrier]
    answer = Line(house, carrier).post_signed(doors[door % len(doors)], body)
    assert answer.status in (200, 400)
    assert answer.reason is None or answer.reason in REASONS
    assert b"Traceback" not in answer.body


def test_it_gives_the_error_document_and_promises_nothing_while_the_disk_takes_nothing(line: Line) -> None:
    script = line.script()
    break_store(line.house)
    answer = line.arrive(script)
    assert (answer.status, answer.reason) == (503, "store_down")
    assert answer.body == CARRIERS[line.carrier].error_document().body
    assert not line.rings(answer)
    break_store(line.house, is_broken=False)
    assert line.arrive(script).reason is None
    assert len(reports_of(line.house)) == 1


def test_it_asks_for_a_report_again_that_was_not_written(line: Line) -> None:
    script = line.script()
    first = line.arrive(script)
    requests = SIMULATORS[line.carrier].reports(script, first.body)
    break_store(line.house)
    assert {answer.status for answer in line.send_all(script, requests)} <= {200, 503}
    break_store(line.house, is_broken=False)
    line.send_all(script, requests)
    reports = reports_of(line.house)
    call = fold_call(reports[0].call_id, reports)
    assert call.status is CallStatus.ANSWERED


def test_it_turns_a_call_away_when_its_flow_says_so(line: Line) -> None:
    def directory(version: int) -> Directory:
        ours = line.house.directory(version)
        busy = {"format": 1, "steps": [{"reject": "busy"}]}
        return msgspec.structs.replace(
            ours, numbers=tuple(msgspec.structs.replace(one, flow=busy) for one in ours.numbers)
        )

    line.house.publish(directory)
    assert line.house.refresh()
    answer = line.arrive(line.script())
    assert answer.status == 200
    assert not line.rings(answer)
    arrived, ended = reports_of(line.house)
    assert (arrived.kind, ended.kind, ended.cause) == (ReportKind.ARRIVED, ReportKind.ENDED, EndCause.BUSY)


def test_it_counts_what_it_refused_by_company(line: Line) -> None:
    line.arrive(line.script("+13105550999"))
    line.send(SIMULATORS[line.carrier].inbound(line.script()), headers={})
    line.house.ask("POST", "/carriers/conn_other/inbound")
    line.house.tell_refusals()
    counted = {one.company_id: one.counts for one in line.house.events() if isinstance(one, RefusalsCounted)}
    assert counted == {COMPANY: {"unknown_number": 1, "unsigned": 1}, "": {"unknown_connection": 1}}
    assert b'door="carriers",result="unknown_number"} 1' in line.house.ask("GET", "/metrics").body
