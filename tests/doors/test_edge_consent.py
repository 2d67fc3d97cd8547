"""Before consent: no identifier, no number of one's own, nothing kept. And what is kept of what a visitor wished."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ringtrace.core.consent import Consent
from ringtrace.testing.house import KEY, ORIGIN, TARGET, House, shown
from ringtrace.wire.directory import When
from ringtrace.wire.journal import RefusalsCounted
from tests.doors.edge_pages import ask_page, body_of, on_disk, publish, publish_site, site_with, static, told, visits
from tests.rooms.tc_strings import tc_string

GOOGLES_NUMBER = "+13105550901"
CAMPAIGN = f"{ORIGIN}/?utm_source=google&utm_medium=cpc&gclid=a-click-of-somebody"
SIGNS = ("/v1/beat", "/v1/click", "/v1/form", "/v1/identify")
AGREES = tc_string(purposes={1})
REFUSES = tc_string(purposes={2, 3})
OUTDATED = tc_string(purposes={1}, is_disclosed=False)

# Before consent is needed: what is posted, and whether the visitor gets a number of their own.
_SAID: list[tuple[str, dict[str, object], bool]] = [
    ("needed", {}, False),
    ("needed", {"consent": "unset"}, False),
    ("needed", {"consent": "denied"}, False),
    ("needed", {"consent": "granted"}, True),
    ("needed", {"gcm": {"analytics_storage": "granted"}}, True),
    ("needed", {"gcm": {"analytics_storage": "denied"}}, False),
    ("needed", {"gcm": {"ad_storage": "granted", "ad_user_data": "granted"}}, False),
    ("needed", {"gcm": {"analytics_storage": "GRANTED"}}, False),
    ("needed", {"tcf": AGREES}, True),
    ("needed", {"tcf": REFUSES}, False),
    ("needed", {"tcf": OUTDATED}, False),
    ("needed", {"tcf": "not a string of the kind"}, False),
    ("needed", {"tcf": ""}, False),
    ("needed", {"consent": "granted", "tcf": REFUSES}, False),
    ("needed", {"consent": "granted", "tcf": OUTDATED}, False),
    ("needed", {"consent": "granted", "gcm": {"analytics_storage": "denied"}}, False),
    ("needed", {"consent": "denied", "tcf": AGREES, "gcm": {"analytics_storage": "granted"}}, False),
    ("needed", {"tcf": AGREES, "gcm": {"analytics_storage": "granted", "ad_storage": "denied"}}, True),
    ("not_needed", {}, True),
    ("not_needed", {"consent": "granted"}, True),
    ("not_needed", {"consent": "denied"}, False),
    ("not_needed", {"gcm": {"analytics_storage": "denied"}}, False),
    ("not_needed", {"gcm": {"ad_storage": "denied", "ad_personalization": "denied"}}, True),
    ("not_needed", {"tcf": REFUSES}, False),
    ("not_needed", {"tcf": AGREES}, True),
]


@pytest.mark.parametrize(("site_consent", "said", "may"), _SAID, ids=range(len(_SAID)))
def test_it_gives_a_number_only_to_who_may_have_one(
    house: House, site_consent: str, said: dict[str, object], may: bool
) -> None:
    publish_site(house, consent=site_consent)
    answer = ask_page(house, said)
    body = body_of(answer)
    if may:
        assert told(answer) == (True, None, None)
        assert shown(answer) == [house.numbers[0]]
        assert None not in (body["visit"], body["visitor"])
    else:
        assert told(answer) == (False, "no_consent", "no_consent")
        assert (body["visit"], body["visitor"], body["swaps"]) == (None, None, [])
        assert house.events() == []


def test_it_shows_a_sources_static_number_before_consent_and_keeps_nothing(house: House) -> None:
    googles = static("num_google", GOOGLES_NUMBER, when=When(sources=("google",)))
    publish(house, sites=(site_with(house, consent="needed"),), statics=(googles,))
    answer = ask_page(house, {**house.sign("a"), "url": CAMPAIGN, "ck": ["_fbp=fb.1.1.cookie-of-somebody"]})
    body = body_of(answer)
    assert body["swaps"] == [{"target": TARGET, "cc": "1", "number": GOOGLES_NUMBER}]
    assert (body["visit"], body["visitor"]) == (None, None)
    assert told(answer) == (False, "no_consent", "no_consent")
    assert house.events() == []
    for kept in (b"visit-token", b"visitor-token", b"of-somebody"):
        assert kept not in on_disk(house)
        assert kept not in answer.body
    assert shown(ask_page(house, {"url": CAMPAIGN, "numbers": ["3105550777"]})) == []
    assert shown(ask_page(house, {"url": f"{ORIGIN}/"})) == []


@pytest.mark.parametrize("said", [{}, {"consent": "denied"}, {"tcf": REFUSES}])
def test_it_takes_no_sign_of_a_visitor_who_has_not_agreed(house: House, said: dict[str, object]) -> None:
    publish_site(house, consent="needed")
    [number] = shown(house.visit("a", consent="granted"))
    known = len(house.events())
    more = {"number": number, "form": "quote", "url": f"{ORIGIN}/", "phone": "a" * 64}
    for door in SIGNS:
        assert told(house.post(door, {**house.sign("a"), **more, **said})) == (False, "no_consent", "no_consent")
        assert house.post(door, {**house.sign("a"), **more, "consent": "granted"}).reason is None
    assert len(house.events()) == known + len(SIGNS)


def test_it_counts_a_visitor_who_has_not_agreed_and_tells_nobody_who(house: House) -> None:
    publish_site(house, consent="needed")
    ask_page(house, {**house.sign("a"), "url": CAMPAIGN})
    house.tell_refusals()
    [counted] = house.events()
    assert isinstance(counted, RefusalsCounted)
    assert counted.counts == {"no_consent": 1}


def test_it_keeps_every_signal_as_it_was_given(house: House) -> None:
    gcm = {"ad_storage": "denied", "analytics_storage": "granted", "ad_user_data": "granted", "other": "granted"}
    ask_page(house, {"consent": "granted", "gcm": gcm, "tcf": AGREES})
    ask_page(house, {})
    assert [seen.consent for seen in visits(house)] == [
        Consent(
            said="granted",
            ad_storage=False,
            analytics_storage=True,
            ad_user_data=True,
            ad_personalization=None,
            tcf=True,
        ),
        Consent(),
    ]


@pytest.mark.parametrize(("posted", "headers"), [({"gpc": True}, {}), ({}, {"sec-gpc": "1"})])
def test_it_says_that_global_privacy_control_was_honoured(
    house: House, posted: dict[str, object], headers: Mapping[str, str]
) -> None:
    answer = ask_page(house, posted, headers)
    assert body_of(answer)["gpc"] is True
    assert shown(answer) == [house.numbers[0]]
    [seen] = visits(house)
    assert (seen.gpc, seen.consent.gpc) == (True, True)
    named = {name: body_of(answer)[name] for name in ("visit", "visitor")}
    assert body_of(house.post("/v1/beat", {"v": 1, "site": KEY, **named, **posted}, headers))["gpc"] is True
    publish_site(house, consent="needed")
    assert body_of(ask_page(house, posted, headers))["gpc"] is True


@pytest.mark.parametrize("header", ["0", "", "true", "11"])
def test_it_says_nothing_of_a_wish_that_was_not_made(house: House, header: str) -> None:
    assert "gpc" not in body_of(ask_page(house, {}, {"sec-gpc": header}))
    assert visits(house)[0].gpc is False


def test_it_keeps_no_advertisers_id_where_ads_may_store_nothing(house: House) -> None:
    cookies = ["_ga=GA1.1.111.222", "_fbp=fb.1.1700000000000.99"]
    for name, signals in (("asked", {"ad_storage": "granted"}), ("denied", {"ad_storage": "denied"}), ("silent", {})):
        house.visit(name, ck=cookies, gcm={"analytics_storage": "granted", **signals})
    both = {"ga_client": "111.222", "fbp": "fb.1.1700000000000.99"}
    assert [visit.ids for visit in visits(house)] == [both, {"ga_client": "111.222"}, both]
