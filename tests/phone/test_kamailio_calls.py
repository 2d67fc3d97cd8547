"""Calls through a real Kamailio with the configuration Ringtrace writes, SIPp at both ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ringtrace.core.calls import EndCause, ReportKind
from ringtrace.flows.plan import HangUp, Plan, Reject, RejectReason, Ring
from ringtrace.telephony.kamailio.config import KamailioSettings
from ringtrace.telephony.port import Inbound
from tests.phone.harness import (
    Kamailio,
    answering_side,
    ask,
    free_port,
    need_phone_parts,
    place_call,
    running_kamailio,
    wait_until,
)
from tests.phone.route_app import CONNECTION_ID, SECRET, RouteApp, running_route_app

CALLED, CALLER = "+13105550100", "+14155550123"
WHOLE_CALL = [ReportKind.RINGING, ReportKind.ANSWERED, ReportKind.ENDED]


@pytest.fixture(autouse=True)
def _parts() -> None:
    need_phone_parts()


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _settings(edge_url: str, **changes: Any) -> KamailioSettings:
    settings = KamailioSettings(
        listen="udp:127.0.0.1:5060", edge_url=edge_url, connection_id=CONNECTION_ID, secret=SECRET, children=2
    )
    return msgspec.structs.replace(settings, **changes)


def _phone(opened: ExitStack, tmp_path: Path, plan: Plan, **changes: Any) -> tuple[RouteApp, Kamailio]:
    app = opened.enter_context(running_route_app(lambda _: plan))
    return app, opened.enter_context(running_kamailio(tmp_path, _settings(app.url, **changes)))


def _wait_for_end(app: RouteApp) -> None:
    wait_until("the call's end is reported", lambda: ReportKind.ENDED in app.kinds)


def test_it_relays_a_call_and_reports_ringing_answer_and_end(opened: ExitStack, tmp_path: Path) -> None:
    port = free_port()
    app, kamailio = _phone(opened, tmp_path, Ring(destination=f"sip:plumber@127.0.0.1:{port}", timeout_secs=20))
    with answering_side(tmp_path, "plumber_answers", port=port):
        place_call(tmp_path, kamailio, CALLED, CALLER, "caller_talks", pause_ms=500)
    _wait_for_end(app)
    (arrived,) = app.inbound
    assert (arrived.called, arrived.caller) == (CALLED, CALLER)
    assert app.kinds == WHOLE_CALL
    assert {report.carrier_call_id for report in app.reports} == {arrived.carrier_call_id}
    assert {report.call_id for report in app.reports} == {"call_1"}
    end = app.reports[-1]
    assert end.cause is EndCause.HUNG_UP
    assert end.ring_secs == pytest.approx(0.25, abs=0.2)
    assert end.talk_secs == pytest.approx(0.5, abs=0.2)


def _ring_a_phone(
    opened: ExitStack, tmp_path: Path, scenario: str, timeout_secs: int = 20, **changes: Any
) -> tuple[RouteApp, Kamailio]:
    port = free_port()
    plan = Ring(destination=f"sip:plumber@127.0.0.1:{port}", timeout_secs=timeout_secs)
    app, kamailio = _phone(opened, tmp_path, plan, **changes)
    opened.enter_context(answering_side(tmp_path, scenario, port=port))
    return app, kamailio


def test_it_gives_up_after_the_time_the_flow_said(opened: ExitStack, tmp_path: Path) -> None:
    app, kamailio = _ring_a_phone(opened, tmp_path, "plumber_never_answers", timeout_secs=1)
    place_call(tmp_path, kamailio, CALLED, CALLER, "caller_waits")
    _wait_for_end(app)
    assert app.kinds == [ReportKind.RINGING, ReportKind.ENDED]
    assert app.reports[-1].cause is EndCause.NO_ANSWER
    assert app.reports[-1].ring_secs == pytest.approx(1, abs=0.3)
    assert app.reports[-1].talk_secs == 0


def test_it_says_when_the_caller_gave_up(opened: ExitStack, tmp_path: Path) -> None:
    app, kamailio = _ring_a_phone(opened, tmp_path, "plumber_never_answers")
    place_call(tmp_path, kamailio, CALLED, CALLER, "caller_gives_up", pause_ms=400)
    _wait_for_end(app)
    assert app.kinds == [ReportKind.RINGING, ReportKind.ENDED]
    assert app.reports[-1].cause is EndCause.CANCELED
    assert app.reports[-1].ring_secs == pytest.approx(0.4, abs=0.3)


def test_it_passes_a_busy_tone_on(opened: ExitStack, tmp_path: Path) -> None:
    app, kamailio = _ring_a_phone(opened, tmp_path, "plumber_busy")
    place_call(tmp_path, kamailio, CALLED, CALLER, "caller_hears_busy")
    _wait_for_end(app)
    assert app.kinds == [ReportKind.ENDED]
    assert app.reports[-1].cause is EndCause.BUSY


def test_it_calls_it_failed_where_no_phone_is(opened: ExitStack, tmp_path: Path) -> None:
    nobody = Ring(destination=f"sip:plumber@127.0.0.1:{free_port()}", timeout_secs=1)
    app, kamailio = _phone(opened, tmp_path, nobody)
    place_call(tmp_path, kamailio, CALLED, CALLER, "caller_waits")
    _wait_for_end(app)
    assert app.reports[-1].cause is EndCause.FAILED


@pytest.mark.parametrize(
    ("plan", "scenario"),
    [
        (Reject(reason=RejectReason.UNKNOWN_NUMBER), "caller_unknown"),
        (Reject(reason=RejectReason.BUSY), "caller_hears_busy"),
        (Reject(reason=RejectReason.BLOCKED), "caller_is_blocked"),
        (HangUp(), "caller_gets_480"),
    ],
)
def test_it_refuses_with_a_proper_sip_status(opened: ExitStack, tmp_path: Path, plan: Plan, scenario: str) -> None:
    app, kamailio = _phone(opened, tmp_path, plan)
    place_call(tmp_path, kamailio, CALLED, CALLER, scenario)
    assert len(app.inbound) == 1
    assert app.reports == []


def test_it_completes_a_phone_number_with_the_gateway(opened: ExitStack, tmp_path: Path) -> None:
    port = free_port()
    plan = Ring(destination="+13105550199", timeout_secs=20)
    app, kamailio = _phone(opened, tmp_path, plan, gateway=f"127.0.0.1:{port}")
    with answering_side(tmp_path, "plumber_answers", port=port):
        place_call(tmp_path, kamailio, CALLED, CALLER, "caller_talks")
    _wait_for_end(app)
    assert app.kinds == WHOLE_CALL


def test_it_answers_503_where_ringtrace_cannot_be_asked(opened: ExitStack, tmp_path: Path) -> None:
    settings = _settings(f"http://127.0.0.1:{free_port()}")
    kamailio = opened.enter_context(running_kamailio(tmp_path, settings))
    place_call(tmp_path, kamailio, CALLED, CALLER, "caller_gets_503")


def test_it_takes_the_fallback_and_reports_once_ringtrace_is_back(opened: ExitStack, tmp_path: Path) -> None:
    port, edge_port = free_port(), free_port()
    settings = _settings(f"http://127.0.0.1:{edge_port}", fallback=f"sip:plumber@127.0.0.1:{port}")
    kamailio = opened.enter_context(running_kamailio(tmp_path, settings))
    with answering_side(tmp_path, "plumber_answers", port=port):
        place_call(tmp_path, kamailio, CALLED, CALLER, "caller_talks", pause_ms=500)
    app = opened.enter_context(running_route_app(lambda _: HangUp(), edge_port))
    _wait_for_end(app)
    assert app.kinds == WHOLE_CALL
    assert app.reports[-1].call_id is None
    assert app.reports[-1].talk_secs == pytest.approx(0.5, abs=0.2)


def test_it_reports_again_what_the_edge_did_not_take(opened: ExitStack, tmp_path: Path) -> None:
    app, kamailio = _ring_a_phone(opened, tmp_path, "plumber_answers")
    plan_for = app.plan_for

    def answer_once_then_fail_twice(inbound: Inbound) -> Plan:
        app.failing = 2
        return plan_for(inbound)

    app.plan_for = answer_once_then_fail_twice
    place_call(tmp_path, kamailio, CALLED, CALLER, "caller_talks")
    _wait_for_end(app)
    assert app.kinds == WHOLE_CALL
    assert "a report waits" in kamailio.log()


def test_it_asks_once_however_often_the_invite_is_repeated(opened: ExitStack, tmp_path: Path) -> None:
    never = threading.Event()

    def think(_: Inbound) -> Plan:
        never.wait(0.4)  # long enough for another worker to take the repeats up
        return Reject(reason=RejectReason.UNKNOWN_NUMBER)

    app = opened.enter_context(running_route_app(think))
    kamailio = opened.enter_context(running_kamailio(tmp_path, _settings(app.url, children=4)))
    answer = ask(kamailio, "INVITE", f"sip:{CALLED}@127.0.0.1:{kamailio.port}", times=4)
    assert answer.startswith(b"SIP/2.0 404")
    assert len(app.inbound) == 1


def test_it_refuses_calls_from_networks_that_are_not_trusted(opened: ExitStack, tmp_path: Path) -> None:
    app, kamailio = _phone(opened, tmp_path, HangUp(), trusted_networks=("192.0.2.0/24", "198.51.100.7/32"))
    place_call(tmp_path, kamailio, CALLED, CALLER, "caller_is_forbidden")
    assert app.bodies == []


@pytest.mark.parametrize("caller", ["1';touch${IFS}here;'", "$(touch$IFS)here", "a&b=c;d,e?f/g", "`id`", "$fU", "é%00"])
def test_it_carries_a_hostile_caller_as_text_and_nothing_else(opened: ExitStack, tmp_path: Path, caller: str) -> None:
    app, kamailio = _phone(opened, tmp_path, Reject(reason=RejectReason.UNKNOWN_NUMBER))
    place_call(tmp_path, kamailio, CALLED, caller, "caller_unknown")
    assert app.refused == []
    assert msgspec.json.decode(app.bodies[0])["caller"] == caller
    assert app.inbound[0].caller is None
    assert not list(Path.cwd().glob("here*"))
    assert not list(tmp_path.glob("here*"))


def test_it_is_no_relay_for_strangers(opened: ExitStack, tmp_path: Path) -> None:
    app, kamailio = _phone(opened, tmp_path, HangUp())
    victim = f"sip:victim@127.0.0.1:{free_port()}"
    routed = ask(kamailio, "BYE", victim, to_tag="made-up", headers=(f"Route: <sip:127.0.0.1:{kamailio.port};lr>",))
    assert routed.startswith(b"SIP/2.0 481")
    assert ask(kamailio, "MESSAGE", victim).startswith(b"SIP/2.0 405")
    assert app.bodies == []


def test_it_takes_a_call_id_that_would_break_json(opened: ExitStack, tmp_path: Path) -> None:
    app, kamailio = _phone(opened, tmp_path, Reject(reason=RejectReason.UNKNOWN_NUMBER))
    call_id = f'x"y\\z{{}}$ci-{kamailio.port}@127.0.0.1'
    answer = ask(kamailio, "INVITE", f"sip:{CALLED}@127.0.0.1:{kamailio.port}", call_id=call_id)
    assert answer.startswith(b"SIP/2.0 404")
    assert app.inbound[0].carrier_call_id.startswith(call_id + ";")


def test_it_keeps_up_with_twenty_calls_a_second(opened: ExitStack, tmp_path: Path) -> None:
    port, calls = free_port(), 20
    app, kamailio = _phone(opened, tmp_path, Ring(destination=f"sip:plumber@127.0.0.1:{port}", timeout_secs=20))
    with answering_side(tmp_path, "plumber_answers", calls=calls, port=port):
        place_call(tmp_path, kamailio, CALLED, CALLER, "caller_talks", calls=calls)
    wait_until("every end is reported", lambda: app.kinds.count(ReportKind.ENDED) == calls)
    by_call: dict[str, list[ReportKind]] = {arrived.carrier_call_id: [] for arrived in app.inbound}
    for report in app.reports:
        by_call[report.carrier_call_id].append(report.kind)
    assert list(by_call.values()) == [WHOLE_CALL] * calls
