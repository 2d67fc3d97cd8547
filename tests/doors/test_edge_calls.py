"""The doors of the carriers: every call path from outside, for every carrier, by the requests it would send."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from ringtrace.core.calls import CallStatus, ReportKind
from ringtrace.core.refusals import Refusal
from ringtrace.edge.inprocess import Answered
from ringtrace.privacy.keys import caller_purpose, connection_purpose
from ringtrace.telephony import simulator as play
from ringtrace.telephony.fold import fold_call
from ringtrace.telephony.kamailio.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign, signing_keys
from ringtrace.telephony.registry import CARRIERS, SIMULATORS
from ringtrace.telephony.simulator import CallScript, Scenario, TimedRequest
from ringtrace.telephony.twilio.signature import sign_form
from ringtrace.testing.house import COMPANY, PUBLIC_URL, House, shown
from ringtrace.wire.journal import CallReported, RefusalsCounted
from ringtrace.wire.sqlite import open_store

CALLER = "+14155550123"
ANSWERED = play.Answered(ring_secs=8, talk_secs=60)
REASONS = frozenset(reason.value for reason in Refusal)
SIGNATURES = {"twilio": "x-twilio-signature", "kamailio": SIGNATURE_HEADER}


class Line:
    """A carrier that carries calls to a house. `secret` and `connection_id` may be others than the house's own."""

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

    def reports(self, script: CallScript, answer: Answered) -> tuple[TimedRequest, ...]:
        return SIMULATORS[self.carrier].reports(script, answer.body)

    def send(self, request: TimedRequest, headers: Mapping[str, str] | None = None) -> Answered:
        """The clock of the edge stands at the request's time."""
        return self.house.ask("POST", request.target, request.body, request.headers if headers is None else headers)

    def post_signed(self, door: str, body: bytes) -> Answered:
        """Any body, with the carrier's genuine signature."""
        path = f"/carriers/{self.connection_id}/{door}"
        if self.carrier == "kamailio":
            timestamp = str(self.house.clock.now_ms // 1000)
            signature = sign(signing_keys(self.secret), timestamp, door, body)
            return self.house.ask("POST", path, body, {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature})
        form = CARRIER_FORMS(body)
        signature = sign_form(self.secret, f"{PUBLIC_URL}{path}", form)
        return self.house.ask("POST", path, body, {"x-twilio-signature": signature})

    def rings(self, answer: Answered) -> bool:
        """Whether the answer, in the carrier's language, rings the business."""
        try:
            return SIMULATORS[self.carrier].read_call_id(answer.body) is not None
        except msgspec.DecodeError:
            return False


def CARRIER_FORMS(body: bytes) -> list[tuple[str, str]]:  # noqa: N802
    from ringtrace.telephony.twilio.signature import read_form

    return read_form(body)


@pytest.fixture(params=sorted(CARRIERS))
def line(request: pytest.FixtureRequest, house: House) -> Iterator[Line]:
    yield Line(house, request.param)


def reports_of(house: House) -> list[CallReported]:
    return [event for event in house.events() if isinstance(event, CallReported)]


def on_disk(house: House) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(house.path.parent.glob("edge.sqlite*")))
