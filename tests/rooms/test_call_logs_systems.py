"""Calls of other systems' logs, as ours."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringtrace.core.calls import CallStatus
from ringtrace.core.errors import BadInput, NotFound, UnreadableBody
from ringtrace.core.sources import Channel
from ringtrace.intake.call_logs.json_rows import json_rows
from ringtrace.intake.call_logs.port import LogChoices, RowIn, RowOut
from ringtrace.intake.call_logs.registry import CALL_LOGS, detect, read_calls
from ringtrace.intake.port import CallIn, ContactIn, ContactKind, OutcomeIn, PersonIn, Problem

HERE = Path(__file__).parent / "payloads"
CHOICES = LogChoices(zone="America/Los_Angeles", currency="USD")
POOL, ADA = "+13105550100", "+13105550123"
FILES = {
    "callrail": ("callrail_export.csv", "callrail_api.json"),
    "calltrackingmetrics": ("calltrackingmetrics_api.json",),
    "whatconverts": ("whatconverts_api.json",),
    "twilio": ("twilio_calls.json",),
}


def rows_of(name: str) -> list[RowIn]:
    if name.endswith(".json"):
        return list(json_rows((HERE / name).read_bytes()))
    with (HERE / name).open(newline="") as file:
        reader = csv.DictReader(file)
        return [(reader.line_num, row) for row in reader]


def read(name: str, system: str, **choices: Any) -> list[RowOut]:
    return list(read_calls(rows_of(name), system, replace(CHOICES, **choices)))


def calls_in(rows: list[RowOut]) -> list[CallIn]:
    return [value for _, value in rows if isinstance(value, CallIn)]


def problems_in(rows: list[RowOut]) -> dict[int, Problem]:
    return {line: value for line, value in rows if isinstance(value, Problem)}


# What is true of every log


@pytest.mark.parametrize(("system", "name"), [(system, name) for system, names in FILES.items() for name in names])
def test_it_knows_whose_log_it_is(system: str, name: str) -> None:
    _, first = rows_of(name)[0]
    assert detect(first) == system
    assert detect(column.upper().replace("_", " ") for column in first) == system


def test_it_knows_no_log_of_nobody() -> None:
    assert detect(["Date", "Time", "Caller", "Called"]) is None
    assert detect([]) is None
    with pytest.raises(NotFound):
        read_calls([], "ringmaster", CHOICES)


@pytest.mark.parametrize(("system", "name"), [(system, name) for system, names in FILES.items() for name in names])
def test_it_drops_no_row_and_reads_the_same_twice(system: str, name: str) -> None:
    rows, legs = rows_of(name), 2 if system == "twilio" else 0
    once, again = read(name, system), read(name, system)
    assert once == again
    assert len({line for line, _ in once}) == len(rows) - legs
    ids = [call.external_id for call in calls_in(once)]
    assert len(ids) == len(set(ids))
    assert all(problem.hint and problem.raw for problem in problems_in(once).values())


def rows_with_one_cell_changed(name: str) -> st.SearchStrategy[list[RowIn]]:
    rows = rows_of(name)

    def changed(place: int, column: str, text: str) -> list[RowIn]:
        line, row = rows[place]
        return [*rows[:place], (line, {**row, column: text}), *rows[place + 1 :]]

    columns = st.sampled_from(sorted(rows[0][1]))
    return st.builds(changed, st.integers(0, len(rows) - 1), columns, st.text(max_size=30))


@pytest.mark.parametrize(("system", "name"), [(system, name) for system, names in FILES.items() for name in names])
@given(data=st.data())
def test_it_reads_or_refuses_whatever_a_cell_says(system: str, name: str, data: st.DataObject) -> None:
    for _, value in read_calls(data.draw(rows_with_one_cell_changed(name)), system, CHOICES):
        if isinstance(value, CallIn):
            assert value.status.is_over
            assert value.called_e164.startswith("+")


# CallRail


def test_it_reads_a_call_of_callrails_export_field_by_field() -> None:
    call = calls_in(read("callrail_export.csv", "callrail"))[0]
    assert call.source is not None
    assert (call.source.channel, call.source.source, call.source.medium) == (Channel.PAID_SEARCH, "google", "cpc")
    assert (call.source.campaign, call.source.keyword) == ("heaters", "water heater repair")
    assert (call.source.click_ids, call.source.landing_page) == ({"gclid": "abc123"}, "/heaters")
    assert replace(call, source=None) == CallIn(
        system="callrail",
        external_id="766970532",
        started_ms=1_772_986_205_000,  # 09:10:05 in Los Angeles, hours after its clocks went forward
        status=CallStatus.ANSWERED,
        called_e164=POOL,
        caller_e164=ADA,
        caller_name="Ada Example",
        caller_region="CA",
        is_first_call=True,
        number_name="Website Pool",
        device="mobile",
        agent="Sam Agent",
        tags=("booked", "emergency"),
        note="Wants a quote",
        outcome=OutcomeIn(
            kind="sale",
            at_ms=1_772_986_205_000,
            external_id="callrail:766970532:sale",
            value_cents=420050,
            currency="USD",
            person=PersonIn(phone_e164=ADA, email="ada@example.com"),
        ),
    )


def test_it_reads_how_calls_ended_and_who_sent_them_in_callrail() -> None:
    calls = calls_in(read("callrail_export.csv", "callrail"))
    assert [call.status for call in calls] == ["answered", "abandoned", "voicemail", "missed"]
    channels = [call.source.channel for call in calls if call.source is not None]
    assert channels == [Channel.PAID_SEARCH, Channel.DIRECT, Channel.UNASSIGNED, Channel.ORGANIC_SEARCH]
    assert [call.source.source for call in calls if call.source] == ["google", "direct", "van lettering", "google"]
    assert [call.is_spam for call in calls] == [False, False, True, False]
    assert calls[2].caller_e164 is None
    assert [call.outcome is None for call in calls] == [False, True, True, True]


def test_it_says_which_cell_of_which_line_is_wrong() -> None:
    problems = problems_in(read("callrail_export.csv", "callrail"))
    assert {line: problem.column for line, problem in problems.items()} == {
        6: "Call Status",
        7: "Tracking Number",
        8: "Start Time",
    }
    assert "Sideways" in problems[6].message
    assert problems[8].raw["Name"] == ""


def test_it_takes_a_duration_for_talk_only_where_it_is_told_to() -> None:
    plain, told = (calls_in(read("callrail_export.csv", "callrail", duration_is_talk=on)) for on in (False, True))
    assert [call.talk_secs for call in plain] == [None] * 4
    assert [call.talk_secs for call in told] == [182.0, None, None, None]


def test_it_needs_a_zone_for_times_without_an_offset() -> None:
    problems = problems_in(read("callrail_export.csv", "callrail", zone=None))
    assert len(problems) == 7
    assert "time zone" in problems[2].message
    assert all(isinstance(value, Problem) for _, value in read("callrail_export.csv", "callrail", zone="Mars/North"))


def test_it_makes_the_same_ids_for_rows_without_one_and_tells_twins_apart() -> None:
    row = rows_of("callrail_export.csv")[1][1]
    twins = calls_in(list(read_calls([(2, row), (3, row)], "callrail", CHOICES)))
    other = calls_in(list(read_calls([(9, {**row, "Phone Number": "(310) 555-0177"})], "callrail", CHOICES)))
    assert twins[1].external_id == f"{twins[0].external_id}-2"
    assert other[0].external_id == twins[0].external_id, "who called is not in an id"


def test_it_reads_callrails_api_and_leaves_outbound_calls() -> None:
    rows = read("callrail_api.json", "callrail", zone=None)
    (call,) = calls_in(rows)
    assert (call.external_id, call.status) == ("CAL8154748ae6bd4e278a7cddd38a662f4f", CallStatus.VOICEMAIL)
    assert (call.caller_region, call.tags, call.number_name) == ("US-PA", ("emergency",), "Website Pool")
    assert (call.outcome, call.started_ms) == (None, 1_772_995_260_000)
    assert "outbound" in problems_in(rows)[2].message


# CallTrackingMetrics


def test_it_reads_calls_and_forms_of_calltrackingmetrics() -> None:
    rows = read("calltrackingmetrics_api.json", "calltrackingmetrics", zone=None)
    sold, lost = calls_in(rows)
    assert (sold.status, sold.talk_secs, sold.ring_secs) == (CallStatus.ANSWERED, 101.0, 6.0)
    assert (sold.started_ms, sold.agent, sold.tags) == (1_772_990_220_000, "Sam Agent", ("booked", "emergency"))
    assert sold.outcome is not None
    assert (sold.outcome.kind, sold.outcome.value_cents) == ("sale", 420050)
    assert sold.source is not None
    assert (sold.source.channel, sold.source.landing_page) == (Channel.PAID_SEARCH, "/heaters")
    assert (sold.source.keyword, sold.source.referrer_host) == ("heater repair", "www.google.com")
    assert (lost.status, lost.talk_secs, lost.outcome) == (CallStatus.ABANDONED, None, None)
    assert lost.started_ms == 1_772_990_400_000
    (form,) = [value for _, value in rows if isinstance(value, ContactIn)]
    assert (form.kind, form.name, form.external_id) == (ContactKind.FORM, "Quote", "calltrackingmetrics:FM03")
    assert form.person == PersonIn(phone_e164="+13105550126", email="bo@example.com", name="Bo Example")
    assert form.source is not None
    assert form.source.channel is Channel.PAID_SOCIAL


# WhatConverts


def test_it_reads_calls_forms_and_chats_of_whatconverts() -> None:
    rows = read("whatconverts_api.json", "whatconverts", zone=None)
    assert [type(value) for _, value in rows] == [CallIn, ContactIn, OutcomeIn, ContactIn]
    assert [line for line, _ in rows] == [1, 2, 2, 3]
    (call,) = calls_in(rows)
    assert (call.external_id, call.is_first_call, call.caller_region) == ("148099", True, "US-NC")
    assert call.outcome is not None
    assert (call.outcome.kind, call.outcome.value_cents) == ("sale", 75000)
    assert call.source is not None
    assert (call.source.channel, call.source.campaign, call.source.click_ids) == (
        Channel.PAID_SEARCH,
        "heaters",
        {"gclid": "abc123"},
    )
    form, quote, chat = (value for _, value in rows[1:])
    assert isinstance(form, ContactIn)
    assert isinstance(quote, OutcomeIn)
    assert isinstance(chat, ContactIn)
    assert (quote.kind, quote.value_cents, quote.contact_external_id) == ("opportunity", 30000, form.external_id)
    assert (chat.kind, chat.source is not None and chat.source.channel) == (ContactKind.CHAT, Channel.DIRECT)


def test_it_asks_what_an_unsaid_ending_means() -> None:
    line, row = rows_of("whatconverts_api.json")[0]
    bare = {name: text for name, text in row.items() if name != "answer_status"}
    (unsaid,) = (value for _, value in read_calls([(line, bare)], "whatconverts", CHOICES))
    assert isinstance(unsaid, Problem)
    assert "became of the call" in unsaid.message
    own = replace(CHOICES, statuses={"": CallStatus.ANSWERED})
    (call,) = calls_in(list(read_calls([(line, bare)], "whatconverts", own)))
    assert call.status is CallStatus.ANSWERED


# Twilio


def test_it_folds_twilios_legs_into_their_calls() -> None:
    rows = read("twilio_calls.json", "twilio", zone=None)
    answered, missed = calls_in(rows)
    assert (answered.external_id[-2:], answered.status, answered.talk_secs) == ("01", CallStatus.ANSWERED, 61.0)
    assert (answered.started_ms, answered.caller_e164, answered.transferred) == (1_772_989_805_000, ADA, False)
    assert (missed.external_id[-2:], missed.status, missed.caller_e164) == ("03", CallStatus.MISSED, None)
    problems = problems_in(rows)
    assert set(problems) == {5, 6}
    assert "leg" in problems[6].message


@pytest.mark.parametrize(
    ("parent", "legs", "status"),
    [
        ("completed", [], CallStatus.MISSED),
        ("busy", [], CallStatus.BUSY),
        ("canceled", [], CallStatus.ABANDONED),
        ("completed", ["busy"], CallStatus.BUSY),
        ("completed", ["busy", "no-answer"], CallStatus.MISSED),
        ("completed", ["no-answer", "canceled"], CallStatus.ABANDONED),
        ("completed", ["no-answer", "completed"], CallStatus.ANSWERED),
        ("completed", ["failed"], CallStatus.FAILED),
    ],
)
def test_it_tells_how_a_call_ended_by_its_legs(parent: str, legs: list[str], status: CallStatus) -> None:
    base = rows_of("twilio_calls.json")[0][1]
    rows: list[RowIn] = [(1, {**base, "status": parent})]
    rows += [
        (number, {**base, "sid": f"CA{number}", "parent_call_sid": base["sid"], "status": leg, "duration": "9"})
        for number, leg in enumerate(legs, start=2)
    ]
    (call,) = calls_in(list(read_calls(rows, "twilio", CHOICES)))
    assert call.status is status
    assert call.talk_secs == (9.0 if status is CallStatus.ANSWERED else None)


def test_it_takes_twilios_console_export_which_has_no_parents() -> None:
    row = {"Call Sid": "CA1", "From": "sip:+13105550123@example.com", "To": POOL, "Direction": "Incoming"}
    row |= {"Status": "Completed", "Start Time": "2026-03-08 09:10:05 PDT", "Duration": "75"}
    assert detect(row) == "twilio"
    (call,) = calls_in(list(read_calls([(2, row)], "twilio", CHOICES)))
    assert (call.status, call.talk_secs, call.caller_e164) == (CallStatus.ANSWERED, None, ADA)
    assert call.started_ms == 1_772_986_205_000


# Any other


def generic() -> Iterator[RowIn]:
    yield (
        2,
        {
            "When": "8.3.2026 14:30",
            "Line": "020 7946 0100",
            "Who": "020 7946 0123",
            "End": "beantwortet",
            "Paid": "12.50",
        },
    )


def test_it_reads_any_log_by_a_map() -> None:
    choices = LogChoices(
        zone="Europe/London",
        region="GB",
        currency="GBP",
        day_first=True,
        system="oldpbx",
        columns={"started": "When", "called": "Line", "caller": "Who", "status": "End", "value": "Paid"},
        statuses={"Beantwortet": CallStatus.ANSWERED},
    )
    (call,) = calls_in(list(read_calls(generic(), "generic", choices)))
    assert (call.system, call.called_e164, call.caller_e164) == ("oldpbx", "+442079460100", "+442079460123")
    assert call.started_ms == 1_772_980_200_000
    assert call.outcome is not None
    assert (call.outcome.value_cents, call.outcome.currency) == (1250, "GBP")
    assert call.outcome.external_id == f"oldpbx:{call.external_id}:sale"


def test_it_finds_common_titles_without_a_map_but_no_money() -> None:
    row = {"Date": "3/8/2026", "Time": "2:30 PM", "Caller": ADA, "Called": POOL, "Status": "No Answer", "Value": "9"}
    (call,) = calls_in(list(read_calls([(2, row)], "generic", CHOICES)))
    assert (call.status, call.started_ms, call.outcome) == (CallStatus.MISSED, 1_773_005_400_000, None)


def test_it_takes_the_called_number_from_the_choices_where_a_log_has_none() -> None:
    row = {"Date": "3/8/2026", "Time": "2:30 PM", "Caller": ADA, "Status": "answered"}
    (call,) = calls_in(list(read_calls([(2, row)], "generic", replace(CHOICES, called_e164=POOL))))
    assert call.called_e164 == POOL
    (problem,) = problems_in(list(read_calls([(2, row)], "generic", CHOICES))).values()
    assert "called" in problem.message


def test_it_refuses_a_map_to_fields_that_are_none() -> None:
    with pytest.raises(BadInput, match="colour"):
        list(read_calls(generic(), "generic", replace(CHOICES, columns={"colour": "Line"})))


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'{"x": []}', b"\xff", b"[" * 100_000])
def test_it_says_that_json_has_no_calls(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        list(json_rows(body))


def test_it_has_a_title_for_every_log() -> None:
    assert all(log.title and log.name == name for name, log in CALL_LOGS.items())
