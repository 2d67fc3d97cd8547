"""The call path: find the line, verify, parse, find the number, decide, record, answer in the carrier's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ringtrace.core.calls import EndCause, ReportKind
from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import BadInput, StoreUnavailable, UnreadableBody
from ringtrace.core.ids import derived_id
from ringtrace.core.phones import try_phone
from ringtrace.core.refusals import Refusal
from ringtrace.edge.directory import Line
from ringtrace.edge.http import Answer, Request, refuse
from ringtrace.flows.interpreter import FlowEvent, FlowState, step
from ringtrace.flows.plan import Plan, Reject, RejectReason, Ring
from ringtrace.privacy.keys import caller_purpose, phone_digest
from ringtrace.telephony.port import Doors, Inbound, Reply, Report, Webhook
from ringtrace.wire.directory import NumberEntry
from ringtrace.wire.journal import CallReported

if TYPE_CHECKING:
    from ringtrace.edge.app import Edge

_LONGEST_NAME = 200


async def answer_carrier(edge: Edge, request: Request, connection_id: str, door: str, now_ms: int) -> Answer:
    """POST /carriers/{connection_id}/{door}. Unproven requests are refused; proven ones always get a document."""
    try:
        line = edge.lookup.line(connection_id)
    except BadInput:
        line = None  # sealed by another key: nothing can be proven
    if line is None:
        return _refused(edge, Refusal.UNKNOWN_CONNECTION, None)
    webhook = Webhook(door=door, url=_public_url(line, request), headers=request.headers, body=request.body)
    refusal = line.carrier.verify(webhook, line.secret, now_ms)
    if refusal is not None:
        return _refused(edge, refusal, line)
    try:
        if door in line.carrier.inbound_doors:
            return await _answer_inbound(edge, line, webhook, now_ms)
        return await _answer_report(edge, line, webhook, now_ms)
    except UnreadableBody:
        return _refused(edge, Refusal.UNREADABLE, line)
    except StoreUnavailable:
        edge.counts.refused(Refusal.STORE_DOWN, line.entry.company_id)
        return _document(line.carrier.error_document(), Refusal.STORE_DOWN)


def _public_url(line: Line, request: Request) -> str:
    query = f"?{request.query}" if request.query else ""
    return f"{line.entry.public_url}{request.path}{query}"


def _refused(edge: Edge, refusal: Refusal, line: Line | None) -> Answer:
    edge.counts.refused(refusal, line.entry.company_id if line else "")
    return refuse(refusal)


def _document(reply: Reply, refusal: Refusal | None = None) -> Answer:
    return Answer(status=reply.status, body=reply.body, content_type=reply.content_type.encode(), refusal=refusal)


async def _answer_inbound(edge: Edge, line: Line, webhook: Webhook, now_ms: int) -> Answer:
    inbound = line.carrier.parse_inbound(webhook)
    call_id = derived_id("call", line.entry.connection_id, inbound.carrier_call_id)
    base = f"{line.entry.public_url}/carriers/{line.entry.connection_id}"
    number = _number_of(edge, line, inbound.called)
    if number is None:
        edge.counts.refused(Refusal.UNKNOWN_NUMBER, line.entry.company_id)
        unknown = Reject(reason=RejectReason.UNKNOWN_NUMBER)
        return _document(line.carrier.render(unknown, Doors(base=base, call_id=call_id)), Refusal.UNKNOWN_NUMBER)
    _, plan = step(edge.lookup.flow(number), FlowState(), FlowEvent.ARRIVED)
    arrived, is_new = await edge.store.arrive(_arrived(edge, line, inbound, number, plan, now_ms))
    if not isinstance(plan, Ring):
        await edge.store.record(_turned_away(arrived))  # also for a repeat: the first may have got no further
    if not is_new:
        edge.counts.refused(Refusal.DUPLICATE, line.entry.company_id)
    doors = Doors(base=base, call_id=call_id, called=number.e164)
    return _document(line.carrier.render(plan, doors), None if is_new else Refusal.DUPLICATE)


def _number_of(edge: Edge, line: Line, called: str | None) -> NumberEntry | None:
    """The called number, if it is the company's own and on this very connection."""
    called_e164 = try_phone(called)
    number = edge.lookup.number(line.entry.company_id, called_e164) if called_e164 else None
    return number if number is not None and number.connection_id == line.entry.connection_id else None


def _turned_away(arrived: CallReported) -> CallReported:
    """The end of a call that its flow did not let ring: no carrier reports it."""
    return msgspec.structs.replace(
        arrived,
        event_id=derived_id("ev", arrived.call_id, ReportKind.ENDED),
        kind=ReportKind.ENDED,
        holder=None,
        cause=EndCause.BUSY,
    )


def _arrived(edge: Edge, line: Line, inbound: Inbound, number: NumberEntry, plan: Plan, now_ms: int) -> CallReported:
    ring = plan if isinstance(plan, Ring) else None
    report = Report(
        kind=ReportKind.ARRIVED,
        carrier_call_id=inbound.carrier_call_id,
        called=inbound.called,
        caller=inbound.caller,
        said_ms=inbound.said_ms,
    )
    return msgspec.structs.replace(
        _reported(edge, line, report, number, now_ms),
        caller_region=inbound.caller_region,
        caller_name_sealed=_seal_name(edge, line, inbound.caller_name),
        destination=ring.destination if ring else None,
        ring_timeout_secs=ring.timeout_secs if ring else None,
    )


async def _answer_report(edge: Edge, line: Line, webhook: Webhook, now_ms: int) -> Answer:
    report = line.carrier.parse_report(webhook)
    reply = line.carrier.acknowledge(webhook)
    if report is None:
        return _document(reply)
    number = _number_of(edge, line, report.called)
    if number is None:
        edge.counts.refused(Refusal.UNKNOWN_NUMBER, line.entry.company_id)
        return _document(reply, Refusal.UNKNOWN_NUMBER)
    is_new = await edge.store.record(_reported(edge, line, report, number, now_ms))
    if not is_new:
        edge.counts.refused(Refusal.DUPLICATE, line.entry.company_id)
    return _document(reply, None if is_new else Refusal.DUPLICATE)


def _reported(edge: Edge, line: Line, report: Report, number: NumberEntry, now_ms: int) -> CallReported:
    call_id = derived_id("call", line.entry.connection_id, report.carrier_call_id)
    caller_sealed, caller_hash = _seal_caller(edge, line, report.caller)
    return CallReported(
        event_id=derived_id("ev", call_id, report.kind, report.sequence),
        at_ms=now_ms,
        company_id=line.entry.company_id,
        call_id=call_id,
        connection_id=line.entry.connection_id,
        carrier=line.carrier.name,
        carrier_call_id=report.carrier_call_id,
        kind=report.kind,
        number_id=number.number_id,
        called_e164=number.e164,
        caller_sealed=caller_sealed,
        caller_hash=caller_hash,
        said_ms=_sound(report.said_ms, now_ms),
        cause=report.cause,
        ring_secs=report.ring_secs,
        talk_secs=report.talk_secs,
    )


def _sound(said_ms: int | None, now_ms: int) -> int | None:
    """The carrier's time, unless it is a day off ours: then it tells of a broken clock and not of the call."""
    return said_ms if said_ms is not None and abs(said_ms - now_ms) < DAY_MS else None


def _seal_name(edge: Edge, line: Line, name: str | None) -> str | None:
    plain = (name or "").strip()[:_LONGEST_NAME]
    return edge.keys.seal(plain, caller_purpose(line.entry.company_id)) if plain else None


def _seal_caller(edge: Edge, line: Line, caller: str | None) -> tuple[str | None, str | None]:
    """The caller's number, sealed and hashed; None for those who withhold it or whose number is none."""
    e164 = try_phone(caller)
    if e164 is None:
        return None, None
    purpose = caller_purpose(line.entry.company_id)
    return edge.keys.seal(e164, purpose), edge.keys.hash(phone_digest(e164), purpose)
