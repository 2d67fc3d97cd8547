"""Who sent this visit: a table of links with the verdicts we stand by, and hostile input."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringtrace.core.sources import Channel, Source
from ringtrace.sources import RULES, classify, offline_source

HOSTS = frozenset({"harbor.example", "127.0.0.1:8080"})
SITE = "https://harbor.example"

# link after the site, referrer, channel, source, medium
VERDICTS = [
    ("/", "", Channel.DIRECT, "direct", "none"),
    ("", "", Channel.DIRECT, "direct", "none"),
    ("/?utm_source=&utm_medium=", "", Channel.DIRECT, "direct", "none"),
    ("/?utm_source=(direct)&utm_medium=(none)", "", Channel.DIRECT, "(direct)", "(none)"),
    ("/?utm_source=google&utm_medium=cpc", "", Channel.PAID_SEARCH, "google", "cpc"),
    ("/?utm_source=Google&utm_medium=CPC", "", Channel.PAID_SEARCH, "google", "cpc"),
    ("/?UTM_SOURCE=bing&Utm_Medium=ppc", "", Channel.PAID_SEARCH, "bing", "ppc"),
    ("/?utm_source=google&utm_medium=cpm", "", Channel.PAID_SEARCH, "google", "cpm"),
    ("/?gclid=AbC", "", Channel.PAID_SEARCH, "google", "cpc"),
    ("/?gbraid=x", "https://www.google.com/", Channel.PAID_SEARCH, "google", "cpc"),
    ("/?wbraid=x", "", Channel.PAID_SEARCH, "google", "cpc"),
    ("/?gad_source=1", "https://www.google.com/", Channel.PAID_SEARCH, "google", "cpc"),
    ("/?msclkid=x", "https://www.bing.com/", Channel.PAID_SEARCH, "bing", "cpc"),
    ("/?utm_source=harbor-ads&utm_medium=ppc&gclid=x", "", Channel.PAID_SEARCH, "harbor-ads", "ppc"),
    ("/?utm_source=google&utm_medium=organic&utm_campaign=gbp&gclid=x", "", Channel.PAID_SEARCH, "google", "cpc"),
    ("/?utm_campaign=emergency&gclid=x", "", Channel.PAID_SEARCH, "google", "cpc"),
    ("/?utm_source=newsletter&utm_medium=email&gclid=x", "", Channel.EMAIL, "newsletter", "email"),
    ("/?ttclid=x", "https://www.tiktok.com/", Channel.PAID_SOCIAL, "tiktok", "paid_social"),
    ("/?li_fat_id=x", "", Channel.PAID_SOCIAL, "linkedin", "paid_social"),
    ("/?twclid=x", "https://t.co/", Channel.PAID_SOCIAL, "twitter", "paid_social"),
    ("/?utm_source=facebook&utm_medium=paid_social&fbclid=x", "", Channel.PAID_SOCIAL, "facebook", "paid_social"),
    ("/?utm_source=fb&utm_medium=paid", "https://l.facebook.com/", Channel.PAID_SOCIAL, "fb", "paid"),
    ("/?fbclid=x", "https://l.facebook.com/", Channel.ORGANIC_SOCIAL, "facebook", "social"),
    ("/?fbclid=x", "https://l.instagram.com/", Channel.ORGANIC_SOCIAL, "instagram", "social"),
    ("/?fbclid=x", "", Channel.ORGANIC_SOCIAL, "facebook", "social"),
    ("/?srsltid=x", "https://www.google.com/", Channel.ORGANIC_SEARCH, "google", "organic"),
    ("/?ysclid=x", "https://yandex.ru/", Channel.ORGANIC_SEARCH, "yandex", "organic"),
    ("/", "https://www.google.com/", Channel.ORGANIC_SEARCH, "google", "organic"),
    ("/", "https://www.google.co.uk/search?q=plumber", Channel.ORGANIC_SEARCH, "google", "organic"),
    ("/", "https://duckduckgo.com/", Channel.ORGANIC_SEARCH, "duckduckgo", "organic"),
    ("/", "https://search.yahoo.com/", Channel.ORGANIC_SEARCH, "yahoo", "organic"),
    ("/", "android-app://com.google.android.googlequicksearchbox/", Channel.ORGANIC_SEARCH, "google", "organic"),
    ("/?utm_source=google", "", Channel.ORGANIC_SEARCH, "google", None),
    ("/", "https://m.facebook.com/", Channel.ORGANIC_SOCIAL, "facebook", "social"),
    ("/", "https://uk.pinterest.com/", Channel.ORGANIC_SOCIAL, "pinterest", "social"),
    ("/?utm_source=hootsuite&utm_medium=social", "", Channel.ORGANIC_SOCIAL, "hootsuite", "social"),
    ("/", "https://mail.google.com/", Channel.EMAIL, "gmail", "email"),
    ("/?utm_source=newsletter&utm_medium=email", "https://mail.google.com/", Channel.EMAIL, "newsletter", "email"),
    ("/?mc_cid=x", "", Channel.EMAIL, "mailchimp", "email"),
    ("/", "https://gemini.google.com/", Channel.AI_ASSISTANT, "gemini", "ai-assistant"),
    ("/?utm_source=chatgpt.com", "", Channel.AI_ASSISTANT, "chatgpt.com", None),
    ("/", "https://sites.google.com/view/x", Channel.REFERRAL, "sites.google.com", "referral"),
    ("/", "https://www.yelp.com/biz/harbor", Channel.REFERRAL, "yelp", "referral"),
    ("/", "https://www.partner.example:8443/links", Channel.REFERRAL, "partner.example", "referral"),
    ("/", "https://google.com.evil.example/", Channel.REFERRAL, "google.com.evil.example", "referral"),
    ("/", "https://harbor.example/drains.html", Channel.DIRECT, "direct", "none"),
    ("/", "https://www.harbor.example/", Channel.DIRECT, "direct", "none"),
    ("/", "http://127.0.0.1:8080/x", Channel.DIRECT, "direct", "none"),
    ("/?utm_source=news-site&utm_medium=banner", "", Channel.DISPLAY, "news-site", "banner"),
    ("/?utm_source=news-site&utm_medium=cpm", "", Channel.DISPLAY, "news-site", "cpm"),
    ("/?utm_source=radio&utm_medium=paid-audio", "", Channel.PAID_OTHER, "radio", "paid-audio"),
    ("/?utm_source=club&utm_medium=affiliate", "", Channel.AFFILIATES, "club", "affiliate"),
    ("/?utm_source=reminders&utm_medium=sms", "", Channel.SMS, "reminders", "sms"),
    ("/?utm_source=van&utm_medium=sticker", "", Channel.UNASSIGNED, "van", "sticker"),
    ("/?utm_medium=cpc", "https://www.google.com/", Channel.PAID_SEARCH, "google", "cpc"),
]


@pytest.mark.parametrize(("link", "referrer", "channel", "source", "medium"), VERDICTS)
def test_it_says_who_sent_the_visit(
    link: str, referrer: str, channel: Channel, source: str | None, medium: str | None
) -> None:
    found = classify(SITE + link, referrer, HOSTS)
    assert (found.channel, found.source, found.medium) == (channel, source, medium)


def test_it_reads_the_whole_link_of_an_ad() -> None:
    found = classify(
        SITE + "/emergency.html?utm_source=google&utm_medium=cpc&utm_campaign=emergency&utm_term=emergency+plumber"
        "&utm_content=ad%20one&adgroupid=77&gclid=Test-123#top",
        "https://www.google.com/",
        HOSTS,
    )
    assert found == Source(
        channel=Channel.PAID_SEARCH,
        source="google",
        medium="cpc",
        campaign="emergency",
        ad_group="77",
        keyword="emergency plumber",
        content="ad one",
        click_ids={"gclid": "Test-123"},
        landing_page="/emergency.html",
        referrer_host="www.google.com",
        rules=RULES,
    )


def test_it_keeps_click_ids_exactly_as_they_came() -> None:
    found = classify(SITE + "/?GCLID=aBc_-9&msclkid=%41x", "", HOSTS)
    assert found.click_ids == {"gclid": "aBc_-9", "msclkid": "Ax"}


def test_it_drops_a_click_id_too_long_to_be_one() -> None:
    assert classify(SITE + "/?gclid=" + "x" * 1025, "", HOSTS).click_ids == {}


def test_it_falls_back_to_the_campaign_id() -> None:
    assert classify(SITE + "/?utm_source=a&utm_id=c77", "", HOSTS).campaign == "c77"
    assert classify(SITE + "/?utm_source=a&utm_id=c77&utm_campaign=named", "", HOSTS).campaign == "named"
    assert classify(SITE + "/?gclid=x&gad_campaignid=123", "", HOSTS).campaign == "123"


def test_the_first_of_a_repeated_parameter_counts() -> None:
    assert classify(SITE + "/?utm_source=one&utm_source=two", "", HOSTS).source == "one"


def test_it_treats_the_pages_own_host_as_no_referrer_even_if_nobody_listed_it() -> None:
    assert classify("https://new.example/a", "https://new.example/b", frozenset()).channel is Channel.DIRECT


def test_a_subdomain_of_the_site_is_the_site() -> None:
    assert classify(SITE + "/", "https://blog.harbor.example/", HOSTS).referrer_host is None


def test_a_printed_number_is_an_offline_source() -> None:
    assert offline_source("van").channel is Channel.OFFLINE


_hostile = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=":/?#@[]%&=+.\x00\ud800 gclidutm_source", max_size=200),
    st.builds("https://{}/{}?utm_source={}&gclid={}".format, st.text(), st.text(), st.text(), st.text()),
)


@given(url=_hostile, referrer=_hostile)
@example(url="https://[::1", referrer="http://[oops")
@example(url="/a\ud800?utm_source=x\ud800&gclid=\udfff\x00", referrer="")
@example(url="/?utm_source=%ff%fe", referrer="https://\ud800/")
@example(url="https://a/?" + "&" * 9_000, referrer="//" + "a." * 5_000)
def test_it_takes_anything_and_its_verdict_can_always_be_written(url: str, referrer: str) -> None:
    found = classify(url, referrer, HOSTS)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Source) == found
    texts = (found.source, found.medium, found.campaign, found.keyword, found.landing_page, found.referrer_host)
    assert all(len(text) <= 256 for text in texts if text)


@given(url=st.text(alphabet=":/?#@[]%.\x00\ud800 abc", max_size=60))
def test_garbage_without_parameters_or_referrer_is_direct(url: str) -> None:
    assert classify(url, "", HOSTS).channel is Channel.DIRECT
