"""Links that are broken, doubled, huge or hostile: a verdict always comes, and it can always be kept."""

from __future__ import annotations

import sqlite3
import unicodedata
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringtrace.core.sources import Channel, Condition, Source, SourceRule
from ringtrace.sources import Home, classify
from ringtrace.sources.clicks import CLICK_IDS, PERSONAL
from ringtrace.sources.hosts import host_in
from ringtrace.sources.senders import sender_of
from ringtrace.sources.texts import clean, text_of

SITE = "https://harbor.example"
HOME = Home(
    hosts=frozenset({"harbor.example", "", "[::1", "\ud800"}),
    rules=(
        SourceRule(
            rule_id="r1",
            conditions=(Condition(of="param:ref", how="contains", text="a"),),
            set_source="x" * 300,
            set_campaign="\ud800\x00",
        ),
        SourceRule(rule_id="r2", conditions=(Condition(of="nothing", text="a"),), set_source="never"),
    ),
    ignored=frozenset({"//", "*.", "a b"}),
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Spring%20Sale", "Spring Sale"),
        ("Spring+Sale", "Spring Sale"),
        ("Spring%2BSale", "Spring+Sale"),
        ("Spring%2520Sale", "Spring Sale"),
        ("Spring%252520Sale", "Spring Sale"),
        ("caf%C3%A9", "café"),
        ("caf%25C3%25A9", "café"),
        ("cafe%CC%81", "café"),
        ("caf%E9", "café"),
        ("%E9t%C3%A9", "été"),
        ("%80uro", "€uro"),
        ("%C3%28", "Ã("),
        ("%ZZ", "%ZZ"),
        ("50%", "50%"),
        ("50%25", "50%"),
        ("50%25de", "50%de"),
        ("100%2550", "100%50"),
        ("20%25%20off", "20% off"),
        ("%00a%00b", "ab"),
        ("a%0D%0Ab", "a b"),
        ("a\ud800b", "ab"),
        ("a%ED%A0%80b", "aí\xa0€b"),
        ("%E2%80%AEgnp.exe", "gnp.exe"),
        ("%EF%BB%BFgoogle", "google"),
        ("%F0%9F%91%A9%E2%80%8D%F0%9F%94%A7", "👩‍🔧"),
        ("%20%20", ""),
        ("%", "%"),
        ("", ""),
    ],
)
def test_it_reads_a_value_as_a_person_would_write_it(raw: str, text: str) -> None:
    assert text_of(raw) == text


def test_a_plus_sign_in_a_path_is_a_plus_sign() -> None:
    assert classify(f"{SITE}/c++/caf%C3%A9", "", HOME).landing_page == "/c++/café"


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("Example.COM.", "example.com"),
        ("https://user@Example.com:8443/x", "example.com"),
        ("*.example.com", "example.com"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("www。example。com", "www.example.com"),
        ("", None),
        ("...", None),
    ],
)
def test_it_writes_a_host_one_way(written: str, host: str | None) -> None:
    assert host_in(written) == host


def test_it_reads_two_thousand_parameters() -> None:
    url = f"{SITE}/?{'&'.join(f'{n:x}' for n in range(1_990))}&utm_source=google&utm_medium=cpc"
    assert len(url) < 8_192
    assert classify(url, "", HOME).channel is Channel.PAID_SEARCH


def test_what_stands_beyond_8_kilobytes_is_not_read() -> None:
    assert classify(f"{SITE}/?a={'x' * 8_192}&utm_source=google", "", HOME).channel is Channel.DIRECT


def test_garbage_does_not_grow_memory() -> None:
    before = sender_of.cache_info()
    for n in range(10):
        classify(f"{SITE}/?utm_source={n}{'x' * 8_000}", f"https://{n}{'.y' * 4_000}/", HOME)
    after = sender_of.cache_info()
    assert after.maxsize is not None
    assert after.currsize <= min(before.currsize + 10, after.maxsize)


_words = st.text(max_size=40)
_hostile = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=":/?#@[]%&=+.;\x00\ud800\u202e gclidutm_source", max_size=200),
    st.builds("https://{}/{}?utm_source={}&gclid={}#{}".format, _words, _words, _words, _words, _words),
    st.builds(
        lambda pairs: f"{SITE}/?" + "&".join(f"{name}={value}" for name, value in pairs),
        st.lists(st.tuples(st.sampled_from([*CLICK_IDS, "utm_source", "utm_campaign", "keyword", "ad_id"]), _words)),
    ),
    st.builds(
        lambda scheme, host: f"{scheme}://{host}/?q=%ff",
        st.sampled_from(["http", "https", "ios-app"]),
        st.text(alphabet="aü。.-:@[]xn\u200d٠ß", max_size=60),
    ),
)


def _texts(found: Source) -> list[str]:
    asked = msgspec.structs.asdict(found)
    return [value for name, value in asked.items() if isinstance(value, str) and name != "channel"]


@given(url=_hostile, referrer=_hostile, home=st.sampled_from([HOME, Home()]))
@example(url="https://[::1", referrer="http://[oops", home=HOME)
@example(url="/a\ud800?utm_source=x\ud800&gclid=\udfff\x00", referrer="", home=HOME)
@example(url="/?utm_source=%ff%fe&ref=a", referrer="https://\ud800/", home=HOME)
@example(url="https://a/?" + "&" * 9_000, referrer="//" + "a." * 5_000, home=HOME)
@example(url="https://a/?utm_source=" + "%25" * 2_700, referrer="https://xn--/", home=HOME)
@example(url="https://a/?gclid=%41\ud800", referrer="https://[\x1f::1]/", home=HOME)
@example(url="https://a/?gad_campaignid=" + "7" * 1_000 + "&gclid=%0Ax%09", referrer="", home=HOME)
@example(url="https://a/?utm_source=" + "İ" * 300, referrer="https://" + "ü" * 300, home=HOME)
def test_it_takes_anything_and_its_verdict_can_always_be_kept(url: str, referrer: str, home: Home) -> None:
    found = classify(url, referrer, home)
    assert classify(url, referrer, home) == found
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Source) == found
    for text in _texts(found):
        assert 0 < len(text) <= 256
        text.encode("utf-8")
        assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)
    for name, value in found.click_ids.items():
        assert 0 < len(value) <= 1_024
        assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name + value)
        value.encode("utf-8")


@given(url=_hostile)
def test_a_verdict_comes_back_from_sql_as_it_went(url: str) -> None:
    texts = _texts(classify(url, "", HOME))
    with sqlite3.connect(":memory:") as db:
        for text in texts:
            assert db.execute("select ?", (text,)).fetchone() == (text,)
    db.close()


@given(value=st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=200))
def test_it_never_changes_the_case_of_a_click_id(value: str) -> None:
    for name in set(CLICK_IDS) - PERSONAL - {"pp"}:
        assert classify(f"{SITE}/?{name.upper()}={value}", "", HOME).click_ids == {name: value}


@given(text=st.text(max_size=300))
def test_what_it_kept_it_would_keep_again(text: str) -> None:
    kept = clean(text)
    assert clean(kept) == kept
    if "%" not in kept:
        assert text_of(quote(kept)) == kept


@given(url=st.text(alphabet=":/?#@[]%.\x00\ud800 abc", max_size=60))
def test_garbage_without_parameters_or_referrer_is_direct(url: str) -> None:
    assert classify(url, "", HOME).channel is Channel.DIRECT
