"""What an edge does with a carrier, without the edge: plays a script and keeps what would be in the journal."""

from __future__ import annotations

from ringtrace.core.calls import ReportKind
from ringtrace.core.ids import derived_id
from ringtrace.flows.plan import Ring
from ringtrace.telephony.port import Doors, Inbound, Report
from ringtrace.telephony.registry import CARRIERS, SIMULATORS
from ringtrace.telephony.simulator import CallScript, Scenario, TimedRequest
from ringtrace.wire.journal import CallReported

STARTED_MS = 1_768_242_600_123
SECRET = "a secret of the connection"
CALLED, CALLER = "+13105550100", "+14155550123"
RING = Ring(destination="+13105550199", timeout_secs=20)


def script_of(scenario: Scenario, *, key: str = "call-1", caller: str | None = CALLER) -> CallScript:
    return CallScript(
        key=key,
        started_ms=STARTED_MS,
        public_url="https://calls.example.com",
        connection_id="connection_1",
        secret=SECRET,
        called=CALLED,
        caller=caller,
        scenario=scenario,
    )


def requests_of(name: str, script: CallScript) -> tuple[TimedRequest, ...]:
    """Every request of a call, the arrival first."""
    first = SIMULATORS[name].inbound(script)
    inbound = CARRIERS[name].parse_inbound(first.webhook)
    reply = CARRIERS[name].render(RING, doors_of(script, inbound))
    return first, *SIMULATORS[name].reports(script, reply.body)


def doors_of(script: CallScript, inbound: Inbound) -> Doors:
    return Doors(base=script.base, call_id=_call_id(script, inbound.carrier_call_id), called=script.called)


def journal_of(name: str, script: CallScript, edge_clock_ahead_ms: int = 0) -> list[CallReported]:
    """What the edge would record; its clock may differ from the carrier's."""
    first, *later = requests_of(name, script)
    carrier = CARRIERS[name]
    inbound = carrier.parse_inbound(first.webhook)
    events = [_event(name, script, inbound, first, edge_clock_ahead_ms)]
    for request in later:
        report = carrier.parse_report(request.webhook)
        if report is not None:
            events.append(_event(name, script, report, request, edge_clock_ahead_ms))
    return events


def _call_id(script: CallScript, carrier_call_id: str) -> str:
    return derived_id("call", script.connection_id, carrier_call_id)


def _event(name: str, script: CallScript, told: Inbound | Report, request: TimedRequest, ahead_ms: int) -> CallReported:
    call_id = _call_id(script, told.carrier_call_id)
    report = told if isinstance(told, Report) else None
    kind = report.kind if report else ReportKind.ARRIVED
    return CallReported(
        event_id=derived_id("ev", call_id, kind, report.sequence if report else ""),
        at_ms=script.started_ms + request.offset_ms + ahead_ms,
        company_id="company_1",
        call_id=call_id,
        connection_id=script.connection_id,
        carrier=name,
        carrier_call_id=told.carrier_call_id,
        kind=kind,
        number_id="number_1",
        called_e164=script.called,
        said_ms=told.said_ms,
        ring_timeout_secs=None if report else RING.timeout_secs,
        cause=report.cause if report else None,
        ring_secs=report.ring_secs if report else None,
        talk_secs=report.talk_secs if report else None,
    )
