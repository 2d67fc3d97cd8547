"""What a page says of consent, what may be done then, and the small readings that go with a visit."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from ringtrace.core.consent import Consent, Said
from ringtrace.edge.cookies import ids_in
from ringtrace.privacy.consent import may_identify, read_consent
from ringtrace.privacy.tcf import allows_storage
from ringtrace.sources.regions import region_of_zone, region_said
from tests.rooms.tc_strings import publisher_segment, tc_string

SIGNALS = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")
# The example of the format's own page ("Example", consents to purposes 1 to 3): with disclosed vendors, and without.
PUBLISHED_CORE = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"
PUBLISHED = (
    f"{PUBLISHED_CORE}.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAA"
    "AAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw"
)
_BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_it_reads_the_example_of_the_formats_own_page() -> None:
    assert allows_storage(PUBLISHED)
    assert not allows_storage(PUBLISHED_CORE)


@given(st.sets(st.integers(1, 24)), st.sets(st.integers(1, 16)), st.booleans())
def test_it_asks_for_the_first_purpose_and_for_disclosed_vendors(
    purposes: set[int], vendors: set[int], is_disclosed: bool
) -> None:
    said = tc_string(purposes=purposes, vendors=vendors, is_disclosed=is_disclosed)
    assert allows_storage(said) is (1 in purposes and is_disclosed)


@pytest.mark.parametrize("is_disclosed", [True, False])
def test_it_finds_the_disclosed_vendors_behind_other_segments(is_disclosed: bool) -> None:
    said = tc_string(purposes={1}, is_disclosed=is_disclosed, first_segments=publisher_segment({1, 2}))
    assert allows_storage(said) is is_disclosed


@pytest.mark.parametrize("version", [0, 1, 3, 63])
def test_it_believes_no_other_version(version: int) -> None:
    assert not allows_storage(tc_string(purposes={1}, version=version))


@pytest.mark.parametrize(
    "broken",
    [
        "",
        ".",
        "..",
        "C",
        PUBLISHED_CORE[:20] + ".IFoEUQQg",  # ends before its purposes
        f"{PUBLISHED_CORE}.I",  # a segment that says what it is and lists nobody
        f"{PUBLISHED_CORE}.",
        f"{PUBLISHED_CORE}.QFoEUQQg",  # vendors that are allowed, not those disclosed
        f" {PUBLISHED}",
        PUBLISHED.replace("C", "\N{CYRILLIC CAPITAL LETTER ES}", 1),
        PUBLISHED.replace(".", "+"),
        f"{PUBLISHED}\n",
        f"{PUBLISHED_CORE}\x00.IFoEUQQg",
        f"IFoEUQQg.{PUBLISHED_CORE}",
        "A" * 100_000,
        "." * 100_000,
    ],
)
def test_it_takes_what_cannot_be_read_for_no_consent(broken: str) -> None:
    assert not allows_storage(broken)


@given(
    st.text()
    | st.text(_BASE64URL + ".=", max_size=300)
    | st.tuples(st.text(_BASE64URL, max_size=8), st.text(_BASE64URL + ".=", max_size=60)).map(
        lambda parts: parts[0] + PUBLISHED[len(parts[0]) :] + parts[1]
    )
)
@example("\ud800")
@example("=" * 8)
@example("CAAA=AAA.IAAA")
def test_it_never_raises_at_a_string_of_consent(text: str) -> None:
    assert allows_storage(text) in (True, False)


@given(st.integers(0, len(PUBLISHED)))
def test_it_never_agrees_more_to_a_string_that_was_cut_off(length: int) -> None:
    if length <= len(PUBLISHED_CORE):
        assert not allows_storage(PUBLISHED[:length])


def test_it_says_what_each_of_consent_modes_signals_means() -> None:
    for name, (word, meant) in itertools.product(SIGNALS, [("granted", True), ("denied", False), ("maybe", None)]):
        consent = read_consent("unset", {name: word}, None, gpc=False)
        assert {signal: getattr(consent, signal) for signal in SIGNALS} == {**dict.fromkeys(SIGNALS), name: meant}


@pytest.mark.parametrize("gpc", [True, False])
@pytest.mark.parametrize("said", ["granted", "denied", "unset"])
def test_it_keeps_the_sites_own_word(said: Said, gpc: bool) -> None:
    assert read_consent(said, {}, None, gpc=gpc) == Consent(said=said, gpc=gpc)
    assert read_consent(said, {"x": "y"}, None, gpc=gpc) == Consent(said=said, gpc=gpc)


def test_it_tells_no_string_from_one_that_cannot_be_read() -> None:
    assert read_consent("unset", {}, None, gpc=False).tcf is None
    assert read_consent("unset", {}, "", gpc=False).tcf is False


_CONSENTS = st.builds(
    Consent,
    said=st.sampled_from(["granted", "denied", "unset"]),
    **dict.fromkeys((*SIGNALS, "tcf"), st.none() | st.booleans()),
    gpc=st.booleans(),
)


@given(_CONSENTS, st.booleans())
def test_it_hears_any_refusal_and_where_it_must_asks_for_a_yes(consent: Consent, is_needed: bool) -> None:
    says_no = consent.said == "denied" or consent.tcf is False or consent.analytics_storage is False
    says_yes = consent.said == "granted" or consent.tcf is True or consent.analytics_storage is True
    assert may_identify(consent, is_needed=is_needed) is (not says_no and (says_yes or not is_needed))


@pytest.mark.parametrize(
    ("cookie", "found"),
    [
        ("_ga=GA1.1.1234567890.1760000000", {"ga_client": "1234567890.1760000000"}),
        ("_ga=GA1.2-2.1234567890.1760000000", {"ga_client": "1234567890.1760000000"}),
        ("_ga_ABC123=GS1.1.1760000001.3.1.1760000055.0.0.0", {"ga_session": "1760000001"}),
        ("_ga_ABC123=GS2.1.s1760000001$o3$g1$t1760000055$j60$l0$h0", {"ga_session": "1760000001"}),
        ("_fbp=fb.1.1760000000000.987654321", {"fbp": "fb.1.1760000000000.987654321"}),
        ("_fbc=fb.1.1760000000000.IwAR0-a_b=c", {"fbc": "fb.1.1760000000000.IwAR0-a_b=c"}),
        ("_ga=", {}),
        ("_ga", {}),
        ("_ga=GA1.1.x.y", {}),
        ("_ga=GA1.1.1.2.person@example.com", {}),
        ("_ga_=1760000001", {}),
        ("_fbp=person@example.com", {}),
        ("_fbp=fb.1.1.a b", {}),
        ("session=GA1.1.1.2", {}),
        ("", {}),
        ("=", {}),
    ],
)
def test_it_reads_other_systems_ids_and_nothing_else(cookie: str, found: dict[str, str]) -> None:
    assert ids_in([cookie]) == found


def test_it_keeps_the_first_of_several_and_looks_at_a_dozen() -> None:
    first, second = "_ga_A=GS1.1.1.1", "_ga_B=GS1.1.2.1"
    assert ids_in([first, second]) == {"ga_session": "1"}
    assert ids_in(["x=y"] * 12 + [first]) == {}


@given(st.lists(st.text() | st.text("_gafbpc=GS12.s$", max_size=30), max_size=15))
def test_it_never_raises_at_cookies_and_never_keeps_a_long_one(cookies: list[str]) -> None:
    assert all(len(value) <= 512 for value in ids_in(cookies).values())


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("America/Los_Angeles", "US"),
        ("US/Pacific", "US"),
        ("Europe/Berlin", "DE"),
        ("Europe/London", "GB"),
        ("Asia/Calcutta", "IN"),
        ("Asia/Kolkata", "IN"),
        ("UTC", None),
        ("Etc/GMT+5", None),
        ("Mars/Olympus", None),
        ("../../etc/passwd", None),
        ("", None),
        ("america/los_angeles", None),
    ],
)
def test_it_knows_the_country_of_a_time_zone(zone: str, country: str | None) -> None:
    assert region_of_zone(zone) == country


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("us", "US"),
        ("US-CA", "US-CA"),
        ("us_ca", "US-CA"),
        (" DE ", "DE"),
        ("GB-ENG", "GB-ENG"),
        ("XX", None),
        ("ZZ", None),
        ("T1", None),
        ("USA", None),
        ("US-", None),
        ("US-CALI", None),
        ("U\u017f", "US"),  # upper case makes a plain S of it
        ("US\nDE", None),
        ("", None),
    ],
)
def test_it_takes_a_region_as_proxies_write_it(text: str, region: str | None) -> None:
    assert region_said(text) == region


@given(st.text())
def test_it_never_raises_at_a_region(text: str) -> None:
    region = region_said(text)
    assert region is None or region.isascii()
