"""Who sent this visit: a table of links and referrers with the verdicts we stand by."""

from __future__ import annotations

import pytest

from ringtrace.core.sources import Channel, Source
from ringtrace.sources import RULES, Home, classify, offline_source

HOME = Home(hosts=frozenset({"harbor.example", "127.0.0.1:8080"}))
SITE = "https://harbor.example"
C = Channel
QUERY_FIRST = "/?utm_source=a&utm_medium=email#utm_source=b&utm_medium=cpc"
PAYING = "https://checkout.stripe.com/c/pay/x"

# link after the site, referrer, channel, source, medium
VERDICTS = [
    # nobody
    ("/", "", C.DIRECT, "direct", "none"),
    ("", "", C.DIRECT, "direct", "none"),
    ("/?", "", C.DIRECT, "direct", "none"),
    ("/?page=2", "", C.DIRECT, "direct", "none"),
    ("/?utm_source=&utm_medium=", "", C.DIRECT, "direct", "none"),
    ("/?utm_source", "", C.DIRECT, "direct", "none"),
    ("/?utm_source=(direct)&utm_medium=(none)", "", C.DIRECT, "(direct)", "(none)"),
    ("/?utm_campaign=spring", "", C.DIRECT, "direct", "none"),
    # UTM parameters
    ("/?utm_source=google&utm_medium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?utm_source=Google&utm_medium=CPC", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?UTM_SOURCE=bing&Utm_Medium=ppc", "", C.PAID_SEARCH, "bing", "ppc"),
    ("/?utm_source=google&utm_medium=cpm", "", C.PAID_SEARCH, "google", "cpm"),
    ("/?utm_source=google&utm_medium=cpc&utm_campaign=Cross-network", "", C.CROSS_NETWORK, "google", "cpc"),
    ("/?utm_source=google&utm_medium=cpc&utm_campaign=the+shop", "", C.PAID_SHOPPING, "google", "cpc"),
    ("/?utm_source=news-site&utm_medium=banner", "", C.DISPLAY, "news-site", "banner"),
    ("/?utm_source=radio&utm_medium=paid-audio", "", C.PAID_OTHER, "radio", "paid-audio"),
    ("/?utm_source=club&utm_medium=affiliate", "", C.AFFILIATES, "club", "affiliate"),
    ("/?utm_source=reminders&utm_medium=sms", "", C.SMS, "reminders", "sms"),
    ("/?utm_source=app&utm_medium=web-push", "", C.MOBILE_PUSH, "app", "web-push"),
    ("/?utm_source=podcast&utm_medium=audio", "", C.AUDIO, "podcast", "audio"),
    ("/?utm_source=hootsuite&utm_medium=social", "", C.ORGANIC_SOCIAL, "hootsuite", "social"),
    ("/?utm_source=van&utm_medium=sticker", "", C.UNASSIGNED, "van", "sticker"),
    ("/?utm_source=newsletter&utm_medium=email", "https://mail.google.com/", C.EMAIL, "newsletter", "email"),
    ("/?utm_source=newsletter&utm_medium=email", "https://www.facebook.com/", C.EMAIL, "newsletter", "email"),
    ("/?utm_medium=cpc", "https://www.google.com/", C.PAID_SEARCH, "google", "cpc"),
    ("/?utm_medium=social", "https://blog.example/", C.ORGANIC_SOCIAL, "blog.example", "social"),
    ("/?utm_medium=cpc", "", C.PAID_OTHER, None, "cpc"),
    ("/?utm_campaign=spring", "https://www.google.com/", C.ORGANIC_SEARCH, "google", "organic"),
    ("/?utm_source=ig&utm_medium=social&utm_content=link_in_bio", "", C.ORGANIC_SOCIAL, "ig", "social"),
    # a source without a medium
    ("/?utm_source=google", "", C.ORGANIC_SEARCH, "google", None),
    ("/?utm_source=chatgpt.com", "", C.AI_ASSISTANT, "chatgpt.com", None),
    ("/?utm_source=chatgpt.com", "https://chatgpt.com/", C.AI_ASSISTANT, "chatgpt.com", None),
    ("/?utm_source=perplexity", "", C.AI_ASSISTANT, "perplexity", None),
    ("/?utm_source=facebook", "", C.ORGANIC_SOCIAL, "facebook", None),
    ("/?utm_source=youtube", "", C.ORGANIC_VIDEO, "youtube", None),
    ("/?utm_source=gmail", "", C.EMAIL, "gmail", None),
    ("/?utm_source=partner", "", C.UNASSIGNED, "partner", None),
    ("/?utm_source=partner", "https://www.google.com/", C.UNASSIGNED, "partner", None),
    ("/?utm_source=chatgpt.com&utm_medium=referral", "", C.REFERRAL, "chatgpt.com", "referral"),
    # how people break links
    ("/?page=1&amp;utm_source=google&amp;utm_medium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?page=1?utm_source=google&utm_medium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?utm%5Fsource=google&utm%5Fmedium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?utm_source=%20google%20&utm_medium=cpc+", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?&&utm_source=google&&utm_medium=cpc&&", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?utm_source=a=b&utm_medium=email", "", C.EMAIL, "a=b", "email"),
    ("/?utm_source=a;utm_medium=email", "", C.UNASSIGNED, "a;utm_medium=email", None),
    ("?utm_source=google&utm_medium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    # fragments
    ("/#utm_source=google&utm_medium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    ("/#/plumbing?utm_source=google&utm_medium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    ("/#!/plumbing?utm_source=google&utm_medium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    ("/#!utm_source=google&utm_medium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    ("/#contact&utm_source=google&utm_medium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    ("/#gclid=x", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?page=2#utm_source=google&utm_medium=cpc", "", C.PAID_SEARCH, "google", "cpc"),
    (QUERY_FIRST, "", C.EMAIL, "a", "email"),
    ("/?utm_source=a#utm_medium=cpc", "", C.UNASSIGNED, "a", None),
    ("/#:~:text=plumber", "https://www.google.com/", C.ORGANIC_SEARCH, "google", "organic"),
    ("/#top", "", C.DIRECT, "direct", "none"),
    # paid click ids
    ("/?gclid=AbC", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?gbraid=x", "https://www.google.com/", C.PAID_SEARCH, "google", "cpc"),
    ("/?wbraid=x", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?gad_source=1", "https://www.google.com/", C.PAID_SEARCH, "google", "cpc"),
    ("/?gad_source=1&gad_campaignid=7&gbraid=x", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?gad_campaignid=7", "", C.DIRECT, "direct", "none"),
    ("/?gclsrc=aw.ds", "", C.DIRECT, "direct", "none"),
    ("/?dclid=x", "", C.DISPLAY, "google", "display"),
    ("/?msclkid=x", "https://www.bing.com/", C.PAID_SEARCH, "bing", "cpc"),
    ("/?yclid=171", "https://yandex.ru/", C.PAID_SEARCH, "yandex", "cpc"),
    ("/?yclid=YSS.1001.EAIaIQ", "", C.PAID_SEARCH, "yahoo-japan", "cpc"),
    ("/?ymclid=x", "", C.PAID_SEARCH, "yandex", "cpc"),
    ("/?vmcid=x", "", C.PAID_SEARCH, "yahoo", "cpc"),
    ("/?ttclid=x", "https://www.tiktok.com/", C.PAID_SOCIAL, "tiktok", "paid_social"),
    ("/?li_fat_id=x", "", C.PAID_SOCIAL, "linkedin", "paid_social"),
    ("/?twclid=x", "https://t.co/", C.PAID_SOCIAL, "twitter", "paid_social"),
    ("/?ScCid=x", "", C.PAID_SOCIAL, "snapchat", "paid_social"),
    ("/?rdt_cid=x", "https://out.reddit.com/", C.PAID_SOCIAL, "reddit", "paid_social"),
    ("/?pp=1&epik=x", "", C.PAID_SOCIAL, "pinterest", "paid_social"),
    ("/?pp=2", "", C.DIRECT, "direct", "none"),
    ("/?qclid=x", "", C.PAID_SOCIAL, "quora", "paid_social"),
    ("/?tblci=x", "", C.PAID_OTHER, "taboola", "cpc"),
    ("/?dicbo=x", "https://edition.news.example/", C.PAID_OTHER, "outbrain", "cpc"),
    ("/?obOrigUrl=true", "", C.PAID_OTHER, "outbrain", "cpc"),
    ("/?s_kwcid=AL!4442!3!x&ef_id=y", "", C.PAID_SEARCH, "adobe", "cpc"),
    # paid click ids and UTM parameters
    ("/?utm_source=harbor-ads&utm_medium=ppc&gclid=x", "", C.PAID_SEARCH, "harbor-ads", "ppc"),
    ("/?utm_source=google&utm_medium=organic&utm_campaign=gbp&gclid=x", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?utm_campaign=emergency&gclid=x", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?utm_source=google&gclid=x", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?utm_medium=ppc&gclid=x", "", C.PAID_SEARCH, "google", "ppc"),
    ("/?utm_source=newsletter&utm_medium=email&gclid=x", "", C.EMAIL, "newsletter", "email"),
    ("/?utm_source=bing&utm_medium=cpc&utm_term=plumber&msclkid=x", "", C.PAID_SEARCH, "bing", "cpc"),
    ("/?utm_source=google&utm_medium=cpc&utm_campaign=shopping&gclid=x", "", C.PAID_SHOPPING, "google", "cpc"),
    # what Google Ads fills in (ValueTrack) counts beside its click id alone
    ("/?gclid=x&network=g", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?gclid=x&network=d", "", C.DISPLAY, "google", "cpc"),
    ("/?gclid=x&network=ytv", "", C.PAID_VIDEO, "google", "cpc"),
    ("/?gclid=x&network=x", "", C.CROSS_NETWORK, "google", "cpc"),
    ("/?gclid=x&network={network}", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?network=d", "", C.DIRECT, "direct", "none"),
    ("/?msclkid=x&network=d", "", C.PAID_SEARCH, "bing", "cpc"),
    # click ids that stand on free links too
    ("/?fbclid=x", "https://l.facebook.com/", C.ORGANIC_SOCIAL, "facebook", "social"),
    ("/?fbclid=x", "https://l.instagram.com/", C.ORGANIC_SOCIAL, "instagram", "social"),
    ("/?fbclid=x", "", C.ORGANIC_SOCIAL, "facebook", "social"),
    ("/?fbclid=x&ad_id=7&adset_id=8", "", C.PAID_SOCIAL, "facebook", "paid_social"),
    ("/?fbclid=x&ad_id=7&gclid=y", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?ad_id=7", "", C.DIRECT, "direct", "none"),
    ("/?utm_source=facebook&utm_medium=paid_social&fbclid=x", "", C.PAID_SOCIAL, "facebook", "paid_social"),
    ("/?utm_source=fb&utm_medium=paid", "https://l.facebook.com/", C.PAID_SOCIAL, "fb", "paid"),
    ("/?igsh=x", "", C.ORGANIC_SOCIAL, "instagram", "social"),
    ("/?igshid=x", "https://l.instagram.com/", C.ORGANIC_SOCIAL, "instagram", "social"),
    ("/?srsltid=x", "https://www.google.com/", C.ORGANIC_SEARCH, "google", "organic"),
    ("/?srsltid=x", "https://www.bing.com/", C.ORGANIC_SEARCH, "bing", "organic"),
    ("/?ysclid=x", "https://yandex.ru/", C.ORGANIC_SEARCH, "yandex", "organic"),
    ("/?srsltid=x&gclid=y", "", C.PAID_SEARCH, "google", "cpc"),
    ("/?fbclid=x&gclid=y", "", C.PAID_SEARCH, "google", "cpc"),
    # partners and mailings
    ("/?irclickid=x", "https://deals.example/", C.AFFILIATES, "impact", "affiliate"),
    ("/?cjevent=x", "", C.AFFILIATES, "cj", "affiliate"),
    ("/?awc=1_2_x", "https://www.awin1.com/", C.AFFILIATES, "awin", "affiliate"),
    ("/?sscid=x", "", C.AFFILIATES, "shareasale", "affiliate"),
    ("/?mc_cid=x", "", C.EMAIL, "mailchimp", "email"),
    ("/?mc_cid=x&mc_eid=y", "https://mail.google.com/", C.EMAIL, "mailchimp", "email"),
    ("/?mc_cid=x", "https://www.facebook.com/", C.ORGANIC_SOCIAL, "facebook", "social"),
    ("/?_hsenc=x&_hsmi=7", "", C.EMAIL, "hubspot", "email"),
    ("/?_kx=x", "", C.EMAIL, "klaviyo", "email"),
    ("/?mkt_tok=x", "", C.EMAIL, "marketo", "email"),
    ("/?vero_id=x", "", C.EMAIL, "vero", "email"),
    # search engines
    ("/", "https://www.google.com/", C.ORGANIC_SEARCH, "google", "organic"),
    ("/", "https://www.google.co.uk/search?q=plumber", C.ORGANIC_SEARCH, "google", "organic"),
    ("/", "https://www.google.com.au/", C.ORGANIC_SEARCH, "google", "organic"),
    ("/", "https://google.de/", C.ORGANIC_SEARCH, "google", "organic"),
    ("/", "HTTPS://WWW.GOOGLE.COM/", C.ORGANIC_SEARCH, "google", "organic"),
    ("/", "https://images.google.fr/", C.ORGANIC_SEARCH, "google", "organic"),
    ("/", "https://www.bing.com/", C.ORGANIC_SEARCH, "bing", "organic"),
    ("/", "https://cn.bing.com/", C.ORGANIC_SEARCH, "bing", "organic"),
    ("/", "https://duckduckgo.com/", C.ORGANIC_SEARCH, "duckduckgo", "organic"),
    ("/", "https://search.yahoo.com/", C.ORGANIC_SEARCH, "yahoo", "organic"),
    ("/", "https://de.search.yahoo.com/", C.ORGANIC_SEARCH, "yahoo", "organic"),
    ("/", "https://search.yahoo.co.jp/", C.ORGANIC_SEARCH, "yahoo-japan", "organic"),
    ("/", "https://www.ecosia.org/", C.ORGANIC_SEARCH, "ecosia", "organic"),
    ("/", "https://search.brave.com/", C.ORGANIC_SEARCH, "brave", "organic"),
    ("/", "https://yandex.kz/", C.ORGANIC_SEARCH, "yandex", "organic"),
    ("/", "https://ya.ru/", C.ORGANIC_SEARCH, "yandex", "organic"),
    ("/", "https://www.baidu.com/link?url=x", C.ORGANIC_SEARCH, "baidu", "organic"),
    ("/", "https://m.search.naver.com/", C.ORGANIC_SEARCH, "naver", "organic"),
    ("/", "https://search.seznam.cz/", C.ORGANIC_SEARCH, "seznam", "organic"),
    ("/", "https://news.google.com/", C.ORGANIC_SEARCH, "google-news", "organic"),
    ("/", "android-app://com.google.android.googlequicksearchbox/", C.ORGANIC_SEARCH, "google", "organic"),
    (
        "/",
        "android-app://com.google.android.googlequicksearchbox/https/www.google.com",
        C.ORGANIC_SEARCH,
        "google",
        "organic",
    ),
    ("/", "https://docs.google.com/", C.REFERRAL, "docs.google.com", "referral"),
    # social networks, their link shims and their apps
    ("/", "https://m.facebook.com/", C.ORGANIC_SOCIAL, "facebook", "social"),
    ("/", "https://lm.facebook.com/", C.ORGANIC_SOCIAL, "facebook", "social"),
    ("/", "android-app://com.facebook.katana/", C.ORGANIC_SOCIAL, "facebook", "social"),
    ("/", "https://l.instagram.com/", C.ORGANIC_SOCIAL, "instagram", "social"),
    ("/", "https://l.threads.com/", C.ORGANIC_SOCIAL, "threads", "social"),
    ("/", "https://t.co/AbC", C.ORGANIC_SOCIAL, "twitter", "social"),
    ("/", "https://x.com/", C.ORGANIC_SOCIAL, "twitter", "social"),
    ("/", "https://lnkd.in/x", C.ORGANIC_SOCIAL, "linkedin", "social"),
    ("/", "android-app://com.linkedin.android/", C.ORGANIC_SOCIAL, "linkedin", "social"),
    ("/", "https://out.reddit.com/", C.ORGANIC_SOCIAL, "reddit", "social"),
    ("/", "https://old.reddit.com/r/plumbing", C.ORGANIC_SOCIAL, "reddit", "social"),
    ("/", "https://away.vk.com/", C.ORGANIC_SOCIAL, "vk", "social"),
    ("/", "android-app://org.telegram.messenger/", C.ORGANIC_SOCIAL, "telegram", "social"),
    ("/", "ios-app://284882215/", C.ORGANIC_SOCIAL, "facebook", "social"),
    ("/", "https://uk.pinterest.com/", C.ORGANIC_SOCIAL, "pinterest", "social"),
    ("/", "https://www.pinterest.co.uk/", C.ORGANIC_SOCIAL, "pinterest", "social"),
    ("/", "https://nextdoor.co.uk/", C.ORGANIC_SOCIAL, "nextdoor", "social"),
    ("/", "https://bsky.app/", C.ORGANIC_SOCIAL, "bluesky", "social"),
    ("/", "https://www.yelp.com/biz/harbor", C.ORGANIC_SOCIAL, "yelp", "social"),
    ("/", "https://sites.google.com/view/x", C.ORGANIC_SOCIAL, "sites.google.com", "social"),
    ("/", "https://www.brightkite.com/", C.ORGANIC_SOCIAL, "brightkite.com", "social"),
    # video and shopping
    ("/", "https://www.youtube.com/redirect?q=x", C.ORGANIC_VIDEO, "youtube", "video"),
    ("/", "https://youtu.be/x", C.ORGANIC_VIDEO, "youtube", "video"),
    ("/", "https://player.vimeo.com/", C.ORGANIC_VIDEO, "vimeo", "video"),
    ("/", "https://www.amazon.de/", C.ORGANIC_SHOPPING, "amazon", "referral"),
    ("/", "https://www.etsy.com/", C.ORGANIC_SHOPPING, "etsy", "referral"),
    # AI assistants
    ("/", "https://chatgpt.com/", C.AI_ASSISTANT, "chatgpt", "ai-assistant"),
    ("/", "https://chat.openai.com/", C.AI_ASSISTANT, "chatgpt", "ai-assistant"),
    ("/", "https://gemini.google.com/", C.AI_ASSISTANT, "gemini", "ai-assistant"),
    ("/", "https://claude.ai/", C.AI_ASSISTANT, "claude", "ai-assistant"),
    ("/", "https://copilot.microsoft.com/", C.AI_ASSISTANT, "copilot", "ai-assistant"),
    ("/", "https://www.perplexity.ai/search/x", C.AI_ASSISTANT, "perplexity", "ai-assistant"),
    ("/", "https://chat.deepseek.com/", C.AI_ASSISTANT, "deepseek", "ai-assistant"),
    ("/", "https://grok.com/", C.AI_ASSISTANT, "grok", "ai-assistant"),
    ("/", "https://www.meta.ai/", C.AI_ASSISTANT, "meta-ai", "ai-assistant"),
    ("/", "https://chat.mistral.ai/", C.AI_ASSISTANT, "mistral", "ai-assistant"),
    ("/", "https://you.com/", C.AI_ASSISTANT, "you.com", "ai-assistant"),
    ("/", "android-app://com.openai.chatgpt/", C.AI_ASSISTANT, "chatgpt", "ai-assistant"),
    # mailboxes
    ("/", "https://mail.google.com/", C.EMAIL, "gmail", "email"),
    ("/", "android-app://com.google.android.gm/", C.EMAIL, "gmail", "email"),
    ("/", "https://outlook.live.com/", C.EMAIL, "outlook", "email"),
    ("/", "https://nam02.safelinks.protection.outlook.com/?url=x", C.EMAIL, "outlook", "email"),
    ("/", "https://mail.yahoo.com/", C.EMAIL, "yahoo-mail", "email"),
    ("/", "https://mail.yandex.ru/", C.EMAIL, "yandex-mail", "email"),
    # other sites
    ("/", "https://www.angi.com/", C.REFERRAL, "angi", "referral"),
    ("/", "https://maps.google.com/", C.REFERRAL, "google-maps", "referral"),
    ("/", "https://www.partner.example:8443/links", C.REFERRAL, "partner.example", "referral"),
    ("/", "https://google.com.evil.example/", C.REFERRAL, "google.com.evil.example", "referral"),
    ("/", "https://notgoogle.com/", C.REFERRAL, "notgoogle.com", "referral"),
    ("/", "//partner.example/links", C.REFERRAL, "partner.example", "referral"),
    ("/", "https://user:pass@partner.example/", C.REFERRAL, "partner.example", "referral"),
    ("/", "https://partner.example?x=https://google.com/", C.REFERRAL, "partner.example", "referral"),
    ("/", "http://[2001:db8::1]:8080/", C.REFERRAL, "[2001:db8::1]", "referral"),
    ("/", "chrome-extension://abcdef/page.html", C.DIRECT, "direct", "none"),
    ("/", "about:blank", C.DIRECT, "direct", "none"),
    ("/", "file:///C:/letter.html", C.DIRECT, "direct", "none"),
    ("/", "https://", C.DIRECT, "direct", "none"),
    # the site itself, and pages that only hand a visitor back
    ("/", "https://harbor.example/drains.html", C.DIRECT, "direct", "none"),
    ("/", "https://www.harbor.example/", C.DIRECT, "direct", "none"),
    ("/", "https://blog.harbor.example./", C.DIRECT, "direct", "none"),
    ("/", "http://127.0.0.1:8080/x", C.DIRECT, "direct", "none"),
    ("/", "http://127.0.0.1:9090/x", C.REFERRAL, "127.0.0.1", "referral"),
    ("/", "https://otherharbor.example/", C.REFERRAL, "otherharbor.example", "referral"),
    ("/?page=done", PAYING, C.DIRECT, "direct", "none"),
    ("/?utm_source=a&utm_medium=email", PAYING, C.EMAIL, "a", "email"),
    ("/", "https://www.paypal.com/", C.DIRECT, "direct", "none"),
    ("/", "https://pay.klarna.com/", C.DIRECT, "direct", "none"),
    ("/", "https://live.adyen.com/", C.DIRECT, "direct", "none"),
    ("/", "https://www.mollie.com/", C.DIRECT, "direct", "none"),
    ("/", "https://shop.app/", C.DIRECT, "direct", "none"),
    ("/", "https://ideal.rabobank.nl/", C.DIRECT, "direct", "none"),
    ("/", "https://3dsecure.bank.example/", C.DIRECT, "direct", "none"),
    ("/", "https://centinelapi.cardinalcommerce.com/", C.DIRECT, "direct", "none"),
    ("/", "https://accounts.google.com/", C.DIRECT, "direct", "none"),
    ("/", "https://login.microsoftonline.com/", C.DIRECT, "direct", "none"),
    ("/", "https://harbor.eu.auth0.com/", C.DIRECT, "direct", "none"),
    ("/", "https://www.auth0.com/", C.REFERRAL, "auth0.com", "referral"),
    ("/", "https://stripe.com/", C.ORGANIC_SHOPPING, "stripe.com", "referral"),
    ("/", "https://ideal.com/", C.REFERRAL, "ideal.com", "referral"),
]


@pytest.mark.parametrize(("link", "referrer", "channel", "source", "medium"), VERDICTS)
def test_it_says_who_sent_the_visit(
    link: str, referrer: str, channel: Channel, source: str | None, medium: str | None
) -> None:
    found = classify(SITE + link, referrer, HOME)
    assert (found.channel, found.source, found.medium) == (channel, source, medium)


def test_the_table_is_long() -> None:
    assert len(VERDICTS) >= 150


def test_it_reads_the_whole_link_of_an_ad() -> None:
    found = classify(
        SITE + "/emergency.html?utm_source=google&utm_medium=cpc&utm_campaign=emergency&utm_id=9"
        "&utm_term=emergency+plumber&utm_content=ad%20one&utm_source_platform=Google+Ads&utm_creative_format=text"
        "&utm_marketing_tactic=prospecting&adgroupid=77&gclid=Test-123#top",
        "https://www.google.com/",
        HOME,
    )
    assert found == Source(
        channel=Channel.PAID_SEARCH,
        source="google",
        medium="cpc",
        campaign="emergency",
        campaign_id="9",
        ad_group="77",
        keyword="emergency plumber",
        content="ad one",
        platform="Google Ads",
        creative_format="text",
        tactic="prospecting",
        click_ids={"gclid": "Test-123"},
        landing_page="/emergency.html",
        referrer_host="www.google.com",
        rules=RULES,
    )


@pytest.mark.parametrize("ids", ["gclid=x", "gbraid=x&gad_source=1", "msclkid=x", "ttclid=x"])
def test_what_an_ad_platform_filled_in_stands_in_for_what_nobody_tagged(ids: str) -> None:
    found = classify(
        f"{SITE}/?{ids}&campaignid=11&adgroupid=22&keyword=Burst+Pipe&creative=33&matchtype=e&device=m", "", HOME
    )
    said = (found.campaign, found.campaign_id, found.ad_group, found.keyword, found.content)
    assert said == ("11", "11", "22", "Burst Pipe", "33")


def test_a_tag_goes_before_what_an_ad_platform_filled_in() -> None:
    found = classify(f"{SITE}/?gclid=x&campaignid=1&keyword=a&utm_campaign=Named&utm_term=b", "", HOME)
    assert (found.campaign, found.campaign_id, found.keyword) == ("Named", "1", "b")


def test_a_keyword_in_the_address_without_an_ad_is_the_pages_own() -> None:
    found = classify(f"{SITE}/search?keyword=pipes&network=g&campaignid=3&fbclid=x", "", HOME)
    assert (found.keyword, found.campaign, found.channel) == (None, None, Channel.ORGANIC_SOCIAL)


def test_a_placeholder_that_nobody_filled_in_says_nothing() -> None:
    assert classify(f"{SITE}/?gclid=x&keyword={{keyword}}&campaignid=%7Bcampaignid%7D", "", HOME).keyword is None


@pytest.mark.parametrize(
    ("referrer", "keyword"),
    [
        ("https://www.google.com/search?q=emergency+plumber&hl=en", "emergency plumber"),
        ("https://www.google.com/", None),
        ("https://www.google.com/url?q=https://harbor.example/&sa=U", None),
        ("https://www.bing.com/search?Q=leaking%20tap", "leaking tap"),
        ("https://search.yahoo.com/search?p=drain", "drain"),
        ("https://yandex.ru/search/?text=%D1%81%D0%B0%D0%BD%D1%82%D0%B5%D1%85%D0%BD%D0%B8%D0%BA", "сантехник"),
        ("https://www.baidu.com/s?wd=%E6%B0%B4%E7%AE%A1", "水管"),
        ("https://search.naver.com/search.naver?query=plumber", "plumber"),
        ("https://www.startpage.com/do/search?query=plumber", "plumber"),
        ("https://www.qwant.com/?q=", None),
        ("https://www.ecosia.org/search?q=caf%E9", "café"),
        ("https://partner.example/?q=not+a+search", None),
        ("https://www.facebook.com/?q=not+a+search", None),
    ],
)
def test_it_takes_the_keyword_from_the_engine_that_gives_it(referrer: str, keyword: str | None) -> None:
    assert classify(f"{SITE}/", referrer, HOME).keyword == keyword


def test_the_links_own_term_goes_before_the_engines_words() -> None:
    assert classify(f"{SITE}/?utm_term=ours", "https://www.bing.com/search?q=theirs", HOME).keyword == "ours"


def test_it_keeps_click_ids_exactly_as_they_came() -> None:
    found = classify(SITE + "/?GCLID=aBc_-9+x&msclkid=%41x%2520", "", HOME)
    assert found.click_ids == {"gclid": "aBc_-9+x", "msclkid": "Ax%20"}


def test_it_drops_a_click_id_too_long_to_be_one() -> None:
    assert classify(SITE + "/?gclid=" + "x" * 1025, "", HOME).click_ids == {}


def test_what_names_a_person_counts_and_is_not_carried_on() -> None:
    found = classify(SITE + "/?mc_cid=c1&mc_eid=person&_ke=bWVAbWFpbA&gclid=g", "", HOME)
    assert found.click_ids == {"mc_cid": "c1", "gclid": "g"}


def test_a_parameter_that_is_also_other_peoples_counts_beside_its_click_id_alone() -> None:
    assert classify(SITE + "/?pp=2", "", HOME).click_ids == {}
    assert classify(SITE + "/?pp=1&epik=x", "", HOME).click_ids == {"pp": "1", "epik": "x"}


def test_it_falls_back_to_the_campaign_id() -> None:
    assert classify(SITE + "/?utm_source=a&utm_id=c77", "", HOME).campaign == "c77"
    assert classify(SITE + "/?utm_source=a&utm_id=c77&utm_campaign=named", "", HOME).campaign == "named"
    assert classify(SITE + "/?gclid=x&gad_campaignid=123", "", HOME).campaign == "123"


def test_the_first_of_a_repeated_parameter_counts() -> None:
    assert classify(SITE + "/?utm_source=one&utm_source=two", "", HOME).source == "one"


def test_the_querys_click_id_goes_before_the_fragments() -> None:
    assert classify(SITE + "/?gclid=one#gclid=two", "", HOME).click_ids == {"gclid": "one"}


def test_it_treats_the_pages_own_host_as_no_referrer_even_if_nobody_listed_it() -> None:
    for referrer in ("https://new.example/b", "https://www.new.example/", "https://blog.new.example:8443/"):
        assert classify("https://www.new.example/a", referrer, Home()).channel is Channel.DIRECT


def test_a_subdomain_of_the_site_is_the_site() -> None:
    assert classify(SITE + "/", "https://blog.harbor.example/", HOME).referrer_host is None


def test_a_host_is_one_host_in_letters_and_in_punycode() -> None:
    home = Home(hosts=frozenset({"münchen.example"}), ignored=frozenset({"https://Über.example/x"}))
    for referrer in ("https://xn--mnchen-3ya.example/", "https://MÜNCHEN.example/", "https://www.münchen.example/"):
        assert classify("https://other.example/", referrer, home).channel is Channel.DIRECT
    assert classify("https://other.example/", "https://shop.xn--ber-goa.example/", home).referrer_host is None


def test_a_strangers_host_is_kept_as_browsers_send_it() -> None:
    found = classify(SITE + "/", "https://bücher.example/", HOME)
    assert (found.source, found.referrer_host) == ("xn--bcher-kva.example", "xn--bcher-kva.example")


def test_a_company_can_ignore_hosts_of_its_own() -> None:
    home = Home(ignored=frozenset({"booking.example", "*.portal.example"}))
    for referrer in ("https://booking.example/", "https://my.booking.example/", "https://a.portal.example/"):
        assert classify(SITE + "/", referrer, home).channel is Channel.DIRECT
    assert classify(SITE + "/", "https://notbooking.example/", home).channel is Channel.REFERRAL


def test_two_sites_verdicts_on_one_referrer_are_kept_apart() -> None:
    ignoring = Home(hosts=HOME.hosts, ignored=frozenset({"partner.example"}))
    for _ in range(2):
        assert classify(SITE + "/", "https://partner.example/", HOME).channel is Channel.REFERRAL
        assert classify(SITE + "/", "https://partner.example/", ignoring).channel is Channel.DIRECT


def test_a_printed_number_is_an_offline_source() -> None:
    assert offline_source("van").channel is Channel.OFFLINE
