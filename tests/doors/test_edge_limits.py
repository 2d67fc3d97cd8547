"""Who gets less, why, and how it is said; and what no file and no answer ever holds."""

from __future__ import annotations

import hashlib
import re
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from ringtrace.core.clock import MINUTE_MS
from ringtrace.core.refusals import Refusal
from ringtrace.testing.house import BROWSER, KEY, ORIGIN, House, make_house, shown
from tests.doors.edge_pages import ADDRESS, ask_page, assert_refused, on_disk, pool, publish, told, visits

DOORS = ("/v1/visit", "/v1/beat", "/v1/click", "/v1/form", "/v1/identify")
MANY = 120  # new visits of one address in ten minutes
PINNED = re.compile(r"/ringtrace-([0-9a-f]{12})\.js")


def test_it_takes_a_browser_that_speaks_no_language_for_a_bot(house: House) -> None:
    headers = {"origin": ORIGIN, "user-agent": BROWSER}
    page = msgspec.json.encode({**house.sign("a"), "url": f"{ORIGIN}/"})
    assert_refused(house.ask("POST", "/v1/visit", page, headers), Refusal.BOT, 403)
    assert house.events() == []
    assert house.ask("POST", "/v1/visit", page, {**headers, "accept-language": "de"}).status == 200


def _visit_from(house: House, name: str, address: str) -> tuple[str | None, list[str]]:
    answer = ask_page(house, house.sign(name) | {"new": True}, address=address)
    return answer.reason, shown(answer)


@pytest.mark.parametrize(
    ("others", "stranger"),
    [
        (["203.0.113.9"], "203.0.113.10"),
        (["::ffff:203.0.113.9", "203.0.113.9"], "::ffff:203.0.113.10"),
        (["203.0.113.9:50000", "203.0.113.9:50001"], "203.0.113.10:50000"),
        (["2001:db8:0:1::5", "2001:db8:0:1:aaaa::1", "2001:DB8:0:1:1:2:3:4"], "2001:db8:0:2::5"),
        (["2001:db8::1", "2001:db8::2:0:0:1", "2001:db8:0:0:1::"], "2001:db8:1::1"),
        (["[2001:db8::1]:50000", "2001:db8::7"], "[2001:db8:0:1::1]:50000"),
    ],
)
def test_it_gives_no_numbers_to_a_burst_from_one_address(house: House, others: list[str], stranger: str) -> None:
    numbers = [f"+1310556{n:04d}" for n in range(MANY + 40)]
    publish(house, pools=(pool("large", *numbers),))
    for n in range(MANY):
        assert _visit_from(house, f"v{n}", others[n % len(others)]) == (None, [numbers[n]])
    for n, address in enumerate(others):
        assert _visit_from(house, f"late{n}", address) == ("burst", [])
    assert _visit_from(house, "stranger", stranger) == (None, [numbers[MANY]])
    house.clock.now_ms += 10 * MINUTE_MS
    assert _visit_from(house, "later", others[0]) == (None, [numbers[MANY + 1]])


def test_it_records_a_visit_of_a_burst_and_renews_what_earlier_ones_hold(house: House) -> None:
    for n in range(MANY + 1):
        answer = house.visit("a" if n == 0 else f"v{n}")
    assert told(answer) == (False, "burst", "burst")
    assert visits(house)[-1].leases == ()
    assert len(visits(house)) == MANY + 1
    assert told(house.visit("a", new=False)) == (True, None, None)


def test_it_shows_what_all_share_to_a_burst(house: House) -> None:
    publish(house, pools=(pool("large", *house.numbers, overflow_e164="+13105550901"),))
    for n in range(MANY):
        house.visit(f"v{n}", new=True)
    answer = house.visit("late")
    assert (told(answer), shown(answer)) == ((False, "burst", "burst"), ["+13105550901"])


@pytest.mark.parametrize("address", [ADDRESS, "2001:db8:0:1::5"])
def test_it_keeps_no_address_and_no_token_in_any_of_its_files(house: House, address: str) -> None:
    number = shown(ask_page(house, house.sign("a") | {"ip": address}, address=address))[0]
    more = {"number": number, "form": "quote", "url": f"{ORIGIN}/", "phone": "a" * 64}
    for door in DOORS[1:]:
        assert house.post(door, {**house.sign("a"), **more}, address=address).reason is None
    house.post("/v1/visit", b"nothing", address=address)
    house.tell_refusals()
    house.restart()
    raw = on_disk(house)
    assert b"plumber.example" in raw  # what it does keep can be seen in it
    for kept in (address, "visit-token", "visitor-token", BROWSER, "accept-language"):
        assert kept.encode() not in raw


def _pinned(house: House) -> str:
    """The path that names the very bytes of the snippet."""
    body = house.ask("GET", "/ringtrace.js").body
    return f"/ringtrace-{hashlib.sha256(body).hexdigest()[:12]}.js"


def test_it_serves_the_snippet_by_a_name_that_stays_and_by_one_that_says_which(house: House) -> None:
    floating, pinned = house.ask("GET", "/ringtrace.js"), house.ask("GET", _pinned(house))
    assert PINNED.fullmatch(_pinned(house))
    assert floating.headers["cache-control"] == "public, max-age=300"
    assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert pinned.body == floating.body
    for answer in (floating, pinned):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/ringtrace-000000000000.js", "/ringtrace-.js", "/ringtrace.js/", "/ringtrace-1.js"])
def test_it_serves_no_snippet_that_it_does_not_have(house: House, path: str) -> None:
    assert_refused(house.ask("GET", path), Refusal.NO_SUCH_DOOR, 404)


def _figures(house: House) -> dict[str, str]:
    lines = house.ask("GET", "/metrics").body.decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_it_shows_figures_of_the_store_and_of_every_door(house: House) -> None:
    house.visit("a", numbers=[])
    house.ask("GET", _pinned(house))  # and the floating one, to know its name
    house.post("/v1/identify", house.sign("a"))
    house.ask("POST", "/v1/server/visit", msgspec.json.encode({"v": 1, "site": KEY}))
    figures = _figures(house)
    for door, result, count in (
        ("/v1/visit", "no_target", 1),
        ("snippet", "ok", 2),
        ("/v1/identify", "unreadable", 1),
        ("/v1/server/visit", "unsigned", 1),
    ):
        assert figures[f'ringtrace_edge_answers_total{{door="{door}",result="{result}"}}'] == str(count)
    for name, value in (
        ("waiting_writes", 0),
        ("waiting_writes_most", 10_000),
        ("journal_events_total", 1),
        ("journal_undrained", 1),
        ("commits_total", 1),
    ):
        assert figures[f"ringtrace_edge_{name}"] == str(value)


def test_it_says_of_each_figure_what_kind_it_is(house: House) -> None:
    lines = house.ask("GET", "/metrics").body.decode().splitlines()
    for before, line in pairwise(lines):
        if not line.startswith("#") and "{" not in line:
            name = line.split(" ")[0]
            assert before == f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}"


def test_it_names_the_reason_in_the_header_of_every_answer_that_did_less(house: House) -> None:
    house.visit("a")
    sign = house.sign("a")
    less = [
        house.visit("b", numbers=[]),
        house.visit("b", consent="denied"),
        house.post("/v1/beat", house.sign("nobody")),
        house.post("/v1/click", {**sign, "number": "+13105550999"}),
        house.post("/v1/identify", sign),
        house.post("/v1/visit", sign, {"origin": "https://elsewhere.example"}),
        house.post("/v1/visit", sign, {"user-agent": "curl/8.0"}),
        house.ask("GET", "/nowhere"),
    ]
    reasons = [
        "no_target",
        "no_consent",
        "unknown_visit",
        "unknown_visit",
        "unreadable",
        "wrong_origin",
        "bot",
        "no_such_door",
    ]
    assert [answer.reason for answer in less] == reasons
    for answer, reason in zip(less, reasons, strict=True):
        body = msgspec.json.decode(answer.body, type=dict[str, object])
        error = body.get("error")
        assert reason == (error["code"] if isinstance(error, dict) else body["reason"])


@pytest.mark.parametrize("door", DOORS)
def test_it_lets_the_sites_pages_read_every_doors_answers(house: House, door: str) -> None:
    house.visit("a")
    page = {**house.sign("a"), "form": "x", "phone": "a" * 64, "number": house.numbers[0]}
    for answer in (house.post(door, page), house.post(door, b"nothing"), house.post(door, {**page, "site": "other"})):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-expose-headers"] == "x-ringtrace-reason"
        assert answer.headers["vary"] == "origin"
        assert "access-control-allow-credentials" not in answer.headers


def test_it_bounds_how_often_one_network_asks(tmp_path: Path) -> None:
    with closing(make_house(tmp_path, visits_per_minute=3)) as house:
        for n in range(3):
            assert house.post("/v1/beat", house.sign("a"), address=f"2001:db8:0:1::{n}").status == 200
        assert_refused(house.post("/v1/beat", house.sign("a"), address="2001:db8:0:1:f::1"), Refusal.TOO_MANY, 429)
        assert house.post("/v1/beat", house.sign("a"), address="2001:db8:0:2::1").status == 200
        assert house.post("/v1/beat", house.sign("a"), address="::ffff:203.0.113.1").status == 200
