"""What a visit is shown: by what its page prints, by the site's rules, and by what it was shown first."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ringtrace.core.clock import MINUTE_MS
from ringtrace.testing.house import ORIGIN, TARGET, House, shown
from ringtrace.wire.directory import When
from ringtrace.wire.journal import NumberClicked
from tests.doors.edge_pages import (
    PHONE,
    SECOND_TARGET,
    ask_page,
    body_of,
    pool,
    publish,
    static,
    token_of,
    told,
    visit_ids,
    visits,
)

SPECIAL, GENERAL, PRINTED_ON_VANS = "+13105550901", "+13105550902", "+13105550903"
CAMPAIGN = f"{ORIGIN}/?utm_source=google&utm_medium=cpc&utm_campaign=summer"
FROM_GOOGLE = When(sources=("google",))


@pytest.mark.parametrize("numbers", [["13105550123"], ["3105550123"], ["5550123"], ["442079460000", "03105550123"]])
def test_it_swaps_a_number_that_the_page_prints_in_any_of_its_forms(house: House, numbers: list[str]) -> None:
    assert shown(house.visit("a", numbers=numbers)) == [house.numbers[0]]


@pytest.mark.parametrize("numbers", [[], ["13105550124"], ["0123"], ["", "0", "+"], ["x" * 400]])
def test_it_spends_no_number_on_a_page_that_does_not_print_the_target(house: House, numbers: list[str]) -> None:
    answer = house.visit("a", numbers=numbers)
    assert (told(answer), shown(answer)) == ((False, "no_target", "no_target"), [])
    assert [seen.leases for seen in visits(house)] == [()]
    assert shown(house.visit("b")) == [house.numbers[0]]


def test_it_gives_the_number_on_the_later_page_that_prints_the_target(house: House) -> None:
    house.visit("a", numbers=[])
    answer = house.visit("a", f"{ORIGIN}/contact", new=False, numbers=["13105550123"])
    assert shown(answer) == [house.numbers[0]]
    assert len(visit_ids(house)) == 1


def test_it_gives_a_visit_a_number_for_a_second_target_on_a_later_page(house: House) -> None:
    publish(house, pools=(pool("one", SPECIAL), pool("two", GENERAL, target=SECOND_TARGET)))
    assert shown(house.visit("a", numbers=["3105550123"])) == [SPECIAL]
    answer = house.visit("a", new=False, numbers=["3105550777"])
    assert body_of(answer)["swaps"] == [
        {"target": TARGET, "cc": "1", "number": SPECIAL},
        {"target": SECOND_TARGET, "cc": "1", "number": GENERAL},
    ]
    assert told(answer) == (True, None, None)
    assert len(visits(house)) == 1
    assert shown(house.visit("b", numbers=["3105550777"])) == []


def test_it_says_so_when_only_one_of_two_targets_has_a_number_left(house: House) -> None:
    publish(house, pools=(pool("one", *house.numbers), pool("two", GENERAL, target=SECOND_TARGET)))
    assert told(house.visit("a")) == (True, None, None)
    answer = house.visit("b")
    assert shown(answer) == [house.numbers[1]]
    assert told(answer) == (True, "pool_empty", "pool_empty")
    house.visit("c", numbers=["3105550123"])
    assert told(house.visit("c", new=False, numbers=["3105550777"])) == (True, "pool_empty", "pool_empty")


_RULES: list[tuple[When, dict[str, object], dict[str, object]]] = [
    (When(channels=("Paid Search",)), {"url": f"{ORIGIN}/?gclid=1"}, {"url": f"{ORIGIN}/"}),
    (When(sources=("bing", "goo*")), {"url": CAMPAIGN}, {"url": f"{ORIGIN}/?utm_source=agoogle&utm_medium=cpc"}),
    (When(mediums=("cpc",)), {"url": CAMPAIGN}, {"url": f"{ORIGIN}/?utm_source=google&utm_medium=cpcx"}),
    (
        When(campaigns=("*sale",)),
        {"url": f"{ORIGIN}/?utm_source=x&utm_campaign=Summer-SALE"},
        {"url": f"{ORIGIN}/?utm_source=x&utm_campaign=sales"},
    ),
    (
        When(keywords=("*plumber*",)),
        {"url": f"{ORIGIN}/?utm_source=x&utm_term=a+plumber+near+me"},
        {"url": f"{ORIGIN}/?utm_source=x&utm_term=plum"},
    ),
    (When(landings=("/emergency/*", "/24.7")), {"url": f"{ORIGIN}/emergency/now"}, {"url": f"{ORIGIN}/24x7"}),
    (
        When(referrers=("partner.example",)),
        {"referrer": "https://blog.partner.example/x"},
        {"referrer": "https://notpartner.example/"},
    ),
    (When(regions=("DE", "US-CA")), {"tz": "Europe/Berlin"}, {"tz": "America/Los_Angeles"}),
    (When(devices=("mobile", "tablet")), {"agent": PHONE}, {}),
]


@pytest.mark.parametrize(
    ("when", "inside", "outside"), _RULES, ids=[str(rule[0].__struct_fields__[at]) for at, rule in enumerate(_RULES)]
)
def test_it_chooses_a_pool_by_what_the_visit_is(
    house: House, when: When, inside: dict[str, object], outside: dict[str, object]
) -> None:
    publish(house, pools=(pool("z_special", SPECIAL, when=when, place=10), pool("a_general", GENERAL)))
    for page, number in ((inside, SPECIAL), (outside, GENERAL)):
        agent = page.get("agent")
        headers = {"user-agent": str(agent)} if agent else None
        assert shown(ask_page(house, {name: page[name] for name in page if name != "agent"}, headers)) == [number]


def test_it_asks_every_field_of_a_rule_that_is_set(house: House) -> None:
    when = When(sources=("google",), landings=("/drains",))
    publish(house, pools=(pool("special", SPECIAL, when=when, place=10), pool("general", GENERAL)))
    assert shown(house.visit("a", f"{ORIGIN}/drains?utm_source=bing")) == [GENERAL]
    assert shown(house.visit("b", f"{ORIGIN}/drains?utm_source=google")) == [SPECIAL]


@pytest.mark.parametrize(
    ("places", "first"),
    [
        ({"pool_a": 2, "pool_b": 1}, "pool_b"),
        ({"pool_a": 1, "pool_b": 1}, "pool_a"),
        ({"pool_b": 1, "pool_a": 1}, "pool_a"),
        ({"pool_a": 10, "pool_b": 9, "pool_c": 100}, "pool_b"),
    ],
)
def test_it_takes_the_first_that_fits_by_place_and_then_by_id(
    house: House, places: Mapping[str, int], first: str
) -> None:
    numbers = dict(zip(sorted(places), (SPECIAL, GENERAL, PRINTED_ON_VANS), strict=False))
    publish(house, pools=tuple(pool(name, numbers[name], place=place) for name, place in places.items()))
    assert shown(house.visit("a")) == [numbers[first]]


def test_it_ranks_static_numbers_among_pools_by_the_same_order(house: House) -> None:
    vans = static("num_vans", PRINTED_ON_VANS)
    publish(
        house, pools=(pool("special", SPECIAL, when=FROM_GOOGLE, place=10), pool("general", GENERAL)), statics=(vans,)
    )
    assert shown(house.visit("a", CAMPAIGN)) == [SPECIAL]
    assert shown(house.visit("b")) == [PRINTED_ON_VANS]


def _lay_out_static(house: House) -> None:
    """A static number for Google's visits, a pool for all others."""
    publish(house, statics=(static("num_google", SPECIAL, when=FROM_GOOGLE),))


def test_it_shows_a_source_its_static_number_and_keeps_it_in_the_journal(house: House) -> None:
    _lay_out_static(house)
    answer = house.visit("a", CAMPAIGN)
    assert body_of(answer)["swaps"] == [{"target": TARGET, "cc": "1", "number": SPECIAL}]
    assert told(answer) == (False, None, None)
    [seen] = visits(house)
    assert (seen.leases, seen.shown) == ((), (SPECIAL,))


def test_it_shows_static_and_pooled_numbers_in_one_answer(house: House) -> None:
    publish(house, statics=(static("num_vans", PRINTED_ON_VANS, target=SECOND_TARGET),))
    answer = house.visit("a")
    assert sorted(shown(answer)) == sorted([house.numbers[0], PRINTED_ON_VANS])
    assert told(answer) == (True, None, None)
    assert shown(house.visit("b", numbers=["3105550123"])) == [house.numbers[1]]


def test_it_notes_a_tap_on_a_static_number(house: House) -> None:
    _lay_out_static(house)
    token = token_of(house.visit("a", CAMPAIGN))
    answer = house.post("/v1/click", {**house.sign("a"), "visit": token, "number": SPECIAL})
    assert told(answer) == (False, None, None)
    assert token_of(answer) == token
    [clicked] = [event for event in house.events() if isinstance(event, NumberClicked)]
    assert (clicked.e164, clicked.visit_id) == (SPECIAL, visits(house)[0].visit_id)


def test_it_holds_to_its_first_choice_on_later_pages(house: House) -> None:
    _lay_out_static(house)
    token = token_of(house.visit("a", CAMPAIGN))
    assert token.startswith(f"{house.sign('a')['visit']}--")
    for path in ("/contact", "/drains"):
        page = {**house.sign("a"), "visit": token, "url": f"{ORIGIN}{path}", "referrer": f"{ORIGIN}/"}
        answer = ask_page(house, page)
        assert shown(answer) == [SPECIAL]
        assert token_of(answer) == token
    assert len(visit_ids(house)) == 1


def test_it_holds_to_having_chosen_nothing(house: House) -> None:
    """A visit that came by no rule is not swapped when a later page happens to fit one."""
    publish(house, pools=(pool("drains", SPECIAL, when=When(landings=("/drains",))),))
    first = house.visit("a")
    assert told(first) == (False, "no_pool", "no_pool")
    later = ask_page(house, {**house.sign("a"), "visit": token_of(first), "url": f"{ORIGIN}/drains"})
    assert (shown(later), token_of(later)) == ([], token_of(first))
    assert shown(house.visit("b", f"{ORIGIN}/drains")) == [SPECIAL]


def test_it_holds_to_its_choice_for_a_target_that_only_a_later_page_prints(house: House) -> None:
    choices = (pool("special", SPECIAL, when=FROM_GOOGLE, place=10), pool("general", GENERAL))
    publish(house, pools=choices)
    first = house.visit("a", CAMPAIGN, numbers=[])
    later = {**house.sign("a"), "visit": token_of(first), "url": f"{ORIGIN}/contact", "numbers": ["13105550123"]}
    assert shown(ask_page(house, later)) == [SPECIAL]


@pytest.mark.parametrize(
    "note", ["0000", "zzzz", "a", "------", "ffffffffffff", "abcdabcdabcdabcdabcdabcdabcdabcdabcd", ""]
)
def test_it_takes_no_harm_from_a_note_that_it_did_not_write(house: House, note: str) -> None:
    _lay_out_static(house)
    own = str(house.sign("a")["visit"])
    answer = ask_page(house, {**house.sign("a"), "visit": f"{own}--{note}"})
    assert shown(answer) == [house.numbers[0]]
    assert shown(ask_page(house, {**house.sign("a"), "visit": token_of(answer)})) == [house.numbers[0]]
    assert told(house.post("/v1/beat", {**house.sign("a"), "visit": token_of(answer)})) == (True, None, None)


@pytest.mark.parametrize("note", ["0000", "zzzz", "ffffffffffff", ""])
def test_it_knows_the_visit_behind_any_note(house: House, note: str) -> None:
    _lay_out_static(house)
    house.visit("a")
    house.visit("a", new=False)
    ask_page(house, {**house.sign("a"), "visit": f"{house.sign('a')['visit']}--{note}"})
    assert len(visit_ids(house)) == 1


@pytest.mark.parametrize("length", [59, 60, 64])
def test_it_leaves_the_note_off_a_token_that_would_grow_too_long(house: House, length: int) -> None:
    _lay_out_static(house)
    long_token = "t" * length
    answer = ask_page(house, {**house.sign("a"), "visit": long_token})
    assert token_of(answer) == long_token
    for door in ("/v1/beat", "/v1/click"):
        again = house.post(door, {**house.sign("a"), "visit": long_token, "number": house.numbers[0]})
        assert told(again) == (True, None, None)
        assert token_of(again) == long_token


@pytest.mark.parametrize("own", ["a" * 16 + "-", "-" * 16, "a--bcdefghijklmnop", "visit-token--with--dashes"])
def test_it_answers_dashes_with_a_token_that_stays_the_same_visits(house: House, own: str) -> None:
    for rules in ((), (static("num_google", SPECIAL, when=FROM_GOOGLE),)):
        publish(house, statics=rules)
        token = own
        for _ in range(3):
            answer = ask_page(house, {"visit": token, "visitor": "visitor-token-of-one"})
            assert answer.status == 200
            token = token_of(answer)
    assert len(visit_ids(house)) == 1


def test_it_tells_tokens_apart_that_begin_with_dashes(house: House) -> None:
    for name in ("a", "b"):
        ask_page(house, {"visit": f"--{name * 16}", "visitor": f"visitor-token-{name}{name}"})
    assert len(visit_ids(house)) == 2


def test_it_forgets_a_choice_that_is_no_longer_on_offer(house: House) -> None:
    _lay_out_static(house)
    token = token_of(house.visit("a", CAMPAIGN))
    publish(house, statics=(static("num_vans", PRINTED_ON_VANS, when=When(landings=("/vans",))),))
    answer = ask_page(house, {**house.sign("a"), "visit": token})
    assert shown(answer) == [house.numbers[0]]
    assert token_of(answer) != token


def _lay_out_overflow(house: House) -> None:
    publish(house, pools=(pool("small", SPECIAL, overflow_e164=GENERAL),))


def test_it_shows_the_overflow_number_when_the_pool_is_empty_and_holds_nothing(house: House) -> None:
    _lay_out_overflow(house)
    assert shown(house.visit("a")) == [SPECIAL]
    answer = house.visit("b")
    assert body_of(answer)["swaps"] == [{"target": TARGET, "cc": "1", "number": GENERAL}]
    assert told(answer) == (False, "pool_empty", "pool_empty")
    seen = visits(house)[-1]
    assert (seen.leases, seen.shown) == ((), ())


def test_it_attributes_no_tap_on_the_overflow_number(house: House) -> None:
    _lay_out_overflow(house)
    house.visit("a")
    house.visit("b")
    answer = house.post("/v1/click", {**house.sign("b"), "number": GENERAL})
    assert told(answer) == (False, "unknown_visit", "unknown_visit")
    assert not [event for event in house.events() if isinstance(event, NumberClicked)]


def test_it_shows_no_overflow_number_where_the_target_is_not_printed(house: House) -> None:
    _lay_out_overflow(house)
    house.visit("a")
    assert shown(house.visit("b", numbers=["3105550777"])) == []


def test_it_gives_a_freed_number_to_a_visit_that_had_only_the_overflow(house: House) -> None:
    _lay_out_overflow(house)
    house.visit("a")
    house.visit("b")
    house.clock.now_ms += 36 * MINUTE_MS
    answer = house.visit("b", new=False)
    assert (shown(answer), told(answer)) == ([SPECIAL], (True, None, None))


@pytest.mark.parametrize(
    ("target", "numbers", "first"),
    [
        ("+18005550100", ("+13105550901", "+18885550901"), "+18885550901"),
        ("+13105550123", ("+12125550901", "+13105550901", "+18005550901"), "+13105550901"),
        ("+13105550123", ("+12125550901", "+18005550901"), "+12125550901"),
        ("+442079460000", ("+441619460001", "+442079460001"), "+442079460001"),
    ],
)
def test_it_shows_like_for_like(house: House, target: str, numbers: tuple[str, ...], first: str) -> None:
    publish(house, pools=(pool("mixed", *numbers, target=target),))
    assert shown(house.visit("a")) == [first]
    assert len(shown(house.visit("b"))) == 1
