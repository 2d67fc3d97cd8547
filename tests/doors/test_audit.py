"""The audit log: every change of a person has its line, in the same transaction, and nobody else reads it."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client

from ringtrace.core.clock import DAY_MS, wall_clock
from ringtrace.web import audit, gate
from ringtrace.web.models import AuditKind, AuditRow, CallTag, Company, CompanySeat, Role, User
from tests.doors.cast import Cast, mark


def _text(client: Client, address: str = "/settings/audit/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_writes_who_did_what_to_which_row(cast: Cast) -> None:
    mark(cast.alice, cast.call, value="10")
    row = AuditRow.objects.get(what="call_outcome")
    assert (row.actor, row.user, row.company) == ("alice@example.com", _alice(), cast.company)
    assert (row.kind, row.about, row.account) == (AuditKind.CHANGE, cast.call.pk, cast.company.account)
    page = _text(cast.alice)
    assert "marked an outcome" in page
    assert cast.call.pk in page


def test_it_writes_nothing_of_what_was_refused_or_only_read(cast: Cast) -> None:
    cast.bob.post(f"/calls/{cast.call.pk}/tag/", {"tag": "mine"})
    cast.charlie.post(f"/calls/{cast.call.pk}/tag/", {"tag": "mine"})
    cast.alice.post(f"/calls/{cast.call.pk}/outcome/", {"kind": "no such thing"})
    cast.alice.get("/settings/")
    assert not AuditRow.objects.filter(kind=AuditKind.CHANGE).exists()


def test_it_takes_the_change_back_where_its_line_cannot_be_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(audit, "do_note_change", fail)
    with pytest.raises(RuntimeError):
        cast.alice.post(f"/calls/{cast.call.pk}/tag/", {"tag": "mine"})
    assert not CallTag.objects.exists()


def test_it_is_for_owners_and_admins_of_the_company_alone(cast: Cast) -> None:
    mark(cast.alice, cast.call)
    assert cast.bob.get("/settings/audit/").status_code == 403
    assert "alice@example.com" not in _text(cast.charlie)


def test_it_shows_lines_of_the_account_to_its_own_people_alone(cast: Cast) -> None:
    audit.do_note(AuditKind.SIGN_IN, "signed_in", wall_clock(), user=_alice(), account=cast.company.account)
    charlie = User.objects.get(email="charlie@example.com")
    CompanySeat.objects.create(user=charlie, company=cast.company, role=Role.ADMIN)
    cast.charlie.post("/company/", {"company": cast.company.pk})
    mark(cast.alice, cast.call)
    assert "signed in" in _text(cast.alice)
    page = _text(cast.charlie)
    assert "marked an outcome" in page
    assert "signed in" not in page


def test_it_filters_by_kind_person_row_and_days(cast: Cast) -> None:
    now_ms = wall_clock()
    audit.do_note_export(_alice(), cast.company, "calls", now_ms, rows=7, form="csv")
    audit.do_note(AuditKind.CHANGE, "pool", now_ms, actor="worker", company=cast.company, about="pool_1")
    audit.do_note(AuditKind.CHANGE, "pool", now_ms - 40 * DAY_MS, actor="of old", company=cast.company)
    assert "took out calls" in _text(cast.alice, "/settings/audit/?kind=export")
    assert "changed a pool" not in _text(cast.alice, "/settings/audit/?kind=export")
    assert "took out" not in _text(cast.alice, "/settings/audit/?who=work")
    assert "pool_1" in _text(cast.alice, "/settings/audit/?about=pool_1")
    assert "of old" not in _text(cast.alice)
    assert "of old" in _text(cast.alice, "/settings/audit/?days=90")
    assert "with this filter" in _text(cast.alice, "/settings/audit/?who=nobody")


def test_it_leafs_through_every_line_once(cast: Cast) -> None:
    now_ms = wall_clock()
    for number in range(250):
        audit.do_note(
            AuditKind.CHANGE, "pool", now_ms - number // 3, actor="x", company=cast.company, about=f"n{number}."
        )
    seen: list[str] = []
    address = "/settings/audit/"
    while address:
        page = _text(cast.alice, address)
        seen += re.findall(r"n\d+\.", page)
        more = re.search(r'href="(\?[^"]*before=[^"]+)"', page)
        address = f"/settings/audit/{more[1].replace('&amp;', '&')}" if more else ""
    assert len(seen) == len(set(seen)) == 250
    assert cast.alice.get("/settings/audit/?before=x").status_code == 400


def test_it_notes_a_caller_that_was_seen_once_an_hour(cast: Cast) -> None:
    now_ms = wall_clock()
    for at_ms in (now_ms, now_ms + 1, now_ms + 3_600_001):
        audit.do_note_seen(_alice(), cast.company, cast.call.pk, at_ms)
    assert AuditRow.objects.filter(kind=AuditKind.SEEN).count() == 2


def test_it_keeps_who_it_was_when_the_person_is_gone(cast: Cast) -> None:
    mark(cast.alice, cast.call)
    User.objects.filter(email="alice@example.com").delete()
    row = AuditRow.objects.get(what="call_outcome")
    assert (row.user, row.actor) == (None, "alice@example.com")
    assert Company.objects.filter(pk=cast.company.pk).exists()


def _alice() -> User:
    return User.objects.get(email="alice@example.com")


# What was refused, and posts that only look


def _changes() -> list[str]:
    return list(AuditRow.objects.filter(kind=AuditKind.CHANGE).values_list("what", flat=True))


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/calls/{call}/tag/", {"tag": "x" * 200}),
        ("/calls/{call}/disposition/", {"disposition": "no such end"}),
        ("/pop/{call}/tag/", {"tag": "x" * 200}),
        ("/pop/{call}/disposition/", {"disposition": "no such end"}),
        ("/calls/review/undo/", {}),
        ("/calls/bulk/", {"what": "disposition"}),
        ("/metrics/views/save/", {"name": "", "query": "days=7"}),
        ("/numbers/pools/{pool}/remove/", {}),
        ("/settings/people/{bob}/", {"what": "unseat"}),
    ],
)
def test_it_writes_nothing_of_what_was_refused_in_words(cast: Cast, address: str, form: dict[str, str]) -> None:
    bob = User.objects.get(email="bob@example.com").pk
    address = address.format(call=cast.call.pk, pool=cast.pool.pk, bob=bob)
    answer = cast.alice.post(address, form)
    assert answer.status_code == 302
    assert _changes() == []
    assert 'role="status"' in cast.alice.get(answer["Location"]).content.decode()


def test_it_writes_nothing_of_an_undo_that_somebody_did_already(cast: Cast) -> None:
    cast.alice.post(f"/calls/{cast.call.pk}/tag/", {"tag": "mine", "from": "review"})
    CallTag.objects.all().delete()
    cast.alice.post("/calls/review/undo/")
    assert _changes() == ["call_tag"]


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/settings/definitions/count/", {}),
        ("/settings/definitions/add/", {"what": "try"}),
        ("/settings/tags/count/", {}),
        ("/settings/tags/add/", {"what": "try"}),
        ("/settings/sources/add/", {"what": "try"}),
        ("/settings/pop/add/", {"what": "as_json"}),
        ("/numbers/words/", {}),
    ],
)
def test_a_post_that_only_looks_holds_up_no_writer_and_leaves_no_line(
    cast: Cast, address: str, form: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    usual = transaction.atomic

    def atomic(*args: object, **kwargs: object) -> object:
        begun.append("a transaction")
        return usual(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(gate, "transaction", SimpleNamespace(atomic=atomic))
    assert cast.alice.post(address, form).status_code in (200, 422)
    assert (begun, _changes()) == ([], [])
    assert cast.bob.post(address, form).status_code == 403
