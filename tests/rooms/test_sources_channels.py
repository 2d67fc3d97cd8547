"""Google Analytics 4's default channel groups, row by row: (source, medium, campaign) -> channel.

Each block is one of Google's rules as its help page words it (support.google.com/analytics/answer/9756891), with its
borders: what just holds, what just fails, and which of two rules that hold comes first.
"""

from __future__ import annotations

import pytest

from ringtrace.core.sources import Channel
from ringtrace.sources import CHANNEL_RULES, channel_of
from ringtrace.sources.places import GA4_KINDS, Kind

C = Channel

GA4 = [
    # Direct: source exactly "(direct)" and medium is one of "(not set)", "(none)"
    ("(direct)", "(none)", None, C.DIRECT),
    ("(direct)", "(not set)", None, C.DIRECT),
    ("direct", "none", None, C.DIRECT),
    ("Direct", "None", None, C.DIRECT),
    (None, None, None, C.DIRECT),
    (None, None, "spring", C.DIRECT),
    ("(direct)", "referral", None, C.REFERRAL),
    ("directory", "(none)", None, C.UNASSIGNED),
    # Cross-network: campaign contains "cross-network"
    ("google", "cpc", "Cross-network", C.CROSS_NETWORK),
    ("google", "organic", "my cross-network test", C.CROSS_NETWORK),
    ("newsletter", "email", "CROSS-NETWORK", C.CROSS_NETWORK),
    ("amazon", "cpc", "cross-network shopping", C.CROSS_NETWORK),
    ("google", "cpc", "cross network", C.PAID_SEARCH),
    # Paid Shopping: (shopping source, or campaign ^(.*(([^a-df-z]|^)shop|shopping).*)$) and paid medium
    ("amazon", "cpc", None, C.PAID_SHOPPING),
    ("ebay.co.uk", "ppc", None, C.PAID_SHOPPING),
    ("google shopping", "cpc", None, C.PAID_SHOPPING),
    ("igshopping", "paid", None, C.PAID_SHOPPING),
    ("shopify", "retargeting", None, C.PAID_SHOPPING),
    ("google", "cpc", "shop", C.PAID_SHOPPING),
    ("google", "cpc", "Spring Shop", C.PAID_SHOPPING),
    ("google", "cpc", "eshop", C.PAID_SHOPPING),
    ("google", "cpc", "e-shop", C.PAID_SHOPPING),
    ("google", "cpc", "2024shop", C.PAID_SHOPPING),
    ("google", "cpc", "windowshopping", C.PAID_SHOPPING),
    ("google", "cpc", "shops near me", C.PAID_SHOPPING),
    ("facebook", "paid_social", "shopping", C.PAID_SHOPPING),
    ("google", "cpc", "workshop", C.PAID_SEARCH),
    ("google", "cpc", "photoshop", C.PAID_SEARCH),
    ("google", "cpc", "bishop street", C.PAID_SEARCH),
    ("google", "cpc", "body-shop", C.PAID_SHOPPING),
    # Paid Search: search source and medium ^(.*cp.*|ppc|retargeting|paid.*)$
    ("google", "cpc", None, C.PAID_SEARCH),
    ("google", "cpm", None, C.PAID_SEARCH),
    ("Google", "CPC", None, C.PAID_SEARCH),
    ("google", "ppc", None, C.PAID_SEARCH),
    ("google", "retargeting", None, C.PAID_SEARCH),
    ("google", "paid", None, C.PAID_SEARCH),
    ("google", "paid-search", None, C.PAID_SEARCH),
    ("google", "ecpc-brand", None, C.PAID_SEARCH),
    ("bing", "cpc", None, C.PAID_SEARCH),
    ("duckduckgo", "cpc", None, C.PAID_SEARCH),
    ("yandex.com.tr", "cpc", None, C.PAID_SEARCH),
    ("uk.search.yahoo.com", "cpa+cpc", None, C.PAID_SEARCH),
    ("google-play", "cpi-cpc", None, C.PAID_SEARCH),
    ("google", "prepaid", None, C.ORGANIC_SEARCH),
    ("google", "ppc-brand", None, C.ORGANIC_SEARCH),
    ("google", "retargeting-a", None, C.ORGANIC_SEARCH),
    # Paid Social: social source and paid medium
    ("facebook", "cpc", None, C.PAID_SOCIAL),
    ("fb", "paid", None, C.PAID_SOCIAL),
    ("ig", "paid_social", None, C.PAID_SOCIAL),
    ("instagram.com", "paidsocial", None, C.PAID_SOCIAL),
    ("linkedin", "ppc", None, C.PAID_SOCIAL),
    ("tiktok", "retargeting", None, C.PAID_SOCIAL),
    ("l.facebook.com", "cpm", None, C.PAID_SOCIAL),
    ("t.co", "cpc", None, C.PAID_SOCIAL),
    ("yelp", "cpc", None, C.PAID_SOCIAL),
    # Paid Video: video source and paid medium
    ("youtube", "cpm", None, C.PAID_VIDEO),
    ("youtube.com", "cpc", None, C.PAID_VIDEO),
    ("vimeo", "paid", None, C.PAID_VIDEO),
    ("twitch.tv", "paid-video", None, C.PAID_VIDEO),
    ("youtube", "cpv", None, C.PAID_VIDEO),
    # Display: medium is one of display, banner, expandable, interstitial, cpm
    ("news-site", "display", None, C.DISPLAY),
    ("news-site", "banner", None, C.DISPLAY),
    ("news-site", "Expandable", None, C.DISPLAY),
    ("news-site", "interstitial", None, C.DISPLAY),
    ("news-site", "cpm", None, C.DISPLAY),
    ("google", "display", None, C.DISPLAY),
    ("facebook", "banner", None, C.DISPLAY),
    ("news-site", "displays", None, C.UNASSIGNED),
    # Paid Other: paid medium
    ("news-site", "cpc", None, C.PAID_OTHER),
    ("radio", "paid-audio", None, C.PAID_OTHER),
    ("taboola", "cpc", None, C.PAID_OTHER),
    ("chatgpt.com", "cpc", None, C.PAID_OTHER),
    (None, "cpc", None, C.PAID_OTHER),
    ("mailing", "paid-email", None, C.PAID_OTHER),
    # AI Assistant: medium exactly "ai-assistant"
    ("chatgpt.com", "ai-assistant", "(ai-assistant)", C.AI_ASSISTANT),
    ("gemini.google.com", "ai-assistant", None, C.AI_ASSISTANT),
    ("anything", "AI-Assistant", None, C.AI_ASSISTANT),
    ("chatgpt.com", "referral", None, C.REFERRAL),
    ("chatgpt.com", "organic", None, C.ORGANIC_SEARCH),
    ("chatgpt.com", "ai", None, C.UNASSIGNED),
    # Organic Shopping: shopping source, or campaign ^(.*(([^a-df-z]|^)shop|shopping).*)$
    ("etsy.com", "referral", None, C.ORGANIC_SHOPPING),
    ("walmart", None, None, C.ORGANIC_SHOPPING),
    ("shop.app", "referral", None, C.ORGANIC_SHOPPING),
    ("newsletter", "email", "shop the look", C.ORGANIC_SHOPPING),
    ("google", "organic", "shopping", C.ORGANIC_SHOPPING),
    ("facebook", "social", "e-shop", C.ORGANIC_SHOPPING),
    ("newsletter", "email", "barbershop", C.EMAIL),
    # Organic Social: social source, or medium is one of six spellings
    ("facebook", "referral", None, C.ORGANIC_SOCIAL),
    ("m.facebook.com", "referral", None, C.ORGANIC_SOCIAL),
    ("quora.com", "organic", None, C.ORGANIC_SOCIAL),
    ("tripadvisor", None, None, C.ORGANIC_SOCIAL),
    ("hootsuite", "whatever", None, C.ORGANIC_SOCIAL),
    ("club", "social", None, C.ORGANIC_SOCIAL),
    ("club", "social-network", None, C.ORGANIC_SOCIAL),
    ("club", "social-media", None, C.ORGANIC_SOCIAL),
    ("club", "sm", None, C.ORGANIC_SOCIAL),
    ("club", "Social Network", None, C.ORGANIC_SOCIAL),
    ("club", "social media", None, C.ORGANIC_SOCIAL),
    ("facebook", "email", None, C.ORGANIC_SOCIAL),
    ("club", "socials", None, C.UNASSIGNED),
    # Organic Video: video source, or medium ^(.*video.*)$
    ("youtube.com", "referral", None, C.ORGANIC_VIDEO),
    ("m.youtube.com", "organic", None, C.ORGANIC_VIDEO),
    ("ted", None, None, C.ORGANIC_VIDEO),
    ("club", "video", None, C.ORGANIC_VIDEO),
    ("club", "ourvideos", None, C.ORGANIC_VIDEO),
    ("youtube", "social", None, C.ORGANIC_SOCIAL),
    # Organic Search: search source, or medium exactly "organic"
    ("google", "organic", None, C.ORGANIC_SEARCH),
    ("google", None, None, C.ORGANIC_SEARCH),
    ("news.google.com", "referral", None, C.ORGANIC_SEARCH),
    ("ecosia.org", "referral", None, C.ORGANIC_SEARCH),
    ("baidu", "referral", None, C.ORGANIC_SEARCH),
    ("naver.com", "email", None, C.ORGANIC_SEARCH),
    ("anything", "organic", None, C.ORGANIC_SEARCH),
    ("anything", "organic-search", None, C.UNASSIGNED),
    # Referral: medium is one of referral, app, link
    ("partner.example", "referral", None, C.REFERRAL),
    ("partner.example", "app", None, C.REFERRAL),
    ("partner.example", "Link", None, C.REFERRAL),
    ("newsletter", "referral", None, C.REFERRAL),
    ("email", "referral", None, C.REFERRAL),
    ("partner.example", "referrals", None, C.UNASSIGNED),
    # Email: source or medium is one of email, e-mail, e_mail, e mail
    ("newsletter", "email", None, C.EMAIL),
    ("newsletter", "E-Mail", None, C.EMAIL),
    ("newsletter", "e_mail", None, C.EMAIL),
    ("newsletter", "e mail", None, C.EMAIL),
    ("email", "march", None, C.EMAIL),
    ("e-mail", None, None, C.EMAIL),
    ("newsletter", "mail", None, C.UNASSIGNED),
    # Affiliates: medium exactly "affiliate"
    ("awin", "affiliate", None, C.AFFILIATES),
    ("email", "affiliate", None, C.EMAIL),
    ("awin", "affiliates", None, C.UNASSIGNED),
    # Audio: medium exactly "audio"
    ("spotify", "audio", None, C.AUDIO),
    ("podcast", "Audio", None, C.AUDIO),
    ("podcast", "audio-ad", None, C.UNASSIGNED),
    # SMS: source or medium exactly "sms"
    ("reminders", "sms", None, C.SMS),
    ("SMS", "march", None, C.SMS),
    ("reminders", "sms-list", None, C.UNASSIGNED),
    # Mobile Push Notifications: medium ends with "push" or contains "mobile" or "notification", or source is firebase
    ("onesignal", "push", None, C.MOBILE_PUSH),
    ("onesignal", "web-push", None, C.MOBILE_PUSH),
    ("onesignal", "mobile-app", None, C.MOBILE_PUSH),
    ("onesignal", "notifications", None, C.MOBILE_PUSH),
    ("firebase", "march", None, C.MOBILE_PUSH),
    ("onesignal", "pushed", None, C.UNASSIGNED),
    ("google", "push", None, C.ORGANIC_SEARCH),
    # Unassigned: no rule holds
    ("van", "sticker", None, C.UNASSIGNED),
    ("van", None, None, C.UNASSIGNED),
    ("van", "offline", None, C.UNASSIGNED),
    ("(not set)", "(not set)", None, C.UNASSIGNED),
    (None, "sticker", None, C.UNASSIGNED),
]

# Ours, where Google says nothing: a source that its list does not know, or a known one without a medium.
OURS = [
    ("chatgpt.com", None, C.AI_ASSISTANT),
    ("chatgpt", None, C.AI_ASSISTANT),
    ("perplexity", "(not set)", C.AI_ASSISTANT),
    ("openai", None, C.AI_ASSISTANT),
    ("gmail", None, C.EMAIL),
    ("outlook.live.com", None, C.EMAIL),
    ("kagi", "referral", C.ORGANIC_SEARCH),
    ("google.de", "referral", C.ORGANIC_SEARCH),
    ("www.google.co.uk", "cpc", C.PAID_SEARCH),
    ("gmb", None, C.ORGANIC_SEARCH),
    ("gbp", "organic", C.ORGANIC_SEARCH),
    ("bluesky", None, C.ORGANIC_SOCIAL),
    ("x", "cpc", C.PAID_SOCIAL),
    ("meta", "paid", C.PAID_SOCIAL),
    ("www.facebook.com", "referral", C.ORGANIC_SOCIAL),
    ("yt", "cpc", C.PAID_VIDEO),
    ("amazon.de", "cpc", C.PAID_SHOPPING),
    ("you", None, C.UNASSIGNED),
    ("target", "cpc", C.PAID_OTHER),
]


@pytest.mark.parametrize(("source", "medium", "campaign", "channel"), GA4)
def test_it_groups_as_google_analytics_does(
    source: str | None, medium: str | None, campaign: str | None, channel: Channel
) -> None:
    assert channel_of(source, medium, campaign) is channel


@pytest.mark.parametrize(("source", "medium", "channel"), OURS)
def test_it_goes_on_where_google_stops(source: str, medium: str | None, channel: Channel) -> None:
    assert channel_of(source, medium) is channel


def test_the_table_has_a_row_for_every_rule() -> None:
    assert {row[3] for row in GA4} == {rule.channel for rule in CHANNEL_RULES}
    assert len(GA4) >= 120


def test_every_channel_but_the_printed_ones_has_one_rule() -> None:
    channels = [rule.channel for rule in CHANNEL_RULES]
    assert sorted(channels) == sorted(set(Channel) - {Channel.OFFLINE})
    assert channels[0] is Channel.DIRECT
    assert channels[-1] is Channel.UNASSIGNED


def test_it_holds_all_of_googles_819_sources() -> None:
    kinds = list(GA4_KINDS.values())
    assert len(kinds) == 819
    counts = {kind: kinds.count(kind) for kind in (Kind.SEARCH, Kind.SHOPPING, Kind.SOCIAL, Kind.VIDEO)}
    assert counts == {Kind.SEARCH: 129, Kind.SHOPPING: 52, Kind.SOCIAL: 592, Kind.VIDEO: 46}


def test_a_seller_proven_by_its_click_id_beats_the_name() -> None:
    assert channel_of("harbor-ads", "ppc") is Channel.PAID_OTHER
    assert channel_of("harbor-ads", "ppc", seller=Kind.SEARCH) is Channel.PAID_SEARCH
    assert channel_of("harbor-ads", "email", seller=Kind.SEARCH) is Channel.EMAIL


@pytest.mark.parametrize(
    ("network", "channel"),
    [
        ("g", Channel.PAID_SEARCH),
        ("s", Channel.PAID_SEARCH),
        ("d", Channel.DISPLAY),
        ("ytv", Channel.PAID_VIDEO),
        ("vp", Channel.PAID_VIDEO),
        ("x", Channel.CROSS_NETWORK),
        ("?", Channel.PAID_SEARCH),
    ],
)
def test_google_ads_own_network_says_the_channel(network: str, channel: Channel) -> None:
    assert channel_of("google", "cpc", network=network) is channel
    assert channel_of("google", "organic", network=network) is Channel.ORGANIC_SEARCH
