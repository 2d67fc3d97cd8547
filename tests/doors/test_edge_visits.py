"""The doors of the pages: every visit path from outside, and every reason it may end."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from importlib import resources
from pathlib import Path

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from ringtrace.core.clock import MINUTE_MS
from ringtrace.core.refusals import Refusal
from ringtrace.testing.house import COMPANY, KEY, ORIGIN, SITE, TARGET, House, make_house, shown
from ringtrace.wire.directory import Directory
from ringtrace.wire.journal import NumberClicked, RefusalsCounted, VisitAlive, VisitSeen
from ringtrace.wire.sqlite import open_store
from tests.doors.edge_pages import assert_refused, body_of, on_disk, publish, publish_site, visits

REASONS = frozenset(reason.value for reason in Refusal)
SIGNS = ("/v1/beat", "/v1/click", "/v1/form", "/v1/identify")
DOORS = ("/v1/visit", *SIGNS)
OTHER_PAGE = {"origin": "https://elsewhere.example"}
SNIPPET = resources.files("ringtrace.edge").joinpath("static/snippet.js")


def break_store(house: House, *, is_broken: bool = True) -> None:
    """From now on the journal takes nothing, or does again."""
    statement = "CREATE TRIGGER broken BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'x'); END"
    with closing(open_store(house.path)) as store:
        store.execute(statement if is_broken else "DROP TRIGGER broken")


def test_it_shows_a_number_of_the_pool_and_says_whose_place_it_takes(house: House) -> None:
    answer = house.visit("a")
    assert answer.status == 200
    assert answer.reason is None
    assert body_of(answer) == {
        "visitor": house.sign("a")["visitor"],
        "visit": house.sign("a")["visit"],
        "beat_secs": 60,
        "swaps": [{"target": TARGET, "cc": "1", "number": house.numbers[0]}],
        "held": True,
        "reason": None,
    }


def test_it_has_journalled_what_it_answered(house: House) -> None:
    answer = house.visit(
        "a", f"{ORIGIN}/drains?utm_source=google&utm_medium=cpc&utm_term=plumber", referrer="https://x.example/"
    )
    [seen] = visits(house)
    assert [lease.e164 for lease in seen.leases] == shown(answer)
    assert (seen.company_id, seen.site_id, seen.at_ms) == (COMPANY, SITE, house.clock.now_ms)
    assert (seen.source.source, seen.source.medium, seen.source.keyword) == ("google", "cpc", "plumber")
    assert seen.referrer == "https://x.example/"


def test_it_keeps_no_token_of_the_browser_and_no_address(house: House) -> None:
    house.visit("a")
    raw = on_disk(house)
    assert len(raw) > 4_096
    assert b"visit-token" not in raw
    assert b"visitor-token" not in raw
    assert b"127.0.0.1" not in raw


def test_it_lets_the_page_of_the_site_read_the_answer(house: House) -> None:
    for answer in (house.visit("a"), house.post("/v1/visit", b"nothing")):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-expose-headers"] == "x-ringtrace-reason"
        assert answer.headers["vary"] == "origin"
        assert "access-control-allow-credentials" not in answer.headers


def test_it_keeps_the_number_for_a_returning_visitor(house: House) -> None:
    first = shown(house.visit("a"))
    house.visit("b")
    house.clock.now_ms += 1801 * 1000
    assert shown(house.visit("a2", visitor="a")) == first


def test_it_keeps_the_number_on_the_visits_next_page(house: House) -> None:
    first = shown(house.visit("a"))
    house.clock.now_ms += 10 * MINUTE_MS
    assert shown(house.visit("a", f"{ORIGIN}/drains", new=False)) == first
    [_, alive] = house.events()
    assert isinstance(alive, VisitAlive)
    assert alive.url == f"{ORIGIN}/drains"
    assert alive.leases[0].until_ms == house.clock.now_ms + 1800 * 1000


def test_it_gives_a_visit_that_is_posted_twice_one_number(house: House) -> None:
    """A page that did not hear the answer in time asks again."""
    assert shown(house.visit("a")) == shown(house.visit("a"))
    assert shown(house.visit("b")) == [house.numbers[1]]


def test_it_starts_a_visit_that_it_does_not_know(house: House) -> None:
    assert shown(house.visit("a", new=False)) == [house.numbers[0]]
    assert len(visits(house)) == 1


def test_it_names_a_visit_without_tokens(house: House) -> None:
    answer = house.post("/v1/visit", {"v": 1, "site": KEY, "url": f"{ORIGIN}/"})
    named = body_of(answer)
    assert shown(answer) == [house.numbers[0]]
    signed = {"v": 1, "site": KEY, "visit": named["visit"], "visitor": named["visitor"]}
    assert body_of(house.post("/v1/beat", signed))["held"] is True


def test_it_keeps_a_number_while_the_page_is_open(house: House) -> None:
    house.visit("a")
    for _ in range(3):
        house.clock.now_ms += 29 * MINUTE_MS
        answer = house.post("/v1/beat", house.sign("a"))
        assert body_of(answer)["held"] is True
        assert shown(answer) == [house.numbers[0]]


def test_it_tells_a_page_whose_number_went_to_others(house: House) -> None:
    house.visit("a")
    house.clock.now_ms += 1800 * 1000
    answer = house.post("/v1/beat", house.sign("a"))
    assert (answer.status, answer.reason) == (200, "unknown_visit")
    assert body_of(answer)["held"] is False


def test_it_notes_a_click_on_the_visits_own_number(house: House) -> None:
    [number] = shown(house.visit("a"))
    assert house.post("/v1/click", {**house.sign("a"), "number": number}).reason is None
    [seen, clicked] = house.events()
    assert isinstance(seen, VisitSeen)
    assert isinstance(clicked, NumberClicked)
    assert (clicked.e164, clicked.visit_id) == (number, seen.visit_id)


@pytest.mark.parametrize("number", ["+13105550141", "+19995550100", "", None, "\ud7ff" * 50])
def test_it_notes_no_click_on_a_number_that_is_not_the_visits(house: House, number: str | None) -> None:
    house.visit("a")
    house.visit("b")
    answer = house.post("/v1/click", {**house.sign("a"), "number": number})
    assert (answer.status, answer.reason) == (200, "unknown_visit")
    assert not [event for event in house.events() if isinstance(event, NumberClicked)]


def test_it_leaves_the_page_alone_when_every_number_is_held_and_still_counts_the_visit(house: House) -> None:
    for name in "abc":
        house.visit(name)
    answer = house.visit("d")
    assert (answer.status, answer.reason, shown(answer)) == (200, "pool_empty", [])
    assert visits(house)[-1].leases == ()
    assert len(visits(house)) == 4


def test_it_leaves_the_page_alone_when_the_site_has_no_pool(house: House) -> None:
    publish(house, pools=())
    answer = house.visit("a")
    assert (answer.status, answer.reason, shown(answer)) == (200, "no_pool", [])
    assert len(visits(house)) == 1


@pytest.mark.parametrize(
    ("site_consent", "said"), [("not_needed", "denied"), ("needed", "unset"), ("needed", "denied")]
)
def test_it_keeps_nothing_of_a_visitor_who_has_not_agreed(house: House, site_consent: str, said: str) -> None:
    publish_site(house, consent=site_consent)
    for door in DOORS:
        answer = house.post(door, {**house.sign("a"), "url": f"{ORIGIN}/", "consent": said})
        assert (answer.status, answer.reason) == (200, "no_consent")
        assert (body_of(answer)["visitor"], body_of(answer)["visit"], shown(answer)) == (None, None, [])
    assert house.events() == []


def test_it_shows_a_number_once_the_visitor_agrees(house: House) -> None:
    publish_site(house, consent="needed")
    assert shown(house.visit("a", consent="granted")) == [house.numbers[0]]


@pytest.mark.parametrize(("posted", "headers"), [({"gpc": True}, {}), ({}, {"sec-gpc": "1"})])
def test_it_keeps_the_wish_not_to_be_sold(house: House, posted: dict[str, object], headers: Mapping[str, str]) -> None:
    house.post("/v1/visit", {**house.sign("a"), "url": f"{ORIGIN}/", **posted}, headers)
    assert visits(house)[0].gpc is True


def test_it_refuses_a_site_it_does_not_know(house: House) -> None:
    for door in DOORS:
        assert_refused(house.post(door, {**house.sign("a"), "site": "st_other"}), Refusal.UNKNOWN_SITE, 404)


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "", f"{ORIGIN}.evil.example", f"{ORIGIN}:8443"]
)
def test_it_refuses_a_page_that_is_not_the_sites(house: House, origin: str) -> None:
    for door in DOORS:
        assert_refused(house.post(door, house.sign("a"), {"origin": origin}), Refusal.WRONG_ORIGIN, 403)
    assert house.events() == []


@pytest.mark.parametrize("agent", ["Googlebot/2.1 (+http://www.google.com/bot.html)", "python-requests/2.31", ""])
def test_it_gives_bots_no_number(house: House, agent: str) -> None:
    answer = house.post("/v1/visit", {**house.sign("a"), "url": f"{ORIGIN}/"}, {"user-agent": agent})
    assert_refused(answer, Refusal.BOT, 403)
    assert house.events() == []


def test_it_bounds_how_often_one_address_asks(tmp_path: Path) -> None:
    with closing(make_house(tmp_path, visits_per_minute=3)) as house:
        for _ in range(3):
            assert house.visit("a").status == 200
        assert_refused(house.visit("a"), Refusal.TOO_MANY, 429)
        house.clock.now_ms += MINUTE_MS
        assert house.visit("a").status == 200


def test_it_refuses_when_more_waits_than_it_bears(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(house.store), "waiting", 10_000)
    assert_refused(house.visit("a"), Refusal.OVERLOADED, 503)


def test_it_promises_nothing_while_the_disk_takes_nothing(house: House) -> None:
    break_store(house)
    assert_refused(house.visit("a"), Refusal.STORE_DOWN, 503)
    break_store(house, is_broken=False)
    assert [shown(house.visit(name)) for name in "bcd"] == [[number] for number in house.numbers]


def test_it_refuses_a_body_that_is_too_large(house: House) -> None:
    for door in DOORS:
        assert_refused(house.post(door, b" " * 32_769), Refusal.TOO_LARGE, 413)
    assert house.post("/v1/visit", b" " * 32_768).reason == "unreadable"


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": "1"},
        {"visit": "short"},
        {"visitor": "has spaces in it, and more"},
        {"visit": "x" * 65},
        {"url": "https://plumber.example/" + "x" * 8_192},
        {"referrer": "x" * 8_193},
        {"numbers": "+13105550123"},
        {"new": "yes"},
        {"site": None},
    ],
)
def test_it_refuses_what_is_not_a_visit(house: House, change: dict[str, object]) -> None:
    answer = house.post("/v1/visit", {**house.sign("a"), "url": f"{ORIGIN}/", **change})
    assert_refused(answer, Refusal.UNREADABLE, 400)
    assert house.events() == []


def test_it_refuses_a_sign_of_life_without_tokens(house: House) -> None:
    for door in SIGNS:
        assert_refused(house.post(door, {"v": 1, "site": KEY}), Refusal.UNREADABLE, 400)
        assert_refused(house.post(door, {**house.sign("a"), "visitor": None}), Refusal.UNREADABLE, 400)
    assert house.events() == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\x00",
        b'{"v":1,"v":1}',
        b'{"v":1e999,"site":"st_test"}',
        b'{"v":' + b"9" * 5_000 + b"}",
        b'{"v":1,"site":"\\ud800"}',
        b'{"v":1,"site":"\xed\xa0\x80"}',
        b'{"v":1,"site":"\xff\xfe"}',
        b'{"v":1,"site":"st_test","more":' + b"[" * 16_000 + b"]" * 16_000 + b"}",
        b'{"a":' * 6_000,
    ],
)
def test_it_refuses_hostile_json_by_name(house: House, raw: bytes) -> None:
    for door in DOORS:
        answer = house.post(door, raw)
        assert (answer.status, answer.reason) in {(400, "unreadable"), (404, "unknown_site")}


def test_it_takes_a_page_with_nul_and_odd_characters_in_its_address(house: House) -> None:
    url = f"{ORIGIN}/\x00%00\u202e?utm_source=%00\x00&gclid=\udbff".encode("utf-8", "replace").decode()
    assert shown(house.visit("a", url, referrer="javascript:\x00//")) == [house.numbers[0]]
    assert len(visits(house)) == 1


def _json(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, ValueError):
        return repr(value).encode("utf-8", "surrogatepass")


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_likely = st.fixed_dictionaries(
    {"v": st.just(1) | _anything, "site": st.just(KEY) | _anything},
    optional={
        "url": st.text(max_size=200) | st.just(f"{ORIGIN}/?gclid=1") | _anything,
        "referrer": st.text(max_size=200) | _anything,
        "visitor": st.from_regex(r"[A-Za-z0-9_-]{16,64}", fullmatch=True) | _anything,
        "visit": st.from_regex(r"[A-Za-z0-9_-]{16,64}", fullmatch=True) | _anything,
        "numbers": st.lists(st.text(max_size=20), max_size=5) | _anything,
        "number": st.text(max_size=20) | _anything,
        "gpc": st.booleans() | _anything,
        "consent": st.sampled_from(["granted", "denied", "unset"]) | _anything,
        "new": st.booleans() | _anything,
        "gcm": st.dictionaries(st.text(max_size=20), st.text(max_size=8), max_size=3) | _anything,
        "tcf": st.text(max_size=80) | _anything,
        "ck": st.lists(st.text(max_size=40), max_size=4) | _anything,
        "tz": st.text(max_size=20) | _anything,
        "form": st.text(max_size=20) | _anything,
        "phone": st.from_regex(r"[0-9a-f]{64}", fullmatch=True) | _anything,
        "email": st.from_regex(r"[0-9a-f]{64}", fullmatch=True) | _anything,
    },
)
_bodies = st.binary(max_size=300) | _anything.map(repr).map(str.encode) | _likely.map(_json)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(door=st.sampled_from(DOORS), body=_bodies, agent=st.text(st.characters(max_codepoint=255), max_size=60))
def test_it_answers_anything_with_a_number_or_a_typed_reason(house: House, door: str, body: bytes, agent: str) -> None:
    house.clock.now_ms += MINUTE_MS
    answer = house.post(door, body, {"user-agent": agent})
    assert answer.status < 500
    assert answer.reason is None or answer.reason in REASONS
    assert answer.reason is not None or door in ("/v1/form", "/v1/identify") or shown(answer)
    if answer.status != 200:
        assert answer.reason is not None
        assert_refused(answer, Refusal(answer.reason), answer.status)


def test_it_counts_every_answer_for_the_metrics(house: House) -> None:
    house.visit("a")
    house.post("/v1/visit", b"nothing")
    house.ask("GET", "/somewhere/made/up")
    lines = house.ask("GET", "/metrics").body.decode().splitlines()
    for labels, count in (
        ('door="/v1/visit",result="ok"', 1),
        ('door="/v1/visit",result="unreadable"', 1),
        ('door="other",result="no_such_door"', 1),
    ):
        assert f"ringtrace_edge_answers_total{{{labels}}} {count}" in lines
    assert "ringtrace_edge_directory_version 1" in lines
    assert "ringtrace_edge_waiting_writes 0" in lines
    assert "ringtrace_edge_commits_total 1" in lines


def test_it_journals_the_refusals_of_each_site(house: House) -> None:
    for _ in range(2):
        house.post("/v1/visit", house.sign("a"), OTHER_PAGE)
    house.post("/v1/visit", b"nothing")
    house.tell_refusals()
    counted = [event for event in house.events() if isinstance(event, RefusalsCounted)]
    assert {(one.company_id, one.site_id): one.counts for one in counted} == {
        (COMPANY, SITE): {"wrong_origin": 2},
        ("", ""): {"unreadable": 1},
    }
    house.tell_refusals()
    assert len(house.events()) == 2


def test_it_keeps_refusals_that_could_not_be_written(house: House) -> None:
    house.post("/v1/visit", house.sign("a"), OTHER_PAGE)
    house.post("/v1/visit", b"nothing")
    break_store(house)
    with pytest.raises(Exception, match="E300"):
        house.tell_refusals()
    break_store(house, is_broken=False)
    house.tell_refusals()
    assert sorted(str(event.counts) for event in house.events() if isinstance(event, RefusalsCounted)) == [
        "{'unreadable': 1}",
        "{'wrong_origin': 1}",
    ]


def test_it_serves_the_snippet_to_any_page(house: House) -> None:
    answer = house.ask("GET", "/ringtrace.js")
    assert answer.status == 200
    assert answer.body == SNIPPET.read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert b"`v1/${" in answer.body


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("OPTIONS", "/v1/visit"),
        ("GET", "/v1/visit"),
        ("PUT", "/v1/beat"),
        ("POST", "/ringtrace.js"),
        ("DELETE", "/metrics"),
        ("GET", "/"),
        ("GET", "/carriers/conn_twilio/inbound"),
        ("POST", "/carriers/conn_twilio"),
        ("POST", "/carriers/conn_twilio/inbound/more"),
        ("GET", "/v1/visit/../../etc/passwd"),
        ("BREW", "/\x00\ufffd"),
    ],
)
def test_it_has_no_other_doors(house: House, method: str, path: str) -> None:
    answer = house.ask(method, path)
    assert_refused(answer, Refusal.NO_SUCH_DOOR, 404)
    assert "access-control-allow-methods" not in answer.headers


def test_it_says_that_it_is_up(house: House) -> None:
    assert house.ask("GET", "/healthz").body == b'{"status":"ok"}'
    assert house.ask("HEAD", "/healthz").status == 200


def test_it_knows_nothing_before_a_directory_is_published(tmp_path: Path) -> None:
    with closing(make_house(tmp_path)) as house:
        publish(house, sites=(), pools=(), numbers=(), connections=())
        assert_refused(house.visit("a"), Refusal.UNKNOWN_SITE, 404)


def test_it_goes_on_with_the_directory_it_has_when_the_newest_cannot_be_read(house: House) -> None:
    house.publish(lambda version: Directory(version=version, format=99))
    with pytest.raises(Exception, match="E301"):
        house.refresh()
    assert shown(house.visit("a")) == [house.numbers[0]]


def test_it_logs_nothing_of_a_visitor(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    house.visit("a", f"{ORIGIN}/?gclid=secret-click")
    house.post("/v1/visit", b"secret-click")
    break_store(house)
    house.visit("b", f"{ORIGIN}/?gclid=secret-click")
    assert "secret-click" not in caplog.text
    assert "token" not in caplog.text
