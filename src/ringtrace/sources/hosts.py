"""Hosts and source names we know, and what kind of place each is. Our own list, kept short.

Video sites stand among the social ones. Hosts match themselves and their subdomains, the longest entry first; search
engines match bare, `www.` and `m.` only, because their other subdomains are mail, documents and maps.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct


class Kind(StrEnum):
    SEARCH = "search"
    SOCIAL = "social"
    AI = "ai"
    MAIL = "mail"
    OTHER = "other"  # known, and nothing special: a plain referral under a short name


MEDIUM_OF = {
    Kind.SEARCH: "organic",
    Kind.SOCIAL: "social",
    Kind.AI: "ai-assistant",
    Kind.MAIL: "email",
    Kind.OTHER: "referral",
}


class Place(Struct, frozen=True):
    """Somewhere visits come from: the short name reports use, and its kind."""

    name: str
    kind: Kind


_SEARCH_HOSTS = {
    "google.com": "google",
    "bing.com": "bing",
    "cn.bing.com": "bing",
    "duckduckgo.com": "duckduckgo",
    "html.duckduckgo.com": "duckduckgo",
    "search.yahoo.com": "yahoo",
    "r.search.yahoo.com": "yahoo",
    "us.search.yahoo.com": "yahoo",
    "yahoo.com": "yahoo",
    "search.aol.com": "aol",
    "ecosia.org": "ecosia",
    "search.brave.com": "brave",
    "startpage.com": "startpage",
    "qwant.com": "qwant",
    "kagi.com": "kagi",
    "ask.com": "ask",
    "baidu.com": "baidu",
    "so.com": "360",
    "sogou.com": "sogou",
    "naver.com": "naver",
    "search.naver.com": "naver",
    "m.search.naver.com": "naver",
    "search.daum.net": "daum",
    "seznam.cz": "seznam",
    "search.seznam.cz": "seznam",
    "yandex.ru": "yandex",
    "yandex.com": "yandex",
    "ya.ru": "yandex",
    "com.google.android.googlequicksearchbox": "google",
}
_OTHER_HOSTS: dict[Kind, dict[str, str]] = {
    Kind.SOCIAL: {
        "facebook.com": "facebook",
        "fb.com": "facebook",
        "fb.me": "facebook",
        "com.facebook.katana": "facebook",
        "messenger.com": "messenger",
        "instagram.com": "instagram",
        "com.instagram.android": "instagram",
        "threads.net": "threads",
        "threads.com": "threads",
        "t.co": "twitter",
        "twitter.com": "twitter",
        "x.com": "twitter",
        "com.twitter.android": "twitter",
        "linkedin.com": "linkedin",
        "lnkd.in": "linkedin",
        "com.linkedin.android": "linkedin",
        "tiktok.com": "tiktok",
        "pinterest.com": "pinterest",
        "pin.it": "pinterest",
        "reddit.com": "reddit",
        "com.reddit.frontpage": "reddit",
        "nextdoor.com": "nextdoor",
        "snapchat.com": "snapchat",
        "quora.com": "quora",
        "tumblr.com": "tumblr",
        "bsky.app": "bluesky",
        "mastodon.social": "mastodon",
        "vk.com": "vk",
        "whatsapp.com": "whatsapp",
        "wa.me": "whatsapp",
        "t.me": "telegram",
        "org.telegram.messenger": "telegram",
        "youtube.com": "youtube",
        "youtu.be": "youtube",
        "vimeo.com": "vimeo",
        "twitch.tv": "twitch",
    },
    Kind.AI: {
        "chatgpt.com": "chatgpt",
        "chat.openai.com": "chatgpt",
        "gemini.google.com": "gemini",
        "bard.google.com": "gemini",
        "claude.ai": "claude",
        "perplexity.ai": "perplexity",
        "copilot.microsoft.com": "copilot",
        "copilot.com": "copilot",
        "meta.ai": "meta-ai",
        "grok.com": "grok",
        "chat.deepseek.com": "deepseek",
        "chat.mistral.ai": "mistral",
        "you.com": "you",
        "poe.com": "poe",
    },
    Kind.MAIL: {
        "mail.google.com": "gmail",
        "com.google.android.gm": "gmail",
        "outlook.live.com": "outlook",
        "outlook.office.com": "outlook",
        "outlook.office365.com": "outlook",
        "com.microsoft.office.outlook": "outlook",
        "mail.yahoo.com": "yahoo-mail",
        "mail.aol.com": "aol-mail",
        "mail.proton.me": "proton-mail",
        "icloud.com": "icloud-mail",
        "mail.yandex.ru": "yandex-mail",
        "mail.zoho.com": "zoho-mail",
        "fastmail.com": "fastmail",
    },
    Kind.OTHER: {
        "yelp.com": "yelp",
        "yelp.to": "yelp",
        "bbb.org": "bbb",
        "angi.com": "angi",
        "thumbtack.com": "thumbtack",
        "homeadvisor.com": "homeadvisor",
        "yellowpages.com": "yellowpages",
        "tripadvisor.com": "tripadvisor",
        "maps.google.com": "google-maps",
        "maps.apple.com": "apple-maps",
    },
}
# Names people put in `utm_source` that are no host's short name.
_NAMED: dict[str, Kind] = {
    "adwords": Kind.SEARCH,
    "googleads": Kind.SEARCH,
    "google-ads": Kind.SEARCH,
    "google_ads": Kind.SEARCH,
    "google ads": Kind.SEARCH,
    "google-my-business": Kind.SEARCH,
    "gmb": Kind.SEARCH,
    "gbp": Kind.SEARCH,
    "bingads": Kind.SEARCH,
    "microsoft": Kind.SEARCH,
    "ddg": Kind.SEARCH,
    "fb": Kind.SOCIAL,
    "meta": Kind.SOCIAL,
    "ig": Kind.SOCIAL,
    "x": Kind.SOCIAL,
    "yt": Kind.SOCIAL,
    "openai": Kind.AI,
}
_BY_HOST = {host: Place(name, kind) for kind, hosts in _OTHER_HOSTS.items() for host, name in hosts.items()}
_BY_NAME = _NAMED | dict.fromkeys(_SEARCH_HOSTS.values(), Kind.SEARCH) | {p.name: p.kind for p in _BY_HOST.values()}
_OWN_COUNTRY = re.compile(r"(google|yandex)\.(?:com?\.)?[a-z]{2}\Z")  # google.de, google.co.uk, google.com.mx
_COUNTRY_SOCIAL = re.compile(r"(?:.*\.)?(pinterest|yelp)\.(?:com?\.)?[a-z]{2}\Z")


@lru_cache(maxsize=8_192)
def place_of_host(host: str) -> Place | None:
    """What we know of a lower-case host without a port; None for a stranger."""
    bare = host.removeprefix("www.").removeprefix("m.")
    if (name := _SEARCH_HOSTS.get(bare)) is not None:
        return Place(name, Kind.SEARCH)
    if (own := _OWN_COUNTRY.match(bare)) is not None:
        return Place(own[1], Kind.SEARCH)
    rest = host
    while rest:
        if (place := _BY_HOST.get(rest)) is not None:
            return place
        rest = rest.partition(".")[2]
    if (social := _COUNTRY_SOCIAL.match(host)) is not None:
        return Place(social[1], _BY_NAME[social[1]])
    return None


@lru_cache(maxsize=8_192)
def kind_of_name(name: str) -> Kind | None:
    """The kind of a lower-case source name, which may be a short name (`google`) or a host (`chatgpt.com`)."""
    if (kind := _BY_NAME.get(name)) is not None:
        return kind
    place = place_of_host(name) if "." in name else None
    return place.kind if place else None
