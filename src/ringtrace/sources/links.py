"""What the parameters of a landing URL say, in its query or in its fragment."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote

from msgspec import Struct

from ringtrace.sources.clicks import CLICK_IDS
from ringtrace.sources.texts import LONGEST_CLICK_ID, LONGEST_TEXT, click_id_of, text_of

LONGEST_URL = 8_192
_MOST_PARAMETERS = 2_000

# Google Analytics' nine UTM parameters, and two that people add for the ad group.
UTM = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
    "utm_id": "campaign_id",
    "utm_term": "keyword",
    "utm_content": "content",
    "utm_source_platform": "platform",
    "utm_creative_format": "creative_format",
    "utm_marketing_tactic": "tactic",
    "utm_adgroup": "ad_group",
    "utm_ad_group": "ad_group",
}
# Names under which people put into links what an ad platform fills in: Google's ValueTrack, Microsoft's, Meta's and
# Pinterest's URL parameters, HubSpot's `hsa_`. They count only beside a click id that proves the ad: elsewhere they are
# anybody's words.
OF_AN_AD = {
    "campaignid": "campaign_id",
    "campaign_id": "campaign_id",
    "hsa_cam": "campaign_id",
    "campaign_name": "campaign",
    "adgroupid": "ad_group",
    "hsa_grp": "ad_group",
    "adgroup_name": "ad_group",
    "adset_name": "ad_group",
    "adset_id": "ad_group",
    "keyword": "keyword",
    "hsa_kw": "keyword",
    "creative": "content",
    "hsa_ad": "content",
    "ad_name": "content",
    "ad_id": "content",
    "network": "network",
}
_TELLING = frozenset({"source", "medium", "campaign", "campaign_id"})
_KNOWN = frozenset({*CLICK_IDS, *OF_AN_AD})


class Link(Struct):
    """What is said by field, click ids by name, and what an ad platform filled in by parameter name."""

    said: dict[str, str]
    ids: dict[str, str]
    of_ad: dict[str, str]


def read_link(query: str, fragment: str) -> Link:
    """The first of a repeated parameter counts. The query goes before the fragment: its click ids win, and the
    fragment's UTM parameters count only if the query has none, so that two people's tags are never mixed."""
    link = Link({}, {}, {})
    if query:
        _read(query, link)
    if fragment and "=" in fragment:
        beside = Link({}, link.ids, link.of_ad)
        _read(_parameters_in(fragment), beside)
        if _TELLING.isdisjoint(link.said):
            link.said.update(beside.said)
    if "pp" in link.ids and "epik" not in link.ids:  # Pinterest's only beside its click id; else a page's own
        del link.ids["pp"]
    return link


def complete(link: Link) -> None:
    """Where the click is proven to be an ad's: what the platform filled in stands in for what nobody tagged.

    A placeholder that nobody filled in (`{keyword}`) says nothing.
    """
    for name, field in OF_AN_AD.items():
        if field not in link.said and (text := link.of_ad.get(name)) and not text.startswith("{"):
            link.said[field] = text


def keyword_in(referrer: str, asks: str) -> str | None:
    """The words searched for, where the engine's address says them; a link it passes on is none."""
    text = parameter(referrer, asks) if "=" in referrer else None
    return None if not text or text.startswith(("http://", "https://")) else text


def parameter(url: str, name: str) -> str | None:
    """The text of one parameter of a URL, its query before its fragment; None without it. Case does not matter."""
    value = _parameters(url).get(name.lower())
    return None if value is None else text_of(value)


@lru_cache(maxsize=2)  # a company's rules may look for a hundred parameters of one URL
def _parameters(url: str) -> dict[str, str]:
    """Raw values by plain name, the first of several."""
    address, _, fragment = url[:LONGEST_URL].partition("#")
    found: dict[str, str] = {}
    for text in (address.partition("?")[2], _parameters_in(fragment)):
        for pair in _pairs(text):
            key, _, value = pair.partition("=")
            found.setdefault(_plain_name(key), value)
    return found


def _parameters_in(fragment: str) -> str:
    """`/page?a=b`, `!/page?a=b` and `a=b` all hold `a=b`."""
    _, asks, rest = fragment.partition("?")
    return rest if asks else fragment.lstrip("!/")


def _pairs(query: str) -> list[str]:
    if "?utm_" in query:  # somebody glued tags to a link that had a query already
        query = query.replace("?utm_", "&utm_")
    pairs = query.split("&", _MOST_PARAMETERS)
    if len(pairs) > _MOST_PARAMETERS:
        del pairs[_MOST_PARAMETERS]
    return pairs


def _plain_name(name: str) -> str:
    """A parameter's name in lower case; `amp;` is what is left of `&` where somebody pasted HTML."""
    if "%" in name:
        name = unquote(name)
    return name.lower().removeprefix("amp;")


def _read(query: str, link: Link) -> None:
    said, ids, of_ad = link.said, link.ids, link.of_ad
    is_plain = "%" not in query and "+" not in query and " " not in query and query.isascii() and query.isprintable()
    for pair in _pairs(query):
        name, _, value = pair.partition("=")
        if not value:
            continue
        field = UTM.get(name)
        if field is None and name not in _KNOWN:
            name = _plain_name(name)
            field = UTM.get(name)
        if field is not None:
            if field not in said and (text := value if is_plain and len(value) <= LONGEST_TEXT else text_of(value)):
                said[field] = text
        elif name in CLICK_IDS:
            if name not in ids and len(value) <= LONGEST_CLICK_ID and (value := click_id_of(value)):
                ids[name] = value
        elif name in OF_AN_AD and name not in of_ad:
            of_ad[name] = text_of(value)
