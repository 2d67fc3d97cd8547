"""From a landing URL and a referrer to a source. In the edge's hot path: it takes anything and never raises.

Who is believed, in order: the link's own UTM parameters; a click id; the referrer; and if none says anything, the
visitor came directly. A paid click id completes what UTM parameters leave out, and corrects a medium that says the
click was free when both name the same seller (Google tags the links of business profiles so).
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from ringtrace.core.sources import Channel, Source
from ringtrace.sources.channels import channel_of, is_paid_medium
from ringtrace.sources.clicks import CLICK_IDS, ClickId
from ringtrace.sources.hosts import MEDIUM_OF, Kind, place_of_host

RULES = "1"

_LONGEST_URL = 8_192
_LONGEST_TEXT = 256
_LONGEST_CLICK_ID = 1_024
_MOST_PARAMETERS = 200

_URL = re.compile(
    r"(?:([a-z][a-z0-9+.-]*):)?(?://(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]*)(?::([0-9]*))?)?([^?#]*)", re.IGNORECASE
)
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_UTM = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
    "utm_id": "campaign_id",
    "utm_term": "keyword",
    "utm_content": "content",
    "utm_adgroup": "ad_group",
    "utm_ad_group": "ad_group",
    "adgroupid": "ad_group",
}


class Place(NamedTuple):
    """Where a URL points: lower-case `host` without a port (None if there is none), `netloc` with it, `path`."""

    host: str | None
    netloc: str | None
    path: str
    rest: int  # where the path ends in the text


class Said(NamedTuple):
    """What a URL's query says: UTM parts by field, click ids by name as they came."""

    utm: dict[str, str]
    click_ids: dict[str, str]


def classify(url: str, referrer: str, site_hosts: frozenset[str]) -> Source:
    """Who sent this visit. `site_hosts` are the site's own hosts (with or without ports): no visit refers itself.

    Source and medium are lower-cased, all else is as the link says. Garbage is Direct or Unassigned.
    """
    url = url[:_LONGEST_URL]
    landing = _place(url)
    said = _query(url, landing.rest)
    from_host = _foreign_host(referrer[:_LONGEST_URL], landing, site_hosts)
    click = _believed(said.click_ids)
    source, medium = _pair(said.utm, click, from_host)
    utm = said.utm
    return Source(
        channel=channel_of(source, medium, click.kind if click and click.paid else None),
        source=source,
        medium=medium,
        campaign=utm.get("campaign") or utm.get("campaign_id") or said.click_ids.get("gad_campaignid"),
        ad_group=utm.get("ad_group"),
        keyword=utm.get("keyword"),
        content=utm.get("content"),
        click_ids=said.click_ids,
        landing_page=_text(landing.path) or "/",
        referrer_host=from_host,
        rules=RULES,
    )


def _place(url: str) -> Place:
    found = _URL.match(url)
    if found is None:
        return Place(None, None, "", 0)
    host, port = found[2], found[3]
    if not host:
        return Place(None, None, found[4], found.end())
    host = _UNFIT.sub("", host).lower().rstrip(".")[:_LONGEST_TEXT] or None
    return Place(host, f"{host}:{port}" if port else host, found[4], found.end())


def _query(url: str, start: int) -> Said:
    said = Said({}, {})
    if not url.startswith("?", start):
        return said
    query = url[start + 1 :].partition("#")[0]
    for pair in query.split("&", _MOST_PARAMETERS)[:_MOST_PARAMETERS]:
        name, _, value = pair.partition("=")
        if not value:
            continue
        name = name.lower()
        if (part := _UTM.get(name)) is not None:
            if part not in said.utm and (text := _text(value, plus=True)):
                said.utm[part] = text
        elif name in CLICK_IDS and name not in said.click_ids and len(value) <= _LONGEST_CLICK_ID:
            said.click_ids[name] = _UNFIT.sub("", unquote(value) if "%" in value else value)
    return said


def _text(raw: str, *, plus: bool = False) -> str:
    if "%" in raw or (plus and "+" in raw):
        raw = (unquote_plus if plus else unquote)(raw)
    if not raw.isprintable():
        raw = _UNFIT.sub("", raw)
    return raw.strip()[:_LONGEST_TEXT]


def _foreign_host(referrer: str, landing: Place, site_hosts: frozenset[str]) -> str | None:
    if not referrer:
        return None
    came = _place(referrer)
    if came.host is None or came.host == landing.host or _is_own(came, site_hosts):
        return None
    return came.host


def _is_own(came: Place, site_hosts: frozenset[str]) -> bool:
    if came.host in site_hosts or came.netloc in site_hosts:
        return True
    rest = came.host or ""
    while rest := rest.partition(".")[2]:  # a subdomain of the site is the site
        if rest in site_hosts:
            return True
    return f"www.{came.host}" in site_hosts


def _believed(click_ids: dict[str, str]) -> ClickId | None:
    if not click_ids:
        return None
    return next((click for name, click in CLICK_IDS.items() if name in click_ids and click.medium), None)


def _pair(utm: dict[str, str], click: ClickId | None, from_host: str | None) -> tuple[str | None, str | None]:
    source, medium = utm.get("source"), utm.get("medium")
    if source is None and medium is None:
        return _untagged(click, from_host)
    source = source.lower() if source else None
    medium = medium.lower() if medium else None
    if click is not None and click.paid:
        return _with_paid_click(source, medium, click)
    if source is None:
        source = _untagged(click, from_host)[0] if click or from_host else None
    return source, medium


def _with_paid_click(source: str | None, medium: str | None, click: ClickId) -> tuple[str, str | None]:
    same_seller = source is None or click.source in source
    if medium is None or (same_seller and not is_paid_medium(medium)):
        medium = click.medium
    return source or click.source, medium


def _untagged(click: ClickId | None, from_host: str | None) -> tuple[str, str | None]:
    place = place_of_host(from_host) if from_host else None
    if click is not None and click.paid:
        return click.source, click.medium
    if place is not None:
        return place.name, MEDIUM_OF[place.kind]
    if click is not None:
        return click.source, click.medium
    if from_host is not None:
        return from_host.removeprefix("www."), MEDIUM_OF[Kind.OTHER]
    return "direct", "none"


def offline_source(name: str, campaign: str | None = None) -> Source:
    """The source of a static number printed somewhere: a van, a flyer."""
    return Source(channel=Channel.OFFLINE, source=name, medium="offline", campaign=campaign, rules=RULES)
