"""Every operation of the API, asked by everybody. One that is new is asked too, or fails here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client
from pytest_django import Settings

from ringtrace.core.clock import HOUR_MS, MINUTE_MS, SetClock, wall_clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web.api import bearing
from ringtrace.web.api.door import api
from ringtrace.web.models import ApiToken, CallTag, Company, Membership, NameRuleRow, OutcomeRow, Role, SpendRow, User
from ringtrace.web.tokens import do_make_token, find_token
from tests.doors.cast import CALLER, Cast
from tests.doors.programs import Program, alices, bobs, charlies, make_lead, program_of

AT = "2026-11-20T09:30:00-08:00"
OUTCOME = {"kind": "sale", "at": AT, "external_id": "crm:9", "value_cents": 125_000, "currency": "USD"}
CONTACT = {"kind": "form", "at": AT, "external_id": "form:9", "person": {"email": "ann@example.com"}}
SPEND = {"on": "2026-11-20", "source": "google", "medium": "cpc", "campaign": "leaks", "cost_cents": 4_200}
CALL = {"external_id": "77", "started_at": AT, "status": "answered", "called": "+13105550101", "caller": "+13105550188"}
DEFINITION = {"name": "long_calls", "title": "Long calls", "condition": {"field": "talk_secs", "at_least": 60}}
NAME = {"field": "campaign", "said": "Leaks", "means": "leaks"}

WRITES: dict[tuple[str, str], Any] = {
    ("POST", "/outcomes"): OUTCOME,
    ("DELETE", "/outcomes/{external_id}"): None,
    ("POST", "/contacts"): CONTACT,
    ("POST", "/spend"): SPEND,
    ("POST", "/calls"): CALL,
    ("POST", "/calls/{call_id}/tags"): {"add": ["vip"]},
    ("POST", "/calls/{call_id}/disposition"): {"disposition": "Booked"},
    ("POST", "/calls/{call_id}/keys"): {"keys": "1"},
    ("POST", "/calls/{call_id}/spam"): {"is_spam": True},
    ("POST", "/calls/{call_id}/outcomes"): OUTCOME,
    ("POST", "/definitions"): DEFINITION,
    ("POST", "/names"): NAME,
}
READS = (
    *("/outcomes", "/spend", "/calls", "/calls/{call_id}", "/metrics", "/dimensions", "/report", "/report/why"),
    *("/lifetime", "/by-hour", "/views", "/definitions", "/definitions/{name}/versions", "/names", "/imports"),
)
OPERATIONS = [*WRITES, *(("GET", address) for address in READS)]
ABOUT_A_ROW = [each for each in OPERATIONS if "{call_id}" in each[1] or "{external_id}" in each[1]]
_ALICES = re.compile(r"Alice|alice\.example|5550101|emergency-leaks|burst pipe|5557734|crm:1\b")


@pytest.fixture(autouse=True)
def _lake(settings: Settings, tmp_path: Path) -> None:
    settings.LAKE_DIR = tmp_path / "lake"


@pytest.fixture
def told(cast: Cast) -> Cast:
    """The cast with an outcome, and a key that means something."""
    make_lead(cast.call)
    cast.company.keypad = {"1": {"tag": "vip"}}
    cast.company.save()
    return cast


def _address(cast: Cast, address: str) -> str:
    return address.format(call_id=cast.call.pk, external_id="crm:1", name="qualified")


def _state(cast: Cast) -> tuple[object, ...]:
    calls = list(type(cast.call).objects.filter(company=cast.company).values())
    counts = (OutcomeRow, SpendRow, CallTag, NameRuleRow)
    return calls, [model.objects.count() for model in counts], cast.company.definitions.count()


def test_it_asks_every_operation_there_is() -> None:
    schema = api.get_openapi_schema(path_prefix="")
    there = {
        (method.upper(), address.removeprefix("/"))
        for address, methods in schema["paths"].items()
        for method in methods
    }
    assert there == {(method, address.removeprefix("/")) for method, address in OPERATIONS}


@pytest.mark.parametrize(("method", "address"), OPERATIONS)
@pytest.mark.parametrize("token", ["", "rt_made-up", "nonsense", "rt_" + "x" * 500, "é"])
def test_it_opens_to_nobody_without_a_token(told: Cast, method: str, address: str, token: str) -> None:
    before = _state(told)
    assert Program(token).refused(method, _address(told, address), WRITES.get((method, address))) == (401, "E210")
    assert _state(told) == before


@pytest.mark.parametrize(("method", "address"), OPERATIONS)
def test_it_opens_to_no_session(told: Cast, method: str, address: str) -> None:
    """A page of another site could use what the browser sends by itself."""
    answer = told.alice.generic(method, f"/api/v1{_address(told, address)}")
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "address"), OPERATIONS)
def test_it_takes_from_alice_what_she_may(told: Cast, method: str, address: str) -> None:
    answer = alices(told).ask(method, _address(told, address), WRITES.get((method, address)))
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize(("method", "address"), WRITES)
def test_it_lets_bob_write_nothing(told: Cast, method: str, address: str) -> None:
    before = _state(told)
    assert bobs(told).refused(method, _address(told, address), WRITES[method, address]) == (403, "E211")
    assert _state(told) == before


@pytest.mark.parametrize("address", READS)
def test_it_lets_bob_read_without_seeing_callers(told: Cast, address: str) -> None:
    answer = bobs(told).ask("GET", _address(told, address))
    assert answer.status_code == 200, answer.content
    assert CALLER not in answer.content.decode()


@pytest.mark.parametrize(("method", "address"), ABOUT_A_ROW)
def test_it_knows_no_row_of_alices_for_charlie(told: Cast, method: str, address: str) -> None:
    before = _state(told)
    assert charlies().refused(method, _address(told, address), WRITES.get((method, address))) == (404, "E200")
    assert _state(told) == before


@pytest.mark.parametrize(("method", "address"), OPERATIONS)
def test_it_shows_and_changes_nothing_of_alices_for_charlie(told: Cast, method: str, address: str) -> None:
    calls, *_ = _state(told)
    answer = charlies().ask(method, _address(told, address), WRITES.get((method, address)))
    assert not _ALICES.search(answer.content.decode())
    assert _state(told)[0] == calls
    assert OutcomeRow.objects.get(external_id="crm:1").company == told.company


def test_it_matches_charlies_outcome_to_no_call_of_alices(told: Cast) -> None:
    answer = charlies().post("/outcomes", OUTCOME | {"call_id": told.call.pk})
    assert answer["misses"] == {"unknown_call": 1}
    assert OutcomeRow.objects.get(external_id="crm:9").call is None


def test_it_keeps_a_token_to_its_company_even_where_its_person_belongs_to_two(told: Cast) -> None:
    other = Company.objects.get(name="Charlie’s Heating")
    Membership.objects.create(user=User.objects.get(email="alice@example.com"), account=other.account, role=Role.OWNER)
    program = program_of("alice@example.com", other)
    assert program.get("/calls")["calls"] == []
    assert program.refused("GET", f"/calls/{told.call.pk}") == (404, "E200")


# Tokens


def test_it_shows_a_token_once_and_keeps_its_hash_alone(cast: Cast) -> None:
    page = cast.alice.post("/settings/tokens/add/", {"name": "Nightly export"}).content.decode()
    found = re.search(r"rt_[\w-]{43}", page)
    assert found is not None
    assert found[0] not in cast.alice.get("/settings/tokens/").content.decode()
    assert found[0] not in str(ApiToken.objects.values())
    assert "Nightly export" in cast.alice.get("/settings/tokens/").content.decode()
    assert Program(found[0]).get("/calls")["calls"]


def test_it_refuses_a_revoked_token(cast: Cast) -> None:
    program = alices(cast)
    row = ApiToken.objects.get()
    assert cast.charlie.post(f"/settings/tokens/{row.pk}/revoke/").status_code == 404
    assert program.get("/calls")
    cast.alice.post(f"/settings/tokens/{row.pk}/revoke/")
    assert program.refused("GET", "/calls") == (401, "E210")


def test_it_refuses_the_token_of_somebody_who_left_or_was_switched_off(cast: Cast) -> None:
    program, bob = bobs(cast), User.objects.get(email="bob@example.com")
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert program.refused("GET", "/calls")[0] == 401
    User.objects.filter(pk=bob.pk).update(is_active=True)
    assert program.get("/calls")
    bob.memberships.all().delete()
    assert program.refused("GET", "/calls")[0] == 401


def test_it_gives_a_token_the_rights_that_its_person_has_now(cast: Cast) -> None:
    program, bob = bobs(cast), User.objects.get(email="bob@example.com")
    bob.memberships.update(role=Role.ADMIN)
    assert program.post("/outcomes", OUTCOME)["taken"] == 1
    bob.memberships.update(role=Role.VIEWER)
    assert program.refused("POST", "/outcomes", OUTCOME)[0] == 403


def test_it_notes_when_a_token_was_used_at_most_once_a_minute(cast: Cast) -> None:
    token, now_ms = alices(cast).token, wall_clock()
    for at_ms, noted_ms in ((now_ms, now_ms), (now_ms + 1, now_ms), (now_ms + MINUTE_MS, now_ms + MINUTE_MS)):
        assert find_token(token, at_ms) is not None
        assert ApiToken.objects.get().used_ms == noted_ms


def test_it_makes_no_token_for_a_stranger_or_without_a_name(cast: Cast) -> None:
    charlie = User.objects.get(email="charlie@example.com")
    with pytest.raises(NotFound):
        do_make_token(charlie, cast.company, "x", 0)
    with pytest.raises(BadInput):
        do_make_token(User.objects.get(email="alice@example.com"), cast.company, " ", 0)
    assert cast.alice.post("/settings/tokens/add/", {"name": ""}).status_code == 422


def test_it_shows_everybodys_tokens_to_those_who_may_change_and_ones_own_to_others(cast: Cast) -> None:
    alices(cast)
    program_of("bob@example.com", cast.company)
    assert cast.alice.get("/settings/tokens/").content.decode().count("A program</th>") == 2
    assert cast.bob.get("/settings/tokens/").content.decode().count("A program</th>") == 1


def test_it_asks_a_busy_program_to_wait(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    program, other = alices(cast), alices(cast)
    clock = SetClock(wall_clock() // HOUR_MS * HOUR_MS + 45_000)
    monkeypatch.setattr(bearing, "wall_clock", clock)
    monkeypatch.setattr(bearing, "A_MINUTE", 3)
    for _ in range(3):
        assert program.get("/metrics")
    answer = program.ask("GET", "/metrics")
    assert (answer.status_code, answer["Retry-After"]) == (429, "15")
    assert msgspec.json.decode(answer.content)["error"]["code"] == "E212"
    assert other.get("/metrics")
    clock.now_ms += 15_000
    assert program.get("/metrics")


# What goes wrong has one shape


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("GET", "/nothing-here", 404, "E200"),
        ("GET", "/../v2/calls", 404, "E200"),
        ("PUT", "/calls", 405, "E213"),
        ("GET", "/calls?limit=many", 400, "E100"),
        ("GET", "/calls?limit=100000", 400, "E100"),
        ("GET", "/calls?cursor=%00%FF", 400, "E100"),
        ("GET", "/calls?cursor=Li4u", 400, "E100"),
        ("GET", "/calls?since=yesterday", 400, "E100"),
        ("GET", "/calls?status=great", 400, "E100"),
        ("GET", "/spend?since=yesterday", 400, "E100"),
        ("GET", "/report?metrics=charm", 400, "E100"),
        ("GET", "/report?metric=calls&by=mood", 400, "E100"),
        ("GET", "/report?strange=1", 400, "E100"),
        ("GET", "/report?since=2026-12-31&until=2026-01-01", 400, "E100"),
        ("GET", "/report?format=pdf", 400, "E100"),
        ("GET", "/definitions/none_such/versions", 404, "E200"),
    ],
)
def test_it_refuses_in_one_shape(cast: Cast, method: str, address: str, status: int, code: str) -> None:
    assert alices(cast).refused(method, address) == (status, code)


@pytest.mark.parametrize("body", [b"", b"{", b"[1,2", b"\xff\xfe", b"null", b"[" * 5_000, b'"text"', b"7"])
@pytest.mark.parametrize(("method", "address"), [each for each in WRITES if each[0] == "POST"])
def test_it_refuses_a_body_that_is_none(told: Cast, method: str, address: str, body: bytes) -> None:
    before = _state(told)
    answer = alices(told).ask(method, _address(told, address), body)
    said = msgspec.json.decode(answer.content)
    assert answer.status_code == 400 or [each["index"] for each in said["rejected"]] == [0]
    assert _state(told)[:2] == before[:2]


def test_it_refuses_a_body_over_its_bound(cast: Cast) -> None:
    assert alices(cast).refused("POST", "/outcomes", b"[" + b" " * 5_000_001 + b"]") == (413, "E103")
    rows = [OUTCOME | {"external_id": f"x{n}"} for n in range(1_001)]
    assert alices(cast).refused("POST", "/outcomes", rows) == (400, "E103")


def test_it_asks_for_the_length_of_a_body(cast: Cast) -> None:
    headers = {"Transfer-Encoding": "chunked", "Authorization": f"Bearer {alices(cast).token}"}
    answer = Client().generic("POST", "/api/v1/outcomes", headers=headers)
    assert answer.status_code == 411
    assert msgspec.json.decode(answer.content)["error"]["code"] == "E103"


def test_it_says_nothing_of_an_exception(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_args: object) -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr("ringtrace.web.api.imports.page_of", break_down)
    answer = alices(cast).ask("GET", "/imports")
    assert answer.status_code == 500
    assert b"secret" not in answer.content
    assert msgspec.json.decode(answer.content)["error"]["code"] == "E000"


def test_it_describes_itself_to_anybody() -> None:
    answer = Client().get("/api/v1/openapi.json")
    schema = msgspec.json.decode(answer.content)
    assert answer.status_code == 200
    assert schema["components"]["schemas"]["OutcomeBody"]["required"] == ["kind", "at"]
    assert schema["paths"]["/api/v1/calls"]["get"]["security"] == [{"ByToken": []}]
    for reference in re.findall(rb'"#/components/schemas/(\w+)"', answer.content):
        assert reference.decode() in schema["components"]["schemas"]
