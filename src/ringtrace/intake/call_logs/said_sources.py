"""What another system calls a source, as ours: from its name, its UTM columns, the landing page and the referrer.

The landing page's own parameters (UTM, click ids) are believed first, by the rules for every visit, and what they leave
out is filled from the columns. Then the system's name for the source: names that systems give by themselves (`Google
Ads`, `Google Organic`) have their source and medium, any other name is a source of its own. Last, the referrer.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from ringtrace.core.sources import Channel, Source
from ringtrace.intake.call_logs.cells import Cells, plain_name
from ringtrace.sources import Home, channel_of, classify

_LONGEST = 200
_PAID, _FREE, _REFERRAL = "cpc", "organic", "referral"
# CallRail's and others' own names for sources, by letters and digits alone. Names beyond those seen in public exports
# (Google Ads, Google AdWords, Google Paid, Google Organic, Google My Business, Direct, Facebook, Yelp) are from memory.
_KNOWN: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(("googleads", "googleadwords", "adwords", "googlepaid", "googlecpc"), ("google", _PAID)),
    **dict.fromkeys(("googleadextension", "googleadscallextension", "googleadscallassets"), ("google", _PAID)),
    "googlelocalservicesads": ("google", _PAID),
    **dict.fromkeys(("googleorganic", "googlemybusiness", "googlebusinessprofile", "gmb", "gbp"), ("google", _FREE)),
    **dict.fromkeys(("bingads", "bingpaid", "microsoftads", "microsoftadvertising"), ("bing", _PAID)),
    "bingorganic": ("bing", _FREE),
    "yahooorganic": ("yahoo", _FREE),
    "yahoopaid": ("yahoo", _PAID),
    "duckduckgoorganic": ("duckduckgo", _FREE),
    **dict.fromkeys(("facebookads", "facebookpaid", "metaads"), ("facebook", _PAID)),
    "instagramads": ("instagram", _PAID),
    **dict.fromkeys(("direct", "directtraffic", "none"), ("direct", "none")),
    "yelp": ("yelp", _REFERRAL),
}  # fmt: skip
_NOBODY = frozenset({"", "unknown", "unknownsource", "other", "offline"})
_PARAMETERS = {
    "utm_source": ("utmsource",),
    "utm_medium": ("utmmedium",),
    "utm_campaign": ("utmcampaign",),
    "utm_term": ("utmterm",),
    "utm_content": ("utmcontent",),
    "gclid": ("gclid",),
    "wbraid": ("wbraid",),
    "gbraid": ("gbraid",),
    "msclkid": ("msclkid",),
    "fbclid": ("fbclid",),
}


class SaidSource(Struct, frozen=True, kw_only=True):
    """A source as a row says it. `name` is the system's word for it, the rest columns of their own."""

    name: str = ""
    medium: str = ""
    campaign: str = ""
    ad_group: str = ""
    keyword: str = ""
    content: str = ""
    landing_url: str = ""
    referrer: str = ""


def source_of(said: SaidSource, cells: Cells) -> Source | None:
    """None where nothing at all is said."""
    url, referrer, home = _with_parameters(said.landing_url, cells), _absolute(said.referrer), cells.choices.home
    told = _by_name(said)
    if not url and not referrer:
        return told
    seen = classify(url, referrer, home)
    if told is not None and classify(url, "", home).channel is Channel.DIRECT:
        return replace(told, landing_page=seen.landing_page, referrer_host=seen.referrer_host, rules=seen.rules)
    return replace(
        seen,
        campaign=seen.campaign or _kept(said.campaign),
        ad_group=seen.ad_group or _kept(said.ad_group),
        keyword=seen.keyword or _kept(said.keyword),
        content=seen.content or _kept(said.content),
    )


def _by_name(said: SaidSource) -> Source | None:
    name = plain_name(said.name)
    source, medium = _KNOWN.get(name, (said.name.strip().lower()[:_LONGEST], None))
    medium = said.medium.strip().lower()[:_LONGEST] or medium
    if name in _NOBODY and not medium and not said.campaign:
        return None
    return Source(
        channel=channel_of(source, medium, said.campaign),
        source=source or None,
        medium=medium,
        campaign=_kept(said.campaign),
        ad_group=_kept(said.ad_group),
        keyword=_kept(said.keyword),
        content=_kept(said.content),
    )


def _kept(text: str) -> str | None:
    return text.strip()[:_LONGEST] or None


def _with_parameters(url: str, cells: Cells) -> str:
    """The landing page with what the row's own UTM and click-id columns say and the page's address does not."""
    url = _absolute(url)
    query = _query(url)
    extra = [
        f"{parameter}={quote(said, safe='')}"
        for parameter, names in _PARAMETERS.items()
        if (said := cells.text(*names)) and f"{parameter}=" not in query
    ]
    if not extra:
        return url
    address, mark, fragment = (url or _page(cells.choices.home)).partition("#")
    return f"{address}{'&' if '?' in address else '?'}{'&'.join(extra)}{mark}{fragment}"


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""


def _page(home: Home) -> str:
    return f"https://{next(iter(sorted(home.hosts)), 'site.invalid')}"


def _absolute(url: str) -> str:
    """Some exports leave `https://` out; a bare word is a site's name, not its address."""
    url = url.strip()
    if not url or "//" in url[:10] or url.startswith("/"):
        return url
    return f"https://{url}" if "." in url.partition("/")[0] else ""
