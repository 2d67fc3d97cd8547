"""The call log: what it finds, what stands in its address, and what it does with what cannot be."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client

from ringtrace.core.clock import DAY_MS, HOUR_MS, wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel, Source
from ringtrace.qualification import Leaf, Operator, TagRule
from ringtrace.web import call_search
from ringtrace.web.actions import do_add_numbers
from ringtrace.web.call_filters import NAMES, check_filters, read_filters
from ringtrace.web.call_search import calls_found, find_calls
from ringtrace.web.counting import do_add_tag_rule
from ringtrace.web.customers import phone_hash
from ringtrace.web.models import CallRow, Company, Membership, Role, User
from ringtrace.web.outcomes import do_mark_outcome
from ringtrace.web.review import do_mark_spam, do_set_disposition, do_tag
from tests.doors.cast import CALLER, MAIL, Cast, browser, make_call, make_visit

TODAY = date(2026, 3, 31)


def _ids(cast: Cast, query: str, who: str = "alice") -> set[str]:
    user = User.objects.get(email=f"{who}@example.com")
    calls = calls_found(user, cast.company, read_filters(QueryDict(query), TODAY))
    return set(calls.values_list("pk", flat=True))


def _text(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


def _known(call: CallRow, caller: str) -> CallRow:
    """With the hash by which a caller is found, as the worker makes it."""
    CallRow.objects.filter(pk=call.pk).update(caller_hash=phone_hash(call.company_id, caller))
    return call


@pytest.fixture
def mailed(cast: Cast) -> CallRow:
    """A second call, an hour before the first, missed, by a newsletter, from another caller."""
    visit = make_visit(cast.company, cast.site, MAIL, ago_ms=2 * HOUR_MS)
    call = make_call(cast.number, visit, status="missed", caller="+12125550188", started_ms=wall_clock() - HOUR_MS)
    CallRow.objects.filter(pk=call.pk).update(is_first_call=False, p_visit=0.4, agent="Dana")
    _known(cast.call, CALLER)
    return _known(call, "+12125550188")


@pytest.fixture
def unknown(cast: Cast) -> CallRow:
    """A third, that nothing explains, with its caller withheld."""
    return make_call(cast.number, None, caller=None, started_ms=wall_clock() - 40 * DAY_MS)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "first mailed unknown"),
        ("status=missed", "mailed"),
        ("status=missed&status=answered", "first mailed unknown"),
        ("channel=Email", "mailed"),
        ("channel=unknown", "unknown"),
        ("source=Google", "first"),
        ("campaign=emergency-leaks", "first"),
        ("campaign=emergency*", "first"),
        ("campaign=emergency", ""),
        ("campaign=*LEAK*", "first"),
        ("keyword=burst pipe help&channel=Email", ""),
        ("landing_page=/leaks", "first"),
        ("number=%2B13105550101", "first mailed unknown"),
        ("number=310 555 0101", "first mailed unknown"),
        ("number=%2B13105550109", ""),
        ("agent=dana", "mailed"),
        ("first=yes", "first"),
        ("first=no", "mailed"),
        ("min_talk=100", "first unknown"),
        ("max_talk=10", ""),
        ("matched=80", "first"),
        ("q=burst pipe", "first"),
        ("q=spring", "mailed"),
        ("q=Dana", "mailed"),
        ("q=%2B1 212 555 0188", "mailed"),
        ("q=(310) 555-7734", "first"),
        ("q=7734", "first"),
        ("q=0101", "first mailed unknown"),
        ("q=nothing of the kind", ""),
        ("q=%25", ""),
        ("disposition=none", "first mailed unknown"),
        ("outcome=none", "first mailed unknown"),
        ("outcome=sale", ""),
        ("tag=nobody put it", ""),
        ("spam=yes", ""),
        ("spam=no", "first mailed unknown"),
    ],
)
def test_it_finds(cast: Cast, mailed: CallRow, unknown: CallRow, query: str, found: str) -> None:
    of_name = {"first": cast.call.pk, "mailed": mailed.pk, "unknown": unknown.pk}
    assert _ids(cast, query) == {of_name[name] for name in found.split()}


def test_it_finds_what_was_said_of_calls(cast: Cast, mailed: CallRow) -> None:
    do_tag(mailed, "Boiler", "hand", None, 1)
    do_set_disposition(mailed, "Booked", None, 1)
    do_mark_spam(mailed, True, None, 1)
    do_mark_outcome(mailed, "site_survey", None, wall_clock(), note="paid in shells")
    for query in ("tag=BOILER", "disposition=booked", "spam=yes", "outcome=site_survey", "q=shells", "q=boil"):
        assert _ids(cast, query) == {mailed.pk}, query
    for query in ("spam=no", "disposition=none", "outcome=none"):
        assert mailed.pk not in _ids(cast, query), query


def test_it_finds_tags_by_rule_and_says_where_it_stopped_looking(
    cast: Cast, mailed: CallRow, unknown: CallRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    do_add_tag_rule(cast.company, TagRule(tag="Long", condition=Leaf("talk_secs", Operator.AT_LEAST, 60)), 1)
    assert _ids(cast, "tag=long") == {cast.call.pk, unknown.pk}
    assert _ids(cast, "q=lon") == {cast.call.pk, unknown.pk}
    monkeypatch.setattr(call_search, "MOST_BY_RULE", 2)
    found = find_calls(User.objects.get(email="alice@example.com"), cast.company, read_filters(_of("tag=long"), TODAY))
    assert {call.pk for call in found.calls} == {cast.call.pk}
    assert "newest 2 " in found.notes[0]


def _of(query: str) -> QueryDict:
    return QueryDict(query)


def test_it_finds_calls_of_static_numbers_and_of_other_systems_by_their_source(cast: Cast) -> None:
    truck = Source(channel=Channel.OFFLINE, source="truck", campaign="Vans", landing_page=None)
    number = do_add_numbers(cast.connection, ["+13105550155"], cast.number.flow, static_source=truck)[0]
    by_number = make_call(number, None)
    told = make_call(cast.number, None)
    CallRow.objects.filter(pk=by_number.pk).update(attributed_by="static_number")
    said = msgspec.to_builtins(Source(channel=Channel.REFERRAL, source="yelp", campaign="vans of yelp"))
    CallRow.objects.filter(pk=told.pk).update(attributed_by="imported", said_source=said)
    assert _ids(cast, "channel=Offline") == {by_number.pk}
    assert _ids(cast, "campaign=vans") == {by_number.pk}
    assert _ids(cast, "campaign=vans*") == _ids(cast, "q=vans") == {by_number.pk, told.pk}
    assert _ids(cast, "channel=Referral&source=yelp") == {told.pk}


def test_it_stops_after_400_days_where_it_looks_at_sources_and_says_so(cast: Cast) -> None:
    old = make_call(cast.number, cast.visit, started_ms=cast.call.started_ms - 500 * DAY_MS)
    alice = User.objects.get(email="alice@example.com")
    found = find_calls(alice, cast.company, read_filters(_of("campaign=emergency-leaks"), TODAY))
    assert {call.pk for call in found.calls} == {cast.call.pk}
    assert "400 days" in found.notes[0]
    day = datetime.fromtimestamp(old.started_ms / 1000, UTC).date()
    assert _ids(cast, f"campaign=emergency-leaks&until={day}&since={day.year}-01-01") <= {old.pk}
    assert _ids(cast, "status=answered") == {cast.call.pk, old.pk}


def test_it_keeps_callers_from_those_who_may_not_see_them(cast: Cast, mailed: CallRow) -> None:
    assert _ids(cast, "q=(310) 555-7734", "bob") == set()
    assert _ids(cast, "q=7734", "bob") == set()
    assert _ids(cast, "q=(310) 555-0101", "bob") == {cast.call.pk, mailed.pk}
    assert "Callers are sealed for you" in _text(cast.bob, "/calls/?q=7734")


def test_it_shows_an_agent_their_own_calls_alone(cast: Cast, mailed: CallRow) -> None:
    _make_agent(cast, "Dana")
    assert _ids(cast, "", "dana") == {mailed.pk}
    assert _ids(cast, "q=7734", "dana") == set()
    assert _ids(cast, "q=0188", "dana") == {mailed.pk}
    page = _text(browser("dana@example.com"), "/calls/?status=missed")
    assert mailed.pk in page
    assert cast.call.pk not in page


def _make_agent(cast: Cast, name: str) -> User:
    user = User.objects.create_user(f"{name.lower()}@example.com", "a long enough password")
    Membership.objects.create(user=user, account=cast.company.account, role=Role.AGENT, agent_name=name)
    return user


def test_it_finds_nothing_of_others(cast: Cast) -> None:
    charlies = Company.objects.get(name="Charlie’s Heating")
    charlie = User.objects.get(email="charlie@example.com")
    for query in ("", "q=7734", f"q={cast.call.pk}", "campaign=emergency*", "number=%2B13105550101"):
        assert not calls_found(charlie, charlies, read_filters(_of(query), TODAY)).exists()
        assert not calls_found(charlie, cast.company, read_filters(_of(query), TODAY)).exists()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2026-02-31", "is no day"),
        ("since=2026-03-02&until=2026-03-01", "first day comes after the last"),
        ("since=0001-01-01", "too far away"),
        ("until=9999-12-31", "too far away"),
        ("days=0", "from 1 to 3660"),
        ("days=99999999999", "from 1 to 3660"),
        ("status=asleep", "no status 'asleep'"),
        ("channel=Telepathy", "no channel"),
        ("first=perhaps", "no kind of caller"),
        ("min_talk=-3", "whole number"),
        ("min_talk=1e9", "whole number"),
        ("min_talk=90&max_talk=10", "longer than the longest"),
        ("matched=101", "from 1 to 100"),
        ("spam=maybe", "spam"),
    ],
)
def test_it_says_what_it_cannot_read_and_changes_nothing_by_it(cast: Cast, query: str, words: str) -> None:
    page = _text(cast.alice, f"/calls/?{query}")
    assert words in page
    assert 'role="alert"' in page
    assert cast.call.pk in page
    with pytest.raises(BadInput, match=re.escape(words)):
        check_filters(_of(query), TODAY)


@pytest.mark.parametrize("query", ["q=" + "x" * 5_000, "q=%00", "tag=%F0%9F%94%A5" * 3, "status=" + "&status=x" * 400])
def test_it_survives_what_no_row_holds(cast: Cast, query: str) -> None:
    assert cast.alice.get(f"/calls/?{query}", follow=True).status_code == 200


def test_it_shows_filters_as_chips_that_come_off(cast: Cast, mailed: CallRow) -> None:
    page = _text(cast.alice, "/calls/?status=missed&agent=dana&days=7")
    chips = page[page.index('class="chips"') : page.index("Take all off")]
    assert [words.strip() for words in re.findall(r"filter </span>([^<]+)<", chips)] == [
        "Last 7 days",
        "Missed",
        "Taken by “dana”",
    ]
    assert 'href="/calls/?days=7&agent=dana"' in chips
    assert "1 call found" in page
    assert f"/calls/{cast.call.pk}/" not in page


def test_it_makes_an_address_worth_keeping_of_what_a_form_sent(cast: Cast) -> None:
    answer = cast.alice.get("/calls/?q=&days=&status=missed&campaign=&before=")
    assert answer.status_code == 302
    assert answer["Location"].split("?")[1].startswith("status=missed")


def test_it_pages_under_filters_without_losing_or_doubling_a_call(cast: Cast) -> None:
    at_ms = wall_clock() - DAY_MS
    made = {make_call(cast.number, None, status="missed", started_ms=at_ms - nth // 3).pk for nth in range(120)}
    seen: list[str] = []
    address = "/calls/?status=missed"
    while address:
        page = _text(cast.alice, address)
        seen += re.findall(r'<tr id="(call_\w+)"', page)
        older = re.search(r'href="(\?[^"]+)" rel="next"', page)
        address = f"/calls/{older[1]}" if older else ""
        assert not address or "status=missed" in address
    assert len(seen) == 120
    assert set(seen) == made


@pytest.mark.parametrize("cursor", ["x", "1", "1.", f"{'9' * 30}.call_x"])
def test_it_refuses_a_place_that_is_none(cast: Cast, cursor: str) -> None:
    assert cast.alice.get(f"/calls/?before={cursor}").status_code == 400


def test_it_counts_up_to_a_bound(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringtrace.web.pages.calls.MOST_COUNTED", 60)
    for nth in range(70):
        make_call(cast.number, None, started_ms=wall_clock() - nth * HOUR_MS)
    assert "More than 60 calls" in _text(cast.alice, "/calls/")


def test_it_tells_news_under_filters_of_what_they_leave(cast: Cast) -> None:
    page = _text(cast.alice, "/calls/?status=missed")
    poll = re.search(r'hx-get="([^"]+)"', page)
    assert poll is not None
    assert cast.alice.get(poll[1]).status_code == 204
    make_call(cast.number, None, status="answered", started_ms=wall_clock())
    missed = make_call(cast.number, None, status="missed", started_ms=wall_clock())
    news = cast.alice.get(poll[1])
    assert re.findall(r'<tr id="(call_\w+)"', news.content.decode()) == [missed.pk]
    again = re.search(r'hx-get="([^"]+)"', html.unescape(news.content.decode()))
    assert again is not None
    assert "status=missed" in again[1]
    assert cast.alice.get(again[1]).status_code == 204


def test_it_marks_spam_and_shows_what_was_said(cast: Cast) -> None:
    do_mark_spam(cast.call, True, None, 1)
    do_set_disposition(cast.call, "Booked", None, 1)
    do_tag(cast.call, "Boiler", "hand", None, 1)
    page = _text(cast.alice, "/calls/")
    assert ">spam<" in page
    assert ">Booked</span>" in page
    assert ">Boiler</span>" in page


def test_it_teaches_where_no_call_has_come(cast: Cast) -> None:
    CallRow.objects.all().delete()
    page = _text(cast.alice, "/calls/")
    assert "No call has come yet." in page
    assert "call the number it shows" in page
    assert "No call is like that" in _text(cast.alice, "/calls/?status=missed")


def test_it_leads_to_the_review_of_the_same_calls(cast: Cast, mailed: CallRow) -> None:
    page = _text(cast.alice, "/calls/?status=missed")
    found = re.search(r'href="(/calls/review/\?[^"]+)">Review these', page)
    assert found is not None
    review = _text(cast.alice, found[1])
    assert f"/calls/{mailed.pk}/" in review
    assert "of 1" in review
    assert "status=missed" in review


@pytest.mark.parametrize(
    "query", ["", "status=blocked", "agent=zed", "min_talk=590", "spam=yes", "matched=99", "first=no"]
)
def test_it_looks_through_the_log_by_its_index_alone(cast: Cast, query: str) -> None:
    alice = User.objects.get(email="alice@example.com")
    calls = calls_found(alice, cast.company, read_filters(_of(query), TODAY)).values_list("pk")[:51]
    with connection.cursor() as cursor:
        sql, params = calls.query.sql_with_params()
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = [row[3] for row in cursor.fetchall()]
    assert plan == ["SEARCH web_callrow USING COVERING INDEX call_by_time (company_id=?)"]


def test_it_documents_every_parameter_of_the_log() -> None:
    text = (Path(__file__).parents[2] / "docs/calls.md").read_text()
    assert [name for name in NAMES if f"`{name}`" not in text] == []
