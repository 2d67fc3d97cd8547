"""What the ledger says of the town's calls, beside what was dialled."""

from __future__ import annotations

import pytest

from ringtrace.core.calls import CallStatus
from ringtrace.demo.town_actions import Dials, Scenario
from tests.truth.conftest import BuiltTown

STATUS = {
    Scenario.ANSWERED: CallStatus.ANSWERED,
    Scenario.NO_ANSWER: CallStatus.MISSED,
    Scenario.HANGS_UP: CallStatus.ABANDONED,
    Scenario.BUSY: CallStatus.BUSY,
}


def test_every_tracked_call_is_in_the_ledger_once(built: BuiltTown) -> None:
    tracked = {call.call_key for call in built.truth.calls if call.tracked}
    assert len(tracked) > 300
    assert built.facts.call_ids.keys() == tracked
    assert len(set(built.facts.call_ids.values())) == len(tracked)
    ids = [row["call_id"] for row in built.ask("SELECT call_id FROM web_callrow")]
    assert sorted(ids) == sorted(built.facts.call_ids.values())


def test_a_call_is_as_it_was_dialled(built: BuiltTown) -> None:
    seen = set()
    for key, row in built.calls.items():
        dial = built.dials[key]
        seen.add(dial.scenario)
        assert row["status"] == STATUS[dial.scenario]
        assert row["started_ms"] == dial.at_ms
        assert row["ring_secs"] == pytest.approx(dial.ring_secs, abs=0.002)
        assert row["talk_secs"] == pytest.approx(dial.talk_secs, abs=0.002)
    assert seen == set(Scenario)


def test_a_call_is_its_callers_first_or_a_repeat(built: BuiltTown) -> None:
    known: set[str] = set()
    repeats = 0
    for key, row in sorted(built.calls.items(), key=lambda item: item[1]["started_ms"]):
        caller = built.dials[key].caller_e164
        if caller is None:
            assert row["is_first_call"] is None
            assert row["caller_hash"] is None
            continue
        assert row["is_first_call"] == (caller not in known)
        repeats += caller in known
        known.add(caller)
    assert repeats > 50
    assert len({row["caller_hash"] for row in built.calls.values()} - {None}) == len(known)


def test_a_caller_is_nowhere_in_clear(built: BuiltTown) -> None:
    callers = {dial.caller_e164.removeprefix("+") for dial in built.dials.values() if dial.caller_e164}
    for row in built.calls.values():
        assert not any(caller in str(row) for caller in callers)


def test_a_printed_number_speaks_for_its_source(built: BuiltTown) -> None:
    names = {row["e164"]: row["name"] for row in built.ask("SELECT e164, name FROM web_trackingnumber")}
    number_of = {row["number_id"]: row["e164"] for row in built.ask("SELECT number_id, e164 FROM web_trackingnumber")}
    statics = set()
    for key, row in built.calls.items():
        dial = built.dials[key]
        assert (row["attributed_by"] == "static_number") is (dial.dials is Dials.STATIC)
        if dial.static:
            statics.add(dial.static)
            assert names[number_of[row["number_id"]]] == f"On the {dial.static}"
            assert row["visit_id"] is None
            assert row["p_none"] is None
    assert statics == {"van", "flyer"}
