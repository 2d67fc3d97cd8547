"""Where visits come from: places we know by their hosts, and what kind each is. The tables are in `data/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from importlib.resources import files

from msgspec import Struct


class Kind(StrEnum):
    """The kinds of site that Google Analytics 4 lists, and those we add; the values name sections of the tables."""

    SEARCH = "search"
    SOCIAL = "social"
    VIDEO = "video"
    SHOPPING = "shopping"
    AI = "ai"
    MAIL = "mail"
    OTHER = "other"  # known, and nothing special: a plain referral under a short name


MEDIUM_OF = {
    Kind.SEARCH: "organic",
    Kind.SOCIAL: "social",
    Kind.VIDEO: "video",
    Kind.SHOPPING: "referral",
    Kind.AI: "ai-assistant",
    Kind.MAIL: "email",
    Kind.OTHER: "referral",
}


class Place(Struct, frozen=True, cache_hash=True):
    """Somewhere visits come from: the short name that reports use, and its kind. `asks`: the parameter of its pages'
    addresses that holds the words searched for, where its referrers may say them."""

    name: str
    kind: Kind
    asks: str | None = None


# Names that people write in `utm_source` and that are no place's own. `an` and `msg` are Meta's words for Audience
# Network and Messenger, where a link's template says {{site_source_name}}.
_SPOKEN = {
    Kind.SEARCH: "adwords googleads google-ads google_ads google-my-business google_my_business googlemybusiness gmb "
    "gbp google-business-profile bingads bing-ads bing_ads microsoft microsoft-ads microsoftads ddg apple-search-ads",
    Kind.SOCIAL: "meta x insta fbig an msg facebook_ads facebook-ads facebookads instagram_ads linkedin-ads "
    "tiktok-ads tiktokads twitter-ads x-ads reddit-ads pinterest-ads snapchat-ads",
    Kind.VIDEO: "yt youtube-ads youtube_ads",
    Kind.AI: "openai anthropic google-gemini perplexity-ai le-chat",
}
_COUNTRY = re.compile(r"(.+?)\.(?:(?:com?|org|net)\.)?[a-z]{2}")  # google.de, google.co.uk, google.com.mx
_DOORS = ("www.", "m.", "mobile.", "amp.")  # the same site by another door


def _lines(table: str) -> Iterator[tuple[str, str]]:
    """Each line with the section it stands in, comments and empty lines left out."""
    section = ""
    for line in (files(__package__) / "data" / table).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            yield section, line


def names_in(table: str) -> Iterator[tuple[str, str]]:
    """Each name of a table of comma-separated names, lower-case, with its section."""
    for section, line in _lines(table):
        for name in line.lower().split(","):
            if name := name.strip():
                yield section, name


def _ga4_kinds() -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for section, name in names_in("ga4.txt"):
        bare = name.removesuffix("*")
        kinds[bare] = Kind(section)
        if name != bare:
            kinds[f"{bare}.com"] = Kind(section)
    return kinds


def _places() -> dict[str, Place]:
    """By host as the table writes it: `host`, `.host` or `host.*`."""
    places: dict[str, Place] = {}
    for section, line in _lines("places.txt"):
        name, _, rest = line.partition(":")
        hosts, _, asks = rest.partition("?")
        kind = Kind(section)
        asked = (asks.strip() or "q") if kind is Kind.SEARCH else "-"
        place = Place(name, kind, None if asked == "-" else asked)
        places.update(dict.fromkeys(hosts.split(), place))
    return places


GA4_KINDS = _ga4_kinds()
PLACES = _places()
_NAMED = {name: kind for kind, names in _SPOKEN.items() for name in names.split()}
_NAMED |= {place.name: place.kind for place in PLACES.values()}


def bare_host(host: str) -> str:
    """A host without the `www.` that says nothing."""
    return host.removeprefix("www.")


def place_of(host: str) -> Place | None:
    """What we know of a lower-case host without a port; None for a stranger."""
    bare = next((host[len(door) :] for door in _DOORS if host.startswith(door)), host)
    found = PLACES.get(host) or PLACES.get(bare) or _by_suffix(host, "") or _by_country(bare)
    if found is not None:
        return found
    kind = GA4_KINDS.get(host) or GA4_KINDS.get(bare)
    return Place(bare_host(host), kind) if kind else None


def _by_country(host: str) -> Place | None:
    found = _COUNTRY.fullmatch(host)
    if found is None:
        return None
    return PLACES.get(f"{found[1]}.*") or _by_suffix(found[1], ".*")


def _by_suffix(host: str, ending: str) -> Place | None:
    rest = host
    while rest:
        if (place := PLACES.get(f".{rest}{ending}")) is not None:
            return place
        rest = rest.partition(".")[2]
    return None


def kind_of_name(name: str) -> Kind | None:
    """The kind of a lower-case source name: Google's word first, then a short name of ours, then a host we know."""
    kind = GA4_KINDS.get(name) or _NAMED.get(name)
    if kind is None and "." in name:
        place = place_of(name)
        kind = place.kind if place else None
    return kind
