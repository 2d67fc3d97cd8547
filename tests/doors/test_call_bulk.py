"""One thing said of many calls at once, and taken back."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from ringtrace.core.clock import HOUR_MS, wall_clock
from ringtrace.web import bulk_calls
from ringtrace.web.models import AuditRow, CallRow, CallTag, Membership, Role, StaleMonth, User
from ringtrace.web.months import month_of
from ringtrace.web.review import do_mark_spam, do_set_disposition, do_tag
from tests.doors.cast import Cast, browser, make_call


@pytest.fixture
def calls(cast: Cast) -> list[CallRow]:
    """Alice's call and three more of hers, the newest first; the last is an hour old and missed."""
    fresh = [make_call(cast.number, None, started_ms=wall_clock() - nth * 60_000) for nth in (2, 3)]
    return [cast.call, *fresh, make_call(cast.number, None, status="missed", started_ms=wall_clock() - HOUR_MS)]


def _post(client: Client, what: str, calls: list[CallRow] | None = None, **fields: str) -> str:
    form: dict[str, object] = {"what": what, "call": [call.pk for call in calls or []], **fields}
    answer = client.post("/calls/bulk/", form, follow=True)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def _undo(client: Client) -> str:
    return html.unescape(client.post("/calls/bulk/undo/", {}, follow=True).content.decode())


def _tagged() -> set[str]:
    return set(CallTag.objects.values_list("call_id", flat=True))


def test_it_tags_what_was_ticked_in_the_companys_spelling(cast: Cast, calls: list[CallRow]) -> None:
    do_tag(calls[0], "Boiler", "hand", None, 1)
    StaleMonth.objects.all().delete()
    before = {call.pk: call.changed_ms for call in CallRow.objects.all()}
    page = _post(cast.alice, "tag", calls[:3], tag=" boiler ")
    assert "Tagged 2 calls “Boiler”. 1 was so already." in page
    assert _tagged() == {call.pk for call in calls[:3]}
    changed = {call.pk for call in CallRow.objects.all() if call.changed_ms > before[call.pk]}
    assert changed == {calls[1].pk, calls[2].pk}
    assert month_of(calls[1].started_ms) in set(StaleMonth.objects.values_list("month", flat=True))
    noted = AuditRow.objects.get(what="calls_bulk")
    assert noted.said == {"what": "tag", "calls": 2, "all_found": False}


def test_it_does_all_that_were_found_and_none_that_came_since(cast: Cast, calls: list[CallRow]) -> None:
    as_of = str(wall_clock())
    late = make_call(cast.number, None, status="missed", started_ms=wall_clock() + HOUR_MS)
    page = _post(cast.alice, "spam", all="yes", as_of=as_of, back="status=missed")
    assert "Marked 1 call as spam." in page
    assert "1 call found" not in page
    spam = set(CallRow.objects.filter(is_spam=True).values_list("pk", flat=True))
    assert spam == {calls[3].pk}
    assert not CallRow.objects.get(pk=late.pk).is_spam


@pytest.mark.parametrize(
    ("what", "field", "value"), [("tag", "tag", "Boiler"), ("disposition", "disposition", "Booked"), ("spam", "", "")]
)
def test_it_takes_back_what_it_said_once(cast: Cast, calls: list[CallRow], what: str, field: str, value: str) -> None:
    do_set_disposition(calls[1], "Quoted", None, 1)
    do_tag(calls[2], "Boiler", "keypad", None, 1)
    do_mark_spam(calls[3], True, None, 1)
    was = _state()
    page = _post(cast.alice, what, calls, **({field: value} if field else {}))
    assert _state() != was
    assert "Undo it" in page
    page = _undo(cast.alice)
    assert "Undone for" in page
    assert "Undo it" not in page
    assert _state() == was
    assert "nothing to undo" in _undo(cast.alice)


def _state() -> object:
    calls = CallRow.objects.order_by("pk").values_list("pk", "disposition", "is_spam")
    return list(calls), set(CallTag.objects.values_list("call_id", "tag", "by"))


def test_it_puts_a_tag_back_that_was_taken_off(cast: Cast, calls: list[CallRow]) -> None:
    for call in calls[:2]:
        do_tag(call, "Boiler", "keypad", None, 1)
    was = _state()
    assert "Took the tag “Boiler” off 2 calls. 2 were so already." in _post(cast.alice, "untag", calls, tag="BOILER")
    assert _tagged() == set()
    _undo(cast.alice)
    assert _state() == was


def test_it_takes_a_disposition_off(cast: Cast, calls: list[CallRow]) -> None:
    do_set_disposition(calls[1], "Quoted", None, 1)
    assert "Took the disposition off 1 call" in _post(cast.alice, "disposition", calls, disposition="none")
    assert not CallRow.objects.exclude(disposition="").exists()


def test_it_leaves_alone_what_somebody_said_since(cast: Cast, calls: list[CallRow]) -> None:
    _post(cast.alice, "disposition", calls, disposition="Booked")
    do_set_disposition(CallRow.objects.get(pk=calls[0].pk), "Wrong number", None, wall_clock())
    assert "Undone for 3 calls. 1 changed since, and stays as now." in _undo(cast.alice)
    assert CallRow.objects.get(pk=calls[0].pk).disposition == "Wrong number"


def test_it_forgets_the_undo_after_an_hour(cast: Cast, calls: list[CallRow], monkeypatch: pytest.MonkeyPatch) -> None:
    _post(cast.alice, "spam", calls)
    monkeypatch.setattr(bulk_calls, "_UNDONE_WITHIN_MS", -1)
    assert "nothing to undo" in _undo(cast.alice)
    assert CallRow.objects.filter(is_spam=True).count() == 4


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"what": "tag", "tag": "x"}, "No call was ticked"),
        ({"what": "explode"}, "not said what to do"),
        ({"what": "tag", "tag": "", "all": "yes", "as_of": "9999999999999"}, "1 to 60 characters"),
        ({"what": "tag", "tag": "a|b", "all": "yes", "as_of": "9999999999999"}, "is not a tag"),
        ({"what": "disposition", "all": "yes", "as_of": "9999999999999"}, "Choose a disposition first"),
        ({"what": "disposition", "disposition": "Won", "all": "yes", "as_of": "9999999999999"}, "not a disposition"),
        ({"what": "spam", "all": "yes"}, "which calls were shown"),
        ({"what": "spam", "all": "yes", "as_of": "1e9"}, "which calls were shown"),
        ({"what": "spam", "all": "yes", "as_of": "9999999999999", "back": "since=nonsense"}, "Take that filter off"),
    ],
)
def test_it_says_why_it_does_nothing(cast: Cast, calls: list[CallRow], form: dict[str, str], words: str) -> None:
    was = _state()
    answer = cast.alice.post("/calls/bulk/", form, follow=True)
    assert words in html.unescape(answer.content.decode())
    assert _state() == was
    assert not AuditRow.objects.filter(what="calls_bulk").exists()


def test_it_refuses_more_than_it_can_do_at_once(
    cast: Cast, calls: list[CallRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_calls, "MOST_AT_ONCE", 3)
    page = _post(cast.alice, "spam", all="yes", as_of="9999999999999")
    assert "more than 3 calls" in page
    assert not CallRow.objects.filter(is_spam=True).exists()


def test_it_gives_no_call_more_tags_than_it_may_have(
    cast: Cast, calls: list[CallRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_calls, "MOST_TAGS", 1)
    do_tag(calls[0], "Boiler", "hand", None, 1)
    assert "Tagged 3 calls “Leak”. 1 had 1 tags" in _post(cast.alice, "tag", calls, tag="Leak")


def test_it_lets_an_agent_say_things_of_their_own_calls_alone(cast: Cast, calls: list[CallRow]) -> None:
    user = User.objects.create_user("dana@example.com", "a long enough password")
    Membership.objects.create(user=user, account=cast.company.account, role=Role.AGENT, agent_name="Dana")
    CallRow.objects.filter(pk=calls[1].pk).update(agent="Dana")
    dana = browser("dana@example.com")
    assert "Marked 1 call as spam." in _post(dana, "spam", calls)
    assert "Took" not in _post(dana, "spam", all="yes", as_of="9999999999999")
    assert set(CallRow.objects.filter(is_spam=True).values_list("pk", flat=True)) == {calls[1].pk}


def test_it_lets_nobody_else_say_anything(cast: Cast, calls: list[CallRow]) -> None:
    form = {"what": "spam", "call": [call.pk for call in calls]}
    assert cast.bob.post("/calls/bulk/", form).status_code == 403
    assert "No call was ticked" in html.unescape(cast.charlie.post("/calls/bulk/", form, follow=True).content.decode())
    assert not CallRow.objects.filter(is_spam=True).exists()
    assert 'name="call"' not in cast.bob.get("/calls/").content.decode()
    _post(cast.alice, "spam", calls)
    assert cast.bob.post("/calls/bulk/undo/").status_code == 403


def test_it_goes_back_to_where_one_was_and_nowhere_else(cast: Cast, calls: list[CallRow]) -> None:
    form = {"what": "spam", "call": calls[0].pk, "back": "status=missed&q=\r\nSet-Cookie: x"}
    answer = cast.alice.post("/calls/bulk/", form)
    assert answer["Location"] == "/calls/?status=missed&q=%0D%0ASet-Cookie%3A+x"
    assert "set-cookie: x" not in str(answer.headers).lower()
