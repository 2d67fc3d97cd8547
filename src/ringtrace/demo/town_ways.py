"""The ways people reach the plumber's site, and what each visit does to them.

`effect` is the truth that attribution tries to find: how much one such visit adds to the probability that the person
calls. Brand searches and direct visits add little, because who makes them mostly would have called anyway.
"""

from __future__ import annotations

from urllib.parse import urlencode

from msgspec import Struct

from ringtrace.core.sources import Channel
from ringtrace.demo.town_chance import Chance

ORIGIN = "https://harbor-plumbing.example"
LANDING_PAGES = ("/", "/emergency.html", "/water-heaters.html", "/drains.html")

Landings = tuple[tuple[str, float], ...]

_ANY: Landings = (("/", 0.5), ("/drains.html", 0.22), ("/emergency.html", 0.16), ("/water-heaters.html", 0.12))
_HOME: Landings = (("/", 1.0),)
_EMERGENCY: Landings = (("/emergency.html", 0.8), ("/drains.html", 0.2))
_HEATERS: Landings = (("/water-heaters.html", 1.0),)

# How much a landing page persuades, beside the way that led to it.
LANDING_FACTOR = {"/": 0.9, "/emergency.html": 1.25, "/water-heaters.html": 0.95, "/drains.html": 1.1}


class Way(Struct, frozen=True, kw_only=True):
    """One way in: what it truly is, what the link shows of it, and what it does."""

    name: str
    channel: Channel
    source: str
    medium: str
    campaign: str | None = None
    keywords: tuple[str, ...] = ()
    landings: Landings = _ANY
    referrer: str = ""
    click_id: str | None = None
    tagged: bool = False  # whether the link carries UTM parameters
    share: float  # of people's first visits
    effect: float  # added to the probability of a call
    again: float  # the probability of another visit after this one
    cost_cents: int = 0  # of a click


_NAMED_WAYS = (
    Way(
        name="google emergency",
        channel=Channel.PAID_SEARCH,
        source="google",
        medium="cpc",
        campaign="emergency",
        keywords=("emergency plumber", "plumber near me", "burst pipe repair", "24 hour plumber"),
        landings=_EMERGENCY,
        referrer="https://www.google.com/",
        click_id="gclid",
        tagged=True,
        share=0.17,
        effect=0.14,
        again=0.10,
        cost_cents=1_400,
    ),
    Way(
        name="google water heaters",
        channel=Channel.PAID_SEARCH,
        source="google",
        medium="cpc",
        campaign="water-heaters",
        keywords=("water heater replacement", "tankless water heater cost", "water heater repair"),
        landings=_HEATERS,
        referrer="https://www.google.com/",
        click_id="gclid",
        tagged=True,
        share=0.09,
        effect=0.08,
        again=0.42,
        cost_cents=900,
    ),
    Way(
        name="google brand",
        channel=Channel.PAID_SEARCH,
        source="google",
        medium="cpc",
        campaign="brand",
        keywords=("harbor plumbing", "harbor plumbing phone number"),
        landings=_HOME,
        referrer="https://www.google.com/",
        click_id="gclid",
        tagged=True,
        share=0.04,
        effect=0.015,
        again=0.12,
        cost_cents=220,
    ),
    Way(
        name="google organic",
        channel=Channel.ORGANIC_SEARCH,
        source="google",
        medium="organic",
        referrer="https://www.google.com/",
        share=0.25,
        effect=0.06,
        again=0.25,
    ),
    Way(
        name="bing ads",
        channel=Channel.PAID_SEARCH,
        source="bing",
        medium="cpc",
        campaign="emergency",
        keywords=("emergency plumber", "plumber los angeles"),
        landings=_EMERGENCY,
        referrer="https://www.bing.com/",
        click_id="msclkid",
        tagged=True,
        share=0.03,
        effect=0.11,
        again=0.10,
        cost_cents=800,
    ),
    Way(
        name="facebook ads",
        channel=Channel.PAID_SOCIAL,
        source="facebook",
        medium="paid_social",
        campaign="tune-up-offer",
        landings=_HEATERS,
        referrer="https://l.facebook.com/",
        click_id="fbclid",
        tagged=True,
        share=0.13,
        effect=0.045,
        again=0.30,
        cost_cents=160,
    ),
    Way(
        name="facebook page",
        channel=Channel.ORGANIC_SOCIAL,
        source="facebook",
        medium="social",
        landings=_HOME,
        referrer="https://m.facebook.com/",
        click_id="fbclid",
        share=0.03,
        effect=0.025,
        again=0.2,
    ),
    Way(
        name="newsletter",
        channel=Channel.EMAIL,
        source="newsletter",
        medium="email",
        campaign="monthly-tips",
        landings=(("/", 0.5), ("/water-heaters.html", 0.3), ("/drains.html", 0.2)),
        tagged=True,
        share=0.0,  # comes in bursts, when it is sent
        effect=0.05,
        again=0.15,
    ),
    Way(
        name="direct",
        channel=Channel.DIRECT,
        source="direct",
        medium="none",
        landings=_HOME,
        share=0.12,
        effect=0.02,
        again=0.15,
    ),
    Way(
        name="yelp",
        channel=Channel.REFERRAL,
        source="yelp",
        medium="referral",
        landings=_HOME,
        referrer="https://www.yelp.com/",
        share=0.07,
        effect=0.09,
        again=0.2,
    ),
    Way(
        name="assistant",
        channel=Channel.AI_ASSISTANT,
        source="chatgpt",
        medium="ai-assistant",
        referrer="https://chatgpt.com/",
        share=0.03,
        effect=0.09,
        again=0.2,
    ),
    Way(
        name="partner",
        channel=Channel.REFERRAL,
        source="seaside-supply.example",
        medium="referral",
        landings=_HOME,
        referrer="https://www.seaside-supply.example/",
        share=0.03,
        effect=0.10,
        again=0.15,
    ),
)

WAYS = {way.name: way for way in _NAMED_WAYS}
FIRST_WAYS = tuple((way, way.share) for way in _NAMED_WAYS if way.share)

# Where people come back from. Those whom an advertisement made curious search for the name.
_AFTER: dict[str, tuple[tuple[str, float], ...]] = {
    "google emergency": (("direct", 0.5), ("google brand", 0.3), ("yelp", 0.2)),
    "google water heaters": (
        ("google organic", 0.3),
        ("google water heaters", 0.3),
        ("google brand", 0.2),
        ("direct", 0.2),
    ),
    "facebook ads": (("google brand", 0.5), ("direct", 0.3), ("google organic", 0.2)),
}
_AFTER_ANY = (("direct", 0.4), ("google brand", 0.3), ("google organic", 0.3))


def next_way(chance: Chance, way: Way) -> Way:
    return WAYS[chance.among(_AFTER.get(way.name, _AFTER_ANY))]


class Link(Struct, frozen=True, kw_only=True):
    """What the browser shows of a way in."""

    url: str
    referrer: str
    landing: str
    keyword: str | None


_CLICK_PREFIX = {"gclid": "Cj0KCQ", "msclkid": "", "fbclid": "IwAR"}
_TAGS_LOST = 0.03
_REFERRER_LOST = 0.06


def link(chance: Chance, way: Way, origin: str) -> Link:
    """The link of one visit. A few lose their tags or their referrer on the way, as links do."""
    landing = chance.among(way.landings)
    keyword = chance.choice(way.keywords) if way.keywords else None
    query = _tags(way, keyword) if way.tagged and not (way.click_id and chance.happens(_TAGS_LOST)) else {}
    if way.name == "assistant":
        query["utm_source"] = "chatgpt.com"
    if way.click_id:
        query[way.click_id] = chance.click_id(_CLICK_PREFIX[way.click_id])
    url = origin + landing + (f"?{urlencode(query)}" if query else "")
    referrer = "" if chance.happens(_REFERRER_LOST) else way.referrer
    return Link(url=url, referrer=referrer, landing=landing, keyword=keyword)


def _tags(way: Way, keyword: str | None) -> dict[str, str]:
    tags = {"utm_source": way.source, "utm_medium": way.medium}
    if way.campaign:
        tags["utm_campaign"] = way.campaign
    if keyword:
        tags["utm_term"] = keyword
    return tags


def effect_of(way: Way, landing: str) -> float:
    """What one visit adds to the probability of a call."""
    return way.effect * LANDING_FACTOR[landing]
