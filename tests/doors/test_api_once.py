"""The same thing twice: Idempotency-Key."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import msgspec
import pytest
from django.db import connection, connections
from django.http import HttpResponse

from ringtrace.core.clock import DAY_MS, MINUTE_MS, SetClock, wall_clock
from ringtrace.web.api import keeping, operations
from ringtrace.web.models import AuditRow, CallTag, KeptAnswer, Membership, OutcomeRow, Role
from tests.doors.cast import CALLER, Cast, make_cast
from tests.doors.programs import Program, alices, bobs

SALE = {"kind": "sale", "at": "2026-11-20T09:30:00-08:00", "value_cents": 125_000}
SITE = {"name": "Shop", "origins": ["https://shop.example"]}


def _tell(program: Program, key: str, body: object = SALE, address: str = "/outcomes") -> HttpResponse:
    return program.ask("POST", address, body, **{"Idempotency-Key": key})


def _code(answer: HttpResponse) -> tuple[int, str]:
    return answer.status_code, msgspec.json.decode(answer.content)["error"]["code"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    made = SetClock(wall_clock())
    monkeypatch.setattr(operations, "wall_clock", made)
    return made


def test_it_does_the_same_thing_once_and_answers_the_same(cast: Cast) -> None:
    program = alices(cast)
    first, again = _tell(program, "k-1"), _tell(program, "k-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert OutcomeRow.objects.count() == 1
    assert AuditRow.objects.filter(what="tell_outcomes").count() == 1


def test_it_does_it_again_without_a_key_or_with_another(cast: Cast) -> None:
    program = alices(cast)
    for key in ("k-1", "k-2"):
        assert _tell(program, key).status_code == 200
    assert program.post("/outcomes", SALE)["taken"] == 1
    assert OutcomeRow.objects.count() == 3


def test_it_keeps_a_key_to_its_token(cast: Cast) -> None:
    assert _tell(alices(cast), "k-1").status_code == 200
    assert "Idempotent-Replayed" not in _tell(alices(cast), "k-1")
    assert OutcomeRow.objects.count() == 2


@pytest.mark.parametrize(
    ("address", "body"),
    [("/outcomes", SALE | {"value_cents": 1}), ("/contacts", SALE), ("/spend?replaces=campaign_day", SALE)],
)
def test_it_refuses_a_key_that_was_used_for_something_else(cast: Cast, address: str, body: object) -> None:
    program = alices(cast)
    assert _tell(program, "k-1").status_code == 200
    assert _code(_tell(program, "k-1", body, address)) == (422, "E216")
    assert OutcomeRow.objects.count() == 1


@pytest.mark.parametrize("key", ["x" * 256, "é", "a\tb", ""])
def test_it_refuses_a_key_that_is_none(cast: Cast, key: str) -> None:
    assert _code(_tell(alices(cast), key)) == (400, "E100")
    assert not OutcomeRow.objects.exists()


def test_it_answers_a_refusal_the_same_and_keeps_nothing_half_done(cast: Cast) -> None:
    """The tag was put before its like was not found: all of it, or nothing."""
    program, body = alices(cast), {"add": ["vip"], "remove": ["never there"]}
    address = f"/calls/{cast.call.pk}/tags"
    first = _tell(program, "k-1", body, address)
    assert _code(first) == (404, "E200")
    assert not CallTag.objects.exists()
    program.post(address, {"add": ["never there"]})
    again = _tell(program, "k-1", body, address)
    assert (again.status_code, again.content) == (404, first.content)
    assert [tag.tag for tag in CallTag.objects.all()] == ["never there"]


def test_it_tries_again_after_what_went_wrong_on_our_side(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_args: object, **_named: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("ringtrace.web.api.taking.take", break_down)
        assert _code(_tell(alices(cast), "k-1")) == (500, "E000")
    assert not KeptAnswer.objects.exists()


def test_it_keeps_no_refusal_that_came_before_anything_was_done(cast: Cast) -> None:
    program = bobs(cast)
    assert _code(_tell(program, "k-1")) == (403, "E211")
    Membership.objects.filter(user__email="bob@example.com").update(role=Role.ADMIN)
    assert _tell(program, "k-1").status_code == 200


def test_it_says_that_the_first_is_under_way_and_lets_another_finish_it_after_a_minute(
    cast: Cast, clock: SetClock
) -> None:
    program = alices(cast)
    assert _tell(program, "k-1").status_code == 200
    KeptAnswer.objects.update(status=None, body=None)  # as it is before the first has finished
    answer = _tell(program, "k-1")
    assert _code(answer) == (409, "E215")
    assert answer["Retry-After"] == "1"
    clock.now_ms += MINUTE_MS
    assert _tell(program, "k-1").status_code == 200
    assert OutcomeRow.objects.count() == 2


def test_it_undoes_what_was_finished_by_another_meanwhile(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first took longer than its minute, and somebody else has the claim."""
    keep = keeping._keep

    def overtaken(key_hash: str, claimed_ms: int, response: HttpResponse) -> bool:
        KeptAnswer.objects.filter(pk=key_hash).update(made_ms=claimed_ms + 1)
        return keep(key_hash, claimed_ms, response)

    monkeypatch.setattr(keeping, "_keep", overtaken)
    assert _code(_tell(alices(cast), "k-1")) == (409, "E215")
    assert not OutcomeRow.objects.exists()


def test_it_forgets_after_a_day(cast: Cast, clock: SetClock) -> None:
    program = alices(cast)
    for key in ("k-1", "k-2"):
        _tell(program, key)
    clock.now_ms += DAY_MS - 1
    assert _tell(program, "k-1")["Idempotent-Replayed"] == "true"
    clock.now_ms += 2
    assert "Idempotent-Replayed" not in _tell(program, "k-1")
    assert KeptAnswer.objects.count() == 1  # and the other one is gone


def test_it_keeps_answers_sealed(cast: Cast) -> None:
    """They may hold a caller, or a secret that is shown once."""
    program = alices(cast)
    marked = _tell(program, "k-1", {"is_spam": True}, f"/calls/{cast.call.pk}/spam")
    key = _tell(program, "k-2", None, f"/sites/{cast.site.pk}/server-key")
    secret = msgspec.json.decode(key.content)["server_key"]
    assert CALLER in marked.content.decode()
    kept = b"".join(bytes(body or b"") for body in KeptAnswer.objects.values_list("body", flat=True)).decode()
    assert secret not in kept
    assert CALLER not in kept
    assert _tell(program, "k-2", None, f"/sites/{cast.site.pk}/server-key").content == key.content


@pytest.mark.django_db(transaction=True)
def test_it_does_one_thing_once_however_many_ask_at_the_same_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four connections to one file, as four threads of the server have them."""
    program, together = alices(make_cast()), Barrier(4)
    ledger = tmp_path / "ledger.sqlite"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(ledger)])
    monkeypatch.setitem(connections.settings["default"], "NAME", str(ledger))

    def ask(_nth: int) -> HttpResponse:
        together.wait(10)
        try:
            return _tell(program, "k-1", SITE, "/sites")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    done = [each for each in answers if each.status_code == 200]
    assert len([each for each in done if "Idempotent-Replayed" not in each]) == 1
    assert {each.content for each in done} == {done[0].content}
    assert {_code(each) for each in answers if each.status_code != 200} <= {(409, "E215")}
    with closing(sqlite3.connect(ledger)) as read:
        assert read.execute("SELECT count(*) FROM web_site WHERE name = 'Shop'").fetchone() == (1,)
