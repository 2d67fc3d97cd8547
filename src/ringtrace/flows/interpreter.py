"""A call flow is a document, `{"format": 1, "steps": [...]}`; this interprets it. Pure: no clock, no I/O.

Format 1 has one step: `{"ring": {"destination": "+13105550100", "timeout_secs": 20}}` or `{"reject": "busy"}`. A ring
that is not answered ends the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.phones import read_phone
from ringtrace.flows.plan import HangUp, Plan, Reject, RejectReason, Ring

_SHORTEST_RING_SECS, _LONGEST_RING_SECS = 1, 120


class RingStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    destination: str
    timeout_secs: int = 20


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one of its fields is set."""

    ring: RingStep | None = None
    reject: RejectReason | None = None


class Flow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    steps: tuple[Step, ...]
    format: int = 1


class FlowEvent(StrEnum):
    ARRIVED = "arrived"
    NOT_ANSWERED = "not_answered"


class FlowState(Struct, frozen=True):
    """Where in the flow a call is: the index of the step it waits in, -1 before the first."""

    at: int = -1


def read_flow(document: Mapping[str, object]) -> Flow:
    """Checks a document. Raises BadInput that names the step."""
    try:
        flow = msgspec.convert(document, Flow)
    except msgspec.ValidationError as error:
        raise BadInput(f"This is not a call flow: {error}.", hint="See docs/flows.md for the steps.") from error
    if flow.format != 1 or len(flow.steps) != 1:
        raise BadInput("A call flow of format 1 has one step.", hint="See docs/flows.md.")
    for number, step in enumerate(flow.steps, start=1):
        _check_step(number, step)
    return flow


def _check_step(number: int, step: Step) -> None:
    if (step.ring is None) == (step.reject is None):
        raise BadInput(f"Step {number} must be one thing: ring or reject.", hint="See docs/flows.md.")
    if step.ring is None:
        return
    if not _SHORTEST_RING_SECS <= step.ring.timeout_secs <= _LONGEST_RING_SECS:
        raise BadInput(f"Step {number}: a ring lasts 1 to 120 seconds.", hint="Twenty is usual.")
    if not step.ring.destination.startswith("sip:"):
        read_phone(step.ring.destination)


def ring_flow(destination: str, timeout_secs: int = 20) -> dict[str, object]:
    """The document of the commonest flow: ring one place."""
    return {"format": 1, "steps": [{"ring": {"destination": destination, "timeout_secs": timeout_secs}}]}


def step(flow: Flow, state: FlowState, event: FlowEvent) -> tuple[FlowState, Plan]:
    """What to do next; the same input gives the same plan. Ends: each event moves one step on."""
    at = 0 if event is FlowEvent.ARRIVED else state.at + 1
    if at >= len(flow.steps):
        return FlowState(at), HangUp()
    chosen = flow.steps[at]
    if chosen.ring is not None:
        return FlowState(at), Ring(destination=chosen.ring.destination, timeout_secs=chosen.ring.timeout_secs)
    return FlowState(at), Reject(reason=chosen.reject or RejectReason.BUSY)
