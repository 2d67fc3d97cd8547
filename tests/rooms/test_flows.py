"""Call flows: documents that are read with care, and an interpreter that always says what is next."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ringtrace.core.errors import BadInput
from ringtrace.flows.interpreter import FlowEvent, FlowState, read_flow, ring_flow, step
from ringtrace.flows.plan import HangUp, Reject, RejectReason, Ring

DESTINATION = "+13105550199"


def test_it_rings_the_business_and_then_hangs_up() -> None:
    flow = read_flow(ring_flow(DESTINATION, 25))
    state, plan = step(flow, FlowState(), FlowEvent.ARRIVED)
    assert plan == Ring(destination=DESTINATION, timeout_secs=25)
    _, plan = step(flow, state, FlowEvent.NOT_ANSWERED)
    assert plan == HangUp()


@pytest.mark.parametrize("reason", list(RejectReason))
def test_it_turns_a_call_away_for_the_reason_given(reason: RejectReason) -> None:
    flow = read_flow({"format": 1, "steps": [{"reject": reason.value}]})
    assert step(flow, FlowState(), FlowEvent.ARRIVED)[1] == Reject(reason=reason)


def test_it_rings_a_sip_phone() -> None:
    flow = read_flow(ring_flow("sip:desk@pbx.example"))
    assert step(flow, FlowState(), FlowEvent.ARRIVED)[1] == Ring(destination="sip:desk@pbx.example", timeout_secs=20)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "steps"),
        ({"steps": []}, "one step"),
        ({"steps": [{"reject": "busy"}, {"reject": "busy"}]}, "one step"),
        ({"steps": [{"reject": "busy"}], "format": 2}, "one step"),
        ({"steps": [{}]}, "Step 1"),
        ({"steps": [{"reject": "busy", "ring": {"destination": DESTINATION}}]}, "Step 1"),
        ({"steps": [{"reject": "tired"}]}, "tired"),
        ({"steps": [{"ring": {"destination": DESTINATION, "timeout_secs": 0}}]}, "Step 1"),
        ({"steps": [{"ring": {"destination": DESTINATION, "timeout_secs": 121}}]}, "Step 1"),
        ({"steps": [{"ring": {"destination": DESTINATION, "volume": 11}}]}, "volume"),
        ({"steps": [{"ring": {"destination": "the plumber"}}]}, "the plumber"),
        ({"steps": [{"whisper": "hello"}]}, "whisper"),
    ],
)
def test_it_says_what_is_wrong_with_a_document(document: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_flow(document)
    assert said in str(refused.value)
    assert refused.value.hint


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["format", "steps", "ring", "reject", "destination", "timeout_secs"]), inner)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["format", "steps"]), _json))
def test_it_reads_a_document_whole_or_says_why_not(document: dict[str, object]) -> None:
    try:
        flow = read_flow(document)
    except BadInput:
        return
    assert isinstance(step(flow, FlowState(), FlowEvent.ARRIVED)[1], Ring | Reject)


@given(at=st.integers(-1, 5), event=st.sampled_from(FlowEvent), seconds=st.integers(1, 120))
def test_it_always_ends(at: int, event: FlowEvent, seconds: int) -> None:
    flow, state = read_flow(ring_flow(DESTINATION, seconds)), FlowState(at)
    first = step(flow, state, event)
    assert step(flow, state, event) == first
    for _ in range(3):
        state, plan = step(flow, state, FlowEvent.NOT_ANSWERED)
    assert plan == HangUp()
