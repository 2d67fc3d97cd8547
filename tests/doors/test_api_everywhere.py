"""What holds for every operation: fields, pages of lists, parameters, headers, and lines in the audit log."""

from __future__ import annotations

import logging
import re
from typing import Any

import msgspec
import pytest
from django.db import transaction
from django.test import Client

from ringtrace.core.clock import HOUR_MS, MINUTE_MS, SetClock, wall_clock
from ringtrace.web.api import auditing, bearing, calls
from ringtrace.web.api.door import api
from ringtrace.web.api.operations import OPERATIONS
from ringtrace.web.api.picking import known_fields
from ringtrace.web.models import AuditKind, AuditRow, SpendRow
from ringtrace.web.request_ids import WithRequestId
from tests.doors.api_rows import address_of, body_of, make_rows
from tests.doors.cast import CALLER, Cast, make_call
from tests.doors.programs import alices, bobs, program_of

READS = [each for each in OPERATIONS.values() if not each.writes]
PAGED = [each for each in READS if "cursor" in each.words]
LISTS_THAT_STAY_SHORT = {
    *("list_metrics", "list_dimensions", "list_definitions", "list_versions", "list_source_rules"),
    *("list_alerts", "list_pop_hints"),
}
"""At most as many as their own bound, or as there are in the program."""


# Fields


def test_it_gives_only_the_fields_that_are_asked_for(cast: Cast) -> None:
    program, rows = alices(cast), make_rows(cast)
    for operation in READS:
        address, known = address_of(operation, rows), known_fields(operation.answers, operation.rows)
        said = program.get(f"{address}?fields={','.join(known[:2])}")
        found = said[operation.rows] if operation.rows else [said]
        assert all(tuple(row) == known[:2] for row in found), operation.name
        answer = program.ask("GET", f"{address}?fields=charm")
        assert answer.status_code == 400, operation.name
        assert all(each in msgspec.json.decode(answer.content)["error"]["hint"] for each in known)


def test_it_knows_no_fields_of_csv(cast: Cast) -> None:
    assert alices(cast).refused("GET", "/report?format=csv&fields=lines") == (400, "E100")


# Parameters and pages


def test_it_names_the_parameters_there_are_for_one_there_is_not(cast: Cast) -> None:
    program, rows = alices(cast), make_rows(cast)
    for operation in OPERATIONS.values():
        address = f"{address_of(operation, rows)}?untill=2026-01-01"
        answer = program.ask(operation.method, address, body_of(operation, rows))
        assert answer.status_code == 400, operation.name
        assert operation.writes or "fields" in msgspec.json.decode(answer.content)["error"]["hint"]


def test_it_pages_every_list_that_can_grow() -> None:
    paged = {each.name for each in OPERATIONS.values() if "cursor" in each.words}
    assert {each.name for each in OPERATIONS.values() if each.rows} - paged == LISTS_THAT_STAY_SHORT


def test_it_refuses_a_cursor_of_another_list(cast: Cast) -> None:
    program, rows = alices(cast), make_rows(cast)
    for operation in PAGED:
        address = address_of(operation, rows)
        for cursor in ("x", "Li4u", "", "MSAx%00", "%F0%9F%98%80"):
            assert program.ask("GET", f"{address}?cursor={cursor}").status_code in (200, 400), operation.name
        assert program.refused("GET", f"{address}?limit=0") == (400, "E100")


def test_it_leads_through_a_list_by_its_pages_whatever_comes_in_meanwhile(cast: Cast) -> None:
    program = alices(cast)
    for ago in range(4):
        make_call(cast.number, None, started_ms=wall_clock() - ago * MINUTE_MS - HOUR_MS)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = program.get(f"/calls?limit=2&fields=call_id&cursor={cursor}")
        seen += [row["call_id"] for row in page["calls"]]
        cursor = page["next"]
        make_call(cast.number, None)
    assert len(seen) == len(set(seen)) == 5


def test_it_leads_through_spend_by_day_and_row(cast: Cast) -> None:
    program = alices(cast)
    spend = {"source": "google", "medium": "cpc", "cost_cents": 1}
    rows = [spend | {"on": f"2026-11-{20 + n // 2}", "campaign": f"c{n}"} for n in range(5)]
    assert program.post("/spend", rows)["taken"] == 5
    first = program.get("/spend?limit=3")
    assert [row["campaign"] for row in first["spend"]] == ["c4", "c2", "c3"]
    second = program.get(f"/spend?limit=3&cursor={first['next']}")
    assert ([row["campaign"] for row in second["spend"]], second["next"]) == (["c0", "c1"], None)
    assert [row["campaign"] for row in program.get("/spend?campaign=c1")["spend"]] == ["c1"]
    assert SpendRow.objects.count() == 5


def test_it_filters_lists(cast: Cast) -> None:
    program = alices(cast)
    make_call(cast.number, None, status="missed")
    assert [row["status"] for row in program.get("/calls?status=missed")["calls"]] == ["missed"]
    assert len(program.get("/calls?status=missed&status=answered&spam=no")["calls"]) == 2
    assert len(program.get("/calls?campaign=emergency-*&matched=80")["calls"]) == 1
    assert program.refused("GET", "/calls?matched=surely") == (400, "E100")
    assert len(program.get(f"/calls?q={cast.number.e164[2:]}")["calls"]) == 2
    without = program_of("alice@example.com", cast.company, scopes={"read"})
    assert without.refused("GET", f"/calls?q={cast.number.e164[2:]}") == (403, "E214")
    assert program.get("/numbers?use=static")["numbers"] == []
    assert [row["e164"] for row in program.get(f"/numbers?pool_id={cast.pool.pk}")["numbers"]] == [cast.number.e164]
    assert program.get("/hooks?source=hubspot")["hooks"] == []


# Headers


def test_it_says_how_many_requests_are_left(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SetClock(wall_clock() // HOUR_MS * HOUR_MS + 45_000)
    monkeypatch.setattr(bearing, "wall_clock", clock)
    monkeypatch.setattr(bearing, "A_MINUTE", 2)
    program = alices(cast)
    said = [program.ask("GET", address) for address in ("/metrics", "/nothing-here", "/calls?limit=0", "/metrics")]
    assert [each.status_code for each in said] == [200, 404, 400, 429]
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    assert [tuple(each.get(name) for name in names) for each in said] == [
        ("2", "1", "15"),
        (None, None, None),  # no operation, so no token was asked for
        ("2", "0", "15"),
        ("2", "0", "15"),
    ]
    assert said[3]["Retry-After"] == "15"


def test_it_names_every_request(cast: Cast) -> None:
    program = alices(cast)
    made = [program.ask("GET", "/metrics")["X-Request-Id"] for _ in range(2)]
    assert made[0] != made[1]
    assert (
        program.ask("GET", "/metrics", **{"X-Request-Id": "nightly-export.17"})["X-Request-Id"] == "nightly-export.17"
    )
    assert program.ask("GET", "/metrics", **{"X-Request-Id": 'x"><b>'})["X-Request-Id"].startswith("req_")
    assert Client().get("/api/v1/nothing-here")["X-Request-Id"].startswith("req_")
    assert Client().get("/login/")["X-Request-Id"].startswith("req_")


def test_it_writes_the_name_of_a_request_into_the_log(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []

    def break_down(*_args: object) -> None:
        record = logging.LogRecord("ringtrace.web", logging.ERROR, "", 0, "It went wrong", None, None)
        assert WithRequestId().filter(record)
        lines.append(record.__dict__["of_request"])
        raise RuntimeError

    monkeypatch.setattr("ringtrace.web.api.imports.page_of", break_down)
    answer = alices(cast).ask("GET", "/imports")
    assert lines == [f" [{answer['X-Request-Id']}]"]
    record = logging.LogRecord("ringtrace.web", logging.ERROR, "", 0, "Nobody asked", None, None)
    assert WithRequestId().filter(record)
    assert record.__dict__["of_request"] == ""


# The audit log


def test_it_writes_a_line_for_every_change(cast: Cast) -> None:
    program, rows = alices(cast), make_rows(cast)
    for operation in (each for each in OPERATIONS.values() if each.writes):
        with transaction.atomic():
            answer = program.ask(operation.method, address_of(operation, rows), body_of(operation, rows))
            assert answer.status_code == 200, answer.content
            changes = AuditRow.objects.exclude(kind=AuditKind.SEEN)  # of the caller that some answer with
            said = list(changes.values_list("kind", "what", "actor", "token", "company"))
            line = ("change", operation.name, "alice@example.com", "A program", cast.company.pk)
            assert said == ([] if operation.name == "try_source_rule" else [line])  # which only looks
            assert "_id}" not in operation.path or changes.get().about
            transaction.set_rollback(True)


def test_it_writes_no_line_for_what_was_refused(cast: Cast) -> None:
    assert alices(cast).refused("POST", "/sites", {"name": "x", "origins": ["nonsense"]})[0] == 400
    assert bobs(cast).refused("POST", "/sites", {"name": "x", "origins": ["https://x.example"]})[0] == 403
    assert not AuditRow.objects.exists()


def test_it_notes_callers_given_in_clear_as_an_export(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SetClock(wall_clock())
    monkeypatch.setattr(calls, "wall_clock", clock)
    program = alices(cast)
    exports = AuditRow.objects.filter(kind=AuditKind.EXPORT, what="list_calls")
    for _ in range(3):
        assert program.get("/calls")["calls"][0]["caller"] == CALLER
    assert [line.said["rows"] for line in exports] == [1]
    clock.now_ms += HOUR_MS
    program.get("/calls")
    assert [line.said["rows"] for line in exports.order_by("pk")] == [1, 3]
    monkeypatch.setattr(auditing, "MOST_UNSAID", 1)
    program.get("/calls")
    assert [line.said["rows"] for line in exports.order_by("pk")] == [1, 3, 1]
    assert {line.token for line in exports} == {"A program"}


def test_it_notes_no_export_where_callers_are_masked(cast: Cast) -> None:
    read_only = program_of("alice@example.com", cast.company, scopes={"read"})
    for program in (bobs(cast), read_only):
        assert program.get("/calls")["calls"][0]["caller_is_masked"]
        assert CALLER not in str(program.get(f"/calls/{cast.call.pk}"))
    assert alices(cast).get("/calls?fields=call_id,status")["calls"]
    assert not AuditRow.objects.exclude(kind=AuditKind.CHANGE).exists()


def test_it_notes_a_caller_seen_with_one_call_once_an_hour(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SetClock(wall_clock())
    monkeypatch.setattr(calls, "wall_clock", clock)
    program = program_of("alice@example.com", cast.company, scopes={"read", "callers"})
    for _ in range(2):
        assert program.get(f"/calls/{cast.call.pk}")["call"]["caller"] == CALLER
    assert AuditRow.objects.get(kind=AuditKind.SEEN).about == cast.call.pk
    clock.now_ms += HOUR_MS
    program.get(f"/calls/{cast.call.pk}")
    assert AuditRow.objects.filter(kind=AuditKind.SEEN).count() == 2


def test_it_reads_the_audit_log_for_who_may_change_the_company(cast: Cast) -> None:
    program = alices(cast)
    program.post(f"/calls/{cast.call.pk}/spam", {"is_spam": True})
    program.post(f"/calls/{cast.call.pk}/tags", {"add": ["vip"]})
    lines = program.get("/audit")["lines"]
    assert [line["what"] for line in lines] == ["tag_call", "mark_spam", "look_at_call"]
    assert [line["what"] for line in program.get("/audit?what=mark_spam&kind=change")["lines"]] == ["mark_spam"]
    assert program.get("/audit?kind=export")["lines"] == []
    assert program.refused("GET", "/audit?kind=nonsense") == (400, "E100")


def test_it_bounds_whatever_an_address_takes(cast: Cast) -> None:
    """No text and no number without an end; and nothing of anybody's stands in the description."""
    schema = api.get_openapi_schema(path_prefix="")
    bounds = {"maxLength", "maximum", "exclusiveMaximum", "enum", "pattern", "format", "$ref"}
    for address, methods in schema["paths"].items():
        for said in methods.values():
            for each in said["parameters"]:
                kinds = _kinds(each["schema"])
                assert all(bounds & set(kind) for kind in kinds), (address, each["name"])
    assert cast.company.pk not in str(schema)


def _kinds(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What a value may be, but for true, false and null."""
    if "allOf" in schema:
        return _kinds(schema["allOf"][0])
    if "anyOf" in schema:
        return [found for each in schema["anyOf"] for found in _kinds(each)]
    return [] if schema.get("type") in ("boolean", "null") else [schema]


# For people


def test_it_describes_itself_to_people_who_are_not_signed_in(cast: Cast) -> None:
    """Every operation with an example, from the same description; nothing of another host, and nothing of anybody's."""
    page = Client().get("/api/docs/").content.decode()
    for operation in OPERATIONS.values():
        assert f'id="{operation.name}"' in page
        assert f"<code>{operation.needs.scope}</code>" in page
    assert "Bearer rt_YOUR_TOKEN" in page
    assert not re.search(r'(?:src|href)="https?://', page)
    assert cast.company.name not in page
    assert cast.alice.get("/api/docs/").status_code == 200
    assert Client().post("/api/docs/").status_code == 405
