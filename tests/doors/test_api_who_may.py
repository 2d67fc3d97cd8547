"""Every operation of the API, asked by everybody. One that is new is asked too, or fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from ringtrace.core.clock import HOUR_MS, MINUTE_MS, SetClock, wall_clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web.api import bearing
from ringtrace.web.api.door import api
from ringtrace.web.api.operations import OPERATIONS, Operation
from ringtrace.web.models import ApiToken, Company, Membership, OutcomeRow, Role, User
from ringtrace.web.tokens import Scope, do_make_token, find_token, token_hash
from tests.doors.api_rows import BODIES, OUTCOME, WITHOUT_BODY, address_of, body_of, make_rows
from tests.doors.cast import CALLER, Cast
from tests.doors.programs import Program, alices, bobs, charlies, program_of

ABOUT_A_ROW = [each for each in OPERATIONS.values() if "_id}" in each.path]
"""What is named by a name alone may be Charlie's too."""
_ALICES = re.compile(r"Alice|alice\.example|5550101|emergency-leaks|burst pipe|5557734|crm:1\b")


@pytest.fixture(autouse=True)
def _lake(settings: Settings, tmp_path: Path) -> None:
    settings.LAKE_DIR = tmp_path / "lake"


@pytest.fixture
def rows(cast: Cast) -> dict[str, str]:
    """Rows of Alice's, by what addresses call their ids."""
    return make_rows(cast)


def _state(but: str = "") -> tuple[object, ...]:
    """What operations could change, but the audit log, and when a token was used."""
    left_out = {"AuditRow", "KeptAnswer", "ApiToken", "DirectoryMark", "StaleMonth", but}
    kinds = [kind for kind in apps.get_app_config("web").get_models() if kind.__name__ not in left_out]
    return tuple((kind.__name__, list(kind._default_manager.order_by("pk").values())) for kind in kinds)


@contextmanager
def _taken_back() -> Iterator[None]:
    """What is done here is undone at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _ask(program: Program, operation: Operation, rows: dict[str, str]) -> HttpResponse:
    return program.ask(operation.method, address_of(operation, rows), body_of(operation, rows))


def _refused(program: Program, operation: Operation, rows: dict[str, str]) -> tuple[int, str]:
    return program.refused(operation.method, address_of(operation, rows), body_of(operation, rows))


def test_it_declares_what_every_operation_needs() -> None:
    """One that is new is in every test below; one that was made without `operation` fails here."""
    schema = api.get_openapi_schema(path_prefix="")
    there = {
        (method.upper(), address, each["operationId"], each["x-scope"])
        for address, methods in schema["paths"].items()
        for method, each in methods.items()
    }
    declared = {
        (each.method, each.path.replace("{path:", "{"), each.name, each.needs.scope.value)
        for each in OPERATIONS.values()
    }
    assert there == declared
    without = {each.name for each in OPERATIONS.values() if each.writes and each.method != "DELETE"} - set(BODIES)
    assert without == WITHOUT_BODY


@pytest.mark.parametrize("token", ["", "rt_made-up", "nonsense", "rt_" + "x" * 500, "é"])
def test_it_opens_to_nobody_without_a_token(rows: dict[str, str], token: str) -> None:
    for operation in OPERATIONS.values():
        assert _refused(Program(token), operation, rows) == (401, "E210"), operation.name


def test_it_opens_to_no_session(cast: Cast, rows: dict[str, str]) -> None:
    """A page of another site could use what the browser sends by itself."""
    for operation in OPERATIONS.values():
        answer = cast.alice.generic(operation.method, f"/api/v1{address_of(operation, rows)}")
        assert answer.status_code == 401, operation.name


def test_it_takes_from_alice_what_she_may(cast: Cast, rows: dict[str, str]) -> None:
    program = alices(cast)
    for operation in OPERATIONS.values():
        with _taken_back():
            answer = _ask(program, operation, rows)
            assert answer.status_code == 200, answer.content


def test_it_lets_bob_write_nothing_of_alices(cast: Cast, rows: dict[str, str]) -> None:
    program, before = bobs(cast), _state()
    for operation in OPERATIONS.values():
        if operation.writes and operation.name != "save_view":
            assert _refused(program, operation, rows) == (403, "E211"), operation.name
    assert _state() == before
    assert program.post("/views", {"name": "Bob’s", "query": "days=7"})["is_shared"] is False
    assert program.refused("POST", "/views", {"name": "All’s", "query": "", "is_shared": True}) == (403, "E211")


def test_it_lets_bob_read_without_seeing_callers(cast: Cast, rows: dict[str, str]) -> None:
    program = bobs(cast)
    for operation in OPERATIONS.values():
        if not operation.writes:
            answer = _ask(program, operation, rows)
            assert answer.status_code == (200 if Role.VIEWER in operation.needs.right.roles else 403), operation.name
            assert CALLER not in answer.content.decode()


@pytest.mark.parametrize("scope", Scope)
def test_it_asks_for_the_scope(cast: Cast, rows: dict[str, str], scope: Scope) -> None:
    """A token with every other scope opens none of its operations; one with it alone opens them."""
    others = program_of("alice@example.com", cast.company, scopes=set(Scope) - {scope})
    alone = program_of("alice@example.com", cast.company, scopes={scope})
    for operation in OPERATIONS.values():
        if operation.needs.scope is not scope:
            assert _refused(alone, operation, rows) == (403, "E214"), operation.name
            continue
        assert _refused(others, operation, rows) == (403, "E214"), operation.name
        with _taken_back():
            answer = _ask(alone, operation, rows)
            assert answer.status_code == 200, answer.content
            assert CALLER not in answer.content.decode()


def test_it_lets_an_agent_do_no_more_than_work_with_calls(cast: Cast, rows: dict[str, str]) -> None:
    """The call of the cast is not the agent's own."""
    Membership.objects.filter(user__email="bob@example.com").update(role=Role.AGENT)
    program, before = bobs(cast), _state()
    for operation in OPERATIONS.values():
        answer = _ask(program, operation, rows)
        mine = Role.AGENT in operation.needs.right.roles
        expected = 403 if not mine else 404 if "{call_id}" in operation.path else 200
        assert answer.status_code == expected, operation.name
        assert not re.search(r"5557734|emergency-leaks|crm:1\b", answer.content.decode())
    assert _state() == before


def test_it_knows_no_row_of_alices_for_charlie(rows: dict[str, str]) -> None:
    program, before = charlies(), _state()
    for operation in ABOUT_A_ROW:
        assert _refused(program, operation, rows) == (404, "E200"), operation.name
    assert _state() == before


def test_it_shows_and_changes_nothing_of_alices_for_charlie(cast: Cast, rows: dict[str, str]) -> None:
    program, before = charlies(), _of_alices(cast)
    for operation in OPERATIONS.values():
        with _taken_back():
            answer = _ask(program, operation, rows)
            assert not _ALICES.search(answer.content.decode()), operation.name
            assert _of_alices(cast) == before, operation.name


def _of_alices(cast: Cast) -> list[object]:
    """Every row that hangs on Alice's company."""
    relations = [each for each in Company._meta.related_objects if each.name != "audit"]
    return [
        list(each.related_model._default_manager.filter(**{each.field.name: cast.company}).order_by("pk").values())
        for each in relations
    ]


def test_it_matches_charlies_outcome_to_no_call_of_alices(cast: Cast) -> None:
    answer = charlies().post("/outcomes", OUTCOME | {"call_id": cast.call.pk})
    assert answer["misses"] == {"unknown_call": 1}
    assert OutcomeRow.objects.get(external_id="crm:9").call is None


def test_it_keeps_a_token_to_its_company_even_where_its_person_belongs_to_two(rows: dict[str, str]) -> None:
    other = Company.objects.get(name="Charlie’s Heating")
    Membership.objects.create(user=User.objects.get(email="alice@example.com"), account=other.account, role=Role.OWNER)
    program = program_of("alice@example.com", other)
    for operation in ABOUT_A_ROW:
        assert _refused(program, operation, rows) == (404, "E200"), operation.name


def test_it_opens_to_nobody_once_the_company_is_removed(cast: Cast) -> None:
    program = alices(cast)
    Company.objects.filter(pk=cast.company.pk).update(removed_ms=1)
    assert program.refused("GET", "/calls") == (401, "E210")


# Tokens


def test_it_shows_a_token_once_and_keeps_its_hash_alone(cast: Cast) -> None:
    page = cast.alice.post("/settings/tokens/add/", {"name": "Nightly export", "scopes": "all"}).content.decode()
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
    assert cast.alice.post("/settings/tokens/add/", {"name": "", "scopes": "read"}).status_code == 422
    assert cast.alice.post("/settings/tokens/add/", {"name": "Nothing ticked"}).status_code == 422


def test_it_makes_a_token_for_no_more_than_was_ticked_and_for_as_long(cast: Cast) -> None:
    """By a viewer, of their own; they are offered no more than they may do."""
    page = cast.bob.post("/settings/tokens/add/", {"name": "Mine", "scopes": "read", "days": "30"}).content.decode()
    found = re.search(r"rt_[\w-]{43}", page)
    assert found is not None
    assert "settings:write" not in page
    row, program = ApiToken.objects.get(), Program(found[0])
    assert (row.user.email, row.scopes) == ("bob@example.com", ["read"])
    assert program.get("/calls")
    assert program.refused("GET", "/tokens") == (403, "E214")
    assert cast.bob.post("/settings/tokens/add/", {"name": "More", "scopes": "settings:write"}).status_code == 422
    assert row.expires_ms is not None
    assert find_token(found[0], row.expires_ms - 1) is not None
    assert find_token(found[0], row.expires_ms) is None
    ApiToken.objects.update(expires_ms=1)
    assert program.refused("GET", "/calls") == (401, "E210")
    assert "ended" in cast.bob.get("/settings/tokens/").content.decode()


def test_it_lets_everybody_revoke_their_own_tokens_and_owners_all(cast: Cast) -> None:
    alices(cast)
    hers = ApiToken.objects.get()
    bobs(cast)
    his = ApiToken.objects.exclude(pk=hers.pk).get()
    assert cast.bob.post(f"/settings/tokens/{hers.pk}/revoke/").status_code == 403
    assert bobs(cast).refused("DELETE", f"/tokens/{hers.pk}") == (403, "E211")
    assert cast.bob.post(f"/settings/tokens/{his.pk}/revoke/").status_code == 302
    program = bobs(cast)
    assert program.ask("DELETE", f"/tokens/{token_hash(program.token)}").status_code == 200
    assert cast.alice.post(f"/settings/tokens/{hers.pk}/revoke/").status_code == 302


@pytest.mark.parametrize("scopes", [["everything"], [], ["read", "callers", "x"]])
def test_it_makes_no_token_for_what_is_no_scope(cast: Cast, scopes: list[str]) -> None:
    alice = User.objects.get(email="alice@example.com")
    with pytest.raises(BadInput):
        do_make_token(alice, cast.company, "x", 0, scopes=scopes)
    with pytest.raises(BadInput):
        do_make_token(alice, cast.company, "x", 0, days=0)


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


_NO_BODIES = (b"", b"{", b"[1,2", b"\xff\xfe", b"null", b"[" * 5_000, b'"text"', b"7", b'["\\u0000"]')


def test_it_refuses_a_body_that_is_none(cast: Cast, rows: dict[str, str]) -> None:
    before = _state(but="ImportRun")
    for operation in (each for each in OPERATIONS.values() if each.name in BODIES):
        program = alices(cast)
        for body in _NO_BODIES:
            answer = program.ask(operation.method, address_of(operation, rows), body)
            said = msgspec.json.decode(answer.content)
            assert answer.status_code == 400 or [each["index"] for each in said["rejected"]] == [0], operation.name
    assert _state(but="ImportRun") == before


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
